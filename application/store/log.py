"""Reading the log from a view's side: page by page, or child by child."""

from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import Any, NamedTuple
from uuid import UUID

import psycopg
from psycopg.conninfo import make_conninfo

from application.store.heads import STREAM
from application.store.key_ring import KeyRing
from application.store.mapper import RecordedEvent
from application.store.sealing import Tampered, Vault
from application.store.streams import is_childs

CHANNEL = "guixue_log"
COLUMNS = (
    "e.originator_id, e.originator_version, e.topic, e.state, e.notification_id, e.recorded_at,"
    " k.wrapped, k.under, k.destroyed_at IS NOT NULL"
)
EVENTS = "log.stored_events e LEFT JOIN keys.children k ON k.student_id = e.originator_id"
FETCH = 2_000


class Share(NamedTuple):
    """Children by their ids, from the first to the last."""

    first: UUID
    last: UUID


EVERYBODY = Share(UUID(int=0), UUID(int=2**128 - 1))


def shares(count: int) -> list[Share]:
    """Part all children; ids are drawn, so that shares come out alike."""
    ends = [(n << 128) // count for n in range(count + 1)]
    return [Share(UUID(int=a), UUID(int=b - 1)) for a, b in pairwise(ends)]


class Log:
    """
    The log as one connection reads it, its entries opened.

    An entry whose child's key is destroyed comes as erased, one that does not open as damaged.
    The log's own entries are not sealed; only pages hold them, as they are.
    """

    def __init__(self, connection: psycopg.Connection[Any], vault: Vault) -> None:
        self.connection = connection
        self._vault = vault

    def page(self, after: int, limit: int, upto: int | None = None) -> list[RecordedEvent]:
        """Return the events after a position, in the order of the log."""
        cursor = self.connection.execute(
            f"SELECT {COLUMNS} FROM {EVENTS}"  # noqa: S608  # constant columns
            " WHERE e.notification_id > %s AND e.notification_id <= %s"
            " ORDER BY e.notification_id LIMIT %s",
            [after, 2**62 if upto is None else upto, limit],
            binary=True,
        )
        return [self._opened(row) for row in cursor]

    def before(self, versions: Mapping[UUID, int]) -> dict[UUID, list[RecordedEvent]]:
        """Return each child's events below a version, oldest first."""
        cursor = self.connection.execute(
            f"SELECT {COLUMNS} FROM unnest(%s::uuid[], %s::bigint[]) AS wanted (id, version)"  # noqa: S608
            f" JOIN ({EVENTS}) ON e.originator_id = wanted.id"
            " AND e.originator_version < wanted.version"
            " ORDER BY e.originator_id, e.originator_version",
            [list(versions), list(versions.values())],
            binary=True,
        )
        found: dict[UUID, list[RecordedEvent]] = {}
        for row in cursor:
            found.setdefault(row[0], []).append(self._opened(row))
        return found

    def by_child(self, upto: int, share: Share = EVERYBODY) -> Iterator[list[RecordedEvent]]:
        """Yield one child's events after the other's, up to a position; inside a transaction."""
        events: list[RecordedEvent] = []
        with self.connection.cursor(name="log_by_child", withhold=False) as cursor:
            cursor.itersize = FETCH
            cursor.execute(
                f"SELECT {COLUMNS} FROM {EVENTS} WHERE e.notification_id <= %s"  # noqa: S608
                " AND e.originator_id BETWEEN %s AND %s AND e.originator_id <> %s"
                " ORDER BY e.originator_id, e.originator_version",
                [upto, *share, STREAM],
                binary=True,
            )
            for row in cursor:
                if not is_childs(row[0]):
                    continue
                event = self._opened(row)
                if events and events[0].originator_id != event.originator_id:
                    yield events
                    events = []
                events.append(event)
        if events:
            yield events

    def head(self) -> int:
        """Return the position of the last event, 0 for an empty log."""
        row = self.connection.execute(
            "SELECT notification_id FROM log.stored_events ORDER BY notification_id DESC LIMIT 1"
        ).fetchone()
        return row[0] if row else 0

    def elsewhere(self) -> tuple[str, KeyRing]:
        """Give what another process reads the same log with."""
        info = self.connection.info
        return make_conninfo(info.dsn, password=info.password or None), self._vault.ring

    def forget_keys(self) -> None:
        """Keep no child's key in memory."""
        self._vault.forget()

    def _opened(self, row: tuple[Any, ...]) -> RecordedEvent:
        student_id, version, topic, state, position, recorded_at, wrapped, under, destroyed = row
        if student_id == STREAM:
            return RecordedEvent(student_id, version, topic, state, position, recorded_at)
        if destroyed:
            return RecordedEvent(student_id, version, topic, b"", position, recorded_at)
        try:
            payload = self._vault.seal_of(student_id, wrapped, under).open(version, topic, state)
        except Tampered:
            return RecordedEvent(student_id, version, topic, b"", position, recorded_at, True)
        return RecordedEvent(student_id, version, topic, payload, position, recorded_at)
