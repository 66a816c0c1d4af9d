"""Between entries and stored rows: compact JSON, readable by hand, under short explicit topics."""

from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import Any, cast
from uuid import UUID

from eventsourcing.domain import DomainEventProtocol
from eventsourcing.persistence import (
    Cipher,
    Compressor,
    JSONTranscoder,
    Mapper,
    StoredEvent,
    Transcoder,
)
from eventsourcing.utils import resolve_topic
from pydantic_core import from_json, to_json

from domain.entry import Entry, revive

NOT_STORED = ("originator_id", "originator_version", "timestamp")
UNKNOWN_MOMENT = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, init=False)
class RecordedEvent(StoredEvent):
    """
    A stored event with its place in the log and the moment the database recorded it.

    ``state`` is the payload, opened; empty where the child's key was destroyed (已依法销毁), or
    where it does not open: then the entry is ``damaged``.
    """

    position: int
    recorded_at: datetime
    damaged: bool = False

    def __init__(
        self,
        originator_id: UUID,
        originator_version: int,
        topic: str,
        state: bytes,
        position: int,
        recorded_at: datetime,
        damaged: bool = False,
    ) -> None:
        self.__dict__.update(  # one is made of every row read; field by field takes twice as long
            originator_id=originator_id,
            originator_version=originator_version,
            topic=topic,
            state=state,
            position=position,
            recorded_at=recorded_at,
            damaged=damaged,
        )

    @property
    def erased(self) -> bool:
        """Whether nothing is left but that this entry was, of what kind and when."""
        return not self.state and not self.damaged


class EntryMapper(Mapper[UUID]):
    """
    The library's mapper with our codec.

    An absent field stands for ``None``; ``class_version`` and the ``upcast_vX_vY`` methods of the
    event classes work as in the library.
    """

    def __init__(
        self,
        transcoder: Transcoder | None = None,
        compressor: Compressor | None = None,
        cipher: Cipher | None = None,
    ) -> None:
        if compressor is not None or cipher is not None:
            raise ValueError("entries are stored as they are: name no compressor and no cipher")
        super().__init__(transcoder=transcoder or JSONTranscoder())

    def to_stored_event(self, domain_event: DomainEventProtocol[UUID]) -> StoredEvent:
        event = cast("Entry", domain_event)
        state = {
            name: value
            for name, value in vars(event).items()
            if value is not None and name not in NOT_STORED
        }
        version = getattr(type(event), "class_version", 1)
        if version > 1:
            state["class_version"] = version
        return StoredEvent(
            originator_id=event.originator_id,
            originator_version=event.originator_version,
            topic=event.TOPIC,
            state=to_json(state),
        )

    def to_domain_event(self, stored_event: StoredEvent) -> DomainEventProtocol[UUID]:
        return self.entry(
            stored_event.originator_id,  # type: ignore[arg-type]
            stored_event.originator_version,
            stored_event.topic,
            stored_event.state,
            getattr(stored_event, "recorded_at", UNKNOWN_MOMENT),
        )

    def entry(
        self,
        originator_id: UUID,
        originator_version: int,
        topic: str,
        payload: bytes,
        recorded_at: datetime,
    ) -> Entry:
        """Build an entry from the columns of its row."""
        cls: type[Entry] = resolve_topic(topic)
        state: dict[str, Any] = from_json(payload, cache_strings="keys")
        stored_version = state.pop("class_version", 1)
        if stored_version < (newest := newest_version(cls)):
            for version in range(stored_version, newest):
                getattr(cls, f"upcast_v{version}_v{version + 1}")(state)
        revive(cls, state)
        state["originator_id"] = originator_id
        state["originator_version"] = originator_version
        state["timestamp"] = recorded_at
        event = object.__new__(cls)
        object.__setattr__(event, "__dict__", state)
        return event


@cache
def newest_version(cls: type[Entry]) -> int:
    return getattr(cls, "class_version", 1)
