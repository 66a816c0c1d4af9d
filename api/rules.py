"""The rules over HTTP: deadlines and calendar in force; what a year's holiday notice would make."""

from collections.abc import Iterator
from datetime import date, timedelta
from itertools import pairwise
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request
from starlette.responses import Response

from api.checking import Checked
from api.deps import Language, Serving, permitted_posts
from api.openapi import READ, answered, body_example, problems
from api.rule_changes import changes_told, named, notice_in
from api.rule_words import RULE
from api.schemas.rules import HolidayNoticeBody
from api.showing import answer
from domain.calendar import Calendar
from domain.changed_rules import YEARS
from domain.holiday_notice import HolidayNotice
from domain.rules import Rules

router = APIRouter(route_class=Checked, tags=["rules 规则"])
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
    responses={
        **answered("rules", "In force today, what is to come, and what was put in force."),
        **problems(*READ, "record-damaged", "keys-away"),
    },
)
async def read_rules(
    service: Serving, language: Language, school_year: SchoolYear = None
) -> Response:
    """
    `provisional` says that no notice or term dates are known: the days are a rule of thumb.

    `coming` holds deadlines from a later day on; `changes` is all that was ever put in force here.
    """
    today = service.tracking.today()
    told = await service.rules.told()
    book = told.book
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
            "coming": [
                {
                    "in_force_from": later.in_force_from,
                    "deadlines": list(named(others(earlier, later), language)),
                }
                for earlier, later in pairwise(book.editions)
                if later.in_force_from > today
            ],
            "changes": changes_told(told, service, language),
        },
        headers={"ETag": f'"{told.version}"'},
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

    `lost` and `gained` are the school days to come that would vanish and appear. `rules` is the
    file that `guixue what-if --rules` takes; `missing` names festivals the text says nothing of.
    """
    notice = notice_in(body)
    today = service.tracking.today()
    calendar = service.tracking.rule_book.on(today).calendar
    then = notice.upon(calendar, after=today)
    return answer(told(notice, calendar, then))


def others(earlier: Rules, later: Rules) -> dict[str, Any]:
    """Give the deadlines that are others in the later rules."""
    values = {name: getattr(later, name) for name in RULE}
    return {name: value for name, value in values.items() if getattr(earlier, name) != value}


def told(notice: HolidayNotice, now: Calendar, then: Calendar) -> dict[str, Any]:
    """Tell a notice, and the school days that are others by it."""
    first, last = date(notice.year - 1, 12, 1), date(notice.year, 12, 31)
    before = set(school_days(now, first, last))
    after = set(school_days(then, first, last))
    return {
        "year": notice.year,
        "known": notice.year in now.holidays,
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
