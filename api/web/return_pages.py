"""月报: a school's return as the form prints it, the rows behind it, and what is done about it."""

from typing import Any
from uuid import uuid4

from starlette.responses import Response

from api.problems import Problem
from api.schemas.fields import Body
from api.schemas.returns import ClassCheck, Freeze, Restatement, SendingBack, Submission
from api.web.asking import SIGNED_OUT, Refused
from api.web.fields import Field, fields_of
from api.web.files import relay
from api.web.reading import body_of
from api.web.returns_pages import picking
from api.web.routing import page
from api.web.sent import Sent, sent
from api.web.visit import Visit
from domain.monthly_return import AWAITED
from domain.return_figures import CASES, COLUMN, DECREASES, INCREASES, MOVED

ACTS: dict[str, type[Body]] = {
    "classes": ClassCheck,
    "submission": Submission,
    "return": SendingBack,
    "freeze": Freeze,
    "restatements": Restatement,
}
FORMATS = ("xlsx", "csv")
ROWS = 100  # behind a figure, on one page


def path_of(visit: Visit, what: str = "") -> str:
    """Give the path of the return shown, in the contract."""
    named = visit.request.path_params
    return f"/v1/monthly-returns/{named['month']}/schools/{named['code']}{what}"


def address_of(visit: Visit) -> str:
    named = visit.request.path_params
    return f"/returns/{named['month']}/schools/{named['code']}"


async def school_return(visit: Visit) -> Response:
    return await shown(visit)


async def shown(
    visit: Visit, typed: Sent | None = None, refused: Refused | None = None
) -> Response:
    """Show a return, with what was typed and why it was refused."""
    whole = (await visit.ask.get(path_of(visit))).body
    version = visit.request.query_params.get("version", "")
    held = whole["return"]
    if version and held is not None:
        held = (await visit.ask.get(path_of(visit), {"version": version})).body
    state, today = whole["state"], visit.service.tracking.today().isoformat()
    return visit.page(
        "return.html",
        status=refused.status if refused else 200,
        **picking(visit, whole["month"]),
        base=address_of(visit),
        whole=whole,
        held=held,
        version=version,
        columns=columns(),
        increases=INCREASES,
        decreases=DECREASES,
        cases=CASES,
        behind=(*MOVED, *CASES),
        awaited=state in AWAITED,
        opened=today >= whole["due_on"],
        frozen=state in {"frozen", "restated"},
        unchecked=[one for one in whole["classes"] if one["checked_at"] is None],
        fields={name: fields_named(body) for name, body in ACTS.items()},
        typed=typed or Sent([]),
        errors=refused.errors if refused else {},
        refused=refused,
        key=lambda: str(uuid4()),
        done=visit.request.query_params.get("done", ""),
    )


def columns() -> list[str]:
    return list(COLUMN)


def fields_named(body: type[Body]) -> dict[str, Field]:
    return {field.name: field for field in fields_of(body)}


async def act(visit: Visit) -> Response:
    """Do something about a return, or show it again with why not."""
    what = visit.request.path_params["act"]
    if what not in ACTS:
        raise Problem("not-found")
    typed = await sent(visit.request)
    if typed.get(Sent.RESUME):
        return await shown(visit, typed)
    try:
        recorded = await visit.ask.post(
            path_of(visit, f"/{what}"),
            body_of(fields_of(ACTS[what]), typed),
            key=typed.get(Sent.KEY) or None,
        )
    except Refused as refused:
        if refused.status == SIGNED_OUT:
            raise
        return await shown(visit, typed, refused)
    return visit.go(f"{address_of(visit)}?at={recorded.position}&done={what}")


async def rows(visit: Visit) -> Response:
    """Show the rows behind a figure."""
    asked = visit.request.query_params
    wanted = {name: asked.get(name, "") for name in ("column", "grade", "version", "cursor")}
    what = "cases" if wanted["column"] in CASES else "mobility"
    found = (await visit.ask.get(path_of(visit, f"/{what}"), {**wanted, "limit": ROWS})).body
    return visit.page(
        "return_rows.html",
        base=address_of(visit),
        month=visit.request.path_params["month"],
        school=visit.service.directory.name_of(visit.request.path_params["code"]),
        movements=what == "mobility",
        rows=found["items"],
        following=found["next_cursor"],
        wanted=wanted,
        again={name: value for name, value in wanted.items() if value and name != "cursor"},
        column=COLUMN.label(wanted["column"], visit.language) if wanted["column"] else "",
    )


async def versions(visit: Visit) -> Response:
    """Set the versions of a return beside each other, and beside what would be drafted now."""
    whole = (await visit.ask.get(path_of(visit))).body
    told = [
        (await visit.ask.get(path_of(visit), {"version": one["version"]})).body
        for one in whole["versions"]
    ]
    drafted = (await visit.ask.get(path_of(visit), {"draft": True})).body["return"]
    return visit.page(
        "return_versions.html",
        base=address_of(visit),
        whole=whole,
        told=[*told, drafted],
        lines=beside([*told, drafted], visit.language),
    )


def beside(told: list[dict[str, Any]], language: str) -> list[dict[str, Any]]:
    """Give the total of every column, and each grade's where versions say otherwise."""
    grades = sorted({line["grade"] for one in told for line in one["lines"]})
    by_grade = [{line["grade"]: line for line in one["lines"]} for one in told]
    found = []
    for name in COLUMN:
        totals = [one["total"][name] for one in told]
        found.append({"label": COLUMN.label(name, language), "grade": None, "values": totals})
        for grade in grades:
            values = [lines.get(grade, {}).get(name, 0) for lines in by_grade]
            if len(set(values)) > 1:
                label = COLUMN.label(name, language)
                found.append({"label": label, "grade": grade, "values": values})
    return found


async def file(visit: Visit) -> Response:
    form = visit.request.path_params["form"]
    if form not in FORMATS:
        raise Problem("not-found")
    version = visit.request.query_params.get("version")
    return relay(visit, await visit.ask.get(path_of(visit), {"format": form, "version": version}))


SCHOOL = "/returns/{month}/schools/{code}"
routes = [
    page(SCHOOL, school_return),
    page(f"{SCHOOL}/rows", rows),
    page(f"{SCHOOL}/versions", versions),
    page(f"{SCHOOL}/file.{{form}}", file),
    page(f"{SCHOOL}/{{act}}", act, methods=("POST",)),
]
