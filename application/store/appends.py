"""Appends as the database takes them: the arrays of `log.append`, and what became of each."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from eventsourcing.persistence import StoredEvent

from application.store.sealing import KeyRetired, Vault

APPEND = """
SELECT outcome, last_position, stored_answer, holder, last_leaf, recorded FROM log.append(
    %b::text[], %s::uuid[], %b::bytea[], %b::text[]::jsonb[],
    %s::int[], %s::uuid[], %s::bigint[], %b::text[], %b::bytea[],
    %s::int[], %b::bytea[], %s::uuid[],
    %s::int[], %b::bytea[],
    %s::int[], %s::uuid[], %b::bytea[], %b::bytea[],
    %s::int[], %s::uuid[])
"""
EVENTS_A_SECOND = 200  # the least that are stored


class VersionConflict(Exception):
    """A stream has moved on since it was loaded; nothing was stored."""


class KeyReused(Exception):
    """The idempotency key was used before, for another request; nothing was stored."""


class NumberTaken(Exception):
    """The student number belongs to another child; nothing was stored."""

    def __init__(self, holder: UUID) -> None:
        self.holder = holder
        super().__init__(holder)


@dataclass(frozen=True, slots=True)
class IdempotencyKey:
    """A caller's key for one request; ``request`` is the request's digest."""

    account: str
    key: UUID
    request: bytes


@dataclass(frozen=True, slots=True)
class Append:
    """
    Events to store together or not at all, in the order given; their payloads not yet sealed.

    ``claims`` and ``releases`` move hashed student numbers; ``destroys`` names children whose key
    is to be destroyed.
    """

    events: Sequence[StoredEvent]
    actor: str
    answer: dict[str, Any]
    key: IdempotencyKey | None = None
    claims: Sequence[tuple[bytes, UUID]] = ()
    releases: Sequence[bytes] = ()
    destroys: Sequence[UUID] = ()


@dataclass(frozen=True, slots=True)
class Appended:
    """
    What to answer; ``position`` is where the last event stands in the log.

    ``leaf`` is its leaf in the log's tree, ``recorded_at`` the moment it was recorded.
    """

    answer: dict[str, Any]
    leaf: bytes
    recorded_at: datetime
    known: bool = False

    @property
    def position(self) -> int:
        return int(self.answer["position"])


@dataclass(frozen=True, slots=True)
class Sealed:
    """An append as it goes to the database, with the keys of streams that begin in it."""

    append: Append
    events: Sequence[StoredEvent]
    new_keys: Sequence[tuple[UUID, bytes]] = ()


def patience_for(group: Iterable[Sealed]) -> float:
    """Give the seconds more that a large append may take, such as a whole roll."""
    return sum(len(sealed.events) for sealed in group) / EVENTS_A_SECOND


def columns_of(group: list[Sealed], vault: Vault | None) -> list[Any]:
    """
    Give a group of appends as the arrays ``log.append`` takes; new keys wrapped by the vault.

    Without a vault, as for events that are not sealed, there may be no new keys.
    """
    numbered = list(enumerate(group, start=1))
    events = [(n, event) for n, sealed in numbered for event in sealed.events]
    claims = [(n, *claim) for n, sealed in numbered for claim in sealed.append.claims]
    releases = [(n, number) for n, sealed in numbered for number in sealed.append.releases]
    new_keys = [(n, *new) for n, sealed in numbered for new in sealed.new_keys]
    wrapped = [vault.wrap(key) for _, _, key in new_keys] if vault else []
    destroys = [(n, student) for n, sealed in numbered for student in sealed.append.destroys]
    appends = [sealed.append for sealed in group]
    return [
        [append.actor for append in appends],
        in_braces(append.key.key if append.key else "NULL" for append in appends),
        [append.key.request if append.key else None for append in appends],
        [json.dumps(append.answer) for append in appends],
        in_braces(n for n, _ in events),
        in_braces(event.originator_id for _, event in events),
        in_braces(event.originator_version for _, event in events),
        [event.topic for _, event in events],
        [event.state for _, event in events],
        in_braces(n for n, _, _ in claims),
        [number for _, number, _ in claims],
        in_braces(student for _, _, student in claims),
        in_braces(n for n, _ in releases),
        [number for _, number in releases],
        in_braces(n for n, _, _ in new_keys),
        in_braces(student for _, student, _ in new_keys),
        [key for key, _ in wrapped],
        [under for _, under in wrapped],
        in_braces(n for n, _ in destroys),
        in_braces(student for _, student in destroys),
    ]


def in_braces(values: Iterable[int | str | UUID]) -> str:
    """Write numbers or ids as PostgreSQL reads an array: in a tenth of the driver's time."""
    return "{" + ",".join(map(str, values)) + "}"


def outcome_of(
    append: Append,
    outcome: str,
    position: int,
    answer: dict[str, Any],
    holder: UUID,
    leaf: bytes,
    recorded_at: datetime,
) -> Appended | Exception:
    match outcome:
        case "stored":
            whole = {**append.answer, "position": position}
            return Appended(whole, leaf=leaf, recorded_at=recorded_at)
        case "known":
            return Appended(answer, known=True, leaf=leaf, recorded_at=recorded_at)
        case "reused":
            return KeyReused()
        case "conflict":
            return VersionConflict()
        case "retired":
            return KeyRetired()
        case _:
            return NumberTaken(holder)
