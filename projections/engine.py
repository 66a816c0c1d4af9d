"""The engine: follows the log in batches and commits rows and position together, exactly once."""

from collections import OrderedDict
from collections.abc import Callable, Iterable, Sequence
from threading import Event
from typing import Any
from uuid import UUID

import psycopg

from application.store.log import CHANNEL as LOG_CHANNEL
from application.store.log import Log
from application.store.mapper import RecordedEvent
from domain.entry import Entry
from projections.changes import Changes, Shown, collector_paused, note, write
from projections.replay import MAPPER, Child
from projections.securing import secure, show_progress
from projections.view import View
from projections.withdrawing import concerns_withdrawal, tell

CHANNEL = "guixue_views"
PAGE = 5_000
KEPT_CHILDREN = 4_000
ANALYSE_AFTER = 10_000  # events; the planner hears of a burst at once, not a minute later
WAKE_SECONDS = 0.5  # a lost notification delays a view no longer
SCHEMA = """
CREATE UNLOGGED TABLE IF NOT EXISTS views.progress (
    view text PRIMARY KEY,
    position bigint NOT NULL,
    definition text NOT NULL
);
"""  # unlogged like the views, so that a crash empties them together


class ViewsLost(Exception):
    """The views are not there, as after a crash of the database; they are to be rebuilt."""


class Engine:
    """
    Keeps a group of views up to date with the log.

    Any number of engines may run on one database: the progress rows are locked while a batch is
    written, so each batch is applied once, whatever is killed when.
    """

    def __init__(self, log: Log, views: Sequence[View], suffix: str = "") -> None:
        self._log = log
        self._connection = log.connection
        self._views = tuple(views)
        self._suffix = suffix
        self._children: OrderedDict[UUID, Child] = OrderedDict()
        self._shown: dict[UUID, Shown] = {}
        self._since_analysed = 0
        self._to_vacuum = False

    def prepare(self) -> list[str]:
        """
        Make the tables of a log that is empty; return the views to rebuild before following.

        Those are the ones whose stored definition is not today's, and all that a crash of the
        database emptied: their tables hold children's data in the clear, and are in no WAL.
        """
        to_rebuild = []
        with self._connection.transaction():
            self._connection.execute("SELECT pg_advisory_xact_lock(20230902)")
            self._connection.execute(SCHEMA)
            show_progress(self._connection)
            known = dict(
                self._connection.execute("SELECT view, definition FROM views.progress").fetchall()
            )
            nothing_yet = self._log.head() == 0
            for view in self._views:
                if view.name not in known and nothing_yet:
                    make_table(self._connection, view)
                elif known.get(view.name) != view.definition():
                    to_rebuild.append(view.name)
        return to_rebuild

    def follow(self, stop: Event) -> None:
        """Apply batches as they come, until told to stop."""
        self._connection.execute(f"LISTEN {LOG_CHANNEL}")
        while not stop.is_set():
            if self.step() < PAGE:
                for _ in self._connection.notifies(timeout=WAKE_SECONDS, stop_after=1):
                    pass

    def step(self, limit: int = PAGE) -> int:
        """
        Apply one batch; return how many events it held.

        Views that fell behind the others, as beside one just rebuilt, come up to them first.
        """
        with self._connection.transaction(), collector_paused():
            positions = self._lock()
            lowest, *further = sorted(set(positions.values()))
            if further:
                behind = [view for view in self._views if positions[view.name] == lowest]
                events = Engine(self._log, behind).advance(lowest, limit, further[0])
            else:
                events = self.advance(lowest, limit)
        if self._to_vacuum:  # what was emptied shall not lie about in the files
            self._to_vacuum = False
            for view in self._views:
                self._connection.execute(f"VACUUM views.{view.name}".encode())
        self._since_analysed += events
        if events < limit and self._since_analysed >= ANALYSE_AFTER:
            self._since_analysed = 0
            analyse(self._connection, self._views, self._suffix)
        return events

    def advance(self, position: int, limit: int, upto: int | None = None) -> int:
        """Apply the batch after a position, inside the caller's transaction."""
        events = self._log.page(position, limit, upto)
        if events:
            self._apply(events)
            self._connection.execute(
                "UPDATE views.progress SET position = %s WHERE view = ANY(%s)",
                [events[-1].position, [view.name for view in self._views]],
            )
            self._connection.execute(
                "SELECT pg_notify(%s, %s)", [CHANNEL, str(events[-1].position)]
            )
        return len(events)

    def catch_up(
        self, upto: int | None = None, *, advanced: Callable[[int], None] = lambda _: None
    ) -> None:
        """Apply batches until the log's present end, telling each position reached."""
        target = self._log.head() if upto is None else upto
        while self.position() < target:
            self.step()
            advanced(self.position())

    def position(self) -> int:
        """Return how far every view of the group has come."""
        row = self._connection.execute(
            "SELECT min(position) FROM views.progress WHERE view = ANY(%s)",
            [[view.name for view in self._views]],
        ).fetchone()
        return int(row[0]) if row and row[0] is not None else 0

    def apply_outside(self, events: Iterable[RecordedEvent]) -> None:
        """Apply events to the tables alone, inside the caller's transaction."""
        self._apply(list(events))

    def _lock(self) -> dict[str, int]:
        positions = dict(
            self._connection.execute(
                "SELECT view, position FROM views.progress WHERE view = ANY(%s)"
                " ORDER BY view FOR UPDATE",
                [[view.name for view in self._views]],
            ).fetchall()
        )
        if len(positions) < len(self._views):
            raise ViewsLost
        return positions

    def _apply(self, events: list[RecordedEvent]) -> None:
        changes = [Changes() for _ in self._views]
        rewritten = {event.originator_id for event in events if concerns_withdrawal(event)}
        ordinary = [event for event in events if event.originator_id not in rewritten]
        self._recall(ordinary)
        try:
            for event in ordinary:
                child = self._children[event.originator_id]  # type: ignore[index]
                entry: Entry = MAPPER.to_domain_event(event)  # type: ignore[assignment]
                child.take(entry, event.position)
                note(self._views, child, entry, self._shown[child.student.id], changes)
            if rewritten:
                self._rewrite([e for e in events if e.originator_id in rewritten], changes)
            for view, change in zip(self._views, changes, strict=True):
                write(self._connection, view, f"views.{view.name}{self._suffix}", change)
        except BaseException:
            self._children.clear()  # they are ahead of what was committed
            self._shown.clear()
            raise
        self._forget()

    def _rewrite(self, events: list[RecordedEvent], changes: list[Changes]) -> None:
        """Write anew all that is told of children that are withdrawn, or told of again."""
        upto: dict[UUID, int] = {
            event.originator_id: event.originator_version + 1  # type: ignore[misc]
            for event in events
        }
        for student_id, stored in self._log.before(upto).items():
            for change in changes:
                change.emptied.add(student_id)
            child, shown = tell(self._views, stored, changes)
            self._children.pop(student_id, None)
            self._shown.pop(student_id, None)
            if child is not None:
                self._children[student_id], self._shown[student_id] = child, shown
        self._log.forget_keys()
        self._to_vacuum = True

    def _recall(self, events: list[RecordedEvent]) -> None:
        """Have every child of a batch as it stood before the batch."""
        first: dict[UUID, RecordedEvent] = {}
        for event in events:
            first.setdefault(event.originator_id, event)  # type: ignore[arg-type]
        missing: dict[UUID, int] = {}
        for student_id, event in first.items():
            kept = self._children.get(student_id)
            if kept is not None and kept.version == event.originator_version - 1:
                self._children.move_to_end(student_id)
            elif event.originator_version == 1:
                self._children[student_id] = Child(student_id, event.recorded_at)
                self._shown[student_id] = {}
            else:
                missing[student_id] = event.originator_version
        if not missing:
            return
        for student_id, stored in self._log.before(missing).items():
            child = Child.replayed(stored)
            self._children[student_id] = child
            self._shown[student_id] = {
                (number, key): view.row(child, key)
                for number, view in enumerate(self._views)
                for key in view.all_keys(child)
            }

    def _forget(self) -> None:
        while len(self._children) > KEPT_CHILDREN:
            student_id, _ = self._children.popitem(last=False)
            del self._shown[student_id]


def make_table(connection: psycopg.Connection[Any], view: View) -> None:
    """Make a view's table, empty, and its place in the progress table at the log's start."""
    table = f"views.{view.name}"
    connection.execute(f"DROP TABLE IF EXISTS {table} CASCADE".encode())
    connection.execute(view.create_sql(table).encode())
    for index in view.index_sql(table):
        connection.execute(index.encode())
    secure(connection, view)
    connection.execute(
        "INSERT INTO views.progress VALUES (%s, 0, %s)", [view.name, view.definition()]
    )


def analyse(connection: psycopg.Connection[Any], views: Sequence[View], suffix: str = "") -> None:
    """Let the planner know what the tables hold."""
    for view in views:
        connection.execute(f"ANALYZE views.{view.name}{suffix}".encode())
