"""Example bodies and answers of returns and reports, for the description and tests."""

from typing import Any

from domain.return_figures import COLUMN

LINE: dict[str, int] = {
    **dict.fromkeys(COLUMN, 0),
    "opening": 298,
    "transferred_in": 2,
    "suspended": 1,
    "closing": 299,
    "suspected": 1,
    "returned": 1,
    "visits": 6,
}
BY = {"name": "测戊", "role": "principal", "role_label": "校长", "unit": "晴川中学"}
AT = "2026-11-25T16:20:03.123456+08:00"
DOCUMENT: dict[str, Any] = {
    "month": "2026-11",
    "school_code": "3141000058",
    "school": "晴川中学",
    "township": "晴川镇",
    "period": {"from": "2026-10-26", "to": "2026-11-25"},
    "due_on": "2026-11-25",
    "kind": "submitted",
    "version": 1,
    "position": 52391,
    "opening_from": {"month": "2026-10", "version": 1},
    "zero": False,
    "columns": [{"name": "opening", "label": "期初人数"}],
    "lines": [{"grade": 7, **LINE}],
    "total": LINE,
    "adjustments": [
        {"grade": 7, "column": "transferred_in", "count": 1, "column_label": "转入"},
    ],
    "check": {"opening": 298, "increases": 2, "decreases": 1, "closing": 299, "balances": True},
    "unchecked": [],
    "unchecked_reason": None,
    "note": None,
    "reason": None,
    "causes": [],
    "recorded_at": AT,
    "by": BY,
}
STANDING: dict[str, Any] = {
    "state": "submitted",
    "state_label": "已报",
    "due_on": "2026-11-25",
    "days_late": 0,
    "zero": False,
    "submitted_on": "2026-11-25",
    "submitted_at": AT,
    "submitted_by": "测戊",
    "version": 1,
    "classes_checked": 12,
    "classes_total": 12,
}
SCHOOL = {"school_code": "3141000058", "school": "晴川中学", "township": "晴川镇"}
RETURN_BODIES: dict[str, Any] = {
    "ClassCheck": {"grade": 7, "class_name": "1班", "note": "逐人核对,无异常"},
    "Submission": {"zero": False, "note": "全校已排查核实"},
    "Freeze": {},
    "SendingBack": {"reason": "休学一人缺证明材料,请补齐后重报"},
    "QuarterlyReport": {"narrative": "本季度入户家访 12 次,劝返复学 1 人,辖区零辍学。"},
    "Restatement": {"reason": "转出日期登记有误,已更正"},
}
RETURN_ANSWERS: dict[str, Any] = {
    "return_recorded": {
        "month": "2026-11",
        "school_code": "3141000058",
        "entry": 13,
        "version": 13,
        "position": 52392,
    },
    "returns": {
        "month": "2026-11",
        "period": {"from": "2026-10-26", "to": "2026-11-25"},
        "due_on": "2026-11-25",
        "schools": 77,
        "counts": {
            "due": 0,
            "late": 2,
            "submitted": 30,
            "zero": 40,
            "returned": 1,
            "frozen": 4,
            "restated": 0,
        },
        "on_time": 70,
        "items": [{**SCHOOL, **STANDING}],
        "next_cursor": None,
    },
    "reminders": {
        "items": [
            {
                **SCHOOL,
                "state": "late",
                "state_label": "逾期未报",
                "due_on": "2026-11-25",
                "days_late": 2,
                "principals": ["测戊"],
                "unchecked": [{"grade": 7, "class_name": "2班"}],
                "sent_back": None,
            }
        ],
        "next_cursor": None,
    },
    "return": {
        "month": "2026-11",
        **SCHOOL,
        **STANDING,
        "classes": [
            {
                "grade": 7,
                "class_name": "1班",
                "children": 45,
                "checked_at": "2026-11-24T17:02:11.123456+08:00",
                "checked_by": "测甲",
                "note": None,
            }
        ],
        "versions": [
            {"version": 1, "kind": "submitted", "position": 52391, "recorded_at": AT, "by": BY}
        ],
        "sent_back": None,
        "frozen": None,
        "return": DOCUMENT,
    },
    "report_recorded": {
        "quarter": "2026-Q4",
        "unit": "晴川镇",
        "entry": 1,
        "version": 1,
        "position": 52393,
    },
    "quarter": {
        "quarter": "2026-Q4",
        "period": {"from": "2026-10-01", "to": "2026-12-31"},
        "due_on": "2026-12-31",
        "items": [
            {
                "unit": "晴川镇",
                "kind": "township",
                "kind_label": "镇(街道)",
                "state": "reported",
                "state_label": "已报",
                "version": 1,
                "recorded_at": "2026-12-30T16:20:03.123456+08:00",
                "by": BY,
                "report": {
                    "kind": "reported",
                    "version": 1,
                    "position": 52392,
                    "narrative": "本季度入户家访 12 次,劝返复学 1 人,辖区零辍学。",
                    "figures": {
                        "schools": 7,
                        "opening": 4760,
                        "enrolled": 0,
                        "resumed": 1,
                        "transferred_in": 6,
                        "graduated": 0,
                        "suspended": 2,
                        "died": 0,
                        "transferred_out": 4,
                        "dropped_out": 0,
                        "closing": 4761,
                        "suspected": 1,
                        "returned": 1,
                        "visits": 12,
                        "persuasion_attempts": 3,
                        "open_cases": 1,
                        "closed_cases": 0,
                    },
                    "reason": None,
                    "recorded_at": "2026-12-30T16:20:03.123456+08:00",
                    "by": BY,
                },
            }
        ],
        "next_cursor": None,
    },
    "return_cases": {
        "items": [
            {
                "student_id": "0b54d3a0-61a7-4a2a-9a4c-2f3a3f0c7d11",
                "student_name": "测小舟",
                "school_code": "3141000058",
                "grade": 7,
                "township": "晴川镇",
                "status": "suspected",
                "status_label": "疑似辍学",
                "happened_on": "2026-11-05",
                "class": "1班",
                "school": "晴川中学",
            }
        ],
        "next_cursor": None,
    },
    "return_rows": {
        "items": [
            {
                "student_id": "0b54d3a0-61a7-4a2a-9a4c-2f3a3f0c7d11",
                "school_code": "3141000058",
                "grade": 7,
                "class": "1班",
                "township": "晴川镇",
                "status": "none",
                "status_label": "无个案",
                "key_groups": [],
                "student_name": "测小舟",
                "sex": "female",
                "sex_label": "女",
                "student_number": "G410399********0019",
                "way": "in",
                "way_label": "增加",
                "kind": "transferred_in",
                "kind_label": "转入",
                "happened_on": "2026-11-02",
                "entry": 1,
                "adjustment": 0,
                "school": "晴川中学",
                "township_office": "晴川镇中心校",
            }
        ],
        "next_cursor": None,
    },
}
