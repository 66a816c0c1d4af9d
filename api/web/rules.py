"""规则与校历: what is in force, the year's school days, and what a holiday notice would make."""

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from typing import Any, NamedTuple
from uuid import uuid4

from starlette.responses import Response

from api.web.asked import number
from api.web.asking import Refused
from api.web.routing import page
from api.web.rule_forms import said
from api.web.sent import Sent, sent
from api.web.visit import Visit

WEEK = 7
ONE_DAY = timedelta(days=1)


class Cell(NamedTuple):
    """One day of a month's table; ``mark`` is a name for the style, ``sign`` says the same."""

    day: date
    mark: str
    sign: str


class Month(NamedTuple):
    """One month: its weeks, Monday first, days of other months left empty."""

    first: date
    weeks: list[list[Cell | None]]
    days: int


async def rules(visit: Visit) -> Response:
    """Show what is in force."""
    return await shown(visit, Sent([]))


async def notice(visit: Visit) -> Response:
    """Show what a notice would make of the calendar; nothing is put in force."""
    return await shown(visit, await sent(visit.request))


async def shown(visit: Visit, typed: Sent) -> Response:
    tried, refused = None, None
    text, year = typed.get("text"), typed.get("year").strip()
    if text or year:
        whole = year.isascii() and year.isdigit() and len(year) == len("2026")
        body = {"text": text, "year": int(year) if whole else year}
        try:
            tried = (await visit.ask.post("/v1/rules/holiday-notices", body)).body
        except Refused as fault:
            if fault.kind != "malformed":
                raise
            refused = fault
    asked = number(visit, "school_year")
    in_force = (await visit.ask.get("/v1/rules", {"school_year": asked})).body
    return visit.page(
        "rules.html",
        status=refused.status if refused else 200,
        rules=in_force,
        months=months(in_force, visit),
        tried=tried,
        errors=refused.errors if refused else {},
        typed=typed,
        next_year=visit.service.tracking.today().year + 1,
        weekdays=visit.t("一二三四五六日", "MTWTFSS"),
        dated=lambda day: dated(date.fromisoformat(day), visit),
        may_try=visit.may("try_notice"),
        key=str(uuid4()),
        said=lambda value: said(value, visit.t("是", "yes"), visit.t("否", "no")),
        saved=bool(visit.request.query_params.get("saved")),
    )


def dated(day: date, visit: Visit) -> str:
    """Write a day with its weekday."""
    zh, en = "一二三四五六日"[day.weekday()], f"{day:%a}"
    return f"{day} " + visit.t(f"周{zh}", en)


def months(in_force: Mapping[str, Any], visit: Visit) -> list[Month]:
    """Give the months of a school year with its school days marked."""
    school = set(map(date.fromisoformat, in_force["school_days"]))
    made_up = set(map(date.fromisoformat, in_force["made_up"]))
    terms = [
        (date.fromisoformat(term["from"]), date.fromisoformat(term["to"]))
        for term in in_force["terms"]
    ]
    year = in_force["school_year"]
    firsts = [date(year + (n > 12), (n - 1) % 12 + 1, 1) for n in range(9, 20)]  # noqa: PLR2004
    return [month(first, school, made_up, terms, visit) for first in firsts]


def month(
    first: date,
    school: set[date],
    made_up: set[date],
    terms: Iterable[tuple[date, date]],
    visit: Visit,
) -> Month:
    cells: list[Cell | None] = [None] * first.weekday()
    day = first
    while day.month == first.month:
        in_term = any(start <= day <= end for start, end in terms)
        if day in made_up:
            mark, sign = "made-up", visit.t("班", "on")
        elif day in school:
            mark, sign = "school", ""
        elif in_term and day.weekday() < WEEK - 2:
            mark, sign = "holiday", visit.t("休", "off")
        else:
            mark, sign = "free", ""
        cells.append(Cell(day, mark, sign))
        day += ONE_DAY
    cells += [None] * (-len(cells) % WEEK)
    weeks = [cells[n : n + WEEK] for n in range(0, len(cells), WEEK)]
    return Month(first, weeks, sum(1 for cell in cells if cell and cell.day in school))


routes = [
    page("/admin/rules", rules),
    page("/admin/rules", notice, methods=("POST",)),
]
