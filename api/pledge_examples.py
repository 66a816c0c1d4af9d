"""Examples of the pledges, for the description and the tests; all invented."""

from typing import Any

ID = "WyJidXJlYXVfc2Nob29sIiwiMzE0MTAwMDA1OCIsIjIwMjYtMjAyNyIsMV0"
SIGNER = {"account": "2f1c…", "name": "测守望", "role": "principal", "unit": "晴川第58中学"}
ISSUER = {"account": "77e1…", "name": "测知行", "role": "bureau", "unit": "区教体局"}
TERMS = ["校长为控辍保学第一责任人", "每月 25 日前报送学生流动情况"]
PLEDGE_BODIES: dict[str, dict[str, Any]] = {
    "PledgeBody": {
        "level": "bureau_school",
        "to_unit": "3141000058",
        "to_person": "测守望",
        "term_from": "2024-09-01",
        "due_on": "2026-09-30",
        "issued_on": "2026-09-01",
        "terms": TERMS,
    },
    "PledgeSignature": {"signed_on": "2026-09-03"},
    "PledgeWithdrawal": {"reason": "学校写错"},
}
PLEDGE: dict[str, Any] = {
    "id": ID,
    "level": "bureau_school",
    "level_label": "区教体局与校长责任书",
    "state": "open",
    "state_label": "待签",
    "school_year": "2026-2027",
    "entry": 1,
    "township": "晴川镇",
    "from_unit": "bureau",
    "from_unit_name": "区教体局",
    "to_unit": "3141000058",
    "to_unit_name": "晴川第58中学",
    "issued_on": "2026-09-01",
    "to_person": "测守望",
    "grade": None,
    "class_name": None,
    "term_from": "2024-09-01",
    "term_to": None,
    "due_on": "2026-09-30",
    "terms": TERMS,
    "text": None,
    "replaces": None,
    "reason": None,
    "signatures": [
        {
            "side": "to",
            "side_label": "承诺方",
            "entry": 2,
            "signed_on": "2026-09-03",
            "signed_by": SIGNER,
            "recorded_at": "2026-09-03T09:12:44.120338+08:00",
        }
    ],
    "awaiting": ["from"],
    "signed_late": False,
    "replaced_by": None,
    "withdrawn_because": None,
    "recorded_at": "2026-09-01T10:00:00.000021+08:00",
    "recorded_by": ISSUER,
}
RECORDED: dict[str, Any] = {
    "id": ID,
    "level": "bureau_school",
    "to_unit": "3141000058",
    "school_year": "2026-2027",
    "entry": 1,
    "version": 1,
    "position": 52385,
}
PLEDGE_ANSWERS: dict[str, Any] = {
    "pledge_issued": RECORDED,
    "pledge_signed": {**RECORDED, "signs": 1, "side": "to", "entry": 2, "version": 2},
    "pledge_withdrawn": {**RECORDED, "withdraws": 1, "entry": 2, "version": 2},
    "pledge": PLEDGE,
    "pledges": {"items": [PLEDGE], "next_cursor": None},
}
