"""Building views beside the live ones, child by child, from the log up to a position."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import psycopg

from application.store.log import Log
from application.store.mapper import RecordedEvent
from projections import totals
from projections.changes import copy_rows
from projections.engine import analyse
from projections.progress import Parked
from projections.telling import Piece, pieces
from projections.telling_together import tellers_for, told_together
from projections.view import Row, View

BESIDE = "__next"
FLUSH = 5_000  # entries between two writes, each of which leaves some pages half empty

Advance = Callable[[int], None]


@dataclass
class Built:
    """
    What was built beside: these views; those did not get past an entry; children damaged.

    ``rows`` are those not written yet, of so many ``entries``.
    """

    views: tuple[View, ...]
    refused: list[Parked] = field(default_factory=list)
    damaged: dict[UUID, list[RecordedEvent]] = field(default_factory=dict)
    rows: dict[str, list[Row]] = field(default_factory=dict)
    entries: int = 0

    def take(self, piece: Piece) -> None:
        """Take in what was told of some children."""
        self.damaged.update(piece.damaged)
        for refused in piece.refused:
            if refused.view in {view.name for view in self.views}:
                self.refused.append(refused)
                self.views = tuple(view for view in self.views if view.name != refused.view)
        for name, rows in piece.rows.items():
            self.rows.setdefault(name, []).extend(rows)
        self.entries += piece.entries

    def write(self, connection: psycopg.Connection[Any]) -> None:
        for view in self.views:
            rows = self.rows.get(view.name, ())
            copy_rows(connection, view, f"views.{view.name}{BESIDE}", rows)
        self.rows, self.entries = {}, 0


def build(
    log: Log,
    views: Sequence[View],
    upto: int,
    advance: Advance = lambda _: None,
    tellers: int | None = None,
) -> Built:
    """
    Build views beside the live ones from the log up to a position, inside a transaction.

    Rows are worked out by some other processes where that is quicker, and written by this one. A
    view that raises is left out.
    """
    connection, built = log.connection, Built(tuple(views))
    for view in views:
        connection.execute(f"DROP TABLE IF EXISTS views.{view.name}{BESIDE}".encode())
        connection.execute(view.create_sql(f"views.{view.name}{BESIDE}").encode())
    if tellers is None:
        tellers = tellers_for(views, upto)
    done = 0
    for piece in told_together(log, views, upto, tellers) if tellers else pieces(log, views, upto):
        built.take(piece)
        if built.entries >= FLUSH:
            built.write(connection)
        done += piece.entries
        advance(done)
    built.write(connection)
    for view in built.views:
        for index in view.index_sql(f"views.{view.name}{BESIDE}"):
            connection.execute(index.encode())
        totals.count(connection, view, BESIDE)
    analyse(connection, built.views, BESIDE)
    return built
