"""Examples of the answers about indicators; all people invented."""

from typing import Any

from projections.indicators import INDICATORS

FIGURE = {
    "numerator": 3,
    "denominator": 3,
    "value": 1.0,
    "suppressed": False,
    "why": None,
}
SCHOOL = {"school_code": "3141000058", "school": "晴川中学", "township": "晴川镇"}
INDICATOR_ANSWERS: dict[str, Any] = {
    "indicators": {
        "items": [
            {
                "name": "return_rate",
                "label": "劝返率",
                **FIGURE,
                "definition": INDICATORS[0].definition("zh"),
                "population": "cases",
                "population_label": "个案(次)",
                "source": "P/D",
                "position": 52385,
            }
        ],
        "groups": [{**SCHOOL, "indicators": [{"name": "return_rate", **FIGURE}]}],
        "by": "school",
        "cohort": 2026,
        "position": 52385,
        "next_cursor": None,
    },
    "indicators_csv": "序号,单位,指标,分子,分母,比率(%)\r\n1,全区,劝返率,3,3,100.0\r\n",
    "case_trend": {
        "items": [
            {
                "month": "2026-11",
                "day": "2026-11-24",
                "open": 3,
                "opened": 1,
                "returned": 2,
                "closed": 0,
            }
        ],
        "next_cursor": None,
    },
    "indicator_cases": {
        "items": [
            {
                "student_id": "0b54dbbd-9e5b-4f0c-a4cb-8b1e0ac2a2d1",
                "student_name": "测小舟",
                "school_code": "3141000058",
                "grade": 7,
                "township": "晴川镇",
                "status": "returned",
                "status_label": "已返校(观察期)",
                "day": "2026-09-14",
                "class": "1班",
                "school": "晴川中学",
                "adds": 1,
            }
        ],
        "next_cursor": None,
    },
}
