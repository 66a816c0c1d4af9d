"""变化: what changed of a child between two days or two entries, by whom, when and why."""

import asyncio
from typing import Any

from starlette.responses import Response

from api.web.asked import END, START, at, day, number
from api.web.asking import Params
from api.web.routing import page
from api.web.values import in_words
from api.web.visit import Visit

WHOLE = 500  # entries of a child that can be chosen


async def difference(visit: Visit) -> Response:
    """Show every field that changed; between two entries if numbers are given, else two days."""
    student_id = visit.request.path_params["student_id"]
    child = f"/v1/students/{student_id}"
    asked, chosen = between(visit)
    record, history, changed = await asyncio.gather(
        visit.ask.get(child),
        visit.ask.get(f"{child}/history", {"limit": WHOLE}),
        visit.ask.get(f"{child}/difference", asked),
    )
    return visit.page(
        "difference.html",
        student_id=student_id,
        record=record.body,
        entries=history.body["items"],
        difference=changed.body,
        chosen=chosen,
        words=lambda value, label=None: in_words(value, label, visit.language),
    )


def between(visit: Visit) -> tuple[Params, dict[str, Any]]:
    """Give what to ask the contract, and what the form shows as chosen."""
    first, last, about = day(visit, "from"), day(visit, "to"), day(visit, "happened_by")
    first_entry, last_entry = number(visit, "from_version"), number(visit, "to_version")
    by_entry = first_entry is not None or last_entry is not None
    asked: dict[str, str | int | bool | None] = {
        "happened_by": about.isoformat() if about else None
    }
    if by_entry:
        asked |= {"from_version": first_entry, "to_version": last_entry}
    else:
        asked |= {"from": at(visit, first, START), "to": at(visit, last, END)}
    return asked, {
        "from": "" if by_entry else first or "",
        "to": "" if by_entry else last or "",
        "from_version": first_entry,
        "to_version": last_entry,
        "happened_by": about or "",
        "by_entry": by_entry,
    }


routes = [page("/children/{student_id}/difference", difference)]
