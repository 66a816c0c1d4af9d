"""An example of every body and answer about webhooks and notices."""

from typing import Any

NOTICE_BODIES: dict[str, dict[str, Any]] = {
    "WebhookBody": {
        "url": "https://oa.example/guixue",
        "school_code": "3141000058",
        "kinds": ["absence_flagged", "dropout_suspected"],
    },
    "ChoiceBody": {"email": "ceshi@school.example", "digest": True},
}
WEBHOOK: dict[str, Any] = {
    "id": "0f3f2f0a-6f1e-4f43-a2a5-0b8f3d5f9c77",
    "url": "https://oa.example/guixue",
    "school_code": "3141000058",
    "township": None,
    "kinds": ["absence_flagged", "dropout_suspected"],
    "taken": 52385,
    "resting_until": None,
    "made_at": "2026-09-01T09:12:03.123456+08:00",
    "ended_at": None,
    "waiting": 0,
    "dead": 0,
}
NOTICE: dict[str, Any] = {
    "id": "8c5b6f3e-53a4-4a4d-93d5-7c1d6f0f2a11",
    "channel": "webhook",
    "subscription": WEBHOOK["id"],
    "account_id": None,
    "position": 52385,
    "state": "dead",
    "attempts": 20,
    "made_at": "2026-09-14T09:12:45.010203+08:00",
    "next_at": None,
    "done_at": "2026-09-17T00:40:11.520031+08:00",
    "error": "answered 500",
}
NOTICE_ANSWERS: dict[str, Any] = {
    "webhooks": {"items": [WEBHOOK], "next_cursor": None},
    "webhook": WEBHOOK,
    "webhook_made": {**WEBHOOK, "secret": "whsec_…"},
    "choice": {"email": "ceshi@school.example", "phone": None, "digest": True},
    "notices": {"items": [NOTICE], "next_cursor": None},
    "notice_retried": {"id": NOTICE["id"], "state": "waiting"},
}
