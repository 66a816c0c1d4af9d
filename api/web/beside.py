"""What a form is about: the entry it answers or decides, and what was done in the case so far."""

import re
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from datetime import timedelta
from types import MappingProxyType
from typing import Any, NamedTuple

from api.schemas.entries import BODY_OF_KIND
from api.web.children import whole_history
from api.web.entry_words import fitting
from api.web.fields import fields_of
from api.web.values import NOTHING, in_words
from api.web.visit import Visit

# A transfer is told by the contract to the school it is offered to, which reads nothing more.
NONE: Mapping[str, Any] = MappingProxyType({})
NUMBERED = re.compile(r"(?!transfers/)[a-z-]+/(\d{1,18})/", re.ASCII)
# The entries that wait for a decision, by the form that decides.
DECIDES = {
    "close-out-decisions": "close_out_requested",
    "dropout-confirmations": "dropout_marked",
    "erasure-decisions": "erasure_requested",
}
SUMS_UP = frozenset({"written-reports", "dropout-marks"})
EFFORTS = frozenset({"home_visited", "persuasion_attempted", "counselling_given", "support_given"})


class Beside(NamedTuple):
    """
    The entry a form answers, with its fields in words, and the entries of the open case.

    ``known`` is what more a form begins with; ``changes`` are its fields as they are here.
    """

    answers: dict[str, Any] | None = None
    fields: Sequence[tuple[str, str]] = ()
    done: Sequence[dict[str, Any]] = ()
    known: Mapping[str, Any] = NONE
    changes: Mapping[str, Mapping[str, Any]] = NONE


async def beside(visit: Visit, child: Mapping[str, Any], path: str) -> Beside:
    """Read what a form is about; nothing for who knows of the child only what they were asked."""
    if path in BEGUN:
        return await BEGUN[path](visit, child)
    numbered = NUMBERED.match(path)
    if visit.only_asked or not (numbered or path in DECIDES or path in SUMS_UP):
        return Beside()
    entries = (await whole_history(visit, str(child["student_id"])))["items"]
    if numbered:
        answers = last(entry for entry in entries if entry["version"] == int(numbered[1]))
        guardians = child.get("guardians") or [{}]
        return Beside(
            answers, fields_in_words(visit, answers), known={"served_to": guardians[0].get("name")}
        )
    done = [
        entry
        for entry in entries
        if entry["episode"] is not None and entry["episode"] == child.get("episode")
    ]
    if path in SUMS_UP:
        return Beside(done=done, known={"summary": summed_up(done)})
    answers = last(entry for entry in entries if entry["kind"] == DECIDES[path])
    return Beside(answers, fields_in_words(visit, answers), done)


def summed_up(done: Iterable[Mapping[str, Any]]) -> str:
    """Tell what was tried, a line for each."""
    efforts = (entry for entry in done if entry["kind"] in EFFORTS)
    return "\n".join(f"{entry['occurred_on']} {entry['sentence']}" for entry in efforts)


async def asking_close_out(_: Visit, child: Mapping[str, Any]) -> Beside:
    """Offer the reasons that fit the child's status."""
    return Beside(changes={"reason": {"options": fitting(child["status"])}})


async def ordering(visit: Visit, _: Mapping[str, Any]) -> Beside:
    """Give the day by which an order of today is mostly to be followed, by the rules in force."""
    rules = (await visit.ask.get("/v1/rules")).body
    days = next(one["value"] for one in rules["deadlines"] if one["name"] == "order_days")
    return Beside(known={"due_on": visit.service.tracking.today() + timedelta(days=days)})


async def referring(visit: Visit, _: Mapping[str, Any]) -> Beside:
    """Offer the units that read a referral here; any other has to be told on paper."""
    found = (await visit.ask.get("/v1/referral-units")).body["items"]
    units = {
        "suggested": tuple(dict.fromkeys(one["unit"] for one in found)),
        "hint": visit.t(
            "从列表中选,对方才能在系统里收到;其他单位请另行送达",
            "choose from the list, to reach who is here; tell others on paper",
        ),
    }
    return Beside(changes={"to_unit": units})


BEGUN: dict[str, Callable[[Visit, Mapping[str, Any]], Awaitable[Beside]]] = {
    "close-out-requests": asking_close_out,
    "orders": ordering,
    "referrals": referring,
}


def last(entries: Iterable[dict[str, Any]]) -> dict[str, Any] | None:
    found = list(entries)
    return found[-1] if found else None


def fields_in_words(visit: Visit, entry: dict[str, Any] | None) -> list[tuple[str, str]]:
    """Give the fields of an entry by their names, as people read them."""
    data = entry["data"] if entry else {}
    body = BODY_OF_KIND.get(entry["kind"]) if entry else None
    return [
        (
            field.label(visit.language),
            in_words(data[field.name], data.get(f"{field.name}_label"), visit.language),
        )
        for field in (fields_of(body) if body else ())
        if data.get(field.name) not in NOTHING
    ]
