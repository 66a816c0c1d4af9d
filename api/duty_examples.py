"""Example answers of what is due, for the description and the tests."""

from typing import Any

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
            }
        ],
        "next_cursor": None,
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
            }
        ],
        "next_cursor": None,
    },
}
