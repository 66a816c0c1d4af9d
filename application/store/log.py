"""Reading the log from a view's side: page by page, or child by child."""

from collections.abc import Iterator, Mapping
from typing import Any
from uuid import UUID

import psycopg

from application.store.mapper import RecordedEvent

CHANNEL = "guixue_log"
COLUMNS = "originator_id, originator_version, topic, state, notification_id, recorded_at"
FETCH = 5_000


def page(
    connection: psycopg.Connection[Any], after: int, limit: int, upto: int | None = None
) -> list[RecordedEvent]:
    """Return the events after a position, in the order of the log."""
    cursor = connection.execute(
        f"SELECT {COLUMNS} FROM log.stored_events"  # noqa: S608  # constant columns
        " WHERE notification_id > %s AND notification_id <= %s ORDER BY notification_id LIMIT %s",
        [after, 2**62 if upto is None else upto, limit],
        binary=True,
    )
    return [RecordedEvent(*row) for row in cursor]


def before(
    connection: psycopg.Connection[Any], versions: Mapping[UUID, int]
) -> dict[UUID, list[RecordedEvent]]:
    """Return each child's events below a version, oldest first."""
    cursor = connection.execute(
        "SELECT e.originator_id, e.originator_version, e.topic, e.state, e.notification_id,"
        " e.recorded_at FROM unnest(%s::uuid[], %s::bigint[]) AS wanted (id, version)"
        " JOIN log.stored_events e ON e.originator_id = wanted.id"
        " AND e.originator_version < wanted.version"
        " ORDER BY e.originator_id, e.originator_version",
        [list(versions), list(versions.values())],
        binary=True,
    )
    found: dict[UUID, list[RecordedEvent]] = {}
    for row in cursor:
        found.setdefault(row[0], []).append(RecordedEvent(*row))
    return found


def by_child(connection: psycopg.Connection[Any], upto: int) -> Iterator[list[RecordedEvent]]:
    """Yield the events of one child after the other, up to a position; inside a transaction."""
    events: list[RecordedEvent] = []
    with connection.cursor(name="log_by_child", withhold=False) as cursor:
        cursor.itersize = FETCH
        cursor.execute(
            f"SELECT {COLUMNS} FROM log.stored_events WHERE notification_id <= %s"  # noqa: S608
            " ORDER BY originator_id, originator_version",
            [upto],
            binary=True,
        )
        for row in cursor:
            event = RecordedEvent(*row)
            if events and events[0].originator_id != event.originator_id:
                yield events
                events = []
            events.append(event)
    if events:
        yield events


def head(connection: psycopg.Connection[Any]) -> int:
    """Return the position of the last event, 0 for an empty log."""
    row = connection.execute(
        "SELECT notification_id FROM log.stored_events ORDER BY notification_id DESC LIMIT 1"
    ).fetchone()
    return row[0] if row else 0
