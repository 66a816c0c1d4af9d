"""Rebuilding a view from the log beside the live one: to swap it in, or to compare the two."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import psycopg

from application.store import log
from domain.entry import Entry
from projections.changes import Changes, Shown, collector_paused, note, write
from projections.engine import Engine, analyse
from projections.replay import MAPPER, Child
from projections.view import View

BATCH = 5_000  # children between two writes
BESIDE = "__next"

Advance = Callable[[int], None]


@dataclass(frozen=True)
class Difference:
    """How a live view differs from its rebuild, in rows; both zero when they are equal."""

    view: str
    rows: int
    only_live: int
    only_rebuilt: int

    @property
    def equal(self) -> bool:
        return not (self.only_live or self.only_rebuilt)


def rebuild(
    connection: psycopg.Connection[Any],
    views: Sequence[View],
    advance: Advance = lambda _: None,
) -> None:
    """
    Build views anew beside the live ones and swap them in, in one transaction.

    Readers see the old rows until the swap. What is written to the log meanwhile is caught up
    with before it, while the engines wait.
    """
    with connection.transaction():
        connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        position = log.head(connection)
        with collector_paused():
            build(connection, views, position, advance)
    with connection.transaction():
        _lock(connection, views)
        late = log.page(connection, position, limit=2**31)
        Engine(connection, views, suffix=BESIDE).apply_outside(late)
        end = late[-1].position if late else position
        for view in views:
            connection.execute(f"DROP TABLE views.{view.name}".encode())
            connection.execute(
                f"ALTER TABLE views.{view.name}{BESIDE} RENAME TO {view.name}".encode()
            )
            for index in view.index_sql(f"views.{view.name}{BESIDE}"):
                short = index.split(" INDEX ")[1].split(" ON ")[0]
                connection.execute(
                    f"ALTER INDEX views.{short} RENAME TO {short.replace(BESIDE, '')}".encode()
                )
            connection.execute(
                "UPDATE views.progress SET position = %s, definition = %s WHERE view = %s",
                [end, view.definition(), view.name],
            )


def verify(
    connection: psycopg.Connection[Any],
    views: Sequence[View],
    advance: Advance = lambda _: None,
) -> list[Difference]:
    """Compare every row of the live views, the past ones too, with a rebuild; changes nothing."""
    found: list[Difference] = []
    with connection.transaction(force_rollback=True):
        position = _lock(connection, views)
        with collector_paused():
            build(connection, views, position, advance)
        for view in views:
            live, rebuilt = f"TABLE views.{view.name}", f"TABLE views.{view.name}{BESIDE}"
            row = connection.execute(
                f"SELECT (SELECT count(*) FROM views.{view.name}),"  # noqa: S608  # our own names
                f" (SELECT count(*) FROM ({live} EXCEPT ALL {rebuilt}) AS d),"
                f" (SELECT count(*) FROM ({rebuilt} EXCEPT ALL {live}) AS d)".encode()
            ).fetchone()
            assert row is not None
            found.append(Difference(view.name, *row))
    return found


def build(
    connection: psycopg.Connection[Any],
    views: Sequence[View],
    upto: int,
    advance: Advance = lambda _: None,
) -> None:
    """
    Build views beside the live ones from the log up to a position, child by child.

    Memory holds one child and one batch, however long the log.
    """
    views = tuple(views)
    for view in views:
        connection.execute(f"DROP TABLE IF EXISTS views.{view.name}{BESIDE}".encode())
        connection.execute(view.create_sql(f"views.{view.name}{BESIDE}").encode())
    changes = [Changes() for _ in views]
    done = 0
    for number, events in enumerate(log.by_child(connection, upto), start=1):
        child = Child(events[0].originator_id, events[0].recorded_at)  # type: ignore[arg-type]
        shown: Shown = {}
        for event in events:
            entry: Entry = MAPPER.to_domain_event(event)  # type: ignore[assignment]
            child.take(entry, event.position)
            note(views, child, entry, shown, changes)
        done += len(events)
        if number % BATCH == 0:
            _flush(connection, views, changes)
            advance(done)
    _flush(connection, views, changes)
    advance(done)
    for view in views:
        for index in view.index_sql(f"views.{view.name}{BESIDE}"):
            connection.execute(index.encode())
    analyse(connection, views, BESIDE)


def _flush(
    connection: psycopg.Connection[Any], views: Sequence[View], changes: list[Changes]
) -> None:
    for place, view in enumerate(views):
        write(connection, view, f"views.{view.name}{BESIDE}", changes[place])
        changes[place] = Changes()


def _lock(connection: psycopg.Connection[Any], views: Sequence[View]) -> int:
    """Let the engines wait, and return where the views stand."""
    rows = connection.execute(
        "SELECT position FROM views.progress WHERE view = ANY(%s) ORDER BY view FOR UPDATE",
        [[view.name for view in views]],
    ).fetchall()
    return min(int(position) for (position,) in rows)
