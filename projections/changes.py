"""What a batch changes in a view's table, and how it is written: one merge and one COPY."""

import gc
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import psycopg

from domain.corrections import Corrected
from domain.entry import Entry
from projections.replay import Child
from projections.view import Row, View, concerned

# What a child's rows look like now, by the number of the view and the key.
Shown = dict[tuple[int, int], Row]


@dataclass(slots=True)
class Changes:
    """
    Rows that stop standing, and rows that begin to.

    ``emptied`` names children of whom every row goes first, past ones too. ``begun`` holds
    ``[since, until, row]`` per key, the latest last; a row both begun and ended within the batch
    is written once, already ended.
    """

    ended: dict[tuple[UUID, int], int] = field(default_factory=dict)
    begun: dict[tuple[UUID, int], list[list[Any]]] = field(default_factory=dict)
    emptied: set[UUID] = field(default_factory=set)

    def replace(self, student_id: UUID, key: int, position: int, row: Row, *, known: bool) -> None:
        """From ``position`` on, ``row`` stands; ``known`` says that another stood before."""
        if known:
            self.end(student_id, key, position)
        self.begun.setdefault((student_id, key), []).append([position, None, row])

    def forget(self, student_id: UUID) -> None:
        """Hold nothing of a child."""
        self.emptied.discard(student_id)
        for held in (self.ended, self.begun):
            for one in [one for one in held if one[0] == student_id]:
                del held[one]

    def end(self, student_id: UUID, key: int, position: int) -> None:
        """From ``position`` on, nothing stands where a row stood."""
        rows = self.begun.get((student_id, key))
        if rows:
            rows[-1][1] = position
        else:
            self.ended[(student_id, key)] = position


@contextmanager
def collector_paused() -> Iterator[None]:
    """
    Keep the garbage collector from walking a batch again and again.

    Replayed children hold no cycles: what a batch makes is freed without it.
    """
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


def note(
    views: tuple[View, ...],
    child: Child,
    entry: Entry,
    shown: Shown,
    changes: Sequence[Changes],
) -> None:
    """
    Note which of a child's rows the entry just taken in has changed; ``shown`` goes along.

    Views that keep no past are told by :func:`note_newest`, once for all entries of a batch.
    """
    position = child.positions[-1]
    for number, view in concerned(views, type(entry)):
        if isinstance(entry, Corrected):
            keys = view.corrected_keys(child, entry)
        else:
            keys = view.keys(child, entry)
        for key in keys:
            row = view.row(child, key)
            before = shown.get((number, key))
            if row != before:
                shown[(number, key)] = row
                changes[number].replace(
                    child.student.id, key, position, row, known=before is not None
                )
    if isinstance(entry, Corrected):
        for number, key in without_ground(views, child, shown):
            del shown[(number, key)]
            changes[number].end(child.student.id, key, position)


def note_newest(
    views: tuple[View, ...], child: Child, shown: Shown, changes: Sequence[Changes]
) -> None:
    """Note what a child's rows are by now in the views that keep no past."""
    for number, view in enumerate(views):
        if not view.keeps_past:
            for key in view.all_keys(child):
                known = (number, key) in shown
                shown[(number, key)] = row = view.row(child, key)
                changes[number].replace(
                    child.student.id, key, child.positions[-1], row, known=known
                )


def without_ground(views: tuple[View, ...], child: Child, shown: Shown) -> set[tuple[int, int]]:
    """Name the rows that a correction left nothing to tell of, as of a relapse that was none."""
    told = {(number, key) for number, view in enumerate(views) for key in view.all_keys(child)}
    return shown.keys() - told


def write(connection: psycopg.Connection[Any], view: View, table: str, changes: Changes) -> None:
    """Write a batch's changes to a table, inside the caller's transaction."""
    if changes.emptied:
        connection.execute(
            f"DELETE FROM {table} WHERE student_id = ANY(%s)".encode(),  # noqa: S608  # our own
            [list(changes.emptied)],
        )
    if changes.ended:
        stale = "UPDATE {0} SET until = gone.at" if view.keeps_past else "DELETE FROM {0}"
        source = "FROM" if view.keeps_past else "USING"
        connection.execute(
            (
                stale.format(f"{table} AS standing")
                + f" {source} unnest(%s::uuid[], %s::bigint[], %s::bigint[]) AS gone (id, key, at)"
                " WHERE standing.student_id = gone.id AND standing.row_key = gone.key"
                " AND standing.until IS NULL"
            ).encode(),
            [
                [student_id for student_id, _ in changes.ended],
                [key for _, key in changes.ended],
                list(changes.ended.values()),
            ],
        )
    copy_rows(connection, view, table, [*begun_rows(view, changes)])


def begun_rows(view: View, changes: Changes) -> Iterator[Row]:
    """Give the rows that begin to stand, whole, as they are written."""
    for (student_id, key), rows in changes.begun.items():
        for since, until, row in rows:
            if until is None or view.keeps_past:
                yield (student_id, key, since, until, *row)


def copy_rows(
    connection: psycopg.Connection[Any], view: View, table: str, rows: Sequence[Row]
) -> None:
    """Write whole rows to a table."""
    if not rows:
        return
    columns = ", ".join(view.column_names)
    with connection.cursor().copy(f"COPY {table} ({columns}) FROM STDIN".encode()) as copy:
        for row in rows:
            copy.write_row(row)
