"""季度末报送: which units reported a quarter, what they reported, and reporting it."""

import re
from dataclasses import replace
from datetime import date
from uuid import uuid4

from starlette.responses import Response

from api.schemas.returns import QuarterlyReport
from api.web.asking import SIGNED_OUT, Refused
from api.web.fields import fields_of
from api.web.reading import body_of
from api.web.routing import page
from api.web.sent import Sent, sent
from api.web.visit import Visit
from application.quarterly_reports import units_of
from domain.return_figures import COLUMN

QUARTER = re.compile(r"\d{4}-Q[1-4]", re.ASCII)
QUARTERS = 8  # that the picker goes back
FIELDS = {field.name: replace(field, required=True) for field in fields_of(QuarterlyReport)}
# The figures a report holds beside those named as the columns of a monthly return.
FIGURE = {
    "schools": ("学校数", "Schools"),
    "persuasion_attempts": ("劝返人次", "Persuasion attempts"),
    "open_cases": ("期末在办个案", "Open cases"),
    "closed_cases": ("销号个案", "Closed cases"),
    "referrals_asked": ("收到转办", "Referrals received"),
    "referrals_answered": ("已答复", "Answered"),
    "answered_in_time": ("按时答复", "Answered in time"),
    "answered_late": ("逾期答复", "Answered late"),
    "referrals_waiting": ("未答复", "Unanswered"),
    "waiting_overdue": ("未答复且逾期", "Unanswered and overdue"),
}


async def this_quarter(visit: Visit) -> Response:
    picked = visit.request.query_params.get("quarter", "")
    known = quarters_to(visit.service.tracking.today())
    return visit.go(f"/quarterly/{picked if QUARTER.fullmatch(picked) else known[0]}")


def quarters_to(today: date) -> list[str]:
    """Name the quarters back from a day's, newest first."""
    number = today.year * 4 + (today.month - 1) // 3
    return [f"{n // 4}-Q{n % 4 + 1}" for n in range(number, number - QUARTERS, -1)]


async def quarter(visit: Visit) -> Response:
    return await shown(visit)


async def shown(
    visit: Visit, typed: Sent | None = None, refused: Refused | None = None
) -> Response:
    """Show a quarter's units, and one's report or its figures as they are now."""
    name, asked = visit.request.path_params["quarter"], visit.request.query_params
    path = f"/v1/quarterly-reports/{name}"
    found = (await visit.ask.get(path)).body
    own = own_units(visit) if visit.may("report_quarter") else []
    unit = (typed.get("unit") if typed else asked.get("unit", "")) or (own[0] if own else "")
    one = None
    if unit:
        version = "" if typed else asked.get("version", "")
        (one, *_) = (await visit.ask.get(path, {"unit": unit, "version": version})).body["items"]
    known = quarters_to(visit.service.tracking.today())
    return visit.page(
        "quarter.html",
        status=refused.status if refused else 200,
        found=found,
        quarters=known if name in known else [name, *known],
        one=one,
        writes=one is not None and one["unit"] in own,
        figures=figures_of(visit, one["report"]["figures"]) if one else [],
        fields=FIELDS,
        typed=typed or Sent([]),
        errors=refused.errors if refused else {},
        refused=refused,
        key=(typed.get(Sent.KEY) if typed else "") or str(uuid4()),
        done=asked.get("done", ""),
    )


def own_units(visit: Visit) -> list[str]:
    """Name the units whose quarter who visits reports."""
    directory = visit.service.directory
    return [unit.unit for post in visit.posts for unit in units_of(post, directory)]


def figures_of(visit: Visit, figures: dict[str, int]) -> list[tuple[str, int]]:
    """Give a report's figures with their names."""
    return [
        (
            visit.t(*FIGURE[name]) if name in FIGURE else COLUMN.label(name, visit.language),
            count,
        )
        for name, count in figures.items()
    ]


async def report(visit: Visit) -> Response:
    """Report the quarter, or show the form again with why not."""
    typed = await sent(visit.request)
    if typed.get(Sent.RESUME):
        return await shown(visit, typed)
    name = visit.request.path_params["quarter"]
    try:
        done = await visit.ask.post(
            f"/v1/quarterly-reports/{name}",
            body_of(fields_of(QuarterlyReport), typed),
            key=typed.get(Sent.KEY) or None,
        )
    except Refused as refused:
        if refused.status == SIGNED_OUT:
            raise
        return await shown(visit, typed, refused)
    return visit.go(f"/quarterly/{name}?at={done.position}&done=yes&unit={done.body['unit']}")


routes = [
    page("/quarterly", this_quarter),
    page("/quarterly/{quarter}", quarter),
    page("/quarterly/{quarter}", report, methods=("POST",)),
]
