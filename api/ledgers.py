"""The ledgers and registers over HTTP (台账), as JSON pages, or whole as a workbook or as CSV."""

from datetime import date, datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query, Request
from starlette.responses import Response

from api.at_once import at_once
from api.checking import Checked
from api.deps import (
    AsOf,
    Language,
    Limit,
    MinLogPosition,
    Serving,
    malformed,
    view_position,
)
from api.examples import ANSWERS
from api.indicator_figures import bound
from api.indicator_period import day_seen_from
from api.ledger_exports import Asked, export
from api.ledger_forms import FORMS
from api.ledger_rows import rows_shown
from api.listing import (
    Cursor,
    Listing,
    Wanted,
    carrying,
    case_rows_within_reach,
    children_of,
    page,
    place_filters,
    position_of,
    stands,
)
from api.openapi import FRESH, READ, problems
from api.problems import Problem
from api.revealing import Showing
from api.schemas.fields import Day, OneOf
from api.service import Service
from api.workbook import MEDIA_TYPE
from application.store.scope import Scope
from domain import codes
from domain.school_age import born_of_school_age
from projections.all_views import BY_NAME
from projections.totals import totals_sql
from projections.view import View

NO_PAPERS_EN = "Only `roll-changes` is filtered by the papers that are missing."
NO_PAPERS_ZH = "只有学籍异动登记表(roll-changes)可按缺少材料筛选。"
router = APIRouter(route_class=Checked, tags=["ledgers 台账"])


def ledger_named(name: str) -> str:
    """
    Read a ledger's name from a path.

    :raises Problem: ``not-found`` for any other
    """
    if name not in FORMS:
        raise Problem("not-found")
    return name


async def ledger_position(
    request: Request,
    name: Annotated[str, at_once(ledger_named)],
    min_log_position: MinLogPosition = None,
) -> int:
    """Wait for ``Min-Log-Position`` if it is given; return where the ledger's view stands."""
    return await view_position(request, min_log_position, FORMS[name].view)


@router.get(
    "/v1/ledgers/{name}",
    summary="台账 · A ledger or register",
    responses={
        200: {
            "description": "A page of rows, each with its `student_id`, the first page with"
            " `totals` where the ledger has them; or the whole in its printed form, as a"
            " workbook with headings in the caller's language or as CSV in Chinese. A workbook"
            " is sent once it is written. Files are not a teacher's right.",
            "content": {
                "application/json": {"example": ANSWERS["ledger"]},
                "text/csv": {"example": ANSWERS["ledger_csv"], "schema": {"type": "string"}},
                MEDIA_TYPE: {
                    "example": ANSWERS["ledger_xlsx"],
                    "schema": {"type": "string", "contentMediaType": MEDIA_TYPE},
                },
            },
        },
        **problems(*READ, *FRESH, "not-found", "too-many-rows"),
    },
)
async def read_ledger(
    request: Request,
    name: Annotated[str, at_once(ledger_named)],
    listing: Listing,
    service: Serving,
    language: Language,
    position: Annotated[int, Depends(ledger_position)],
    showing: Showing,
    as_of: AsOf = None,
    limit: Limit = 50,
    cursor: Cursor = None,
    status: Annotated[Annotated[str, OneOf(codes.STATUS)] | None, Query()] = None,
    from_day: Annotated[Day | None, Query(alias="from", description="the row's day")] = None,
    to_day: Annotated[Day | None, Query(alias="to", description="the row's day")] = None,
    key_group: Annotated[Annotated[str, OneOf(codes.KEY_GROUP)] | None, Query()] = None,
    incomplete: Annotated[
        bool | None, Query(description="`roll-changes` alone: only those that lack papers, or not")
    ] = None,
    form: Annotated[Literal["json", "xlsx", "csv"], Query(alias="format")] = "json",
    most: Annotated[
        int | None, Query(ge=1, le=1_000_000, description="a file of more rows is refused")
    ] = None,
) -> Response:
    view = BY_NAME[FORMS[name].view]
    wanted = Wanted()
    stood_at = await position_of(service, as_of, view)
    stands(wanted, stood_at)
    standing = len(wanted.conditions)
    if only := FORMS[name].only:
        wanted.where(*only_rows(only, service, as_of))
    case_rows_within_reach(wanted, listing.posts)
    filter_rows(
        wanted,
        {"school_code": listing.school_code, "township": listing.township, "status": status},
        from_day,
        to_day,
        key_group,
        knows_relapses="relapsed" in view.column_names,
    )
    if incomplete is not None:
        if "incomplete" not in view.column_names:
            raise malformed("query", "incomplete", NO_PAPERS_EN, NO_PAPERS_ZH)
        wanted.where("v.incomplete" if incomplete else "NOT v.incomplete")
    position = position if stood_at is None else stood_at
    filters = {
        **place_filters(service.directory, listing.school_code, listing.township),
        "status": status,
        "from": from_day,
        "to": to_day,
        "key_group": key_group,
        "incomplete": incomplete,
        "as_of": as_of,
    }
    if form != "json":
        spoken = language if form == "xlsx" else "zh"  # the CSV has always been in Chinese
        asked = Asked(name, view, wanted, spoken, showing, position, filters, most)
        return await export(request, asked, form)
    totals = None
    if view.totals and cursor is None:  # once for a ledger, not for each of its pages
        if wanted.scope.district and len(wanted.conditions) == standing:
            totals = await totals_of_all(service, view, stood_at)
        else:
            totals = await totals_of(service, view, wanted)
    rows, following = await page(service, view, wanted, limit, cursor)
    body: dict[str, Any] = {
        "items": rows_shown(name, rows, service, language, showing.masks, as_of),
        "next_cursor": following,
    }
    if totals is not None:
        body["totals"] = totals
    return await showing.answer(
        f"ledger {name}",
        body,
        await children_of(service, (row["student_id"] for row in rows)),
        position=position,
        rows=len(rows),
        filters=filters,
    )


def only_rows(only: str, service: Service, as_of: datetime | None) -> tuple[Any, ...]:
    """Give the condition of a ledger that has not all rows of its view, today or as of a moment."""
    day = day_seen_from(service, as_of)
    born = born_of_school_age(day, service.tracking.rule_book.on(day))
    condition, values = bound(only, {"born_after": born.after, "born_by": born.not_after})
    return condition, *values


def filter_rows(
    wanted: Wanted,
    equal: dict[str, str | None],
    from_day: date | None,
    to_day: date | None,
    key_group: str | None,
    *,
    knows_relapses: bool,
) -> None:
    for column, value in equal.items():
        if value is not None:
            wanted.where(f"v.{column} = %s", value)
    if equal["status"] == "returned" and knows_relapses:
        wanted.where("NOT v.relapsed")
    if from_day is not None:
        wanted.where("v.day >= %s", from_day)
    if to_day is not None:
        wanted.where("v.day <= %s", to_day)
    if key_group is not None:
        carrying(wanted, key_group)


async def totals_of(service: Service, view: View, wanted: Wanted) -> dict[str, int]:
    """Count the episodes that ever reached each state, however long a page is."""
    counts = ", ".join(f"count(*) FILTER (WHERE {holds})" for holds in view.totals.values())
    rows = await service.store.query(
        f"SELECT {counts} FROM views.{view.name} v WHERE {wanted.sql()}",  # noqa: S608  # our own
        wanted.params,
        scope=wanted.scope,
    )
    return dict(zip(view.totals, rows[0], strict=True))


async def totals_of_all(service: Service, view: View, position: int | None) -> dict[str, int]:
    """Give the same of the whole district, which is counted already."""
    found = await service.store.query(*totals_sql(view, position), scope=Scope(district=True))
    return {**dict.fromkeys(view.totals, 0), **dict(found)}
