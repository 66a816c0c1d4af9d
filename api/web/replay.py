"""回放: a child's record as it was after each entry, at a moment, or about a day."""

import asyncio
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from starlette.responses import Response

from api.web.asked import day, moment, number
from api.web.asking import Answered, Refused
from api.web.routing import page
from api.web.values import in_words
from api.web.visit import Visit
from domain.record_fields import field_label

WHOLE = 500  # entries of a child that can be chosen
TOLD = (
    *("status", "escalation_level", "episode", "responsible_person", "mentor", "first_absent_on"),
    *("reasons", "returned_on", "observed_until", "closed_on", "close_reason", "student_status"),
    *("school", "grade", "class_name", "key_groups", "placement", "restricted_by"),
)


async def replay(visit: Visit) -> Response:
    """Show the record as it was then, the entry that made it so, and what changed with it."""
    student_id = visit.request.path_params["student_id"]
    child = f"/v1/students/{student_id}"
    about, then = day(visit, "happened_by"), moment(visit, "moment")
    happened_by = about.isoformat() if about else None
    chosen, seen = number(visit, "version"), None
    if then or chosen is None:
        seen = await last_known(visit, child, then)
        chosen = int(seen.body["version"]) if seen else 0
    before_all = chosen == 0
    cut = {"as_of": then.isoformat()} if then and not before_all else {"version": chosen or 1}
    chosen = chosen or 1
    if seen is None or about:  # else the look that found the version has shown it
        seen = await visit.ask.get(child, {**cut, "happened_by": happened_by})
    record = seen.body
    changed, entries = await asyncio.gather(
        visit.ask.get(
            f"{child}/difference",
            {"from_version": chosen - 1 or None, "to_version": chosen, "happened_by": happened_by},
        ),
        visit.ask.get(f"{child}/history", {"limit": WHOLE}),
    )
    items = entries.body["items"]
    return visit.page(
        "replay.html",
        student_id=student_id,
        record=record,
        told=told(record, visit.language),
        counts=counts(record, visit.language),
        entries=items,
        entry=next((one for one in items if one["version"] == chosen), None),
        chosen=chosen,
        changes=changed.body["changes"],
        happened_by=happened_by or "",
        before_all=before_all,
        moment=f"{then:%Y-%m-%dT%H:%M}" if then else "",
        words=lambda value, label=None: in_words(value, label, visit.language),
        more=entries.body["next_cursor"] is not None,
    )


async def last_known(visit: Visit, child: str, then: datetime | None) -> Answered | None:
    """Give the record as its last entry left it that was known then, or is now, if one was."""
    try:
        return await visit.ask.get(child, {"as_of": then.isoformat()} if then else None)
    except Refused as refused:
        if then is None or refused.kind != "unknown-child":
            raise
        return None


def told(record: Mapping[str, Any], language: str) -> list[tuple[str, str]]:
    """Give the fields of a record that a replay shows, each with its name, in words."""
    return [
        (field_label(name, language), in_words(record[name], record.get(f"{name}_label"), language))
        for name in TOLD
        if record.get(name) not in (None, "", [])
    ]


def counts(record: Mapping[str, Any], language: str) -> list[tuple[str, int]]:
    return [(field_label(name, language), n) for name, n in record.get("counts", {}).items() if n]


routes = [page("/children/{student_id}/replay", replay)]
