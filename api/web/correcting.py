"""Correcting an entry: its form as it stands, and only what was changed is sent, with a reason."""

from functools import cache
from typing import Any
from uuid import uuid4

from starlette.responses import Response

from api.problems import Problem
from api.schemas.entries import BODY_OF_KIND
from api.web.asking import SIGNED_OUT, Refused
from api.web.fields import FIRST, Field, fields_of
from api.web.reading import body_of, typed
from api.web.routing import page
from api.web.sent import Sent, sent
from api.web.visit import Visit
from domain.entry import Entry

BY_KIND = {kind.entry_kind(): kind for kind in Entry.__subclasses__() if "TOPIC" in vars(kind)}


@cache
def correctable() -> frozenset[str]:
    """Give the kinds of entry that may be corrected."""
    return frozenset(kind for kind, entry in BY_KIND.items() if entry.CORRECTABLE)


async def read(visit: Visit) -> tuple[dict[str, Any], dict[str, Any], tuple[Field, ...]]:
    """
    Give the child, the entry, and those of its fields that may be corrected.

    :raises Problem: ``not-found`` if none of them may be
    """
    params = visit.request.path_params
    child = (await visit.ask.get(f"/v1/students/{params['student_id']}")).body
    address = f"/v1/students/{params['student_id']}/history/{params['version']}"
    entry = (await visit.ask.get(address)).body
    correctable = BY_KIND[entry["kind"]].CORRECTABLE if entry["kind"] in BY_KIND else frozenset()
    body = BODY_OF_KIND.get(entry["kind"])
    fields = tuple(
        field for field in (fields_of(body) if body else ()) if field.name in correctable
    )
    if not fields:
        raise Problem("not-found")
    return child, entry, fields


def stands(entry: dict[str, Any], fields: tuple[Field, ...]) -> Sent:
    """Give the fields as the entry tells them."""
    return typed(fields, {"occurred_on": entry["occurred_on"], **entry["data"]})


async def form(visit: Visit) -> Response:
    child, entry, fields = await read(visit)
    return shown(visit, child, entry, fields, stands(entry, fields))


async def correct(visit: Visit) -> Response:
    """Record what was changed."""
    child, entry, fields = await read(visit)
    typed_in = await sent(visit.request)
    if typed_in.get(Sent.RESUME):
        return shown(visit, child, entry, fields, typed_in, resumed=True)
    was, now = body_of(fields, stands(entry, fields)), body_of(fields, typed_in)
    names = {field.name for field in fields}
    changes = {name: now.get(name) for name in names if now.get(name) != was.get(name)}
    try:
        done = await visit.ask.post(
            f"/v1/students/{child['student_id']}/corrections",
            {"entry": entry["version"], "changes": changes, "reason": typed_in.get("reason")},
            key=typed_in.get(Sent.KEY) or None,
        )
    except Refused as refused:
        if refused.status == SIGNED_OUT:
            raise
        return shown(visit, child, entry, fields, typed_in, refused)
    saved = f"at={done.position}&saved={done.body['entry']}"
    return visit.go(f"/children/{child['student_id']}?{saved}")


def shown(
    visit: Visit,
    child: dict[str, Any],
    entry: dict[str, Any],
    fields: tuple[Field, ...],
    typed_in: Sent,
    refused: Refused | None = None,
    *,
    resumed: bool = False,
) -> Response:
    """Show a correction's form: what the entry says first, what it left empty under "more"."""
    errors = refused.errors if refused else {}
    kept = stands(entry, fields)
    said = {name.partition("-")[0] for name, value in kept.pairs if value}
    first = [field for field in fields if field.name in said][: FIRST - 1]  # and the reason
    more = [field for field in fields if field not in first]
    return visit.page(
        "correcting.html",
        status=refused.status if refused else 200,
        child=child,
        entry=entry,
        fields=fields,
        first=first,
        more=more,
        opened=any(
            field.name in errors or typed_in.all(field.name) != kept.all(field.name)
            for field in more
        ),
        resumed=resumed,
        typed=typed_in,
        key=typed_in.get(Sent.KEY) or str(uuid4()),
        refused=refused,
        errors=refused.errors if refused else {},
    )


ADDRESS = "/children/{student_id}/correct/{version}"
routes = [page(ADDRESS, form), page(ADDRESS, correct, methods=("POST",))]
