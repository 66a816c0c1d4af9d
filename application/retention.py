"""Children whose retention period (保存期) is over: proposed to people, never acted on."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import cast
from uuid import UUID

from application.store.log import Log
from application.store.mapper import EntryMapper
from domain.entry import Entry
from domain.privacy import retention_ends_on
from domain.rules import Rules
from domain.student import Student

MAPPER = EntryMapper()


@dataclass(frozen=True, slots=True)
class Due:
    """A record that need not be kept any longer, by its id alone, and the last day it had to be."""

    student_id: UUID
    ended_on: date
    restricted: bool


def due(log: Log, today: date, rules: Rules) -> Iterator[Due]:
    """Yield every child whose retention period ended before a day, under its rules."""
    with log.connection.transaction():
        for events in log.by_child(log.head()):
            if any(event.erased for event in events):
                continue
            child = Student.of([cast("Entry", MAPPER.to_domain_event(event)) for event in events])
            ended_on = retention_ends_on(child, today, rules)
            if ended_on is not None and ended_on < today:
                yield Due(child.id, ended_on, child.state.restricted_by is not None)
