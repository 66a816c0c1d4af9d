"""Examples of bulletins (督查结果公告), for the description and the tests; all invented."""

from typing import Any

BY = {"account": "77e1…", "name": "测知行", "role": "bureau", "unit": "区教体局"}
PLACE = {"school_code": "3141000058", "school": "晴川第58中学", "township": "晴川镇"}
FOUND = {"noted": 2, "open": 1, "rectified": 0, "rejected": 0, "closed": 1, "overdue": 0}
SCORE_ID = "WyIzMTQxMDAwMDU4IiwiMjAyNi0yMDI3IiwxXQ"
BULLETIN_BODIES: dict[str, dict[str, Any]] = {
    "BulletinBody": {
        "title": "秋季学期督查结果公告",
        "period": "2026-2027",
        "text": "十月对全区学校开展督查,总体情况良好。",
        "inspections": ["2026-1"],
        "scores": [SCORE_ID],
        "summaries": [{"school_code": "3141000058", "text": "台账齐全,家访登记需加强。"}],
    },
    "BulletinPublication": {},
}
LISTED: dict[str, Any] = {
    "id": "WyIyMDI2LTIwMjciLDFd",
    "title": "秋季学期督查结果公告",
    "period": "2026-2027",
    "state": "published",
    "state_label": "已公告",
    "published_on": "2026-10-21",
    "position": 52400,
    "recorded_at": "2026-10-21T12:00:00.120338+08:00",
    "recorded_by": BY,
}
RECORDED: dict[str, Any] = {
    "id": LISTED["id"],
    "school_year": "2026-2027",
    "entry": 1,
    "version": 1,
    "position": 52399,
}
BULLETIN_ANSWERS: dict[str, Any] = {
    "bulletin_drafted": RECORDED,
    "bulletin_published": {
        **{name: RECORDED[name] for name in ("id", "position")},
        "entry": 2,
        "version": 2,
        "publishes": 1,
    },
    "bulletins": {"items": [LISTED], "next_cursor": None},
    "bulletin": {
        **LISTED,
        "text": "十月对全区学校开展督查,总体情况良好。",
        "inspections": [
            {
                "inspection": "2026-1",
                "kind": "special",
                "kind_label": "专门督查",
                "starts_on": "2026-10-13",
                "ends_on": "2026-10-14",
                "schools": 1,
            }
        ],
        "commended": [PLACE],
        "schools": [
            {
                **PLACE,
                "commended": True,
                "findings": FOUND,
                "heads": None,
                "heads_withheld": True,
                "summary": "台账齐全,家访登记需加强。",
            }
        ],
        "total": {"schools": 1, "findings": FOUND, "heads": None, "heads_withheld": True},
    },
}
