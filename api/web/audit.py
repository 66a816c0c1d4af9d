"""审计: where auditors begin; who looked at what, who may see a child, who broke the glass."""

import asyncio
from typing import Any

from starlette.responses import Response

from api.problems import Problem
from api.web.access_words import action_words
from api.web.asking import Params, Refused
from api.web.files import relay
from api.web.navigation import AUDITING
from api.web.routing import page
from api.web.sent import Sent, sent
from api.web.visit import Visit
from application.access_log import OUTCOME
from application.store.checkpoint import Checkpoint
from application.store.signed_note import InvalidNote, Note

FILTERS = ("student_id", "account", "action", "outcome", "from", "to", "cursor")
FOUND = 50  # children listed at once


async def audit(visit: Visit) -> Response:
    """
    Show where an audit begins.

    :raises Problem: ``not-allowed`` for whoever audits nothing
    """
    if not visit.roles & AUDITING:
        raise Problem("not-allowed")
    return await begun(visit, "", None)


async def find(visit: Visit) -> Response:
    """Find a child to audit: what is typed never stands in an address."""
    q = (await sent(visit.request)).get("q").strip()
    found = await visit.ask.get("/v1/students", {"q": q, "limit": FOUND}) if q else None
    return await begun(visit, q, found.body["items"] if found else None)


async def begun(visit: Visit, q: str, children: list[dict[str, Any]] | None) -> Response:
    standing, note = await asyncio.gather(ready(visit), checkpoint(visit))
    return visit.page(
        "audit.html",
        q=q,
        children=children,
        standing=standing,
        note=note,
        checkpoint=Checkpoint.read(Note.read(note).text) if note else None,
    )


async def ready(visit: Visit) -> dict[str, Any]:
    """Tell how the service stands, also while it is not ready."""
    try:
        told: dict[str, Any] = (await visit.ask.get("/readyz")).body
    except Refused as refused:
        return refused.problem
    return told


async def checkpoint(visit: Visit) -> str:
    """Give the last checkpoint; nothing before there is one."""
    try:
        told = (await visit.ask.get("/v1/log/checkpoint")).content.decode()
        Checkpoint.read(Note.read(told).text)
    except (Refused, InvalidNote):
        return ""
    return told


async def take_checkpoint(visit: Visit) -> Response:
    """Give the last checkpoint as a file to keep."""
    answer = relay(visit, await visit.ask.get("/v1/log/checkpoint"))
    answer.headers["Content-Disposition"] = 'attachment; filename="checkpoint.txt"'
    return answer


async def access_log(visit: Visit) -> Response:
    """Show who saw or took which child's data, newest first."""
    wanted = {name: visit.request.query_params.get(name, "").strip() for name in FILTERS}
    asked: Params = {**wanted, "limit": FOUND}
    errors: dict[str, str] = {}
    try:
        found = (await visit.ask.get("/v1/access-log", asked)).body
    except Refused as refused:
        if refused.kind != "malformed":
            raise
        errors = {
            str(one.get("parameter", "")): str(one.get("detail", ""))
            for one in refused.problem.get("errors", [])
        }
        found = {"items": [], "next_cursor": None}
    return visit.page(
        "access_log.html",
        status=422 if errors else 200,
        lines=found["items"],
        following=found["next_cursor"],
        wanted=wanted,
        errors=errors,
        outcomes=OUTCOME.values(),
        told=lambda action: action_words(action, visit.language),
    )


async def who_can_see(visit: Visit) -> Response:
    """Show who may see a child now, and by which rule."""
    student_id = visit.request.path_params["student_id"]
    record, seeing = await asyncio.gather(
        visit.ask.get(f"/v1/students/{student_id}"),
        visit.ask.get(f"/v1/who-can-see/{student_id}"),
    )
    return visit.page(
        "who_can_see.html",
        student_id=student_id,
        record=record.body,
        people=seeing.body["items"],
    )


async def broken_glass(visit: Visit) -> Response:
    """Show who broke the glass, for whom and why."""
    cursor = visit.request.query_params.get("cursor", "")
    found = await visit.ask.get("/v1/break-glass", {"cursor": cursor, "limit": FOUND})
    return visit.page(
        "broken_glass.html", lines=found.body["items"], following=found.body["next_cursor"]
    )


async def glass(visit: Visit) -> Response:
    """Ask why a child out of reach has to be read now."""
    return broke(visit, Sent([]))


async def break_glass(visit: Visit) -> Response:
    """Break the glass, and go on to the child."""
    student_id = visit.request.path_params["student_id"]
    typed = await sent(visit.request)
    if typed.get(Sent.RESUME):
        return broke(visit, typed)
    path = f"/v1/students/{student_id}/break-glass"
    try:
        await visit.ask.post(path, {"reason": typed.get("reason")})
    except Refused as refused:
        if "reason" not in refused.errors:
            raise
        return broke(visit, typed, refused)
    return visit.go(f"/children/{student_id}")


def broke(visit: Visit, typed: Sent, refused: Refused | None = None) -> Response:
    if not visit.may("break_glass"):
        raise Problem("not-allowed")
    return visit.page(
        "break_glass.html",
        status=refused.status if refused else 200,
        student_id=visit.request.path_params["student_id"],
        typed=typed,
        errors=refused.errors if refused else {},
    )


routes = [
    page("/audit", audit),
    page("/audit", find, methods=("POST",)),
    page("/audit/checkpoint", take_checkpoint),
    page("/audit/access-log", access_log),
    page("/audit/break-glass", broken_glass),
    page("/children/{student_id}/who-can-see", who_can_see),
    page("/children/{student_id}/break-glass", glass),
    page("/children/{student_id}/break-glass", break_glass, methods=("POST",)),
]
