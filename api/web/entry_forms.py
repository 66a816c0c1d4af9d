"""The form of every kind of entry: shown filled in, sent once, given back with what is wrong."""

import re
from typing import Any
from uuid import uuid4

from starlette.responses import Response

from api.entries import Command
from api.problems import Problem
from api.web.asking import SIGNED_OUT, Refused
from api.web.beside import Beside, beside
from api.web.entry_words import BEGINS, BY_PATH, filled_in, title
from api.web.fields import FIRST, Field, fields_of, shaped
from api.web.places import schools_to_choose
from api.web.reading import body_of, typed
from api.web.routing import page
from api.web.sent import Sent, sent
from api.web.visit import Visit

TRANSFER = re.compile(r"(transfers/[0-9]{1,18})/decision", re.ASCII)
NUMBER = re.compile(r"(?<=/)\d{1,18}(?=/|$)", re.ASCII)
PHONE = "phone"
CREATED = 201
GRAVE = frozenset({"erasure", "erasure-decisions"})  # of which nothing can be had back
MOST_ASKED = 500  # referrals that wait for one unit


def command_at(path: str) -> Command:
    """
    Give the kind of entry a path is of.

    :raises Problem: ``not-found`` if it is of none
    """
    command = BY_PATH.get(NUMBER.sub("{entry}", path))
    if command is None or command.path == "corrections":
        raise Problem("not-found")
    return command


def split(command: Command) -> tuple[list[Field], list[Field]]:
    """Give the fields a form begins with, and those it shows when asked for more."""
    fields = fields_of(command.body)
    begins = BEGINS.get(command.path)
    if begins is None:
        required = [field for field in fields if field.required]
        optional = [field for field in fields if not field.required]
        room = max(FIRST - len(required), 0)
        return [*required, *optional[:room]], optional[room:]
    known = {field.name: field for field in fields}
    first = [known[name] for name in begins]
    return first, [field for field in fields if field not in first]


async def whom(visit: Visit, student_id: str, path: str) -> dict[str, Any]:
    """
    Give the child a form is about: to a unit that was asked, what it was sent and no more; to a
    school a child is offered to, what it is told of the transfer.
    """
    if offered := TRANSFER.fullmatch(path):
        told = (await visit.ask.get(f"/v1/students/{student_id}/{offered[1]}")).body
        return {"status": "none", **told}
    if visit.only_asked:
        referral, answering, _ = path.partition("/answer")
        if not answering:
            referral = await asked_of(visit, student_id)
        asked = (await visit.ask.get(f"/v1/students/{student_id}/{referral}")).body
        return {
            "student_id": student_id,
            "name": "",
            "status": "none",
            **asked["child"],
            "question": asked["question"],
            "to_unit": asked["to_unit"],
        }
    child: dict[str, Any] = (await visit.ask.get(f"/v1/students/{student_id}")).body
    return child


async def asked_of(visit: Visit, student_id: str) -> str:
    """
    Give the referral by which a unit knows a child, until it has answered.

    :raises Problem: ``not-found`` if there is none
    """
    waiting = await visit.ask.get("/v1/referrals", {"answered": False, "limit": MOST_ASKED})
    for one in waiting.body["items"]:
        if one["student_id"] == student_id:
            return f"referrals/{one['entry']}"
    raise Problem("not-found")


async def entry_form(visit: Visit) -> Response:
    """Show a form, filled in with what is known."""
    student_id, path, command = addressed(visit)
    visit.ever(command.step)
    child = await whom(visit, student_id, path)
    assert visit.person is not None
    known = filled_in(command, child, visit.person, visit.service.tracking.today())
    if visit.request.query_params.get("mode") == PHONE:
        known["mode"] = PHONE
    about = await beside(visit, child, path)
    known.update(about.known)
    return shown(visit, command, path, child, typed(fields_of(command.body), known), about)


async def record(visit: Visit) -> Response:
    """Record what was typed, or show it again with what is wrong."""
    student_id, path, command = addressed(visit)
    typed_in = await sent(visit.request)
    if not typed_in.get(Sent.RESUME):
        try:
            done = await visit.ask.post(
                f"/v1/students/{student_id}/{path}",
                body_of(fields_of(command.body), typed_in),
                key=typed_in.get(Sent.KEY) or None,
            )
        except Refused as refused:
            if refused.status == SIGNED_OUT:
                raise
            if visit.wants_json:
                return visit.json(refused.problem, refused.status)
            child = await whom(visit, student_id, path)
            about = await beside(visit, child, path)
            return shown(visit, command, path, child, typed_in, about, refused)
        then = "/" if elsewhere(visit, path) else f"/children/{student_id}"
        then += f"?at={done.position}&saved={done.body['entry']}"
        return (
            visit.json({**done.body, "then": then}, CREATED) if visit.wants_json else visit.go(then)
        )
    child = await whom(visit, student_id, path)
    about = await beside(visit, child, path)
    return shown(visit, command, path, child, typed_in, about, resumed=True)


def elsewhere(visit: Visit, path: str) -> bool:
    """Say whether the child's own page may not be theirs: they were asked, or offered the child."""
    return visit.only_asked or TRANSFER.fullmatch(path) is not None


def addressed(visit: Visit) -> tuple[str, str, Command]:
    params = visit.request.path_params
    return params["student_id"], params["path"], command_at(params["path"])


def shown(
    visit: Visit,
    command: Command,
    path: str,
    child: dict[str, Any],
    typed_in: Sent,
    about: Beside,
    refused: Refused | None = None,
    *,
    resumed: bool = False,
) -> Response:
    """Show a form with what was typed."""
    changes = {**schools_to_choose(visit), **about.changes}
    first, more = (shaped(tuple(some), changes) for some in split(command))
    errors = refused.errors if refused else {}
    return visit.page(
        "entry_form.html",
        status=refused.status if refused else 200,
        title=title(command, visit.language),
        grave=command.path in GRAVE,
        action=f"/children/{child['student_id']}/record/{path}",
        fresh=refused is None and not resumed,
        child=child,
        back="/"
        if visit.only_asked or TRANSFER.fullmatch(path)
        else f"/children/{child['student_id']}",
        first=first,
        more=more,
        opened=any(field.name in errors or typed_in.get(field.name) for field in more),
        typed=typed_in,
        beside=about,
        key=typed_in.get(Sent.KEY) or str(uuid4()),
        errors=errors,
        refused=refused,
        resumed=resumed,
    )


routes = [
    page("/children/{student_id}/record/{path:path}", entry_form),
    page("/children/{student_id}/record/{path:path}", record, methods=("POST",)),
]
