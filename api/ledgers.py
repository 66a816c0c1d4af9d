"""The ledgers and registers over HTTP (台账), as JSON pages or as CSV in print order."""

from collections.abc import AsyncIterator
from datetime import date
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query, Request
from starlette.responses import Response

from api.at_once import at_once
from api.checking import Checked, service_of
from api.deps import (
    AsOf,
    Language,
    Limit,
    MinLogPosition,
    Serving,
    logged_refusal,
    signed_in_person,
    view_position,
)
from api.examples import ANSWERS
from api.exporting import Export, Piece
from api.ledger_forms import FORMS, csv_head, csv_lines
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
from api.revealing import Revealing, Showing
from api.schemas.fields import Day, OneOf
from api.service import Service
from api.showing import POSITION_HEADER, kinds_of, shown
from application.access import NotAllowed, posts_for
from application.store.scope import Scope
from domain import codes
from projections.all_views import BY_NAME
from projections.totals import totals_sql
from projections.view import View

router = APIRouter(route_class=Checked, tags=["ledgers 台账"])
CSV_PAGE = 500
NOT_TOLD = frozenset({"opened", "day", "ever_returned", "ever_dropped_out"})
SPELT = {"class_name": "class"}  # as the form names its column
KIND_OF_LEDGER = {"counselling": "counselling_given"}


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
            " `totals` where the ledger has them; or the whole as CSV.",
            "content": {
                "application/json": {"example": ANSWERS["ledger"]},
                "text/csv": {"example": ANSWERS["ledger_csv"], "schema": {"type": "string"}},
            },
        },
        **problems(*READ, *FRESH, "not-found"),
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
    form: Annotated[Literal["json", "csv"], Query(alias="format")] = "json",
) -> Response:
    view = BY_NAME[FORMS[name].view]
    wanted = Wanted()
    stood_at = await position_of(service, as_of, view)
    stands(wanted, stood_at)
    standing = len(wanted.conditions)
    case_rows_within_reach(wanted, listing.posts)
    filter_rows(
        wanted,
        {"school_code": listing.school_code, "township": listing.township, "status": status},
        from_day,
        to_day,
        key_group,
        knows_relapses="relapsed" in view.column_names,
    )
    position = position if stood_at is None else stood_at
    filters = {
        **place_filters(service.directory, listing.school_code, listing.township),
        "status": status,
        "from": from_day,
        "to": to_day,
        "key_group": key_group,
        "as_of": as_of,
    }
    if form == "csv":
        return await export(request, name, view, wanted, showing, position, filters)
    totals = None
    if view.totals and cursor is None:  # once for a ledger, not for each of its pages
        if wanted.scope.district and len(wanted.conditions) == standing:
            totals = await totals_of_all(service, view, stood_at)
        else:
            totals = await totals_of(service, view, wanted)
    rows, following = await page(service, view, wanted, limit, cursor)
    items = [told(row, service, language) for row in rows]
    body: dict[str, Any] = {
        "items": shown(
            items,
            language,
            masks=showing.masks,
            kinds=kinds_of(KIND_OF_LEDGER.get(name, "")),
        ),
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


def told(row: dict[str, Any], service: Service, language: str) -> dict[str, Any]:
    """Give a row as answers show it, with the names the directory has for its school."""
    directory = service.directory
    item = {SPELT.get(key, key): value for key, value in row.items() if key not in NOT_TOLD}
    item["school"] = directory.name_of(row["school_code"])
    item["township_office"] = directory.office_of(row["school_code"])
    if row.get("relapsed"):
        item["status_label"] = codes.RELAPSED.label(language)  # in place of its status's
    return item


async def export(
    request: Request,
    name: str,
    view: View,
    wanted: Wanted,
    showing: Revealing,
    position: int,
    filters: dict[str, Any],
) -> Response:
    """Send the whole ledger as CSV, marked with who took it; not a teacher's right."""
    service, person = service_of(request), signed_in_person(request)
    action = f"export {name}"
    try:
        posts_for(person, "export")
    except NotAllowed:
        await logged_refusal(request, action)
        raise
    watermark = f"{person.username}_{position}"

    async def pieces() -> AsyncIterator[Piece]:
        yield Piece(csv_head(FORMS[name]))
        cursor, seq, going = 0, 0, True
        while going:
            paged = Wanted(list(wanted.conditions), list(wanted.params), wanted.scope)
            rows, following = await page(service, view, paged, CSV_PAGE, cursor)
            items = shown(
                [told(row, service, "zh") for row in rows],
                "zh",
                masks=showing.masks,
                kinds=kinds_of(KIND_OF_LEDGER.get(name, "")),
            )
            children = await children_of(service, (row["student_id"] for row in rows))
            yield Piece(csv_lines(FORMS[name], items, seq), len(rows), children)
            seq += len(items)
            going = following is not None
            cursor = rows[-1]["opened"] if rows else 0

    begun = await showing.log(action, "begun", filters=filters, watermark=watermark)
    return Export(
        showing,
        action,
        begun,
        pieces(),
        media_type="text/csv; charset=utf-8",
        headers={
            POSITION_HEADER: str(position),
            "Content-Disposition": f'attachment; filename="{name}_{watermark}.csv"',
        },
    )
