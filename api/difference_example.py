"""The example of a difference, for the OpenAPI description; all people invented."""

from typing import Any

TEACHER = {
    "account": "5d0c1a52-0a53-4a0a-8d3c-0f6f5c1b7a11",
    "name": "测甲",
    "role": "teacher",
    "unit": "晴川中学",
}
DIFFERENCE: dict[str, Any] = {
    "student_id": "0b54c1f2-6c1d-4f0e-9a55-2f1f6f2f6f10",
    "happened_by": None,
    "from": {
        "version": 2,
        "position": 52385,
        "recorded_at": "2026-09-14T09:12:03.123456+08:00",
        "day": "2026-09-14",
    },
    "to": {
        "version": 3,
        "position": 52391,
        "recorded_at": "2026-09-15T08:20:41.654321+08:00",
        "day": "2026-09-15",
    },
    "changes": [
        {
            "field": "first_absent_on",
            "label": "首次缺勤日",
            "before": "2026-09-14",
            "after": "2026-09-11",
            "entry": 3,
            "kind": "corrected",
            "kind_label": "更正",
            "sentence": "更正第 2 条(first_absent_on):点名册显示 11 日已缺勤",
            "reason": "点名册显示 11 日已缺勤",
            "corrects": 2,
            "occurred_on": "2026-09-15",
            "recorded_at": "2026-09-15T08:20:41.654321+08:00",
            "recorded_by": TEACHER,
        },
        {
            "field": "counts.corrections",
            "label": "更正次数",
            "before": 0,
            "after": 1,
            "entry": 3,
            "kind": "corrected",
            "kind_label": "更正",
            "sentence": "更正第 2 条(first_absent_on):点名册显示 11 日已缺勤",
            "reason": "点名册显示 11 日已缺勤",
            "corrects": 2,
            "occurred_on": "2026-09-15",
            "recorded_at": "2026-09-15T08:20:41.654321+08:00",
            "recorded_by": TEACHER,
        },
    ],
    "corrections": [
        {
            "entry": 3,
            "corrects": 2,
            "kind": "absence_flagged",
            "kind_label": "缺勤预警",
            "reason": "点名册显示 11 日已缺勤",
            "replaced": [
                {
                    "field": "first_absent_on",
                    "label": "首次缺勤日",
                    "before": "2026-09-14",
                    "after": "2026-09-11",
                    "derived": False,
                },
                {
                    "field": "occurred_on",
                    "label": "发生日期",
                    "before": "2026-09-14",
                    "after": "2026-09-11",
                    "derived": True,
                },
            ],
            "occurred_on": "2026-09-15",
            "recorded_at": "2026-09-15T08:20:41.654321+08:00",
            "recorded_by": TEACHER,
        }
    ],
}
