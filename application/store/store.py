"""The store's two verbs: load children's entries, append new ones; many callers' go together."""

import asyncio
import json
from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import datetime
from itertools import islice
from typing import Any
from uuid import UUID

import psycopg
from eventsourcing.persistence import StoredEvent
from psycopg.pq import TransactionStatus
from psycopg_pool import AsyncConnectionPool, PoolTimeout

from application.store.appends import (
    APPEND,
    Append,
    Appended,
    IdempotencyKey,
    KeyReused,
    NumberTaken,
    Sealed,
    VersionConflict,
    columns_of,
    outcome_of,
    patience_for,
)
from application.store.heads import STREAM
from application.store.key_ring import NoKey, new_key
from application.store.lending import hang_up, lent
from application.store.mapper import RecordedEvent
from application.store.scope import Scope
from application.store.sealing import ChildSeal, KeyRetired, Tampered, Vault
from application.store.streams import is_childs
from application.store.together import PATIENCE_SECONDS, StoreUnavailable, Together

__all__ = [
    "Append",
    "Appended",
    "IdempotencyKey",
    "KeyReused",
    "NumberTaken",
    "Store",
    "StoreUnavailable",
    "VersionConflict",
    "canonical",
]
SUBJECTS_AT_ONCE = 2_000
LOAD = """
SELECT s.originator_id, s.originator_version, s.topic, s.state, s.notification_id, s.recorded_at,
       k.wrapped, k.under, k.destroyed_at IS NOT NULL
FROM log.stored_events s LEFT JOIN keys.children k
  ON k.student_id = s.originator_id AND s.originator_version = 1
WHERE s.originator_id = ANY(%s) ORDER BY s.originator_id, s.originator_version
"""  # a child's key comes with its first entry, once
APPENDING = """
SELECT virtualtransaction, pid FROM pg_locks
WHERE locktype = 'advisory' AND (classid, objid) = (0, 20230901) AND granted
    AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
    AND %s <= clock_timestamp() AND %s > clock_timestamp() - interval '10 minutes'
"""  # who appends, if that may bear a moment; one to come means now
KEYS = """
SELECT student_id, wrapped, under FROM keys.children
WHERE student_id = ANY(%s) AND wrapped IS NOT NULL
"""
LOOK_SECONDS = 0.01


class Store:
    """
    The log on PostgreSQL, for one event loop.

    Appends that arrive while a group commits go out together as the next one; each succeeds or
    fails alone. So do loads, as one query. Every entry is sealed on its way in and opened on its
    way out. Every method raises :class:`StoreUnavailable` when the database is away, or has not
    answered for ``patience`` seconds; a connection it does not answer on is given up before.
    """

    def __init__(
        self,
        pool: AsyncConnectionPool[Any],
        vault: Vault,
        *,
        patience: float = PATIENCE_SECONDS,
    ) -> None:
        self._pool = pool
        self._vault = vault
        self._seconds = patience * 0.8
        self._on_loan: set[psycopg.AsyncConnection[Any]] = set()
        self._appends = Together(self._commit, patience=patience)
        self._loads = Together(self._fetch, patience=patience)

    # Load -----------------------------------------------------------------------------------

    async def load(self, student_id: UUID) -> list[RecordedEvent]:
        """
        Return a child's stored entries, oldest first; empty for an unknown child.

        :raises Tampered: if one of them is not what was stored there
        """
        return await self._loads.ask(student_id) if is_childs(student_id) else []

    async def load_subjects(self, stream_ids: Sequence[UUID]) -> list[list[RecordedEvent]]:
        """Return the stored entries of subjects that are no children, in the order asked for."""
        assert not any(map(is_childs, stream_ids))
        found: list[list[RecordedEvent]] = []
        for start in range(0, len(stream_ids), SUBJECTS_AT_ONCE):
            for one in await self._fetch(list(stream_ids[start : start + SUBJECTS_AT_ONCE])):
                if isinstance(one, Exception):
                    raise one
                found.append(one)
        return found

    async def _fetch(self, asked: list[UUID]) -> list[list[RecordedEvent] | Exception]:
        try:
            async with self._connected() as connection:
                cursor = await connection.execute(
                    LOAD, [list(set(asked))], prepare=True, binary=True
                )
                rows = await cursor.fetchall()
        except (psycopg.OperationalError, PoolTimeout):
            return [StoreUnavailable() for _ in asked]
        found: dict[UUID, list[tuple[Any, ...]]] = {}
        for row in rows:
            found.setdefault(row[0], []).append(row)
        found.pop(STREAM, None)  # the log's own entries are no child's
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
            "SELECT a.request, a.answer, s.leaf, s.recorded_at FROM log.answers a"
            " JOIN log.stored_events s ON s.notification_id = (a.answer->>'position')::bigint"
            " WHERE a.account = %s AND a.key = %s",
            [key.account, key.key],
        )
        if not rows:
            return None
        request, answer, leaf, recorded_at = rows[0]
        if bytes(request) != key.request:
            raise KeyReused
        return Appended(answer, leaf, recorded_at, known=True)

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

    async def opened_at(self, position: int) -> UUID | None:
        """Return the child whose first entry stands at a position, if one does."""
        rows = await self.query(
            "SELECT originator_id FROM log.stored_events"
            " WHERE notification_id = %s AND originator_version = 1 AND originator_id <> %s",
            [position, STREAM],
        )
        return rows[0][0] if rows else None

    async def settled(self, moment: datetime) -> None:
        """
        Wait until whatever bears a moment that is over, or one before, is stored.

        An append takes its moment before it is seen. It holds a lock from then on until it is: who
        holds it now is waited for, without a connection, as a whole roll takes its time.
        """
        under_way = await self.query(APPENDING, [moment, moment])
        for _ in range(int(self._seconds / LOOK_SECONDS)):
            if not under_way or under_way != await self.query(APPENDING, [moment, moment]):
                return
            await asyncio.sleep(LOOK_SECONDS)
        raise StoreUnavailable

    async def position_at(self, moment: datetime) -> int:
        """
        Return the position of the last event recorded at or before a moment that is over.

        The same for ever: what is being stored now may bear a moment before it, and is waited for.
        """
        await self.settled(moment)
        rows = await self.query(
            "SELECT notification_id FROM log.stored_events WHERE recorded_at <= %s"
            " ORDER BY recorded_at DESC, notification_id DESC LIMIT 1",
            [moment],
        )
        return rows[0][0] if rows else 0

    async def query(
        self,
        sql: str,
        params: Sequence[Any] | Mapping[str, Any] = (),
        *,
        scope: Scope | None = None,
        more_patience: float = 0.0,
    ) -> list[tuple[Any, ...]]:
        """Run one read; of views, it sees the rows that ``scope`` lets through, or none."""
        try:
            async with self._connected(more_patience, at_once=scope is None) as connection:
                if scope is not None:
                    await connection.execute(*scope.setting(), prepare=True)
                cursor = await connection.execute(sql, params, prepare=True)
                rows: list[tuple[Any, ...]] = await cursor.fetchall()
                return rows
        except (psycopg.OperationalError, PoolTimeout) as away:
            raise StoreUnavailable from away

    @asynccontextmanager
    async def lent(self, seconds: float) -> AsyncIterator[psycopg.AsyncConnection[Any]]:
        """Give a connection for one transaction of so many seconds at most."""
        async with lent(self._pool, seconds) as connection:
            self._on_loan.add(connection)
            try:
                yield connection
            finally:
                self._on_loan.discard(connection)

    def hang_up(self) -> None:
        """Wait no longer for whatever the database has not answered yet."""
        for connection in self._on_loan:
            hang_up(connection)

    @asynccontextmanager
    async def _connected(
        self, more_patience: float = 0.0, *, at_once: bool = True
    ) -> AsyncIterator[psycopg.AsyncConnection[Any]]:
        """
        Give a connection for one transaction, and hang up when it takes too long.

        ``at_once``: it is one statement, a transaction by itself, one way there and back.
        """
        async with self.lent(self._seconds + more_patience) as connection:
            try:
                await connection.set_autocommit(at_once)
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
                done = await self._appends.ask(sealed, patience_for([sealed]))
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
        last: UUID | None = None
        seal: ChildSeal | None = None
        events = []
        coming = iter(append.events)
        while some := list(islice(coming, SUBJECTS_AT_ONCE)):
            new_keys |= {
                one.originator_id: new_key()  # type: ignore[misc]
                for one in some
                if one.originator_version == 1 and one.originator_id not in new_keys
            }
            going_on = {one.originator_id for one in some} - new_keys.keys()
            seals = await self._seals_of(going_on)  # type: ignore[arg-type]
            for event in some:
                student_id: UUID = event.originator_id  # type: ignore[assignment]
                if student_id != last or seal is None:  # one at a time: a roll's take 140 MB
                    begun = new_keys.get(student_id)
                    seal = ChildSeal(student_id, begun) if begun else seals[student_id]
                    last = student_id
                state = seal.seal(event.originator_version, event.topic, event.state)
                place = (student_id, event.originator_version, event.topic)
                events.append(StoredEvent(*place, state))
        return Sealed(append, events, tuple(new_keys.items()))

    async def _seals_of(self, student_ids: Collection[UUID]) -> dict[UUID, ChildSeal]:
        """
        Give the seals of streams that go on, asking once for the keys that are not at hand.

        :raises VersionConflict: if there is no such stream, or its key is destroyed or no key
        """
        known = self._vault.known
        missing = [one for one in student_ids if known(one) is None]
        found: dict[UUID, ChildSeal | None] = {one: known(one) for one in student_ids}
        for student_id, wrapped, under in await self.query(KEYS, [missing]) if missing else ():
            self._vault.seal_of(student_id, wrapped, under)
            found[student_id] = known(student_id)
        seals = {one: seal for one, seal in found.items() if seal is not None}
        if len(seals) < len(found):
            raise VersionConflict
        return seals

    async def close(self) -> None:
        """Let appends under way finish, and wait for nothing else."""
        await self._appends.close()
        self.hang_up()

    async def _commit(self, group: list[Sealed]) -> list[Appended | Exception]:
        try:
            async with self._connected(patience_for(group)) as connection:
                columns = columns_of(group, self._vault)
                cursor = await connection.execute(APPEND, columns, prepare=True)
                rows = await cursor.fetchall()
        except (psycopg.OperationalError, PoolTimeout):
            return [StoreUnavailable() for _ in group]
        return [outcome_of(sealed.append, *row) for sealed, row in zip(group, rows, strict=True)]


def canonical(value: object) -> str:
    """Serialise JSON in one form, for digests."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"))
