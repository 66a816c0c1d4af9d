"""The rules over HTTP: deadlines and calendar in force; what a year's holiday notice would make."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request
from starlette.responses import Response

from api.checking import Checked
from api.deps import Language, Serving, malformed, permitted_posts
from api.openapi import READ, answered, body_example, problems
from api.schemas.rules import HolidayNoticeBody
from api.showing import answer
from domain.calendar import Calendar
from domain.changed_rules import YEARS, changed
from domain.code_list import CodeList
from domain.holiday_notice import HolidayNotice, WrongNotice, read_notice
from domain.rules import RuleBook, Rules

router = APIRouter(route_class=Checked, tags=["rules 规则"])
RULE = CodeList.read(
    "期限与门槛",
    "domain.md section 3",
    """
    first_visit_school_days        | 首次家访(上学日内)         | First home visit, school days
    written_report_school_days     | 书面报告(上学日内)         | Written report, school days
    persuasion_every_days          | 劝返间隔(日)               | Persuasion, every so many days
    observation_ladder             | 返校观察(第几个上学日)     | Observation checks, school days
    screening_school_days          | 缺勤预警(上学日)           | Absence flagged, school days
    no_show_school_days            | 应入未入(上学日)           | No-show, school days
    order_days                     | 责令限期改正(日)           | Order to correct, days
    close_out_decision_school_days | 审批销号(上学日内)         | Close-out decision, school days
    transfer_answer_school_days    | 答复转学(上学日内)         | Answer to a transfer, school days
    referral_answer_days           | 转介答复(日)               | Answer to a referral, days
    return_cut_off_day             | 月报截止(每月几日)         | Monthly return, day of the month
    school_age                     | 入学年龄(周岁)             | School age, years
    adult_age                      | 成年(周岁)                 | Of age, years
    retention_years                | 离校后保存(年)             | Kept after leaving, years
    retention_years_after_case     | 销号后保存(年)             | Kept after close-out, years
    roll_call_retention_years      | 点名保存(年)               | Roll-calls kept, years
    """,
)
ONE_DAY = timedelta(days=1)
SchoolYear = Annotated[
    int | None,
    Query(ge=YEARS[0], le=YEARS[-1], description="the year it begins in; else the present one"),
]


async def trying(request: Request) -> None:
    await permitted_posts(request, "try_notice")


@router.get(
    "/v1/rules",
    summary="规则与校历 · Deadlines in force, and the school days of a school year",
    responses={**answered("rules", "In force today."), **problems(*READ)},
)
async def read_rules(
    service: Serving, language: Language, school_year: SchoolYear = None
) -> Response:
    """`provisional` says that no notice or term dates are known: the days are a rule of thumb."""
    today = service.tracking.today()
    book = service.tracking.rule_book
    rules = book.on(today)
    calendar = rules.calendar
    year = school_year or int(calendar.school_year_of(today)[:4])
    terms = calendar.terms_of(year)
    return answer(
        {
            "in_force_from": rules.in_force_from,
            "deadlines": [
                {"name": name, "label": RULE.label(name, language), "value": getattr(rules, name)}
                for name in RULE
            ],
            "school_year": year,
            "terms": [
                {
                    "name": term.name,
                    "label": term.label(language),
                    "from": term.starts,
                    "to": term.ends,
                    "provisional": term.provisional,
                }
                for term in terms
            ],
            "provisional": any(one not in calendar.holidays for one in (year, year + 1)),
            "made_up": [
                day for day in school_days(calendar, terms[0].starts, terms[1].ends) if weekend(day)
            ],
            "school_days": list(school_days(calendar, terms[0].starts, terms[1].ends)),
        }
    )


@router.post(
    "/v1/rules/holiday-notices",
    dependencies=[Depends(trying)],
    summary="试读放假通知 · What a year's holiday notice would make of the calendar",
    responses={
        **answered("holiday_notice", "As read; nothing is put in force."),
        **problems(*READ, "not-json", "too-large"),
    },
    openapi_extra=body_example(HolidayNoticeBody),
)
async def try_notice(body: HolidayNoticeBody, service: Serving) -> Response:
    """
    Reads the notice's own words, checks weekdays and numbers of days, and records nothing.

    `lost` and `gained` are the school days that vanish and appear. `rules` is the file that
    `guixue what-if --rules` takes. `missing` names the festivals the text says nothing of.
    """
    try:
        notice = read_notice(body.text, body.year)
    except WrongNotice as wrong:
        raise malformed("body", "text", wrong.en, wrong.zh) from None
    book = service.tracking.rule_book
    today = service.tracking.today()
    now = book.on(today)
    return answer(
        told(notice, now, changed(RuleBook((now,)), {"calendar": notice.calendar()}).book)
    )


def told(notice: HolidayNotice, now: Rules, then: RuleBook) -> dict[str, Any]:
    """Tell a notice, and the school days that are others by it."""
    first, last = date(notice.year - 1, 12, 1), date(notice.year, 12, 31)
    before = set(school_days(now.calendar, first, last))
    after = set(school_days(then.editions[0].calendar, first, last))
    return {
        "year": notice.year,
        "known": notice.year in now.calendar.holidays,
        "holidays": [
            {"from": one.first, "to": one.last, "days": one.days} for one in notice.holidays
        ],
        "made_up": notice.made_up,
        "missing": notice.missing,
        "lost": sorted(before - after),
        "gained": sorted(after - before),
        "rules": toml(notice),
    }


def school_days(calendar: Calendar, first: date, last: date) -> Iterator[date]:
    """Give the school days from one day to another."""
    day = calendar.school_day_after(first - ONE_DAY, 1)
    while day <= last:
        yield day
        day = calendar.school_day_after(day, 1)


def weekend(day: date) -> bool:
    return day.isoweekday() > len(("Mon", "Tue", "Wed", "Thu", "Fri"))


def toml(notice: HolidayNotice) -> str:
    """Write the year as a rules file."""
    off = "\n".join(f'  ["{one.first}", "{one.last}"],' for one in notice.holidays)
    on = "".join(f'\n  "{day}",' for day in notice.made_up)
    return (
        f"[calendar.holidays]\n{notice.year} = [\n{off}\n]\n\n"
        f"[calendar.made_up]\n{notice.year} = [{on}{chr(10) if on else ''}]\n"
    )
