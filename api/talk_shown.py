"""How answers show formal talks (约谈): promises with what became of each; the register printed."""

from collections.abc import Iterable, Iterator
from typing import Any

from api.ledger_lines import Value
from api.printed_register import Column, Printed
from api.service import Service
from api.showing import local, shown
from api.subjects import Standing, id_of
from application.supervising import Names
from application.units import unit_of
from domain.subject import Fact
from domain.talks import COMMITMENT_STATE, Talk

REGISTER = Printed(
    "talks",
    "约谈登记表",
    "Register of formal talks",
    (
        Column("序号", "No.", 6),
        Column("单位", "Unit", 18),
        Column("约谈日期", "Held on", 12),
        Column("约谈对象", "With", 18),
        Column("事由", "Reasons", 36),
        Column("承诺", "Promise", 36),
        Column("责任人", "Owner", 10),
        Column("期限", "Due on", 12),
        Column("状态", "State", 12),
        Column("落实依据", "Evidence", 28),
        Column("约谈人", "Held by", 10),
    ),
)


def told(
    service: Service, language: str, stands: Standing, names: Names, talk: Talk
) -> dict[str, Any]:
    """Give a talk as answers show it."""
    unit, year = names
    held, zone = talk.held, service.settings.zone

    def when(fact: Fact) -> dict[str, Any]:
        return {"recorded_at": local(fact.timestamp, zone), "recorded_by": fact.by}

    item: dict[str, Any] = {
        "id": id_of(unit, year, talk.entry),
        "unit": unit,
        "unit_name": unit_of(service.directory, unit).named(language),
        "school_year": year,
        "entry": talk.entry,
        "held_on": held.occurred_on,
        "with_whom": held.with_whom,
        "reasons": held.reasons,
        "overdue": talk.overdue(stands.today),
        **when(held),
    }
    promises = [
        {
            "commitment": number,
            **promise,
            "state": talk.state(number, stands.today),
            "follow_ups": [
                {
                    "entry": one.originator_version,
                    "occurred_on": one.occurred_on,
                    "done": one.done,
                    "evidence": one.evidence,
                    **when(one),
                }
                for one in talk.follow_ups
                if one.commitment == number
            ],
        }
        for number, promise in enumerate(held.commitments, 1)
    ]
    answer: dict[str, Any] = shown(item, language, masks={})
    kinds = {"state": COMMITMENT_STATE}
    answer["commitments"] = shown(promises, language, masks={}, kinds=kinds)
    return answer


def lines(items: Iterable[dict[str, Any]], language: str) -> Iterator[list[Value]]:
    """Give the lines of the register: a promise each, the talk's own cells on its first."""
    between, names = ("; ", ", ") if language == "en" else (";", "、")
    for seq, item in enumerate(items, 1):
        talk: list[Value] = [
            *(seq, item["unit_name"], item["held_on"]),
            names.join(one["name"] for one in item["with_whom"]),
            between.join(item["reasons"]),
        ]
        by = item["recorded_by"]["name"]
        for promise in item["commitments"] or [{}]:
            evidence = [one["evidence"] for one in promise.get("follow_ups", ())]
            said = (promise.get(name) for name in ("text", "owner", "due_on", "state_label"))
            yield [*talk, *said, between.join(evidence) or None, by]
            talk, by = [None] * len(talk), None
