"""The engine: follows the log in batches and commits rows and position together, exactly once."""

from collections.abc import Callable, Sequence
from itertools import zip_longest
from threading import Event
from time import monotonic
from typing import Any

import psycopg
import structlog

from application.store.key_ring import NoKey
from application.store.log import CHANNEL as LOG_CHANNEL
from application.store.log import Log
from application.store.rule_book import book_at
from projections import totals
from projections.changes import collector_paused
from projections.group import Group
from projections.progress import CHANNEL, Parked, lay_out, park, parked, positions, unpark
from projections.reports import report
from projections.securing import secure
from projections.view import View

PAGE = 5_000
ANALYSE_AFTER = 10_000  # events; the planner hears of a burst at once, not a minute later
WAKE_SECONDS = 0.5  # a lost notification delays a view no longer
BUSY = 8  # events of a batch
PACE_SECONDS = 0.03
RETRY_SECONDS = 60.0  # between two tries of what stands still

_log = structlog.get_logger("guixue.views")


class ViewsLost(Exception):
    """The views are not there, as after a crash of the database; they are to be rebuilt."""


STANDING = (
    "SELECT view, progress.position, definition, rebuilding IS FALSE"
    " FROM views.progress FULL JOIN views.parked USING (view)"
)
NOBODYS_FAULT = (psycopg.OperationalError, psycopg.InterfaceError, NoKey, ViewsLost)


class Engine:
    """
    Keeps views up to date with the log, those at one position as one group.

    Any number of engines may run on one database: a batch is written while the progress rows of
    its views are locked, and only where they still stand where it begins, so each batch is
    applied once, whatever is killed when. A view whose stored definition is another than ours is
    left alone, and one that does not get past an entry is parked before it.
    """

    def __init__(self, log: Log, views: Sequence[View]) -> None:
        self._log = log
        self._connection = log.connection
        self._views = tuple(views)
        self._definitions = {view: view.definition() for view in views}
        self._groups: dict[tuple[View, ...], Group] = {}
        self._apart = False
        self._since_analysed = 0

    def prepare(self) -> list[str]:
        """
        Make the tables of a log that is empty; return the views to rebuild before following.

        Those are the ones whose stored definition is not today's, and all that a crash of the
        database emptied: their tables hold children's data in the clear, and are in no WAL.
        """
        with self._connection.transaction():
            self._connection.execute("SELECT pg_advisory_xact_lock(20230902)")
            lay_out(self._connection)
            totals.lay_out(self._connection)
            known = positions(self._connection)
            for view, definition in self._definitions.items():
                if known.get(view.name, (0, ""))[1] == definition:
                    unpark(self._connection, view, rebuilding=True)  # by code that is gone
            if self._log.head() == 0:
                for view in self._views:
                    if view.name not in known:
                        make_table(self._connection, view)
                        known[view.name] = (0, view.definition())
        return [
            view.name
            for view in self._views
            if view.name not in known or known[view.name][1] != view.definition()
        ]

    def follow(self, stop: Event) -> None:
        """Apply batches as they come, until told to stop."""
        self._connection.execute(f"LISTEN {LOG_CHANNEL}")
        tried = float("-inf")
        while not stop.is_set():
            if monotonic() - tried > RETRY_SECONDS:
                self.retry()
                tried = monotonic()
            events = self.step()
            if BUSY <= events < PAGE:  # many write at once: what comes meanwhile costs little more
                stop.wait(PACE_SECONDS)
            if not events or (events < PAGE and not self._apart):
                for _ in self._connection.notifies(timeout=WAKE_SECONDS, stop_after=1):
                    pass

    def step(self, limit: int = PAGE) -> int:
        """
        Apply one batch to each group of views that stand at one position; count the events.

        Views that fell behind others, as beside one just rebuilt, come up to them in time.
        """
        standing = self._standing()
        stops = sorted(set(standing.values()))
        self._apart = len(stops) > 1
        before, self._groups = self._groups, {}
        events = 0
        for position, further in reversed([*zip_longest(stops, stops[1:])]):
            views = tuple(view for view in self._views if standing.get(view.name) == position)
            self._groups[views] = before.get(views) or Group(self._log, views)
            events += self._advance(views, position, limit, further)
        self._since_analysed += events
        if events < limit and self._since_analysed >= ANALYSE_AFTER:
            self._since_analysed = 0
            analyse(self._connection, self._views)
        return events

    def catch_up(self, *, advanced: Callable[[int], None] = lambda _: None) -> None:
        """Apply batches until the log's present end, telling each position reached."""
        target = self._log.head()
        while self.position() < target and self.step():
            advanced(self.position())

    def position(self) -> int:
        """Return how far every view has come."""
        known = positions(self._connection)
        return min(known.get(view.name, (0, ""))[0] for view in self._views)

    def retry(self) -> list[Parked]:
        """Try again what stands still: parked views, and children with damaged entries."""
        for stands in self._parked():
            view = next(view for view in self._views if view.name == stands.view)
            place, definition = positions(self._connection).get(view.name, (0, ""))
            if stands.rebuilding or definition != self._definitions[view]:
                continue  # a rebuild gets past it, or nothing does
            try:
                if place >= stands.position or self._apply((view,), place, 1, None):
                    unpark(self._connection, view)
            except NOBODYS_FAULT:
                raise
            except Exception:  # noqa: BLE001, S112  # as before; it is named already
                continue
        try:
            self._retry_damaged()
        except NOBODYS_FAULT:
            raise
        except Exception as fault:  # noqa: BLE001  # a view that stands still does not get past it
            _log.error("a damaged child cannot be told of anew", error=type(fault).__name__)
        return self._parked()

    def _retry_damaged(self) -> None:
        """Tell of children anew whose entries open again, in every view at its own position."""
        with self._connection.transaction():
            ids = self._connection.execute("SELECT student_id FROM views.damaged").fetchall()
            entries = self._log.before({student_id: 2**62 for (student_id,) in ids})
            mended = [one for one, told in entries.items() if not any(e.damaged for e in told)]
            if not mended:
                return
            known = positions(self._connection)
            ours = [v for v, d in self._definitions.items() if known.get(v.name, (0, ""))[1] == d]
            locked = dict(
                self._connection.execute(
                    "SELECT view, position FROM views.progress WHERE view = ANY(%s)"
                    " ORDER BY view FOR UPDATE",
                    [[view.name for view in ours]],
                ).fetchall()
            )
            for position in set(locked.values()):
                upto = dict(
                    self._connection.execute(
                        "SELECT originator_id, max(originator_version) + 1 FROM log.stored_events"
                        " WHERE originator_id = ANY(%s) AND notification_id <= %s GROUP BY 1",
                        [mended, position],
                    ).fetchall()
                )
                views = [view for view in ours if locked.get(view.name) == position]
                Group(self._log, views).tell_anew(upto, book_at(self._log, position))
            self._groups.clear()  # what they remember is of before

    def _standing(self) -> dict[str, int]:
        """Give the position of each view that is ours to follow."""
        known = {name: rest for name, *rest in self._connection.execute(STANDING)}
        if any(view.name not in known for view in self._views):
            raise ViewsLost
        return {
            view.name: position
            for view in self._views
            for position, definition, still in [known[view.name]]
            if definition == self._definitions[view] and not still
        }

    def _parked(self) -> list[Parked]:
        names = {view.name for view in self._views}
        return [stands for stands in parked(self._connection) if stands.view in names]

    def _advance(self, views: tuple[View, ...], position: int, limit: int, upto: int | None) -> int:
        """Apply the batch after a position; where that fails, each view alone, as far as it can."""
        try:
            return self._apply(views, position, limit, upto)
        except NOBODYS_FAULT:
            raise
        except Exception:  # noqa: BLE001  # whatever a view's code raises
            end = min(position + limit, upto or position + limit)
            return sum(self._advance_alone(view, position, limit, end) for view in views)

    def _advance_alone(self, view: View, position: int, limit: int, upto: int) -> int:
        """Bring one view up to the entry that it fails at, halving the page; park it there."""
        events = 0
        while True:
            try:
                applied = self._apply((view,), position + events, limit, upto)
            except NOBODYS_FAULT:
                raise
            except Exception as fault:  # noqa: BLE001
                if limit == 1:
                    (event,) = self._log.page(position + events, 1)
                    park(self._connection, Parked.at(view, event, fault))
                    return events
                limit = (limit + 1) // 2
                continue
            if not applied:
                return events
            events += applied  # positions have no gaps

    def _apply(self, views: tuple[View, ...], position: int, limit: int, upto: int | None) -> int:
        """Apply one batch to views that stand at a position, or do nothing if they do not."""
        names = [view.name for view in views]
        group = self._groups.get(views) or Group(self._log, views)
        with self._connection.transaction(), collector_paused():
            locked = self._connection.execute(
                "SELECT position FROM views.progress WHERE view = ANY(%s) ORDER BY view FOR UPDATE",
                [names],
            ).fetchall()
            if locked != [(position,)] * len(views):
                return 0
            events = self._log.page(position, limit, upto)
            if not events:
                return 0
            group.apply(events)
            self._connection.execute(
                "UPDATE views.progress SET position = %s WHERE view = ANY(%s)",
                [events[-1].position, names],
            )
            self._connection.execute(
                "SELECT pg_notify(%s, %s)", [CHANNEL, str(events[-1].position)]
            )
        if group.to_vacuum:  # what was emptied shall not lie about in the files
            group.to_vacuum = False
            for view in views:
                self._connection.execute(f"VACUUM views.{view.name}".encode())
        return len(events)


def make_table(connection: psycopg.Connection[Any], view: View) -> None:
    """Make a view's table, empty, and its place in the progress table at the log's start."""
    table = f"views.{view.name}"
    connection.execute(f"DROP TABLE IF EXISTS {table} CASCADE".encode())
    connection.execute(view.create_sql(table).encode())
    for index in view.index_sql(table):
        connection.execute(index.encode())
    totals.count(connection, view)
    secure(connection, view)
    report(connection, view, view.name)
    connection.execute(
        "INSERT INTO views.progress VALUES (%s, 0, %s)", [view.name, view.definition()]
    )


def analyse(connection: psycopg.Connection[Any], views: Sequence[View], suffix: str = "") -> None:
    """Let the planner know what the tables hold, in the columns it looks up by."""
    for view in views:
        columns = ", ".join(view.looked_up)
        connection.execute(f"ANALYZE views.{view.name}{suffix} ({columns})".encode())
