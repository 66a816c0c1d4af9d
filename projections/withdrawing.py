"""Children the views no longer tell of, restricted (封存) or erased (销毁), or not to the end."""

from collections.abc import Sequence
from itertools import takewhile

from application.store.mapper import RecordedEvent
from domain.privacy import (
    ErasureApproved,
    ErasureRejected,
    ErasureRequested,
    Restricted,
    RestrictionLifted,
)
from domain.rules import RuleBook
from projections.changes import Changes, Shown, note, note_newest
from projections.replay import MAPPER, Child
from projections.view import View

# After one of these a child's rows are withdrawn, or written anew.
WITHDRAWING = frozenset(
    kind.TOPIC
    for kind in (Restricted, RestrictionLifted, ErasureRequested, ErasureRejected, ErasureApproved)
)


def concerns_withdrawal(event: RecordedEvent) -> bool:
    return event.erased or event.topic in WITHDRAWING


def is_withdrawn(events: Sequence[RecordedEvent]) -> bool:
    """Say whether a child with these entries is told of in no view; topics alone decide."""
    last = [event.topic for event in events if event.topic in WITHDRAWING][-1:]
    return events[0].erased or bool(last and last[0] != RestrictionLifted.TOPIC)


def tell(
    views: tuple[View, ...],
    events: Sequence[RecordedEvent],
    changes: Sequence[Changes],
    book: RuleBook,
) -> tuple[Child | None, Shown]:
    """
    Note all that is told of one child, from its entries and the rules; of a withdrawn one, little.

    A damaged one is told of up to the first entry that does not open. Returns the child replayed,
    if its entries can all be read, and what its rows look like now.
    """
    shown: Shown = {}
    if events[0].erased:
        for view, change in zip(views, changes, strict=True):
            for key, since, row in view.erased_rows(events):
                change.begun[(events[0].originator_id, key)] = [[since, None, row]]  # type: ignore[index]
        return None, shown
    sound = [*takewhile(lambda event: not event.damaged, events)]
    whole = len(sound) == len(events)
    if is_withdrawn(events):
        return Child.replayed(events, book) if whole else None, shown
    child = Child(events[0].originator_id, events[0].recorded_at, book)  # type: ignore[arg-type]
    for event in sound:
        entry = MAPPER.to_domain_event(event)
        child.take(entry, event.position)  # type: ignore[arg-type]
        note(views, child, entry, shown, changes)  # type: ignore[arg-type]
    if sound:
        note_newest(views, child, shown, changes)
    return child if whole else None, shown
