"""Missed duties: whatever was due before today and is not done is put on record, once."""

import asyncio
from collections.abc import Iterator
from contextlib import suppress
from datetime import date, timedelta
from functools import partial
from typing import Any
from uuid import UUID

import structlog

from application.keeping_up import KeepingUp
from application.recording import UnknownChild
from application.store.scope import Scope
from application.store.streams import duties_of
from application.subjects import Subjects, Wish
from application.tracking import CaseTracking
from domain.child_duties import AlreadyTold, ChildDuties, DutyMissed, Which
from domain.duties import FOR_ROLE, month_end
from domain.entry import Actor
from domain.obligations import Obligation, Obligations
from domain.student import Student

WORKER = Actor("guixue-duties", "应办事项", "duties", "归学", "school")
AT_ONCE = 64  # children decided on together; what is recorded of them commits together
MINUTES = 60
# Whose duties may be overdue: the view says so, the stream decides.
OVERDUE = """
SELECT v.student_id, v.kind, v.due_on, v.arose FROM views.duties v
WHERE v.ended IS NULL AND (v.due_on < %s OR v.kind = 'home_teaching_hours')
"""
_log = structlog.get_logger("guixue.duties")


class MissedDuties(KeepingUp):
    """
    Looks for duties that were missed, and records each in a stream beside the child's.

    What the views tell may be behind, so it is decided on the child's own stream. A duty is on
    record once whatever happens: its stream says so, and of two workers the second is told.
    """

    job = "duties"

    def __init__(self, tracking: CaseTracking) -> None:
        self._tracking = tracking
        self._subjects = Subjects(tracking)
        self._room = asyncio.Semaphore(AT_ONCE)
        self._known: set[tuple[UUID, Which]] = set()  # what was seen to be on record
        self._looked_at: dict[UUID, date] = {}  # children whose months were added up, and when

    async def look(self) -> int:
        """
        Record what was missed before today; return how many were.

        :raises StoreUnavailable: when the database is away
        """
        today = self._tracking.today()
        rows = await self._tracking.store.query(OVERDUE, [today], scope=Scope(district=True))
        wanted: dict[UUID, set[Which]] = {}
        for student_id, kind, due_on, arose in rows:
            if due_on is None:  # its months are added up, once a day
                if self._looked_at.get(student_id) != today:
                    wanted.setdefault(student_id, set()).add(Which(kind, today, arose))
            elif (student_id, which := Which(kind, due_on, arose)) not in self._known:
                wanted.setdefault(student_id, set()).add(which)
        on_record = await self._subjects.load_all(ChildDuties, map(duties_of, wanted))
        left: list[tuple[UUID, ChildDuties]] = []
        for (student_id, due), known in zip(wanted.items(), on_record, strict=True):
            if due <= known.missed:
                self._known |= {(student_id, which) for which in due}
            else:
                left.append((student_id, known))
        count = sum(await asyncio.gather(*(self._one(*child, today) for child in left)))
        if count:
            _log.info("duties missed", count=count)
        return count

    async def of(self, student_id: UUID) -> list[DutyMissed]:
        """Give what is on record as missed for a child, oldest first."""
        known = await self._subjects.load(ChildDuties, duties_of(student_id))
        return [fact for fact in known.facts if isinstance(fact, DutyMissed)]

    async def _one(self, student_id: UUID, known: ChildDuties, today: date) -> int:
        """Record what one child's duties missed."""
        recorded = 0
        async with self._room:
            with suppress(UnknownChild):
                child = await self._tracking.child(student_id)
                for duty, which in missed(child, self._obligations(child), today):
                    if which not in known.missed:
                        recorded += await self._record(child, duty, which)
                    self._known.add((student_id, which))
            self._looked_at[student_id] = today
        return recorded

    def _obligations(self, child: Student) -> list[Obligation]:
        if child.state.restricted_by is not None or child.state.erased_by is not None:
            return []
        return Obligations.of(child, self._tracking.rule_book).all

    async def _record(self, child: Student, duty: Obligation, which: Which) -> int:
        state = child.state
        episode = state.episodes[duty.episode - 1] if duty.episode else None
        began = episode.first_absent_on if episode else child.entries[duty.arose - 1].occurred_on
        miss = partial(
            ChildDuties.miss,
            which=which,
            for_role=FOR_ROLE.get(duty.kind, "teacher"),
            under=self._tracking.rule_book.on(began).in_force_from,
            person=state.responsible.get("responsible"),
            episode=duty.episode,
            school_code=state.school_code,
        )
        try:
            await self._subjects.record(Wish(WORKER), ChildDuties, duties_of(child.id), miss)
        except AlreadyTold:
            return 0
        return 1


def missed(
    child: Student, obligations: list[Obligation], today: date
) -> Iterator[tuple[Obligation, Which]]:
    """Give each duty still open whose last day is over, and each month taught too little."""
    for duty in obligations:
        if duty.ended is not None:
            continue
        if duty.due_on is not None:
            if duty.due_on < today:
                yield duty, Which(duty.kind, duty.due_on, duty.arose)
        elif duty.taught is not None:
            for last in months_missed(child, duty, today):
                yield duty, Which(duty.kind, last, duty.arose)


def months_missed(child: Student, duty: Obligation, today: date) -> Iterator[date]:
    """Give the last day of each whole month of a plan in which less was taught than planned."""
    plan: Any = child.entries[duty.arose - 1]
    day: date = plan.from_day
    if day.day > 1:
        day = month_end(day) + timedelta(days=1)
    while (last := month_end(day)) < today and (plan.to is None or last <= plan.to):
        if (duty.taught or {}).get(f"{day:%Y-%m}", 0) < plan.planned_hours_per_month * MINUTES:
            yield last
        day = last + timedelta(days=1)
