"""督查: the inspections of a school year, one of them by school, and findings still open."""

from typing import Any

from starlette.responses import Response

from api.problems import Problem
from api.web.asking import Refused
from api.web.files import relay
from api.web.ledger_asked import LedgerAsked
from api.web.ledger_pages import FILES, MALFORMED
from api.web.places import areas_of
from api.web.routing import page
from api.web.visit import Visit
from domain.inspection_codes import INSPECTION_STATE, TO_DO

FILTERS = ("year", "state", "school_code", "township")
OPEN_FILTERS = ("school_code", "township", "overdue")


async def listed(visit: Visit, path: str, asked: LedgerAsked) -> tuple[list[Any], Refused | None]:
    """Read a list that is whole; one whose filters are malformed is empty, with what is wrong."""
    try:
        return (await visit.ask.get(path, asked.params)).body["items"], None
    except Refused as refused:
        if refused.status != MALFORMED:
            raise
        return [], refused


async def inspections(visit: Visit) -> Response:
    """Show the inspections of a school year."""
    asked = LedgerAsked.of(visit, FILTERS)
    items, refused = await listed(visit, "/v1/inspections", asked)
    return visit.page(
        "inspections.html",
        status=refused.status if refused else 200,
        inspections=items,
        wanted=asked.wanted,
        filtered=any(asked.wanted.values()),
        files=[(kind, asked.query(format=kind)) for kind in ("xlsx", "csv")],
        refused=refused,
        areas=areas_of(visit),
        states=INSPECTION_STATE.values(),
    )


async def inspections_file(visit: Visit) -> Response:
    """Hand on the register of inspections as a file."""
    kind = visit.request.query_params.get("format")
    if kind not in FILES:
        raise Problem("not-found")
    params = {**LedgerAsked.of(visit, FILTERS).params, "format": kind}
    return relay(visit, await visit.ask.get("/v1/inspections", params))


async def rectifications(visit: Visit) -> Response:
    """Show the findings that are not closed yet."""
    asked = LedgerAsked.of(visit, OPEN_FILTERS)
    items, refused = await listed(visit, "/v1/inspections/rectifications", asked)
    return visit.page(
        "rectifications.html",
        status=refused.status if refused else 200,
        findings=items,
        wanted=asked.wanted,
        refused=refused,
        areas=areas_of(visit),
        to_do=TO_DO,
    )


async def inspection(visit: Visit) -> Response:
    """Show one inspection, by school."""
    number = visit.request.path_params["inspection"]
    return visit.page(
        "inspection.html",
        one=(await visit.ask.get(f"/v1/inspections/{number}")).body,
        to_do=TO_DO,
        saved=bool(visit.request.query_params.get("saved")),
    )


routes = [
    page("/inspections", inspections),
    page("/inspections/file", inspections_file),
    page("/inspections/rectifications", rectifications),
    page("/inspections/{inspection}", inspection),
]
