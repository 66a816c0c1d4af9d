"""Telling the rows of children from all of their entries, some children at a time."""

import gc
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from application.store.log import EVERYBODY, Log, Share
from application.store.mapper import RecordedEvent
from application.store.rule_book import book_at
from domain.rules import RuleBook
from projections.changes import Changes, begun_rows
from projections.engine import NOBODYS_FAULT
from projections.progress import Parked
from projections.view import Row, View
from projections.withdrawing import tell

PIECE = 1_000  # entries, or a few more: what is told of them is in memory at once


@dataclass
class Piece:
    """
    What is told of some children: each view's rows, as they are written.

    ``refused`` names views that did not get past an entry, and are left out from there on;
    ``damaged`` gives the entries of children of whom one does not open.
    """

    entries: int = 0
    rows: dict[str, list[Row]] = field(default_factory=dict)
    refused: list[Parked] = field(default_factory=list)
    damaged: dict[UUID, list[RecordedEvent]] = field(default_factory=dict)


def pieces(log: Log, views: Sequence[View], upto: int, share: Share = EVERYBODY) -> Iterator[Piece]:
    """
    Tell of every child of a share, from the log up to a position; inside a transaction.

    Memory holds one child and one piece, however long the log. A view that raises is left out.
    """
    left, piece, book = tuple(views), Piece(), book_at(log, upto)
    changes = {view: Changes() for view in left}
    for events in log.by_child(upto, share):
        if any(event.damaged for event in events):
            piece.damaged[events[0].originator_id] = events  # type: ignore[index]
        try:
            tell(left, events, [*changes.values()], book)
        except NOBODYS_FAULT:
            raise
        except Exception:  # noqa: BLE001  # whatever a view's code raises
            left = _left_of(left, piece, changes, events, book)
        piece.entries += len(events)
        if piece.entries >= PIECE:
            yield _filled(piece, changes)
            piece, changes = Piece(), {view: Changes() for view in left}
            gc.collect(1)  # which is paused; what else runs in the process makes cycles, too
    yield _filled(piece, changes)


def _filled(piece: Piece, changes: dict[View, Changes]) -> Piece:
    piece.rows = {view.name: [*begun_rows(view, change)] for view, change in changes.items()}
    return piece


def _left_of(
    views: tuple[View, ...],
    piece: Piece,
    changes: dict[View, Changes],
    events: list[RecordedEvent],
    book: RuleBook,
) -> tuple[View, ...]:
    """Go on without the views that raise for a child, telling of the child to the others again."""
    refused = {view: fault for view in views if (fault := _refusal(view, events, book))}
    piece.refused += refused.values()
    for view in refused:
        del changes[view]
    for change in changes.values():
        change.forget(events[0].originator_id)  # type: ignore[arg-type]
    left = tuple(changes)
    tell(left, events, [*changes.values()], book)
    return left


def _refusal(view: View, events: list[RecordedEvent], book: RuleBook) -> Parked | None:
    """Find the first entry of a child that a view does not get past."""
    for count, event in enumerate(events, start=1):
        try:
            tell((view,), events[:count], [Changes()], book)
        except Exception as fault:  # noqa: BLE001
            return Parked.at(view, event, fault, rebuilding=True)
    return None
