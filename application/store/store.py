"""The store's two verbs: load children's entries, append new ones; group commit behind them."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from importlib.resources import files
from typing import Any
from uuid import UUID

import psycopg
from eventsourcing.persistence import StoredEvent
from psycopg.types.json import Jsonb
from psycopg_pool import AsyncConnectionPool, PoolTimeout

from application.store.group_commit import GroupCommit
from application.store.mapper import RecordedEvent

APPEND = """
SELECT outcome, last_position, stored_answer, holder FROM log.append(
    %s::text[], %s::uuid[], %b::bytea[], %s::jsonb[],
    %s::int[], %s::uuid[], %s::bigint[], %s::text[], %b::bytea[],
    %s::int[], %b::bytea[], %s::uuid[],
    %s::int[], %b::bytea[])
"""


class StoreUnavailable(Exception):
    """The database is away or too slow; try again later."""


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
    """Events to store together or not at all, in the order given."""

    events: Sequence[StoredEvent]
    actor: str
    answer: dict[str, Any]
    key: IdempotencyKey | None = None
    claims: Sequence[tuple[bytes, UUID]] = ()
    releases: Sequence[bytes] = ()


@dataclass(frozen=True, slots=True)
class Appended:
    """What to answer; ``position`` is where the last event stands in the log."""

    answer: dict[str, Any]
    known: bool = False

    @property
    def position(self) -> int:
        return int(self.answer["position"])


class Store:
    """
    The log on PostgreSQL, for one event loop.

    Appends that arrive while a group commits go out together as the next one; each succeeds or
    fails alone. Every method raises :class:`StoreUnavailable` when the database is away.
    """

    def __init__(self, pool: AsyncConnectionPool[Any]) -> None:
        self._pool = pool
        self._appends = GroupCommit(self._commit)

    # Load -----------------------------------------------------------------------------------

    async def load(self, student_id: UUID) -> list[RecordedEvent]:
        """Return a child's stored entries, oldest first; empty for an unknown child."""
        rows = await self.query(
            "SELECT originator_version, topic, state, notification_id, recorded_at"
            " FROM log.stored_events WHERE originator_id = %s ORDER BY originator_version",
            [student_id],
        )
        return [
            RecordedEvent(student_id, version, topic, state, position, recorded_at)
            for version, topic, state, position, recorded_at in rows
        ]

    async def answer_to(self, key: IdempotencyKey) -> Appended | None:
        """
        Return what was answered to a key, if it was used.

        :raises KeyReused: if it was used for another request
        """
        rows = await self.query(
            "SELECT request, answer FROM log.answers WHERE account = %s AND key = %s",
            [key.account, key.key],
        )
        if not rows:
            return None
        request, answer = rows[0]
        if bytes(request) != key.request:
            raise KeyReused
        return Appended(answer, known=True)

    async def holders(self, numbers: list[bytes]) -> dict[bytes, UUID]:
        """Return who holds which of some hashed student numbers."""
        rows = await self.query(
            "SELECT number, student_id FROM log.student_numbers WHERE number = ANY(%b)", [numbers]
        )
        return {bytes(number): student_id for number, student_id in rows}

    async def head(self) -> int:
        """Return the position of the last event, 0 for an empty log."""
        rows = await self.query(
            "SELECT notification_id FROM log.stored_events ORDER BY notification_id DESC LIMIT 1"
        )
        return rows[0][0] if rows else 0

    async def position_at(self, moment: datetime) -> int:
        """Return the position of the last event recorded at or before a moment."""
        rows = await self.query(
            "SELECT notification_id FROM log.stored_events WHERE recorded_at <= %s"
            " ORDER BY recorded_at DESC, notification_id DESC LIMIT 1",
            [moment],
        )
        return rows[0][0] if rows else 0

    async def query(self, sql: str, params: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """Run one read."""
        try:
            async with self._pool.connection() as connection:
                cursor = await connection.execute(sql, params, prepare=True)
                rows: list[tuple[Any, ...]] = await cursor.fetchall()
                return rows
        except (psycopg.OperationalError, PoolTimeout) as away:
            raise StoreUnavailable from away

    # Append ---------------------------------------------------------------------------------

    async def append(self, append: Append) -> Appended:
        """
        Store events, all or none.

        :raises VersionConflict: if one of the streams has moved on
        :raises KeyReused: if the key was used for another request
        :raises NumberTaken: if a claimed number belongs to another child
        """
        return await self._appends.store(append)

    async def close(self) -> None:
        """Let appends under way finish."""
        await self._appends.close()

    async def _commit(self, group: list[Append]) -> list[Appended | Exception]:
        try:
            async with self._pool.connection() as connection:
                cursor = await connection.execute(APPEND, columns_of(group), prepare=True)
                rows = await cursor.fetchall()
        except (psycopg.OperationalError, PoolTimeout):
            return [StoreUnavailable() for _ in group]
        return [_outcome(append, *row) for append, row in zip(group, rows, strict=True)]


def columns_of(group: list[Append]) -> list[list[Any]]:
    """Give a group of appends as the arrays ``log.append`` takes."""
    numbered = list(enumerate(group, start=1))
    events = [(n, event) for n, append in numbered for event in append.events]
    claims = [(n, *claim) for n, append in numbered for claim in append.claims]
    releases = [(n, number) for n, append in numbered for number in append.releases]
    return [
        [append.actor for append in group],
        [append.key.key if append.key else None for append in group],
        [append.key.request if append.key else None for append in group],
        [Jsonb(append.answer) for append in group],
        [n for n, _ in events],
        [event.originator_id for _, event in events],
        [event.originator_version for _, event in events],
        [event.topic for _, event in events],
        [event.state for _, event in events],
        [n for n, _, _ in claims],
        [number for _, number, _ in claims],
        [student for _, _, student in claims],
        [n for n, _ in releases],
        [number for _, number in releases],
    ]


def _outcome(
    append: Append, outcome: str, position: int, answer: dict[str, Any], holder: UUID
) -> Appended | Exception:
    match outcome:
        case "stored":
            return Appended({**append.answer, "position": position})
        case "known":
            return Appended(answer, known=True)
        case "reused":
            return KeyReused()
        case "conflict":
            return VersionConflict()
        case _:
            return NumberTaken(holder)


async def create_schema(pool: AsyncConnectionPool[Any]) -> None:
    """Create the log's tables and its append function where they are missing."""
    async with pool.connection() as connection:
        await connection.execute("SELECT pg_advisory_xact_lock(20230902)")
        await connection.execute(schema_sql().encode())


def schema_sql() -> str:
    return files("application.store").joinpath("schema.sql").read_text("utf-8")


def canonical(value: object) -> bytes:
    """Serialise JSON in one form, for digests."""
    return json.dumps(value, sort_keys=True, separators=(",", ":")).encode()
