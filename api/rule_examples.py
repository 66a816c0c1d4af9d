"""An example of every body and answer about rules and calendar."""

from typing import Any

RULE_BODIES: dict[str, dict[str, Any]] = {
    "HolidayNoticeBody": {
        "year": 2027,
        "text": "国庆节:10月1日(周五)至7日(周四)放假调休,共7天。9月26日(周日)、10月9日(周六)上班。",
    }
}
RULE_ANSWERS: dict[str, Any] = {
    "rules": {
        "in_force_from": "2021-09-01",
        "deadlines": [
            {
                "name": "first_visit_school_days",
                "label": "首次家访(上学日内)",
                "value": 1,
            }
        ],
        "school_year": 2026,
        "terms": [
            {
                "name": "autumn",
                "label": "2026-2027 学年秋季学期",
                "from": "2026-09-01",
                "to": "2027-01-29",
                "provisional": False,
            }
        ],
        "provisional": True,
        "made_up": ["2026-09-20", "2026-10-10"],
        "school_days": ["2026-09-01", "2026-09-02"],
    },
    "holiday_notice": {
        "year": 2027,
        "known": False,
        "holidays": [{"from": "2027-10-01", "to": "2027-10-07", "days": 7}],
        "made_up": ["2027-09-26", "2027-10-09"],
        "missing": ["元旦", "春节", "清明", "劳动", "端午", "中秋"],
        "lost": [],
        "gained": ["2027-04-05", "2027-09-26", "2027-10-09"],
        "rules": '[calendar.holidays]\n2027 = [\n  ["2027-10-01", "2027-10-07"],\n]\n',
    },
}
