"""What every entry of a child's stream has in common: the day it happened and who recorded it."""

from dataclasses import dataclass, fields
from datetime import date, datetime
from functools import cache
from types import NoneType
from typing import (
    TYPE_CHECKING,
    Any,
    ClassVar,
    NotRequired,
    Self,
    TypedDict,
    get_args,
    get_type_hints,
)

from eventsourcing.domain import Aggregate
from eventsourcing.utils import register_topic, resolve_topic

if TYPE_CHECKING:
    from domain.child import ChildStream
    from domain.rules import Rules


class Paper(TypedDict):
    """A piece of proof (证明材料); ``issued_on`` as ``YYYY-MM-DD``."""

    kind: str
    title: NotRequired[str | None]
    number: NotRequired[str | None]
    issued_on: NotRequired[str | None]


class Guardian(TypedDict):
    """A guardian (监护人) as the roll names them."""

    name: str
    relation: str
    phone: NotRequired[str | None]


class Persuader(TypedDict):
    """A person who took part in a persuasion attempt (劝返人员)."""

    name: str
    unit: str
    level: str


class Disability(TypedDict):
    """Type 1-7, level 1-4 and certificate number (GB/T 26341)."""

    type: str
    level: str
    certificate: NotRequired[str | None]


class KeyGroup(TypedDict):
    """A mark as a child of a key group (重点群体), with source, purpose and expiry."""

    code: str
    source: str
    purpose: str
    until: NotRequired[str | None]


class RecordedBy(TypedDict):
    """Who recorded an entry, as they stood that day."""

    account: str
    name: str
    role: str
    unit: str


@dataclass(frozen=True, slots=True)
class Actor:
    """
    A signed-in person at one post.

    ``level`` is where the post stands: school, township or bureau; ``superior`` says that the
    post is a unit above the schools for close-outs (中心校 or 区教体局).
    """

    account: str
    name: str
    role: str
    unit: str
    level: str
    superior: bool = False

    def as_recorded(self) -> RecordedBy:
        return {
            "account": self.account,
            "name": self.name,
            "role": self.role,
            "unit": self.unit,
        }


@dataclass(frozen=True, slots=True)
class Act:
    """One person acting at one moment, under the rules in force that day."""

    by: Actor
    at: datetime
    today: date
    rules: "Rules"


class Entry(Aggregate.Event):
    """
    A fact in a child's stream.

    Subclasses name their ``TOPIC`` (how they are stored, for ever) and the fields a correction
    may change. ``apply`` only remembers: it never refuses, so old streams always load.
    """

    TOPIC: ClassVar[str]
    KIND: ClassVar[str]
    CORRECTABLE: ClassVar[frozenset[str]] = frozenset()

    occurred_on: date
    by: RecordedBy

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        if "TOPIC" in cls.__dict__:
            cls.KIND = cls.TOPIC.partition(".")[2]
            register_topic(cls.TOPIC, cls)

    @classmethod
    def entry_kind(cls) -> str:
        """Return the event's name in snake case, as answers show it."""
        return cls.KIND

    def mutate(self, aggregate: Any) -> Any:
        """Remember this entry in the child's stream, making the stream with its first entry."""
        child: ChildStream = (
            resolve_topic("student").blank(self.originator_id, self.timestamp)
            if aggregate is None
            else aggregate
        )
        child.remember(self)
        return child

    def apply(self, aggregate: Any) -> None:
        """Change what the rules look at; many entries change nothing."""

    def reapply(self, child: Any) -> None:
        """Apply again while a corrected stream is read anew."""
        self.apply(child)

    def corrects(self) -> tuple[int, dict[str, Any]] | None:
        """Say which entry this one corrects, and how; most correct none."""
        return None

    def amended(self, changes: dict[str, Any]) -> Self:
        """Return this entry as a correction would have it; ``changes`` in stored form."""
        cls = type(self)
        twin = object.__new__(cls)
        state = dict(vars(self))
        state.update(revive(cls, dict(changes)))
        object.__setattr__(twin, "__dict__", state)
        return twin


@cache
def date_fields(event: type[Entry]) -> frozenset[str]:
    """Name the fields of an event that hold a day, stored as ``YYYY-MM-DD``."""
    hints = get_type_hints(event)
    return frozenset(
        field.name for field in fields(event) if hints[field.name] in (date, date | None)
    )


@cache
def optional_fields(event: type[Entry]) -> frozenset[str]:
    """Name the fields of an event that may be left empty."""
    hints = get_type_hints(event)
    return frozenset(
        field.name for field in fields(event) if NoneType in get_args(hints[field.name])
    )


def revive(event: type[Entry], state: dict[str, Any]) -> dict[str, Any]:
    """Turn stored days of an event back into dates, in place; everything else is plain already."""
    for name in date_fields(event):
        value = state.get(name)
        if isinstance(value, str):
            state[name] = date.fromisoformat(value)
    return state


def plain(value: object) -> object:
    """Give a field's value in its stored form: a day as ``YYYY-MM-DD``."""
    return value.isoformat() if isinstance(value, date) else value
