"""Rebuilding views from the log beside the live ones: to swap them in, or to compare the two."""

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import psycopg

from application.store.log import Log
from projections.building import BESIDE, Advance, Built, build
from projections.changes import collector_paused
from projections.engine import PAGE
from projections.group import Group, note_damage
from projections.progress import CHANNEL, Parked, park, positions, tell_building
from projections.swapping import hold, swap
from projections.view import KEY_COLUMNS, View

REBUILDING = 20260902  # the advisory lock of whoever builds beside the live views
SWAP_AGAIN_SECONDS = 0.5


class RebuildRuns(Exception):
    """Another process builds views beside the live ones already."""

    def __init__(self) -> None:
        super().__init__(
            "Views are being rebuilt or verified already; try again when that is done."
            " 台账正在重建或核对,请稍后再试。"
        )


@dataclass(frozen=True)
class Difference:
    """How a live view differs from its rebuild, in rows; or the entry its rebuild stops at."""

    view: str
    rows: int = 0
    only_live: int = 0
    only_rebuilt: int = 0
    refused: Parked | None = None

    @property
    def equal(self) -> bool:
        return not (self.only_live or self.only_rebuilt or self.refused)


@dataclass
class Rebuilt:
    """
    What came of rebuilding a view: in place, with so many rows, or refused and as it was.

    ``equal`` says whether the live one had the same rows at the same position; ``None`` where
    none stood there to compare with, or one defined otherwise.
    """

    view: str
    rows: int = 0
    equal: bool | None = None
    refused: Parked | None = None


def rebuild(log: Log, views: Sequence[View], advance: Advance = lambda _: None) -> list[Rebuilt]:
    """
    Build views anew beside the live ones, compare the two, and swap them in, in one transaction.

    Readers see the old rows until the swap, which waits for those who hold them open. A view that
    does not get past an entry stays as it was; parked, if it waits for this. Killed, nothing has
    happened.

    :raises RebuildRuns: if another process does so already
    """
    connection = log.connection
    with alone(connection), connection.transaction(), collector_paused():
        head, live = log.head(), positions(connection)
        stand = [live[view.name][0] for view in views if view.name in live]
        position = min((place for place in stand if head - place <= PAGE), default=head)

        def told(done: int) -> None:
            tell_building(connection, done, position)
            advance(done)

        told(0)
        beside = Beside(log, build(log, views, position, told), position)
        done = beside.compared(live)
        beside.swapped_in(advance)
        for refused in beside.built.refused:
            (view,) = (view for view in views if view.name == refused.view)
            if live.get(view.name, (0, ""))[1] != view.definition():  # else it goes on as it is
                park(connection, refused)
            done.append(Rebuilt(view.name, refused=refused))
        connection.execute("SELECT pg_notify(%s, '')", [CHANNEL])
    return done


class Beside:
    """Views built beside the live ones, catching up with the log until they take their place."""

    def __init__(self, log: Log, built: Built, position: int) -> None:
        self.built = built
        self._log = log
        self._connection = log.connection
        self._group = Group(log, built.views, BESIDE)
        self._position = position

    def compared(self, live: dict[str, tuple[int, str]]) -> list[Rebuilt]:
        """Compare each view's rows with the live ones, brought to the position of those."""
        alike = [v for v in self.built.views if live.get(v.name, (0, ""))[1] == v.definition()]
        stood = self._sums(alike, "")
        compared = {view: Rebuilt(view.name) for view in self.built.views}
        for place in sorted({place for place, *_ in stood.values() if place >= self._position}):
            self._catch_up(place)
            here = [view for view in alike if stood[view][0] == place]
            for view, (_, *told) in self._sums(here, BESIDE).items():
                compared[view].equal = told == stood[view][1:]
        for view, of_view in compared.items():
            of_view.rows = self._rows(view)
        return [*compared.values()]

    def swapped_in(self, advance: Advance) -> None:
        """Take the place of the live views as soon as nobody holds them open."""
        while True:
            self._catch_up(self._log.head())
            before = self._position
            try:
                with self._connection.transaction():
                    hold(self._connection, self.built.views)
                    self._catch_up(self._log.head())
                    swap(self._connection, self.built.views, self._position)
                break
            except psycopg.errors.LockNotAvailable:
                self._position = before
                self._group.forget()
                advance(before)
                time.sleep(SWAP_AGAIN_SECONDS)
        for student_id, events in self.built.damaged.items():
            note_damage(self._log, student_id, events)

    def _catch_up(self, upto: int) -> None:
        while self._position < upto:
            events = self._log.page(self._position, PAGE, upto)
            self._group.apply(events)
            self._position = events[-1].position

    def _rows(self, view: View) -> int:
        sql = f"SELECT count(*) FROM views.{view.name}{BESIDE}"  # noqa: S608  # our own names
        (count,) = self._connection.execute(sql.encode()).fetchone() or (0,)
        return int(count)

    def _sums(self, views: Sequence[View], suffix: str) -> dict[View, list[Any]]:
        """Give position, rows and checksum of each table, all at one moment."""
        if not views:
            return {}
        told = " UNION ALL ".join(
            f"SELECT (SELECT position FROM views.progress WHERE view = '{view.name}'),"  # noqa: S608
            f" count(*), sum(hash_record_extended(ROW({hashed(view)}), 0))"
            f" FROM views.{view.name}{suffix}"
            for view in views
        )
        rows = self._connection.execute(told.encode()).fetchall()
        return {view: [*row] for view, row in zip(views, rows, strict=True)}


def hashed(view: View) -> str:
    """Give a row's columns as they can be hashed: those for finding words as text."""
    return ", ".join(
        f"{name}::text" if kind == "tsvector" else name
        for name, kind in (*KEY_COLUMNS, *view.columns)
    )


def verify(log: Log, views: Sequence[View], advance: Advance = lambda _: None) -> list[Difference]:
    """
    Compare every row of the live views, the past ones too, with a rebuild; changes nothing.

    Nobody is held up: all is read as it stood at one moment, each view at its own position.

    :raises RebuildRuns: if views are being rebuilt
    """
    connection = log.connection
    found: dict[str, Difference] = {}
    with alone(connection), connection.transaction(force_rollback=True), collector_paused():
        connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        live = positions(connection)
        for position in sorted({live[view.name][0] for view in views}):
            built = build(log, [v for v in views if live[v.name][0] == position], position, advance)
            for refused in built.refused:
                found[refused.view] = Difference(refused.view, refused=refused)
            for view in built.views:
                found[view.name] = _difference(connection, view)
    return [found[view.name] for view in views]


def _difference(connection: psycopg.Connection[Any], view: View) -> Difference:
    live, rebuilt = f"TABLE views.{view.name}", f"TABLE views.{view.name}{BESIDE}"
    row = connection.execute(
        f"SELECT (SELECT count(*) FROM views.{view.name}),"  # noqa: S608  # our own names
        f" (SELECT count(*) FROM ({live} EXCEPT ALL {rebuilt}) AS d),"
        f" (SELECT count(*) FROM ({rebuilt} EXCEPT ALL {live}) AS d)".encode()
    ).fetchone()
    assert row is not None
    return Difference(view.name, *row)


@contextmanager
def alone(connection: psycopg.Connection[Any]) -> Iterator[None]:
    """
    Be the only one who builds views beside the live ones.

    :raises RebuildRuns: if another process does
    """
    mine = connection.execute("SELECT pg_try_advisory_lock(%s)", [REBUILDING]).fetchone()
    if mine != (True,):
        raise RebuildRuns
    try:
        yield
    finally:
        if not connection.broken:
            connection.execute("SELECT pg_advisory_unlock(%s)", [REBUILDING])
