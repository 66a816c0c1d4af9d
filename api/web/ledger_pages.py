"""台账: every ledger and register one may read, and each as printed, on the screen and as files."""

from typing import Any

from starlette.responses import Response

from api.ledger_forms import FORMS, Form
from api.ledger_lines import printed_lines
from api.problems import Problem
from api.web.asking import Refused
from api.web.files import relay
from api.web.ledger_asked import PLACE, LedgerAsked
from api.web.ledger_index import index_for
from api.web.places import areas_of
from api.web.routing import page
from api.web.visit import Visit
from domain.codes import KEY_GROUP, RELAPSED, STATUS

ROWS = 50
MALFORMED = 422
FILES = frozenset({"xlsx", "csv"})


async def index(visit: Visit) -> Response:
    """List the ledgers and registers who visits may read."""
    return visit.page(
        "ledgers.html",
        title=visit.t("台账", "Ledgers"),
        lead=visit.t(
            "全部由登记自动生成,不必另外填写。",
            "All of them are made from what is recorded: nothing has to be filled in twice.",
        ),
        groups=index_for(visit),
    )


def form_named(visit: Visit) -> tuple[str, Form]:
    """
    Give the ledger an address is of.

    :raises Problem: ``not-found`` if it is of none
    """
    name = visit.request.path_params["name"]
    if name not in FORMS:
        raise Problem("not-found")
    return name, FORMS[name]


async def ledger(visit: Visit) -> Response:
    """Show a page of a ledger, its columns as printed; a wrong filter is named above it."""
    name, form = form_named(visit)
    asked = LedgerAsked.of(visit)
    found, refused = await narrowed(visit, f"/v1/ledgers/{name}", asked)
    fields = [field for _, field in form.columns]
    following = found["next_cursor"]
    return visit.page(
        "ledger.html",
        status=refused.status if refused else 200,
        title=form.titled(visit.language),
        name=name,
        headings=form.headings(visit.language)[1:],
        name_at=fields.index("student_name"),
        status_at=fields.index("status_label") if "status_label" in fields else None,
        rows=[row_told(form, item, visit.language) for item in found["items"]],
        totals=totals_told(found.get("totals", {}), visit.language),
        wanted=asked.wanted,
        filtered=any(asked.wanted.values()),
        query=asked.query(),
        following=following and asked.query(**{PLACE: following}),
        files=[(kind, asked.query(format=kind)) for kind in ("xlsx", "csv")],
        refused=refused,
        areas=areas_of(visit),
        statuses=STATUS.values(),
        key_groups=KEY_GROUP.values(),
    )


async def narrowed(
    visit: Visit, path: str, asked: LedgerAsked
) -> tuple[dict[str, Any], Refused | None]:
    """Read a page of a list; one whose filters are malformed is empty, with what is wrong."""
    place = {PLACE: visit.request.query_params.get(PLACE), "limit": ROWS}
    try:
        return (await visit.ask.get(path, {**asked.params, **place})).body, None
    except Refused as refused:
        if refused.status != MALFORMED:
            raise
        return {"items": [], "next_cursor": None}, refused


def row_told(form: Form, item: dict[str, Any], language: str) -> dict[str, Any]:
    """Give a row as printed, one line or several, without its running number."""
    lines = [line[1:] for line in printed_lines(form, [item], 0, language)]
    status = "suspected" if item.get("relapsed") else item.get("status")
    return {"student_id": item["student_id"], "status": status, "lines": lines}


def totals_told(totals: dict[str, int], language: str) -> list[tuple[str, int]]:
    """Name the totals by the state that episodes ever reached."""
    return [
        ((RELAPSED if name == "relapsed" else STATUS[name]).label(language), total)
        for name, total in totals.items()
    ]


async def ledger_file(visit: Visit) -> Response:
    """Hand on the whole ledger as a file, with the filters it was seen with."""
    name, _ = form_named(visit)
    kind = visit.request.query_params.get("format")
    if kind not in FILES:
        raise Problem("not-found")
    params = {**LedgerAsked.of(visit).params, "format": kind}
    return relay(visit, await visit.ask.get(f"/v1/ledgers/{name}", params))


routes = [
    page("/ledgers", index),
    page("/ledgers/{name}", ledger),
    page("/ledgers/{name}/file", ledger_file),
]
