"""The store's two verbs: load children's entries, append new ones; many callers' go together."""

import json
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import psycopg
from eventsourcing.persistence import StoredEvent
from psycopg.pq import TransactionStatus
from psycopg_pool import AsyncConnectionPool, PoolTimeout

from application.store.key_ring import NoKey, new_key
from application.store.mapper import RecordedEvent
from application.store.scope import Scope
from application.store.sealing import ChildSeal, KeyRetired, Tampered, Vault
from application.store.together import Together

APPEND = """
SELECT outcome, last_position, stored_answer, holder FROM log.append(
    %b::text[], %s::uuid[], %b::bytea[], %b::text[]::jsonb[],
    %s::int[], %s::uuid[], %s::bigint[], %b::text[], %b::bytea[],
    %s::int[], %b::bytea[], %s::uuid[],
    %s::int[], %b::bytea[],
    %s::int[], %s::uuid[], %b::bytea[], %b::bytea[],
    %s::int[], %s::uuid[])
"""
LOAD = """
SELECT s.originator_id, s.originator_version, s.topic, s.state, s.notification_id, s.recorded_at,
       k.wrapped, k.under, k.destroyed_at IS NOT NULL
FROM log.stored_events s LEFT JOIN keys.children k ON k.student_id = s.originator_id
WHERE s.originator_id = ANY(%s) ORDER BY s.originator_id, s.originator_version
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
    """What to answer; ``position`` is where the last event stands in the log."""

    answer: dict[str, Any]
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


class Store:
    """
    The log on PostgreSQL, for one event loop.

    Appends that arrive while a group commits go out together as the next one; each succeeds or
    fails alone. So do loads, as one query. Every entry is sealed on its way in and opened on its
    way out. Every method raises :class:`StoreUnavailable` when the database is away.
    """

    def __init__(self, pool: AsyncConnectionPool[Any], vault: Vault) -> None:
        self._pool = pool
        self._vault = vault
        self._appends = Together(self._commit)
        self._loads = Together(self._fetch)

    # Load -----------------------------------------------------------------------------------

    async def load(self, student_id: UUID) -> list[RecordedEvent]:
        """
        Return a child's stored entries, oldest first; empty for an unknown child.

        :raises Tampered: if one of them is not what was stored there
        """
        return await self._loads.ask(student_id)

    async def _fetch(self, asked: list[UUID]) -> list[list[RecordedEvent] | Exception]:
        try:
            async with self._at_once() as connection:
                cursor = await connection.execute(
                    LOAD, [list(set(asked))], prepare=True, binary=True
                )
                rows = await cursor.fetchall()
        except (psycopg.OperationalError, PoolTimeout):
            return [StoreUnavailable() for _ in asked]
        found: dict[UUID, list[tuple[Any, ...]]] = {}
        for row in rows:
            found.setdefault(row[0], []).append(row)
        return [self._opened(found.get(student_id, [])) for student_id in asked]

    def _opened(self, rows: list[tuple[Any, ...]]) -> list[RecordedEvent] | Exception:
        """Open one child's rows."""
        if not rows:
            return []
        student_id, *_, wrapped, under, destroyed = rows[0]
        if destroyed:
            self._vault.forget(student_id)
        try:
            child = self._vault.seal_of(student_id, wrapped, under)
            return [
                RecordedEvent(
                    student_id,
                    version,
                    topic,
                    b"" if destroyed else child.open(version, topic, state),
                    position,
                    recorded_at,
                )
                for _, version, topic, state, position, recorded_at, *_ in rows
            ]
        except (Tampered, NoKey) as fault:
            return fault

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

    async def query(
        self, sql: str, params: Sequence[Any] = (), *, scope: Scope | None = None
    ) -> list[tuple[Any, ...]]:
        """Run one read; of views, it sees the rows that ``scope`` lets through, or none."""
        rows: list[tuple[Any, ...]]
        try:
            if scope is None:
                async with self._at_once() as connection:
                    cursor = await connection.execute(sql, params, prepare=True)
                    rows = await cursor.fetchall()
                    return rows
            async with self._pool.connection() as connection:  # one transaction
                await connection.execute(*scope.setting(), prepare=True)
                cursor = await connection.execute(sql, params, prepare=True)
                rows = await cursor.fetchall()
                return rows
        except (psycopg.OperationalError, PoolTimeout) as away:
            raise StoreUnavailable from away

    @asynccontextmanager
    async def _at_once(self) -> AsyncIterator[psycopg.AsyncConnection[Any]]:
        """Give a connection for one statement, a transaction by itself: one way there and back."""
        async with self._pool.connection() as connection:
            await connection.set_autocommit(True)
            try:
                yield connection
            finally:
                if connection.info.transaction_status == TransactionStatus.IDLE:
                    await connection.set_autocommit(False)

    # Append ---------------------------------------------------------------------------------

    async def append(self, append: Append) -> Appended:
        """
        Store events, all or none.

        :raises VersionConflict: if one of the streams has moved on
        :raises KeyReused: if the key was used for another request
        :raises NumberTaken: if a claimed number belongs to another child
        """
        sealed = await self._sealed(append)
        while True:
            with suppress(KeyRetired):  # its new keys are wrapped anew whenever it is sent
                done = await self._appends.ask(sealed)
                break
        if not done.known:
            for student_id, key in sealed.new_keys:
                self._vault.learn(student_id, key)
        if append.destroys:
            self._vault.forget()
        return done

    async def _sealed(self, append: Append) -> Sealed:
        """Seal each event under its child's key; a stream that begins gets a key of its own."""
        new_keys: dict[UUID, bytes] = {}
        seals: dict[UUID, ChildSeal] = {}
        events = []
        for event in append.events:
            student_id: UUID = event.originator_id  # type: ignore[assignment]
            version = event.originator_version
            if student_id not in seals:
                if version == 1:
                    new_keys[student_id] = new_key()
                    seals[student_id] = ChildSeal(student_id, new_keys[student_id])
                else:
                    seals[student_id] = await self._seal_of(student_id)
            state = seals[student_id].seal(version, event.topic, event.state)
            events.append(StoredEvent(student_id, version, event.topic, state))
        return Sealed(append, events, tuple(new_keys.items()))

    async def _seal_of(self, student_id: UUID) -> ChildSeal:
        if self._vault.known(student_id) is None:
            await self.load(student_id)
        known = self._vault.known(student_id)
        if known is None:
            raise VersionConflict  # no such stream, or its key is destroyed
        return known

    async def close(self) -> None:
        """Let appends under way finish."""
        await self._appends.close()

    async def _commit(self, group: list[Sealed]) -> list[Appended | Exception]:
        try:
            async with self._at_once() as connection:
                columns = columns_of(group, self._vault)
                cursor = await connection.execute(APPEND, columns, prepare=True)
                rows = await cursor.fetchall()
        except (psycopg.OperationalError, PoolTimeout):
            return [StoreUnavailable() for _ in group]
        return [_outcome(sealed.append, *row) for sealed, row in zip(group, rows, strict=True)]


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
        case "retired":
            return KeyRetired()
        case _:
            return NumberTaken(holder)


def canonical(value: object) -> str:
    """Serialise JSON in one form, for digests."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"))
