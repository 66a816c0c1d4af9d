"""Screening (考勤排查): when attendance arrives, then absences are flagged, each once."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

import structlog

from application.attendance import Absent, Attendance, RollCall
from application.keeping_up import KeepingUp
from application.no_shows import NoShows
from application.recording import TRIES, Ask, Busy, UnknownChild, VersionMoved
from application.store.store import Appended, IdempotencyKey
from application.tracking import CaseTracking
from domain.entry import Actor
from domain.refusals import FlagAnew, FutureDay, Refusal
from domain.screening import (
    ABSENT_AFTER_ALL,
    SCREENER,
    Finding,
    Marks,
    Place,
    beside,
    places_on,
    screened,
)
from domain.student import Student

AT_ONCE = 64  # children decided on together; their entries commit together
LEFT_SECONDS = 30.0  # a roll-call not screened for so long was left by whoever took it
_log = structlog.get_logger("guixue.screening")


@dataclass(frozen=True, slots=True)
class Missing:
    """A child a row of a roll-call names as absent, by number or by id, and the kind of absence."""

    row: int
    student_number: str | None
    absence_kind: str
    student_id: UUID | None = None


class WrongRows(Exception):
    """Some rows of a roll-call cannot be taken: why, by row; nothing was recorded."""

    def __init__(self, rows: Mapping[int, str]) -> None:
        self.rows = rows
        super().__init__(rows)


@dataclass(frozen=True, slots=True)
class Done:
    """What became of one child: a code of ``OUTCOME``, the flag's entry, and its position."""

    outcome: str
    entry: int | None = None
    position: int = 0


@dataclass(frozen=True, slots=True)
class Screened:
    """What a roll-call came to; ``schools`` are those of the children it concerns."""

    answer: dict[str, Any]
    schools: dict[UUID, str | None] = field(default_factory=dict)


class Screening(KeepingUp):
    """
    Takes roll-calls and flags what they tell of, as an account of its own.

    A roll-call is durable before it is screened, and screening decides on each child's stream at
    the version it has just read: whoever does it again, in whatever process, flags nothing twice.
    Every method raises :class:`StoreUnavailable` when the database is away.
    """

    job = "screening"

    def __init__(self, tracking: CaseTracking) -> None:
        self._tracking = tracking
        self.attendance = Attendance(tracking.store)
        self.no_shows = NoShows(tracking)
        self._room = asyncio.Semaphore(AT_ONCE)

    async def call_roll(
        self,
        by: Actor,
        place: Place,
        day: date,
        missing: Sequence[Missing],
        key: IdempotencyKey | None = None,
    ) -> Screened:
        """
        Take the roll-call of a class, or of a whole school where ``place`` names no class.

        :raises FutureDay: if the day has not come
        :raises WrongRows: if a row names nobody of the class or school, or somebody twice
        :raises KeyReused: if the key was used for another request
        """
        if key is not None:
            await self._tracking.answer_to(key)  # used for a command, it is another request's
            if known := await self.attendance.answer_to(key):
                return Screened(known)
        today = self._tracking.today()
        if day > today:
            raise FutureDay(day=day, today=today)
        found = await self._found(place, day, missing)
        kept = [absent for absent, child in found if child.state.restricted_by is None]
        call = await self.attendance.take(by, place, day, kept, key)
        named = [absent for absent, _ in found]
        answer = await self._answered(call, named)
        return Screened(answer, {child.id: child.state.school_code for _, child in found})

    async def _found(
        self, place: Place, day: date, missing: Sequence[Missing]
    ) -> list[tuple[Absent, Student]]:
        """
        Find the children named, each with the class in which it sat that day.

        An unknown number or id and another school's are refused in the same words.

        :raises WrongRows: naming every row that is wrong
        """
        numbers = {one.student_number for one in missing if one.student_number is not None}
        holders = await self._tracking.holders(numbers) if numbers else {}
        ids = [one.student_id or holders.get(one.student_number or "") for one in missing]
        wanted = {student_id for student_id in ids if student_id is not None}
        loaded = await asyncio.gather(*map(self._loaded, wanted))
        children = dict(zip(wanted, loaded, strict=True))
        found: list[tuple[Absent, Student]] = []
        wrong: dict[int, str] = {}
        seen: set[UUID] = set()
        for one, student_id in zip(missing, ids, strict=True):
            row = one.row
            child = None if student_id is None else children[student_id]
            seats = seats_in(place, child, day) if child else []
            if child is None or not seats:
                wrong[row] = "elsewhere"
            elif child.id in seen:
                wrong[row] = "twice"
            else:
                seen.add(child.id)
                found.append((Absent(row, child.id, one.absence_kind, seats[0]), child))
        if wrong:
            raise WrongRows(wrong)
        return found

    async def _loaded(self, student_id: UUID) -> Student | None:
        """Load a child; ``None`` where there is none, or no longer."""
        async with self._room:
            try:
                child = await self._tracking.child(student_id)
            except UnknownChild:
                return None
        return child if child.state.erased_by is None else None

    async def _answered(self, call: RollCall, named: Sequence[Absent]) -> dict[str, Any]:
        """Screen a roll-call, and keep the answer for whoever asks again."""
        done, position = await self._screen(call, [one.student_id for one in named])
        return await self.attendance.tell(call, told(call, named, done, position))

    async def _screen(
        self, call: RollCall, also: Sequence[UUID] = ()
    ) -> tuple[dict[UUID, Done], int]:
        """
        Flag what a roll-call tells of, or put right what it has otherwise than one before.

        Where another one of that day is kept meanwhile, its screening may have come too early to
        see what is flagged here: then everything is looked at again. Returns what became of every
        child, and the position to which the log had come.
        """
        found: dict[UUID, Done] = {}
        while True:
            standing = await self.attendance.standing(call)
            children = list(dict.fromkeys([*also, *standing.marks]))
            done = await asyncio.gather(
                *(self._one(one, standing.marks.get(one, {}), call.day) for one in children)
            )
            found |= {
                student_id: one
                for student_id, one in zip(children, done, strict=True)
                if one.position or student_id not in found  # what was recorded is what is told
            }
            nothing_new = not any(one.position for one in done)
            if nothing_new or standing.latest == await self.attendance.latest(call):
                return found, max([standing.head, *(one.position for one in found.values())])

    async def _one(self, student_id: UUID, marks: Marks, day: date) -> Done:
        async with self._room:
            done = await self._decided(student_id, marks, day)
            if done.outcome == "put_right":
                for other in beside(marks, day):
                    await self._decided(student_id, marks, other)
            return done

    async def _decided(self, student_id: UUID, marks: Marks, day: date) -> Done:
        """Decide on a child as it stands, and record that if it still stands so."""
        rules = self._tracking.rule_book.on(day)
        for _ in range(TRIES):
            child = await self._tracking.child(student_id)
            finding = screened(child, marks, day, rules, SCREENER.account)
            try:
                recorded = await self._record(child, finding, marks, day)
            except VersionMoved:
                continue
            except Refusal as refusal:  # two people's entries beside the roll-call's
                _log.info("not flagged", student=str(student_id), why=refusal.slug)
                return Done("to_look_into", finding.entry)
            if recorded is None:
                return Done(finding.outcome, finding.entry)
            entry = finding.entry or recorded.answer["entry"]
            return Done(finding.outcome, entry, recorded.position)
        raise Busy

    async def _record(
        self, child: Student, finding: Finding, marks: Marks, day: date
    ) -> Appended | None:
        ask = Ask(SCREENER, child, if_match=child.version)
        if finding.correction:
            try:
                return await self._tracking.correct(ask, **finding.correction)
            except FlagAnew:
                return await self._tracking.flag_absence(
                    ask,
                    first_absent_on=day,
                    absence_kind=marks[day],
                    found_by="screening",
                    note=ABSENT_AFTER_ALL,
                )
        if finding.flag:
            return await self._tracking.flag_absence(ask, **finding.flag)
        return None

    async def catch_up(self, seconds: float = LEFT_SECONDS) -> int:
        """Screen roll-calls that were kept and left; return how many there were."""
        left = await self.attendance.forgotten(seconds)
        for call in left:
            await self._answered(call, await self.attendance.named(call))
        return len(left)

    async def look(self) -> None:
        """Look for roll-calls left and notices unanswered."""
        await self.catch_up()
        await self.no_shows.daily()


def seats_in(place: Place, child: Student, day: date) -> list[Place]:
    """Give where a child sat on a day within a class, or a school where no class is named."""
    return [
        seat
        for seat in places_on(child, day)
        if seat == place or (place.class_name is None and seat.school_code == place.school_code)
    ]


def told(
    call: RollCall, named: Sequence[Absent], done: Mapping[UUID, Done], position: int
) -> dict[str, Any]:
    """Give the answer to a roll-call, as it is kept: ids and codes alone."""
    ids = {one.student_id for one in named}
    besides = {student_id: one for student_id, one in done.items() if student_id not in ids}
    outcomes = [one.outcome for one in done.values()]
    return {
        "roll_call": call.number,
        "school_code": call.place.school_code,
        "grade": call.place.grade,
        "class_name": call.place.class_name,
        "date": call.day.isoformat(),
        "absent": len(named),
        "flagged": outcomes.count("flagged"),
        "put_right": outcomes.count("put_right"),
        "items": [
            {
                "row": one.row,
                "student_id": str(one.student_id),
                "absence_kind": one.kind,
                "outcome": done[one.student_id].outcome,
                "entry": done[one.student_id].entry,
            }
            for one in named
        ],
        "present_after_all": [
            {"student_id": str(student_id), "outcome": one.outcome, "entry": one.entry}
            for student_id, one in besides.items()
        ],
        "position": position,
    }
