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
    "Promotion": {"occurred_on": "2026-09-01"},
}
