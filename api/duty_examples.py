"""Example answers of what is due, for the description and the tests."""

from typing import Any

ROSE: dict[str, Any] = {
    "kind": "escalated",
    "label": "逾期事项升级",
    "sentence": "当日联系监护人应于2026-09-14前完成,仍未完成,升级至学校一级,由校长测书远负责。",
    "duty": "contact_guardian",
    "duty_label": "当日联系监护人",
    "due_on": "2026-09-14",
    "entry": 2,
    "episode": 1,
    "occurred_on": "2026-09-18",
    "recorded_at": "2026-09-18T00:00:41+08:00",
}
DUTY_ANSWERS: dict[str, Any] = {
    "duties": {
        "items": [
            {
                "kind": "first_home_visit",
                "kind_label": "首次家访",
                "due_on": "2026-09-15",
                "for_role": "teacher",
                "person": None,
                "overdue": False,
                "provisional": False,
                "entry": None,
            }
        ],
        "missed": [
            {
                "kind": "contact_guardian",
                "kind_label": "当日联系监护人",
                "due_on": "2026-09-14",
                "entry": 2,
                "episode": 1,
                "for_role": "teacher",
                "for_role_label": "班主任",
                "person": None,
                "told": "principal",
                "told_label": "校长",
                "under": "2021-09-01",
                "recorded_at": "2026-09-15T00:00:41+08:00",
                "open": True,
                "level": "school",
                "level_label": "学校",
                "escalated_to": {
                    "role": "principal",
                    "role_label": "校长",
                    "person": "测书远",
                    "since": "2026-09-18",
                    "under": "2021-09-01",
                },
            }
        ],
        "next_cursor": None,
    },
    "hand_over": {
        "school_code": "3141000058",
        "handed_over": 41,
        "entries": 43,
        "left_out": [
            {"student_id": "6b2f8c1e-8a37-4f0e-9f0a-2f4f7f4f3c11", "why": "record-restricted"}
        ],
        "position": 53294,
    },
    "worklist": {
        "items": [
            {
                "student_id": "6b2f8c1e-8a37-4f0e-9f0a-2f4f7f4f3c11",
                "name": "测小舟",
                "school": "晴川第58中学",
                "school_code": "3141000058",
                "grade": 7,
                "class_name": "1班",
                "township": "晴川镇",
                "status": "watched",
                "status_label": "缺勤预警",
                "escalation_level": "school",
                "escalation_level_label": "学校",
                "episode": 1,
                "kind": "first_home_visit",
                "kind_label": "首次家访",
                "due_on": "2026-09-15",
                "overdue": True,
                "days_overdue": 3,
                "for_role": "teacher",
                "for_role_label": "班主任",
                "person": "测晓岚",
                "since_on": "2026-09-14",
                "entry": 2,
                "level": "school",
                "level_label": "学校",
                "escalated_to": "principal",
                "escalated_to_label": "校长",
            }
        ],
        "next_cursor": None,
        "returns": [
            {
                "month": "2026-11",
                "school_code": "3141000058",
                "school": "晴川第58中学",
                "state": "late",
                "state_label": "逾期未报",
                "due_on": "2026-11-25",
                "days_late": 2,
            }
        ],
        "referrals": [
            {
                "student_id": "6b2f8c1e-8a37-4f0e-9f0a-2f4f7f4f3c11",
                "entry": 7,
                "kind": "hardship",
                "kind_label": "生活困难",
                "to_unit": "民政",
                "school_code": "3141000058",
                "due_on": "2026-10-22",
                "overdue": True,
            }
        ],
    },
}
