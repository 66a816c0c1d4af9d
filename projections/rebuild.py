"""Rebuilding a view from the log beside the live one: to swap it in, or to compare the two."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import psycopg

from application.store.log import Log
from projections.all_views import BY_NAME
from projections.changes import Changes, collector_paused, write
from projections.engine import Engine, analyse
from projections.securing import secure
from projections.view import View
from projections.withdrawing import tell

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
    log: Log,
    views: Sequence[View],
    advance: Advance = lambda _: None,
) -> None:
    """
    Build views anew beside the live ones and swap them in, in one transaction.

    Readers see the old rows until the swap. What is written to the log meanwhile is caught up
    with before it, while the engines wait.
    """
    connection = log.connection
    with connection.transaction():
        connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        position = log.head()
        with collector_paused():
            build(log, views, position, advance)
    with connection.transaction():
        _locked(connection, views)
        late = log.page(position, limit=2**31)
        Engine(log, views, suffix=BESIDE).apply_outside(late)
        end = late[-1].position if late else position
        for view in views:
            # what rows of other views are seen by may hang on this one's
            connection.execute(f"DROP TABLE IF EXISTS views.{view.name} CASCADE".encode())
            connection.execute(
                f"ALTER TABLE views.{view.name}{BESIDE} RENAME TO {view.name}".encode()
            )
            for index in view.index_sql(f"views.{view.name}{BESIDE}"):
                short = index.split(" INDEX ")[1].split(" ON ")[0]
                connection.execute(
                    f"ALTER INDEX views.{short} RENAME TO {short.replace(BESIDE, '')}".encode()
                )
            connection.execute(
                "INSERT INTO views.progress VALUES (%s, %s, %s) ON CONFLICT (view) DO UPDATE"
                " SET position = excluded.position, definition = excluded.definition",
                [view.name, end, view.definition()],
            )
        _secure_all(connection, views)


def _secure_all(connection: psycopg.Connection[Any], views: Sequence[View]) -> None:
    known = {**BY_NAME, **{view.name: view for view in views}}
    for (name,) in connection.execute("SELECT view FROM views.progress").fetchall():
        if name in known:
            secure(connection, known[name])


def verify(
    log: Log,
    views: Sequence[View],
    advance: Advance = lambda _: None,
) -> list[Difference]:
    """Compare every row of the live views, the past ones too, with a rebuild; changes nothing."""
    found: list[Difference] = []
    connection = log.connection
    with connection.transaction(force_rollback=True):
        position = min(_locked(connection, views))
        with collector_paused():
            build(log, views, position, advance)
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
    log: Log,
    views: Sequence[View],
    upto: int,
    advance: Advance = lambda _: None,
) -> None:
    """
    Build views beside the live ones from the log up to a position, child by child.

    Memory holds one child and one batch, however long the log.
    """
    views = tuple(views)
    connection = log.connection
    for view in views:
        connection.execute(f"DROP TABLE IF EXISTS views.{view.name}{BESIDE}".encode())
        connection.execute(view.create_sql(f"views.{view.name}{BESIDE}").encode())
    changes = [Changes() for _ in views]
    done = 0
    for number, events in enumerate(log.by_child(upto), start=1):
        tell(views, events, changes)
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


def _locked(connection: psycopg.Connection[Any], views: Sequence[View]) -> list[int]:
    """Let the engines wait, and return where each view stands that is there."""
    rows = connection.execute(
        "SELECT position FROM views.progress WHERE view = ANY(%s) ORDER BY view FOR UPDATE",
        [[view.name for view in views]],
    ).fetchall()
    return [int(position) for (position,) in rows]
