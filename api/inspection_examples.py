"""Example bodies and answers of inspections (督查), for the description and tests."""

from typing import Any

BY = {"name": "测癸", "role": "bureau", "role_label": "区教体局", "unit": "区教体局"}
PRINCIPAL = {"name": "测戊", "role": "principal", "role_label": "校长", "unit": "晴川中学"}
WHEN = {"recorded_at": "2026-10-13T09:40:03.123456+08:00", "by": BY}
SCHOOL = {"school_code": "3141000058", "school": "晴川中学", "township": "晴川镇"}
CLASS = {"grade": 7, "class_name": "1班"}
CHILD_ID = "0b54c1f2-6c1d-4f0e-9a55-2f1f6f2f6f10"
RECORDED = {"inspection": "2026-3", "entry": 3, "version": 3, "position": 52395}
COUNT: dict[str, Any] = {
    **CLASS,
    "counted_on": "2026-10-13",
    "on_roll": 45,
    "counted": 42,
    "explained": 1,
    "unaccounted": 2,
    "beyond_roll": 0,
    "roll_position": 52390,
    "note": "第二节课点名",
    **WHEN,
}
QUESTION = {**CLASS, "school_code": "3141000058", "counted_on": "2026-10-13", "unaccounted": 2}
FINDING: dict[str, Any] = {
    "finding": 1,
    "what": "三名疑似辍学学生无家访记录",
    "severity": "serious",
    "severity_label": "严重",
    "remedy": "by_day",
    "remedy_label": "限期整改",
    "owner": {"name": "测戊", "role": "校长"},
    "found_on": "2026-10-13",
    "due_on": "2026-10-20",
    "state": "rectified",
    "state_label": "已整改待销号",
    "overdue": False,
    **WHEN,
    "rectification": {
        "done_on": "2026-10-16",
        "papers": [{"kind": "other", "kind_label": "其他", "title": "家访登记表三份"}],
        "note": "已补家访三次并登记",
        "recorded_at": "2026-10-16T16:20:03.123456+08:00",
        "by": PRINCIPAL,
    },
    "decision": None,
}
LISTED: dict[str, Any] = {
    "inspection": "2026-3",
    "kind": "surprise",
    "kind_label": "突击检查",
    "title": "十月控辍保学突击检查",
    "state": "running",
    "state_label": "进行中",
    "starts_on": "2026-10-13",
    "ends_on": "2026-10-14",
    "methods": ["roll", "heads"],
    "methods_label": ["核学籍", "点人数"],
    "schools": [SCHOOL],
    "heads": {"classes": 1, "on_roll": 45, "counted": 42, "explained": 1, "unaccounted": 2},
    "findings": {
        "noted": 1,
        "open": 0,
        "rectified": 1,
        "rejected": 0,
        "closed": 0,
        "overdue": 0,
    },
}
INSPECTION_BODIES: dict[str, Any] = {
    "InspectionPlan": {
        "kind": "surprise",
        "title": "十月控辍保学突击检查",
        "schools": ["3141000058"],
        "starts_on": "2026-10-13",
        "ends_on": "2026-10-14",
        "methods": ["roll", "heads"],
        "inspectors": [{"name": "测午", "unit": "区督查组"}],
    },
    "InspectionChange": {"ends_on": "2026-10-15", "reason": "学校数量较多,延长一天"},
    "InspectionCancellation": {"reason": "与期中考试冲突"},
    "InspectionStart": {},
    "HeadCount": {
        **CLASS,
        "counted": 42,
        "explained": 1,
        "missing": [CHILD_ID],
        "note": "第二节课点名",
    },
    "FindingBody": {
        "what": "三名疑似辍学学生无家访记录",
        "severity": "serious",
        "remedy": "by_day",
        "owner": {"name": "测戊", "role": "校长"},
        "due_on": "2026-10-20",
    },
    "Rectification": {
        "done_on": "2026-10-16",
        "papers": [{"kind": "other", "title": "家访登记表三份"}],
        "note": "已补家访三次并登记",
    },
    "RectificationDecision": {"approve": True, "note": "已核实"},
    "InspectionEnd": {"summary": "点名 12 个班,发现问题 1 个,已整改。"},
}
INSPECTION_ANSWERS: dict[str, Any] = {
    "inspection_recorded": RECORDED,
    "heads_counted": {
        **RECORDED,
        "school_code": "3141000058",
        **COUNT,
        "questions": [QUESTION],
        "missing": [
            {
                "student_id": CHILD_ID,
                "record": f"/v1/students/{CHILD_ID}/absence-flags",
                "body": {
                    "first_absent_on": "2026-10-13",
                    "absence_kind": "truancy",
                    "found_by": "inspection",
                    "occurred_on": "2026-10-13",
                },
            }
        ],
    },
    "finding_noted": {**RECORDED, "school_code": "3141000058", "finding": 1},
    "inspections": {"items": [LISTED], "next_cursor": None},
    "rectifications": {
        "items": [
            {
                **SCHOOL,
                "inspection": "2026-3",
                "title": "十月控辍保学突击检查",
                **FINDING,
                "days_late": 0,
            }
        ],
        "next_cursor": None,
    },
    "inspection": {
        **LISTED,
        "inspectors": [{"name": "测午", "unit": "区督查组"}],
        "joint_units": [],
        "changes": [
            {"changes": {"ends_on": "2026-10-14"}, "reason": "学校数量较多,延长一天", **WHEN}
        ],
        "cancelled": None,
        "planned": WHEN,
        "started": WHEN,
        "ended": None,
        "schools": [{**SCHOOL, "heads": [COUNT], "findings": [FINDING]}],
        "questions": [QUESTION],
    },
}
