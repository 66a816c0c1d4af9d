"""An example of every body and answer about rules and calendar."""

from typing import Any

NATIONAL_DAY = "国庆节:10月1日(周五)至7日(周四)放假调休,共7天。9月26日(周日)、10月9日(周六)上班。"
RULE_BODIES: dict[str, dict[str, Any]] = {
    "HolidayNoticeBody": {
        "year": 2027,
        "text": NATIONAL_DAY,
    },
    "HolidaysBody": {
        "year": 2027,
        "text": NATIONAL_DAY,
        "source": "国办发明电〔2026〕99号",
        "accept_missing": True,
    },
    "DaysBody": {
        "closed": ["2027-06-10"],
        "opened": ["2027-06-19"],
        "source": "区教体局停课通知",
    },
    "TermsBody": {
        "school_year": 2027,
        "autumn_from": "2027-09-01",
        "autumn_to": "2028-01-21",
        "spring_from": "2028-02-21",
        "spring_to": "2028-07-07",
        "source": "区教体局 2027 年校历通知",
    },
    "DeadlinesBody": {
        "in_force_from": "2027-03-01",
        "reason": "县控辍保学工作方案(2027 年修订)",
        "first_visit_school_days": 3,
    },
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
        "coming": [
            {
                "in_force_from": "2027-03-01",
                "deadlines": [
                    {
                        "name": "first_visit_school_days",
                        "label": "首次家访(上学日内)",
                        "value": 3,
                    }
                ],
            }
        ],
        "changes": [
            {
                "number": 1,
                "kind": "deadlines_set",
                "kind_label": "施行期限",
                "in_force_from": "2027-03-01",
                "year": None,
                "school_year": None,
                "why": "县控辍保学工作方案(2027 年修订)",
                "deadlines": [
                    {
                        "name": "first_visit_school_days",
                        "label": "首次家访(上学日内)",
                        "value": 3,
                    }
                ],
                "terms": [],
                "closed": [],
                "opened": [],
                "recorded_at": "2026-11-30T10:12:00+08:00",
                "recorded_by": {
                    "account": "bureau",
                    "name": "测局",
                    "role": "bureau",
                    "unit": "区教体局",
                },
            }
        ],
    },
    "rules_put": {"id": "1", "entry": 1, "version": 1, "position": 52_431},
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
