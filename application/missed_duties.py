"""Missed duties: what was due and is not done is put on record once, and once for each level."""

import asyncio
from collections.abc import Iterator
from contextlib import suppress
from datetime import date, timedelta
from functools import partial
from typing import Any
from uuid import UUID

import structlog

from application.access import Person
from application.keeping_up import KeepingUp
from application.recording import UnknownChild
from application.sessions import Sessions
from application.store.scope import Scope
from application.store.streams import duties_of
from application.subjects import Subjects, Wish
from application.tracking import CaseTracking
from domain.calendar import Calendar
from domain.child_duties import AlreadyTold, ChildDuties, NotOver, Which
from domain.duties import FOR_ROLE, month_end
from domain.duty_levels import Level, Rung, reached, rungs
from domain.entry import Actor
from domain.obligations import Obligation, Obligations, school_of
from domain.rechecks import terms_missed
from domain.student import Student

WORKER = Actor("guixue-duties", "应办事项", "duties", "归学", "school")
Told = tuple[Which, str | None]  # a duty, and the level it rose to; without, that it was missed
AT_ONCE = 64  # children decided on together; what is recorded of them commits together
MINUTES = 60
# Whose duties may be overdue: the view says so, the stream decides.
OVERDUE = """
SELECT v.student_id, v.kind, v.due_on, v.arose, v.for_role, v.school_code, v.known_at
FROM views.duties v
WHERE v.ended IS NULL AND (v.due_on < %s OR v.due_on IS NULL)
"""
_log = structlog.get_logger("guixue.duties")


class MissedDuties(KeepingUp):
    """
    Looks for duties that were missed, or rose, and records it in a stream beside the child's.

    What the views tell may be behind, so it is decided on the child's own stream. A duty is on
    record once, and once for each level, whatever happens: its stream says so, and of two workers
    the second is told. A month or term that is over cannot be made up: it is missed, and rises not.
    """

    job = "duties"

    def __init__(self, tracking: CaseTracking, sessions: Sessions) -> None:
        self._tracking = tracking
        self._sessions = sessions
        self._subjects = Subjects(tracking)
        self._room = asyncio.Semaphore(AT_ONCE)
        self._known: set[tuple[UUID, Told]] = set()  # what was seen to be on record
        self._looked_at: dict[UUID, date] = {}  # whose months and terms were gone through, when

    async def look(self) -> int:
        """
        Record what was missed before today, and what rose; return how much there was to record.

        :raises StoreUnavailable: when the database is away
        """
        today = self._tracking.today()
        ladder = rungs(self._tracking.rule_book, today)
        wanted = await self._wanted(today, ladder)
        on_record = await self._subjects.load_all(ChildDuties, map(duties_of, wanted))
        left: list[tuple[UUID, ChildDuties]] = []
        for (student_id, due), known in zip(wanted.items(), on_record, strict=True):
            if all(known.tells(*told) for told in due):
                self._known |= {(student_id, told) for told in due}
                self._looked_at[student_id] = today
            else:
                left.append((student_id, known))
        if not left:
            return 0
        people = await self._sessions.people(today)
        looks = [self._one(*child, today, ladder, people) for child in left]
        count = sum(await asyncio.gather(*looks))
        if count:
            _log.info("duties missed or escalated", count=count)
        return count

    async def of(self, student_id: UUID) -> ChildDuties:
        """Give what is on record of a child's duties."""
        return await self._subjects.load(ChildDuties, duties_of(student_id))

    def still_missed(self, child: Student) -> set[Which]:
        """Name a child's duties that are missed and not done since."""
        today = self._tracking.today()
        calendar = self._tracking.rule_book.on(today).calendar
        return {which for _, which in missed(child, self._obligations(child), today, calendar)}

    async def _wanted(self, today: date, ladder: list[Rung]) -> dict[UUID, set[Told]]:
        """Say what may have to be put on record, by what the views tell."""
        rows = await self._tracking.store.query(OVERDUE, [today], scope=Scope(district=True))
        wanted: dict[UUID, set[Told]] = {}
        for student_id, kind, due_on, arose, for_role, school_code, known_at in rows:
            if due_on is None:  # its months or terms are gone through, once a day
                if self._looked_at.get(student_id) != today:
                    wanted.setdefault(student_id, set()).add((Which(kind, today, arose), None))
                continue
            which = Which(kind, due_on, arose)
            levels = reached(
                ladder,
                due_on=due_on,
                known_on=self._tracking.day_of(known_at),
                for_role=for_role,
                at_school=school_code is not None,
            )
            for level in (None, *(level.name for level in levels)):
                if (student_id, (which, level)) not in self._known:
                    wanted.setdefault(student_id, set()).add((which, level))
        return wanted

    async def _one(
        self,
        student_id: UUID,
        known: ChildDuties,
        today: date,
        ladder: list[Rung],
        people: list[Person],
    ) -> int:
        """Record what one child's duties missed, and how they rose."""
        recorded = 0
        calendar = self._tracking.rule_book.on(today).calendar
        async with self._room:
            with suppress(UnknownChild):
                child = await self._tracking.child(student_id)
                for duty, which in missed(child, self._obligations(child), today, calendar):
                    levels = self._levels(child, duty, ladder) if duty.due_on else []
                    for level in (None, *levels):
                        told = which, level and level.name
                        with suppress(NotOver):  # the clock was set back meanwhile
                            if not known.tells(*told):
                                recorded += await self._record(child, duty, which, level, people)
                            self._known.add((student_id, told))
            self._looked_at[student_id] = today
        return recorded

    def _levels(self, child: Student, duty: Obligation, ladder: list[Rung]) -> list[Level]:
        assert duty.due_on is not None
        return reached(
            ladder,
            due_on=duty.due_on,
            known_on=self._tracking.day_of(child.entries[duty.arose - 1].timestamp),
            for_role=FOR_ROLE.get(duty.kind, "teacher"),
            at_school=school_of(child, duty) is not None,
        )

    def _obligations(self, child: Student) -> list[Obligation]:
        if child.state.restricted_by is not None or child.state.erased_by is not None:
            return []
        return Obligations.of(child, self._tracking.rule_book).all

    async def _record(
        self,
        child: Student,
        duty: Obligation,
        which: Which,
        level: Level | None,
        people: list[Person],
    ) -> int:
        state = child.state
        decide = (
            partial(
                ChildDuties.escalate,
                level=level,
                person=who_answers(people, level, school_of(child, duty), state.township),
                school_code=school_of(child, duty),
            )
            if level
            else partial(
                ChildDuties.miss,
                for_role=FOR_ROLE.get(duty.kind, "teacher"),
                under=self._tracking.rule_book.on(began(child, duty)).in_force_from,
                person=state.responsible.get("responsible"),
                school_code=state.school_code,
            )
        )
        decided = partial(decide, which=which, episode=duty.episode)
        try:
            await self._subjects.record(Wish(WORKER), ChildDuties, duties_of(child.id), decided)
        except AlreadyTold:
            return 0
        return 1


def began(child: Student, duty: Obligation) -> date:
    """Give the day on which the case of a duty began, or the duty itself."""
    if duty.episode:
        return child.state.episodes[duty.episode - 1].first_absent_on
    return child.entries[duty.arose - 1].occurred_on


def who_answers(
    people: list[Person], level: Level, school_code: str | None, township: str | None
) -> str | None:
    """Name the first person, by account, who holds the post that answers for a level there."""
    for person in people:
        for post in person.posts:
            there = post.whole_district or school_code in post.schools
            if level.role == "township":
                there = township is not None and post.township == township
            if post.role == level.role and there:
                return person.name
    return None


def missed(
    child: Student, obligations: list[Obligation], today: date, calendar: Calendar
) -> Iterator[tuple[Obligation, Which]]:
    """
    Give each duty still open whose last day is over.

    So is each month taught too little, and each term in which nobody looked into a recheck.
    """
    for duty in obligations:
        if duty.ended is not None:
            continue
        if duty.due_on is not None:
            if duty.due_on < today:
                yield duty, Which(duty.kind, duty.due_on, duty.arose)
        elif duty.taught is not None:
            for last in months_missed(child, duty, today):
                yield duty, Which(duty.kind, last, duty.arose)
        elif duty.looked is not None:
            since = child.entries[duty.arose - 1].occurred_on
            for last in terms_missed(calendar, since, duty.looked, today):
                yield duty, Which(duty.kind, last, duty.arose)


def months_missed(child: Student, duty: Obligation, today: date) -> Iterator[date]:
    """
    Give the last day of each whole month of a plan in which less was taught than planned.

    The plan ends by its own last day, or with the child seen back in class.
    """
    plan: Any = child.entries[duty.arose - 1]
    held = child.state.home_teaching
    ends = held.ends if held is not None and held.entry == duty.arose else plan.to
    day: date = plan.from_day
    if day.day > 1:
        day = month_end(day) + timedelta(days=1)
    while (last := month_end(day)) < today and (ends is None or last <= ends):
        if (duty.taught or {}).get(f"{day:%Y-%m}", 0) < plan.planned_hours_per_month * MINUTES:
            yield last
        day = last + timedelta(days=1)
