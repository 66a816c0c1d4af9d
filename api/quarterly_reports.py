"""Quarterly reports over HTTP (季度末报送): which units reported, and what; and reporting."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query, Request
from pydantic import BaseModel
from starlette.responses import Response

from api.checking import Checked, service_of
from api.deps import (
    IfMatch,
    Key,
    Language,
    MinLogPosition,
    Serving,
    SignedIn,
    logged_refusal,
    malformed,
    permitted_posts,
)
from api.evidence import receipt
from api.openapi import FRESH, READ, RECORDED_HEADERS, WRITE, answered, body_example, problems
from api.problems import Problem
from api.return_shown import when
from api.schemas.returns import QuarterlyReport as Body
from api.service import Service
from api.showing import answer
from application.access import OutOfReach, Post
from application.quarterly_reports import ReportingUnit, units_of
from application.subjects import Wish
from domain import return_refusals
from domain.quarterly_report import REPORT_STATE, UNIT_KIND, QuarterlyReport, Reported
from domain.return_periods import Period, quarter_named
from projections.quarter_figures import QUARTER_VIEWS, figures_of_schools, figures_of_unit

router = APIRouter(route_class=Checked, tags=["returns 报表"])
QUARTER = "/v1/quarterly-reports/{quarter}"
Quarter = Annotated[str, Path(description="the quarter, as `2026-Q4`")]
OVERSEES = frozenset({"bureau", "auditor", "task_force"})


class ReportRecorded(BaseModel):
    """Where a report stands: in its stream (``entry``), and in the log."""

    quarter: str
    unit: str
    entry: int
    version: int
    position: int


def quarter_asked(service: Service, name: str) -> Period:
    """
    Give the period of a quarter that has begun.

    :raises RequestValidationError: for what is no quarter
    :raises Problem: ``not-found`` for one that has not begun, or lies before all rules
    """
    tracking = service.tracking
    period = quarter_named(name, tracking.rule_book)
    if period is None:
        raise malformed(
            "path", "quarter", "A quarter is written YYYY-Qn.", "季度须为 YYYY-Qn,例如 2026-Q4。"
        )
    first_of_all = tracking.rule_book.editions[0].in_force_from
    if period.first > tracking.today() or period.last < first_of_all:
        raise Problem("not-found")
    return period


async def readers(request: Request) -> list[Post]:
    return await permitted_posts(request, "read_quarter")


async def reporters(request: Request) -> list[Post]:
    return await permitted_posts(request, "report_quarter")


async def quarter_position(request: Request, min_log_position: MinLogPosition = None) -> int:
    """Wait for ``Min-Log-Position`` if it is given; return where the views counted stand."""
    freshness = service_of(request).freshness
    if min_log_position is None:
        return await freshness.position(QUARTER_VIEWS)
    return await freshness.reached(min_log_position, views=QUARTER_VIEWS)


async def units_read_by(service: Service, posts: list[Post]) -> list[ReportingUnit]:
    """Give the units whose reports some posts read: their own, or all there are."""
    own = {unit for post in posts for unit in units_of(post, service.directory)}
    if any(post.role in OVERSEES for post in posts):
        for person in await service.sessions.people(service.tracking.today()):
            for post in person.posts:
                if post.role in UNIT_KIND:
                    own.update(units_of(post, service.directory))
        townships = {service.directory.school(code) for code in service.directory.codes()}
        own.update(ReportingUnit("township", one.township) for one in townships if one)
    return sorted(own, key=lambda one: (list(UNIT_KIND).index(one.kind), one.unit))


async def figures_for(
    service: Service, period: Period, unit: ReportingUnit, position: int
) -> dict[str, int]:
    """Draw a unit's figures of a quarter, as of a position."""
    directory = service.directory
    match unit.kind:
        case "member_unit":
            days = service.tracking.rule_book.on(period.last).referral_answer_days
            return await figures_of_unit(service.store, period, unit.unit, days, position)
        case "township":
            schools = directory.schools_in(unit.unit)
            return await figures_of_schools(service.store, period, schools, unit.unit, position)
        case _:
            codes = directory.codes()
            return await figures_of_schools(service.store, period, codes, None, position)


@router.get(
    QUARTER,
    summary="季度末报送 · Which units reported a quarter, and with `unit` what",
    responses={
        **answered("quarter", "Every unit one reads; of the one asked for, its report too."),
        **problems(*READ, *FRESH, "not-found", "record-damaged", "keys-away"),
    },
)
async def read_quarter(
    quarter: Quarter,
    posts: Annotated[list[Post], Depends(readers)],
    service: Serving,
    language: Language,
    position: Annotated[int, Depends(quarter_position)],
    unit: Annotated[str | None, Query(max_length=200)] = None,
    version: Annotated[int | None, Query(ge=1, le=2**31)] = None,
) -> Response:
    """
    Townships, member units and the task force report; a township's is one, whoever files it.

    With `unit`, `report` is the version asked for, else the last, else what would be reported now.
    """
    period = quarter_asked(service, quarter)
    units = [one for one in await units_read_by(service, posts) if unit in {None, one.unit}]
    if unit is not None and not units:
        raise Problem("not-found")
    reports = await service.reports.of(period.name, units)
    items = [told(one, reports[one], period, service, language) for one in units]
    if unit is not None:
        for item, one in zip(items, units, strict=True):
            versions = reports[one].versions
            if version is not None and version > len(versions):
                raise Problem("not-found")
            chosen = versions[version - 1] if version else versions[-1] if versions else None
            if chosen is None:
                drawn = await figures_for(service, period, one, position)
                item["report"] = {**NOTHING_YET, "position": position, "figures": drawn}
            else:
                item["report"] = reported(chosen, service, language)
    body = {
        "quarter": period.name,
        "period": {"from": period.first, "to": period.last},
        "due_on": period.due_on,
        "items": items,
        "next_cursor": None,
    }
    return answer(body, position=position)


NOTHING_YET: dict[str, Any] = {
    "kind": "draft",
    "version": None,
    "position": None,
    "narrative": None,
    "figures": None,
    "reason": None,
    "recorded_at": None,
    "by": None,
}


def told(
    unit: ReportingUnit, one: QuarterlyReport, period: Period, service: Service, language: str
) -> dict[str, Any]:
    """Tell whether a unit reported, and when."""
    state = one.state(period, service.tracking.today())
    last = one.versions[-1] if one.versions else None
    return {
        "unit": unit.unit,
        "kind": unit.kind,
        "kind_label": UNIT_KIND.label(unit.kind, language),
        "state": state,
        "state_label": REPORT_STATE.label(state, language),
        "version": last.number if last else None,
        **(when(last, service, language) if last else {"recorded_at": None, "by": None}),
        "report": None,
    }


def reported(version: Reported, service: Service, language: str) -> dict[str, Any]:
    """Tell one version of a report: the same whenever it is told."""
    return {
        "kind": "reported",
        "version": version.number,
        "position": version.position,
        "narrative": version.narrative,
        "figures": version.figures,
        "reason": version.reason,
        **when(version, service, language),
    }


@router.post(
    QUARTER,
    status_code=201,
    summary="季度末报送 · Report a quarter; again, as another version beside the former",
    responses={
        201: {
            **answered("report_recorded", "Recorded, as one fact of the report.", 201)[201],
            "model": ReportRecorded,
            "headers": RECORDED_HEADERS,
        },
        **problems(
            *(*READ, *WRITE, *FRESH, "out-of-reach", "not-found", "version-moved"),
            *("record-damaged", "keys-away"),
            rules=[return_refusals.ReturnNotDueYet, return_refusals.RevisionReasonMissing],
        ),
    },
    openapi_extra=body_example(Body),
)
async def report_quarter(
    request: Request,
    quarter: Quarter,
    posts: Annotated[list[Post], Depends(reporters)],
    service: Serving,
    person: SignedIn,
    body: Body,
    if_match: IfMatch,
    key: Key,
) -> Response:
    """
    From the cut-off of the quarter's last monthly return on. The figures are drawn as the quarter
    is reported and stand in the report; `unit` names one of one's own where there are several.
    """
    period = quarter_asked(service, quarter)
    own = {unit: post for post in posts for unit in units_of(post, service.directory)}
    chosen = next((unit for unit in own if body.unit in {None, unit.unit}), None)
    if chosen is None:
        await logged_refusal(request, "report_quarter")
        raise OutOfReach
    post = request.state.post = own[chosen]
    head = await service.store.head()
    position = await service.freshness.reached(head, views=QUARTER_VIEWS)
    done = await service.reports.report(
        Wish(person.actor(post), if_match, key),
        period,
        chosen,
        position=position,
        figures=await figures_for(service, period, chosen, position),
        narrative=body.narrative,
        reason=body.reason,
    )
    return answer(
        done.answer,
        status=201,
        position=done.position,
        headers={
            "Location": f"/v1/quarterly-reports/{period.name}",
            "ETag": f'"{done.answer["version"]}"',
            **receipt(service, done),
        },
    )
