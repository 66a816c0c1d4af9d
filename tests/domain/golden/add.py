"""
Add one stored entry to the golden file, and never change what stands there.

Run it from the project's folder when an event class, a field or a ``class_version`` is new::

    python -m tests.domain.golden.add student.home_visited '{"occurred_on": …, "by": …}'

The state is what the store would hold: JSON, with ``class_version`` from version 2 on. Give every
field once, optional ones too: the golden file is how we know that a field kept its name.
"""

import sys
from pathlib import Path
from typing import Any
from uuid import UUID

from eventsourcing.utils import resolve_topic
from pydantic_core import from_json, to_json

import domain.student  # noqa: F401  # knows every topic
from application.store.mapper import UNKNOWN_MOMENT, EntryMapper
from domain.entry import date_fields

FILE = Path(__file__).with_name("events.json")
STUDENT = UUID("00000000-0000-4000-8000-000000000001")


def entry_from(topic: str, state: dict[str, Any], number: int = 1) -> Any:
    """Load a stored state through the store's own mapper."""
    return EntryMapper().entry(STUDENT, number, topic, to_json(state), UNKNOWN_MOMENT)


def stored_again(entry: Any) -> Any:
    """Give the state the store would hold for an entry."""
    return from_json(EntryMapper().to_stored_event(entry).state)


def read(file: Path = FILE) -> list[dict[str, Any]]:
    golden: list[dict[str, Any]] = from_json(file.read_bytes())
    return golden


def add(topic: str, state: dict[str, Any], file: Path = FILE) -> None:
    """
    Append one example to the golden file.

    :raises ValueError: if it would not load and store again unchanged, or stands there already
    """
    entry = entry_from(topic, state)
    if stored_again(entry) != state:
        raise ValueError(f"{topic} would be stored as {stored_again(entry)}")
    example = {"topic": topic, "days": sorted(date_fields(resolve_topic(topic))), "state": state}
    golden = read(file) if file.exists() else []
    if example in golden:
        raise ValueError(f"{topic} stands there already, just so")
    lines = ",\n".join(to_json(one).decode() for one in [*golden, example])
    file.write_text(f"[\n{lines}\n]\n", encoding="utf-8")


if __name__ == "__main__":
    add(sys.argv[1], from_json(sys.argv[2]))
