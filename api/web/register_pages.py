"""登记簿: the lines of a register, a form to add one and one to correct it, files and paper."""

from dataclasses import replace
from typing import Any

from starlette.responses import Response

from api.problems import Problem
from api.register_exports import register_lines
from api.register_forms import RegisterForm, register_form
from api.schemas.registers import RegisterChanges, RegisterCorrection, RegisterEntryBody
from api.web.act_forms import ActForm, form_pages
from api.web.asking import Params
from api.web.fields import Field, called, fields_of, shaped
from api.web.files import relay
from api.web.ledger_asked import PLACE, LedgerAsked
from api.web.ledger_pages import FILES, narrowed
from api.web.ledger_print import MOST_ROWS, on_paper, sheet_of, too_long
from api.web.places import units_kept, units_seen
from api.web.reading import body_of, typed
from api.web.routing import page
from api.web.sent import Sent
from api.web.visit import Visit
from application.units import unit_of
from domain.registers import REGISTER_KIND

ROWS = 500  # counted at a time
FILTERS = ("unit", "from", "to")


def register_named(visit: Visit) -> tuple[str, RegisterForm]:
    """
    Give the register an address is of.

    :raises Problem: ``not-found`` if it is of none
    """
    kind = visit.request.path_params["kind"]
    if kind not in REGISTER_KIND:
        raise Problem("not-found")
    return kind, register_form(kind)


async def register(visit: Visit) -> Response:
    """Show a page of a register, its columns as printed."""
    kind, form = register_named(visit)
    asked = LedgerAsked.of(visit, FILTERS)
    found, refused = await narrowed(visit, f"/v1/registers/{kind}", asked)
    fields = [field for _, field in form.columns]
    following = found["next_cursor"]
    return visit.page(
        "register.html",
        status=refused.status if refused else 200,
        title=form.titled(visit.language),
        kind=kind,
        headings=form.headings(visit.language)[1:],
        title_at=fields.index("title"),
        rows=[
            (item, register_lines(form, [item], 0, visit.language)[0][1:])
            for item in found["items"]
        ],
        wanted=asked.wanted,
        filtered=any(asked.wanted.values()),
        query=asked.query(),
        following=following and asked.query(**{PLACE: following}),
        files=[(file, asked.query(format=file)) for file in ("xlsx", "csv")],
        refused=refused,
        units=units_seen(visit),
        kept={unit.code for unit in units_kept(visit)},
        saved=bool(visit.request.query_params.get("saved")),
    )


async def register_file(visit: Visit) -> Response:
    """Hand on the whole register as a file, with the filters it was seen with."""
    kind, _ = register_named(visit)
    file = visit.request.query_params.get("format")
    if file not in FILES:
        raise Problem("not-found")
    params = {**LedgerAsked.of(visit, FILTERS).params, "format": file}
    return relay(visit, await visit.ask.get(f"/v1/registers/{kind}", params))


async def print_register(visit: Visit) -> Response:
    """Show a register as it is printed."""
    kind, form = register_named(visit)
    asked, back = LedgerAsked.of(visit, FILTERS), f"/registers/{kind}"
    if not await fits_on_paper(visit, f"/v1{back}", asked.params):
        return too_long(visit, form.titled(visit.language), back, asked)
    taken = await visit.ask.get(f"/v1{back}", {**asked.params, "format": "csv"})
    wanted = asked.wanted["unit"]
    whose = [wanted] if wanted else dict.fromkeys(post.unit for post in visit.posts)
    named = "、".join(unit_of(visit.service.directory, one).named("zh") for one in whose)
    sheet = sheet_of(visit, form, taken, named, asked.facts, masked=None)
    return on_paper(visit, sheet, taken, back, asked)


async def fits_on_paper(visit: Visit, path: str, params: Params) -> bool:
    """Say whether a list is short enough to print, before all of it is taken away."""
    rows, following = 0, ""
    while rows <= MOST_ROWS and following is not None:
        found = (await visit.ask.get(path, {**params, "limit": ROWS, PLACE: following})).body
        rows, following = rows + len(found["items"]), found["next_cursor"]
    return rows <= MOST_ROWS


async def line_form(visit: Visit) -> ActForm:
    """Give the form of a new line."""
    kind, form = register_named(visit)
    units = units_kept(visit)
    title = form.titled(visit.language)
    return ActForm(
        title=visit.t(f"{title}:新增一条", f"{title}: a new line"),
        fields=tuple(of_kind(kind, [chosen_unit(field, units) for field in LINE])),
        sent_to=f"/v1/registers/{kind}",
        then=f"/registers/{kind}",
        back=(f"/registers/{kind}", title),
        known={
            "held_on": visit.service.tracking.today(),
            "unit": units[0].code if units else None,
        },
        about=no_child(visit),
    )


ISSUED_ON = called("发文日期", "Issued on")
LINE = fields_of(RegisterEntryBody)
CHANGES = fields_of(RegisterChanges)
REASON = tuple(field for field in fields_of(RegisterCorrection) if field.name == "reason")


def of_kind(kind: str, fields: Any) -> list[Field]:
    """Leave out what only documents have, and call the day they were issued so."""
    if kind == "documents":
        return [*shaped(fields, {"held_on": {"called": ISSUED_ON}})]
    return [field for field in fields if field.name != "until"]


def chosen_unit(field: Field, units: Any) -> Field:
    """Make a field for a unit one to choose from."""
    return replace(field, kind="pick", options=tuple(units)) if field.name == "unit" else field


def no_child(visit: Visit) -> str:
    return visit.t(
        "不得写入学生姓名、学籍号或身份证号。", "No child's name or number belongs here."
    )


async def correction_form(visit: Visit) -> ActForm:
    """Give the form that corrects a line, filled in with what it says now."""
    kind, form = register_named(visit)
    line_id = visit.request.path_params["line"]
    line = (await visit.ask.get(f"/v1/registers/{kind}/{line_id}")).body
    fields = tuple(of_kind(kind, CHANGES))
    stands = body_of(fields, typed(fields, line))

    def body(_: tuple[Field, ...], typed_in: Sent) -> dict[str, Any]:
        said = body_of(fields, typed_in)
        changed: dict[str, Any] = {
            name: [] if name == "papers" and name not in said else said.get(name)
            for name in {**stands, **said}
            if said.get(name) != stands.get(name)
        }
        return {"changes": changed, **body_of(REASON, typed_in)}

    title = form.titled(visit.language)
    return ActForm(
        title=visit.t(f"{title}:更正", f"{title}: a correction"),
        fields=(*fields, *REASON),
        sent_to=f"/v1/registers/{kind}/{line_id}/corrections",
        then=f"/registers/{kind}",
        back=(f"/registers/{kind}", title),
        known=line,
        about=f"{line['unit_name']} · {line['title']}",
        body=body,
    )


routes = [
    page("/registers/{kind}", register),
    page("/registers/{kind}/file", register_file),
    page("/registers/{kind}/print", print_register),
    *form_pages("/registers/{kind}/new", line_form, "keep_register"),
    *form_pages("/registers/{kind}/lines/{line}", correction_form, "keep_register"),
]
