"""Examples of the registers, for the description and the tests; all invented."""

from typing import Any

PAPERS = [{"kind": "other", "title": "会议记录", "issued_on": "2026-09-10"}]
LABELLED = [{**PAPERS[0], "kind_label": "其他"}]
ID = "WyIzMTQxMDAwMDU4IiwiMjAyNi0yMDI3IiwxXQ"
WHO = {"account": "2f1c…", "name": "测守望", "role": "principal", "unit": "晴川第58中学"}
REGISTER_BODIES: dict[str, dict[str, Any]] = {
    "RegisterEntryBody": {
        "title": "控辍保学工作专题会议",
        "held_on": "2026-09-10",
        "unit": "3141000058",
        "papers": PAPERS,
        "note": "研究秋季学期排查安排",
    },
    "RegisterCorrection": {
        "changes": {"held_on": "2026-09-11", "note": None},
        "reason": "日期录错一天",
    },
}
LINE: dict[str, Any] = {
    "id": ID,
    "kind": "meetings",
    "kind_label": "会议登记(专题会议、专班、领导小组)",
    "unit": "3141000058",
    "unit_name": "晴川第58中学",
    "school_year": "2026-2027",
    "entry": 1,
    "title": "控辍保学工作专题会议",
    "held_on": "2026-09-11",
    "papers": LABELLED,
    "note": None,
    "until": None,
    "withdrawn": False,
    "recorded_at": "2026-09-12T09:12:44.120338+08:00",
    "recorded_by": WHO,
    "corrections": [
        {
            "entry": 2,
            "changes": {"note": None, "held_on": "2026-09-11"},
            "reason": "日期录错一天",
            "recorded_at": "2026-09-13T08:00:12.004211+08:00",
            "recorded_by": WHO,
        }
    ],
    "as_entered": {
        "title": "控辍保学工作专题会议",
        "held_on": "2026-09-10",
        "papers": LABELLED,
        "note": "研究秋季学期排查安排",
        "until": None,
    },
}
RECORDED: dict[str, Any] = {
    "id": ID,
    "unit": "3141000058",
    "school_year": "2026-2027",
    "entry": 1,
    "version": 1,
    "position": 52385,
}
REGISTER_ANSWERS: dict[str, Any] = {
    "register_entered": RECORDED,
    "register_corrected": {**RECORDED, "corrects": 1, "entry": 2, "version": 2},
    "register_line": LINE,
    "register": {"items": [LINE], "next_cursor": "WyIyMDI2LTA5LTExIiwiMzE0MTAwMDA1OCIsMV0"},
    "register_csv": "序号,单位,日期,名称,证明材料,备注,登记人,撤销,更正\r\n"
    "1,晴川第58中学,2026-09-11,控辍保学工作专题会议,其他 会议记录 2026-09-10,,测守望,否,"
    "2026-09-13 测守望 日期录错一天\r\n",
}
