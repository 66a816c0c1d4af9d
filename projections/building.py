"""Building views beside the live ones, child by child, from the log up to a position."""

import gc
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import psycopg

from application.store.log import Log
from application.store.mapper import RecordedEvent
from projections.changes import Changes, write
from projections.engine import NOBODYS_FAULT, analyse
from projections.progress import Parked
from projections.view import View
from projections.withdrawing import tell

BESIDE = "__next"
FLUSH = 10_000  # events between two writes; what is between them is in memory

Advance = Callable[[int], None]


@dataclass
class Built:
    """What was built beside: these views; those did not get past an entry; children damaged."""

    views: tuple[View, ...]
    refused: list[Parked] = field(default_factory=list)
    damaged: dict[UUID, list[RecordedEvent]] = field(default_factory=dict)


def build(log: Log, views: Sequence[View], upto: int, advance: Advance = lambda _: None) -> Built:
    """
    Build views beside the live ones from the log up to a position, inside a transaction.

    Memory holds one child and one batch, however long the log. A view that raises is left out.
    """
    connection, built = log.connection, Built(tuple(views))
    for view in views:
        connection.execute(f"DROP TABLE IF EXISTS views.{view.name}{BESIDE}".encode())
        connection.execute(view.create_sql(f"views.{view.name}{BESIDE}").encode())
    changes = {view: Changes() for view in views}
    done = written = 0
    for events in log.by_child(upto):
        if any(event.damaged for event in events):
            built.damaged[events[0].originator_id] = events  # type: ignore[index]
        try:
            tell(built.views, events, [*changes.values()])
        except NOBODYS_FAULT:
            raise
        except Exception:  # noqa: BLE001  # whatever a view's code raises
            _leave_out(built, changes, events)
        done += len(events)
        if done - written >= FLUSH:
            _flush(connection, changes)
            gc.collect(1)  # which is paused; what else runs in the process makes cycles, too
            advance(done)
            written = done
    _flush(connection, changes)
    advance(done)
    for view in built.views:
        for index in view.index_sql(f"views.{view.name}{BESIDE}"):
            connection.execute(index.encode())
    analyse(connection, built.views, BESIDE)
    return built


def _leave_out(built: Built, changes: dict[View, Changes], events: list[RecordedEvent]) -> None:
    """Go on without the views that raise for a child, telling of the child to the others again."""
    refused = {view: fault for view in built.views if (fault := _refusal(view, events))}
    built.refused += refused.values()
    built.views = tuple(view for view in built.views if view not in refused)
    for view in refused:
        del changes[view]
    for change in changes.values():
        change.forget(events[0].originator_id)  # type: ignore[arg-type]
    tell(built.views, events, [*changes.values()])


def _refusal(view: View, events: list[RecordedEvent]) -> Parked | None:
    """Find the first entry of a child that a view does not get past."""
    for count, event in enumerate(events, start=1):
        try:
            tell((view,), events[:count], [Changes()])
        except Exception as fault:  # noqa: BLE001
            return Parked.at(view, event, fault, rebuilding=True)
    return None


def _flush(connection: psycopg.Connection[Any], changes: dict[View, Changes]) -> None:
    for view, change in changes.items():
        write(connection, view, f"views.{view.name}{BESIDE}", change)
        changes[view] = Changes()
