"""What a batch changes in a view's table, and how it is written: one merge and one COPY."""

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import psycopg

from projections.view import Row, View


@dataclass(slots=True)
class Changes:
    """
    Rows that stop standing, and rows that begin to.

    ``begun`` holds ``[since, until, row]`` per key, the latest last; a row both begun and ended
    within the batch is written once, already ended.
    """

    ended: dict[tuple[UUID, int], int] = field(default_factory=dict)
    begun: dict[tuple[UUID, int], list[list[Any]]] = field(default_factory=dict)

    def replace(self, student_id: UUID, key: int, position: int, row: Row, *, known: bool) -> None:
        """From ``position`` on, ``row`` stands; ``known`` says that another stood before."""
        rows = self.begun.setdefault((student_id, key), [])
        if rows:
            rows[-1][1] = position
        elif known:
            self.ended[(student_id, key)] = position
        rows.append([position, None, row])


def write(connection: psycopg.Connection[Any], view: View, table: str, changes: Changes) -> None:
    """Write a batch's changes to a table, inside the caller's transaction."""
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
    if not changes.begun:
        return
    columns = ", ".join(view.column_names)
    with connection.cursor().copy(f"COPY {table} ({columns}) FROM STDIN".encode()) as copy:
        for (student_id, key), rows in changes.begun.items():
            for since, until, row in rows if view.keeps_past else rows[-1:]:
                copy.write_row((student_id, key, since, until, *row))
