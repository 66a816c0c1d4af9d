"""Example of what a roll import answers, for the description and the tests."""

from typing import Any

IMPORT_REPORT: dict[str, Any] = {
    "dry_run": False,
    "rows": 3,
    "enrolled": 1,
    "changed": 1,
    "already_on_roll": 1,
    "refused": 0,
    "sheet": "学籍",
    "ignored_columns": ["血型"],
    "items": [
        {"row": 2, "outcome": "enrolled", "student_id": "0b54…"},
        {
            "row": 3,
            "outcome": "changed",
            "student_id": "5c02…",
            "changes": [{"field": "class_name"}],
        },
        {"row": 4, "outcome": "already_on_roll", "student_id": "77e1…"},
    ],
    "vanished": [
        {
            "student_id": "91af…",
            "school_code": "3141000058",
            "grade": 7,
            "class_name": "1班",
            "question": "On the roll here but not in the file: transferred out, suspended, or"
            " a suspected dropout? Find out, and record it; the import records nothing.",
            "name": "测小舟",
        }
    ],
    "position": 52385,
}
