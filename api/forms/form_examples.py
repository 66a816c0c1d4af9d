"""Examples of printing, for the OpenAPI description; all people invented."""

from typing import Any

CHILD_ID = "0b54c1f2-6c1d-4f0e-9a55-2f1f6f2f6f10"
FORM_BODIES: dict[str, dict[str, Any]] = {
    "FormBatch": {
        "forms": [
            {"student_id": CHILD_ID, "form": "home-visit", "entry": 3},
            {"student_id": CHILD_ID, "form": "enrolment-notice", "blank": True},
        ]
    },
}
FORM_ANSWERS: dict[str, Any] = {
    "form_pdf": "%PDF-1.7…",  # how every form begins
    "form_code": {
        "code": "JF-0052384-63",
        "form": "home-visit",
        "label": "家访登记表",
        "student_id": CHILD_ID,
        "name": "测小舟",
        "school": "晴川中学",
        "grade": 7,
        "class_name": "1班",
    },
}
