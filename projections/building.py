"""Building views beside the live ones, child by child, from the log up to a position."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from application.store.log import Log
from application.store.mapper import RecordedEvent
from projections import totals
from projections.changes import copy_rows
from projections.engine import analyse
from projections.progress import Parked
from projections.telling import pieces
from projections.telling_together import tellers_for, told_together
from projections.view import View

BESIDE = "__next"

Advance = Callable[[int], None]


@dataclass
class Built:
    """What was built beside: these views; those did not get past an entry; children damaged."""

    views: tuple[View, ...]
    refused: list[Parked] = field(default_factory=list)
    damaged: dict[UUID, list[RecordedEvent]] = field(default_factory=dict)


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
        built.damaged.update(piece.damaged)
        for refused in piece.refused:
            if refused.view in {view.name for view in built.views}:
                built.refused.append(refused)
                built.views = tuple(view for view in built.views if view.name != refused.view)
        for view in built.views:
            copy_rows(connection, view, f"views.{view.name}{BESIDE}", piece.rows[view.name])
        done += piece.entries
        advance(done)
    for view in built.views:
        for index in view.index_sql(f"views.{view.name}{BESIDE}"):
            connection.execute(index.encode())
        totals.count(connection, view, BESIDE)
    analyse(connection, built.views, BESIDE)
    return built
