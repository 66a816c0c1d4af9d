"""A group of views at one position: each event is opened, and each child replayed, once for all."""

from collections import OrderedDict
from collections.abc import Iterable, Sequence
from uuid import UUID

import structlog

from application.store.log import Log
from application.store.mapper import RecordedEvent
from application.store.streams import is_childs
from domain.entry import Entry
from projections.changes import Changes, Shown, note, note_newest, write
from projections.replay import MAPPER, Child
from projections.view import View
from projections.withdrawing import concerns_withdrawal, tell

KEPT_CHILDREN = 4_000

_log = structlog.get_logger("guixue.views")


class Group:
    """
    Writes batches of events to the tables of some views, inside the caller's transaction.

    A child with an entry that does not open is told of up to that entry, and named in
    ``views.damaged``; everybody else's views go on.
    """

    def __init__(self, log: Log, views: Sequence[View], suffix: str = "") -> None:
        self.views = tuple(views)
        self.to_vacuum = False
        self._log = log
        self._suffix = suffix
        self._children: OrderedDict[UUID, Child] = OrderedDict()
        self._shown: dict[UUID, Shown] = {}

    def apply(self, events: Sequence[RecordedEvent]) -> None:
        """Write what a batch changes."""
        events = [event for event in events if is_childs(event.originator_id)]  # type: ignore[arg-type]
        changes = [Changes() for _ in self.views]
        rewritten = {e.originator_id for e in events if e.damaged or concerns_withdrawal(e)}
        try:
            rewritten |= self._recall([e for e in events if e.originator_id not in rewritten])
            for event in events:
                if event.originator_id in rewritten:
                    continue
                child = self._children[event.originator_id]  # type: ignore[index]
                entry: Entry = MAPPER.to_domain_event(event)  # type: ignore[assignment]
                child.take(entry, event.position)
                note(self.views, child, entry, self._shown[child.student.id], changes)
            for student_id in {event.originator_id for event in events} - rewritten:
                child, shown = self._children[student_id], self._shown[student_id]  # type: ignore[index]
                note_newest(self.views, child, shown, changes)
            if rewritten:
                self._rewrite(
                    {
                        event.originator_id: event.originator_version + 1  # type: ignore[misc]
                        for event in events
                        if event.originator_id in rewritten
                    },
                    changes,
                )
                self.to_vacuum = any(concerns_withdrawal(event) for event in events)
            self._write(changes)
        except BaseException:
            self.forget()  # what is remembered is ahead of what was committed
            raise
        while len(self._children) > KEPT_CHILDREN:
            student_id, _ = self._children.popitem(last=False)
            del self._shown[student_id]

    def tell_anew(self, upto: dict[UUID, int]) -> None:
        """Write all rows of some children anew, from their entries below a version."""
        changes = [Changes() for _ in self.views]
        self._rewrite(upto, changes)
        self._write(changes)

    def forget(self) -> None:
        """Remember no child."""
        self._children.clear()
        self._shown.clear()

    def _write(self, changes: list[Changes]) -> None:
        for view, change in zip(self.views, changes, strict=True):
            write(self._log.connection, view, f"views.{view.name}{self._suffix}", change)

    def _rewrite(self, upto: dict[UUID, int], changes: list[Changes]) -> None:
        """Write anew all that is told of children: withdrawn, told of again, or damaged."""
        for student_id, stored in self._log.before(upto).items():
            for change in changes:
                change.emptied.add(student_id)
            child, shown = tell(self.views, stored, changes)
            self._children.pop(student_id, None)
            self._shown.pop(student_id, None)
            if child is not None:
                self._children[student_id], self._shown[student_id] = child, shown
            note_damage(self._log, student_id, stored)
        self._log.forget_keys()

    def _recall(self, events: list[RecordedEvent]) -> set[UUID]:
        """Have every child of a batch as it stood before; return those who are damaged."""
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
        damaged: set[UUID] = set()
        for student_id, stored in self._log.before(missing).items() if missing else ():
            if any(event.damaged for event in stored):
                damaged.add(student_id)
                continue
            child = Child.replayed(stored)
            self._children[student_id] = child
            self._shown[student_id] = {
                (number, key): view.row(child, key)
                for number, view in enumerate(self.views)
                for key in view.all_keys(child)
            }
        return damaged


def note_damage(log: Log, student_id: UUID, events: Iterable[RecordedEvent]) -> None:
    """Name a child's first entry that does not open, if there is one."""
    first = next((event for event in events if event.damaged), None)
    if first is None:
        log.connection.execute("DELETE FROM views.damaged WHERE student_id = %s", [student_id])
        return
    log.connection.execute(
        "INSERT INTO views.damaged VALUES (%s, %s, %s) ON CONFLICT (student_id)"
        " DO UPDATE SET (version, position) = (excluded.version, excluded.position)",
        [student_id, first.originator_version, first.position],
    )
    _log.error("an entry does not open; its child is told of up to it", position=first.position)
