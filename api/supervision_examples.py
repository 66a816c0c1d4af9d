"""Examples of rubrics, scores, vetoes and talks, for the description and the tests; invented."""

from typing import Any

BY = {"account": "77e1…", "name": "测知行", "role": "bureau", "unit": "区教体局"}
WHEN = {"recorded_at": "2026-09-14T12:00:00.120338+08:00", "recorded_by": BY}
ITEMS = [
    {"code": "A1", "title": "家访登记", "points": 10.0, "evidence": "家访登记表"},
    {"code": "A2", "title": "月报按时报送", "points": 5.0, "evidence": "月报提交记录"},
]
SUPERVISION_BODIES: dict[str, dict[str, Any]] = {
    "RubricBody": {
        "title": "控辍保学考评细则",
        "in_force_from": "2026-09-01",
        "items": ITEMS,
    },
}
RUBRIC: dict[str, Any] = {
    "id": "1",
    "number": 1,
    "title": "控辍保学考评细则",
    "state": "in_force",
    "state_label": "施行中",
    "in_force_from": "2026-09-01",
    "replaced_from": None,
    "replaces": None,
    "replaced_by": None,
    "points": 15.0,
    "items": ITEMS,
    **WHEN,
}
SUPERVISION_ANSWERS: dict[str, Any] = {
    "rubric_issued": {"id": "1", "entry": 1, "version": 1, "position": 52386},
    "rubric": RUBRIC,
    "rubrics": {"items": [RUBRIC], "next_cursor": None},
}
