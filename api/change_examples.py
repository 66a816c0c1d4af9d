"""Example answer of the change feed, for the description and the tests."""

from typing import Any

CHANGES: dict[str, Any] = {
    "items": [
        {
            "position": 52385,
            "student_id": "6b2f8c1e-8a37-4f0e-9f0a-2f4f7f4f3c11",
            "version": 2,
            "kind": "absence_flagged",
            "label": "缺勤预警",
            "occurred_on": "2026-09-14",
            "recorded_at": "2026-09-14T09:12:44.120338+08:00",
            "school_code": "3141000058",
            "school": "晴川第58中学",
            "status": "watched",
        }
    ],
    "position": 52385,
}
