"""A group of views at one position: each event is opened, and each child replayed, once for all."""

from collections import OrderedDict
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any
from uuid import UUID

import structlog

from application.store.log import Log
from application.store.mapper import RecordedEvent
from application.store.rule_book import STREAM, book_at
from application.store.streams import is_childs
from domain.entry import Entry
from domain.rules import RuleBook
from projections.changes import Changes, Shown, note, note_newest, write
from projections.replay import MAPPER, Child
from projections.view import View
from projections.withdrawing import concerns_withdrawal, tell

KEPT_CHILDREN = 4_000
TOLD_ANEW = 500  # children at a time: all of their entries are in memory

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
        self._book: RuleBook | None = None

    def apply(self, events: Sequence[RecordedEvent]) -> None:
        """Write what a batch changes."""
        told, changes = events, [Changes() for _ in self.views]
        events = [event for event in told if is_childs(event.originator_id)]  # type: ignore[arg-type]
        rewritten = {e.originator_id for e in events if e.damaged or concerns_withdrawal(e)}
        try:
            self._heed_rules(told)
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

    def tell_anew(self, upto: dict[UUID, int], book: RuleBook) -> None:
        """Write all rows of some children anew, from their entries below a version."""
        self._book = book
        changes = [Changes() for _ in self.views]
        self._rewrite(upto, changes)
        self._write(changes)

    def forget(self) -> None:
        """Remember no child, and no rules."""
        self._children.clear()
        self._shown.clear()
        self._book = None

    def _heed_rules(self, events: Sequence[RecordedEvent]) -> None:
        """
        Go by the rules as of the end of a batch; what they move is first told anew as it stands.

        They move nothing of a day that is over when they are put in force, so that whom they
        concern is whoever has a row of a later day.
        """
        put = [event for event in events if event.originator_id == STREAM]
        before, upto = events[0].position - 1, events[-1].position
        if put:
            self.forget()
        if self._book is None:
            self._book = book_at(self._log, upto if put else before)
        moved = tuple(view for view in self.views if view.moved_by_rules)
        if put and moved:
            facts: list[Any] = [MAPPER.to_domain_event(one) for one in put if not one.damaged]
            since = min((fact.occurred_on for fact in facts), default=date.max)
            telling = Group(self._log, moved, self._suffix)
            concerned = [*self._concerned(moved, since, before).items()]
            for start in range(0, len(concerned), TOLD_ANEW):
                telling.tell_anew(dict(concerned[start : start + TOLD_ANEW]), self._book)
                telling.forget()

    def _concerned(self, views: Sequence[View], since: date, position: int) -> dict[UUID, int]:
        """Give who has rows that rules put in force on a day may move, told up to a version."""
        wanted = " UNION ".join(
            f"SELECT student_id FROM views.{view.name}{self._suffix}"  # noqa: S608  # our own names
            f" WHERE {view.moved_by_rules}"
            for view in views
        )
        rows = self._log.connection.execute(
            "SELECT originator_id, max(originator_version) + 1 FROM log.stored_events"  # noqa: S608
            f" WHERE originator_id IN ({wanted}) AND notification_id <= %s GROUP BY 1".encode(),
            [*[since] * len(views), position],
        )
        return dict(rows.fetchall())

    @property
    def _known_rules(self) -> RuleBook:
        assert self._book is not None
        return self._book

    def _write(self, changes: list[Changes]) -> None:
        for view, change in zip(self.views, changes, strict=True):
            write(self._log.connection, view, f"views.{view.name}{self._suffix}", change)

    def _rewrite(self, upto: dict[UUID, int], changes: list[Changes]) -> None:
        """Write anew all that is told of children: withdrawn, told of again, or damaged."""
        for student_id, stored in self._log.before(upto).items():
            for change in changes:
                change.emptied.add(student_id)
            child, shown = tell(self.views, stored, changes, self._known_rules)
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
                self._children[student_id] = Child(student_id, event.recorded_at, self._book)
                self._shown[student_id] = {}
            else:
                missing[student_id] = event.originator_version
        damaged: set[UUID] = set()
        for student_id, stored in self._log.before(missing).items() if missing else ():
            if any(event.damaged for event in stored):
                damaged.add(student_id)
                continue
            child = Child.replayed(stored, self._book)
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
