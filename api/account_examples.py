"""An example of every body and answer about accounts; all people invented."""

from typing import Any

BUREAU_POST: dict[str, Any] = {"role": "bureau", "unit": "区教体局", "from": "2026-09-01"}
ACCOUNT_BODIES: dict[str, dict[str, Any]] = {
    "AccountBody": {"username": "测甲", "name": "测甲", "posts": [BUREAU_POST]},
    "PostBody": {
        "role": "teacher",
        "unit": "晴川中学",
        "school_code": "3141000058",
        "grade": 7,
        "class_name": "1班",
        "from": "2026-09-01",
        "until": "2027-08-31",
    },
    "PostEndBody": {"on": "2027-01-31"},
    "AccountReason": {"reason": "调离本区"},
    "SignOut": {"everywhere": True},
    "PasswordChange": {"current": "k7mqa-x2rtf-9wznh-c4dye", "new": "晴川河畔的柳树2026"},
}
ACCOUNT: dict[str, Any] = {
    "account_id": "5d0c1a52-0a53-4a0a-8d3c-0f6f5c1b7a11",
    "username": "测甲",
    "name": "测甲",
    "issuer": None,
    "subject": None,
    "has_password": True,
    "has_second_factor": True,
    "must_change_password": True,
    "made_at": "2026-09-01T09:12:03.123456+08:00",
    "revoked_at": None,
    "posts": [
        {
            "n": 1,
            "role": "bureau",
            "role_label": "区教体局",
            "unit": "区教体局",
            "school_code": None,
            "schools": [],
            "grade": None,
            "class_name": None,
            "township": None,
            "office": None,
            "from": "2026-09-01",
            "until": None,
            "ended_at": None,
            "in_force": True,
        }
    ],
}
ACCOUNT_ANSWERS: dict[str, Any] = {
    "token": {"access_token": "k3…", "token_type": "bearer", "expires_in": 28800},
    "signed_out": {"signed_out": True, "everywhere": False},
    "password_changed": {"changed": True},
    "account": ACCOUNT,
    "account_given": {
        **ACCOUNT,
        "first_password": "k7mqa-x2rtf-9wznh-c4dye",
        "otpauth_uri": "otpauth://totp/Guixue:%E6%B5%8B%E7%94%B2?secret=…&issuer=Guixue",
    },
    "accounts": {"items": [ACCOUNT], "next_cursor": None},
}
