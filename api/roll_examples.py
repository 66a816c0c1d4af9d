"""Example bodies of what is told of a child's place on the roll, for the description and tests."""

from typing import Any

ROLL_BODIES: dict[str, Any] = {
    "RollChange": {
        "kind": "11",
        "occurred_on": "2026-09-14",
        "papers": [{"kind": "medical_proof", "number": "示例-1"}],
        "reason": "因病休学",
    },
    "Admission": {
        "school_code": "3141000058",
        "grade": 7,
        "class_name": "1班",
        "occurred_on": "2026-09-01",
    },
    "RollChangePapers": {"papers": [{"kind": "medical_proof"}], "occurred_on": "2026-09-21"},
    "EnrolmentNotice": {
        "school_code": "3141000058",
        "grade": 7,
        "report_by": "2026-09-01",
        "occurred_on": "2026-08-20",
        "document_number": "示例入学〔2026〕1号",
        "served_to": "测大舟",
    },
    "SchoolNotices": {
        "grade": 7,
        "report_by": "2026-09-01",
        "occurred_on": "2026-08-20",
        "student_ids": ["0b54c1f2-6c1d-4f0e-9a55-2f1f6f2f6f10"],
        "document_number": "示例入学〔2026〕",
    },
    "NoShowScreening": {"school_code": "3141000058"},
    "Promotion": {"occurred_on": "2026-09-01"},
}

ROLL_ANSWERS: dict[str, Any] = {
    "notices": {
        "school_code": "3141000058",
        "issued": 1,
        "items": [{"student_id": "0b54c1f2-6c1d-4f0e-9a55-2f1f6f2f6f10", "entry": 2}],
        "position": 52386,
    },
    "transfer": {
        "student_id": "0b54c1f2-6c1d-4f0e-9a55-2f1f6f2f6f10",
        "entry": 3,
        "name": "测小舟",
        "sex": "male",
        "sex_label": "男",
        "school_code": "3141000058",
        "school": "晴川中学",
        "grade": 7,
        "class_name": "1班",
        "to_school": "3141000059",
        "to_school_name": "云溪中学",
        "reason": "随父母搬家",
        "occurred_on": "2026-09-14",
    },
    "no_shows": {
        "school_code": "3141000058",
        "looked_at": 1,
        "flagged": 1,
        "items": [
            {
                "student_id": "0b54c1f2-6c1d-4f0e-9a55-2f1f6f2f6f10",
                "school_code": "3141000058",
                "outcome": "flagged",
                "outcome_label": "已预警",
                "entry": 3,
            }
        ],
        "position": 52387,
    },
}
