"""Examples of a roll-call and its answer; all people invented."""

from typing import Any

ROLL_CALL: dict[str, Any] = {
    "school_code": "3141000058",
    "date": "2026-09-14",
    "grade": 7,
    "class_name": "1班",
    "absences": [
        {"student_number": "G410399201409150027", "absence_kind": "truancy"},
        {"student_number": "G410399201409150019", "absence_kind": "sick_leave"},
    ],
}
CHILD = "0b54dbbd-9e5b-4f0c-a4cb-8b1e0ac2a2d1"
SCREENED: dict[str, Any] = {
    "roll_call": 41,
    "school_code": "3141000058",
    "grade": 7,
    "class_name": "1班",
    "date": "2026-09-14",
    "absent": 1,
    "flagged": 1,
    "put_right": 0,
    "items": [
        {
            "row": 1,
            "student_id": CHILD,
            "absence_kind": "truancy",
            "absence_kind_label": "旷课",
            "outcome": "flagged",
            "outcome_label": "已预警",
            "entry": 2,
        }
    ],
    "present_after_all": [
        {
            "student_id": CHILD,
            "outcome": "put_right",
            "outcome_label": "已按更正后的点名更正预警",
            "entry": 2,
        }
    ],
    "position": 52386,
}
CLASSES: dict[str, Any] = {
    "school_code": "3141000058",
    "school": "晴川中学",
    "date": "2026-09-14",
    "items": [
        {
            "grade": 7,
            "class_name": "1班",
            "children": 46,
            "called": {
                "roll_call": 41,
                "taken_at": "2026-09-14T08:30:00+08:00",
                "taken_by": {"role": "teacher", "role_label": "班主任", "unit": "晴川中学"},
                "absent": 1,
            },
        }
    ],
    "next_cursor": None,
}
ROLL_CALLS: dict[str, Any] = {
    "items": [
        {
            "roll_call": 41,
            "school_code": "3141000058",
            "school": "晴川中学",
            "grade": 7,
            "class_name": "1班",
            "date": "2026-09-14",
            "taken_at": "2026-09-14T08:30:00+08:00",
            "taken_by": {"role": "teacher", "role_label": "班主任", "unit": "晴川中学"},
            "stands": True,
            "absent": 1,
            "absences": [
                {
                    "student_id": CHILD,
                    "student_name": "测小舟",
                    "student_number": "G410399********0027",
                    "grade": 7,
                    "class_name": "1班",
                    "absence_kind": "truancy",
                    "absence_kind_label": "旷课",
                    "stands": True,
                }
            ],
        }
    ],
    "next_cursor": None,
}
