"""督查: the inspections of a school year, one of them by school, and findings still open."""

from collections.abc import Mapping
from typing import Any

from starlette.responses import Response

from api.problems import Problem
from api.web.field_words import form_label
from api.web.files import relay
from api.web.ledger_asked import PLACE, LedgerAsked
from api.web.ledger_pages import FILES, narrowed
from api.web.places import areas_of
from api.web.routing import page
from api.web.visit import Visit
from domain.inspection_codes import INSPECTION_METHOD, INSPECTION_STATE, TO_DO

FILTERS = ("year", "state", "school_code", "township")
OPEN_FILTERS = ("school_code", "township", "overdue")


async def inspections(visit: Visit) -> Response:
    """Show a page of the inspections of a school year."""
    asked = LedgerAsked.of(visit, FILTERS)
    found, refused = await narrowed(visit, "/v1/inspections", asked)
    following = found["next_cursor"]
    return visit.page(
        "inspections.html",
        status=refused.status if refused else 200,
        inspections=found["items"],
        following=following and asked.query(**{PLACE: following}),
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
    """Show a page of the findings that are not closed yet."""
    asked = LedgerAsked.of(visit, OPEN_FILTERS)
    found, refused = await narrowed(visit, "/v1/inspections/rectifications", asked)
    following = found["next_cursor"]
    return visit.page(
        "rectifications.html",
        status=refused.status if refused else 200,
        findings=found["items"],
        following=following and asked.query(**{PLACE: following}),
        wanted=asked.wanted,
        refused=refused,
        areas=areas_of(visit),
        to_do=TO_DO,
    )


async def inspection(visit: Visit) -> Response:
    """Show one inspection, by school."""
    number = visit.request.path_params["inspection"]
    one = (await visit.ask.get(f"/v1/inspections/{number}")).body
    return visit.page(
        "inspection.html",
        one=one,
        changes=[(change, changed(visit, change["changes"])) for change in one["changes"]],
        to_do=TO_DO,
        saved=bool(visit.request.query_params.get("saved")),
    )


def changed(visit: Visit, changes: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Give what reads otherwise in a plan since a change, field by field in words."""
    return [
        (form_label(name, visit.language), changed_to(visit, name, value))
        for name, value in changes.items()
    ]


def changed_to(visit: Visit, name: str, value: Any) -> str:
    """Give a field of a plan in words."""
    match name:
        case "schools":
            said = [visit.service.directory.name_of(code) or code for code in value]
        case "methods":
            said = [INSPECTION_METHOD.label(code, visit.language) for code in value]
        case "inspectors":
            said = [f"{one['name']}({one['unit']})" for one in value]
        case "joint_units":
            said = value
        case _:
            said = [str(value)]
    return visit.t("、", ", ").join(said)


routes = [
    page("/inspections", inspections),
    page("/inspections/file", inspections_file),
    page("/inspections/rectifications", rectifications),
    page("/inspections/{inspection}", inspection),
]
