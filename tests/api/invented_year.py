"""A year of invented mobility over a district, and a book kept beside it of who sat where when."""

import random
from collections import Counter
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

from api.demo.district import schools
from api.service import Service
from application.tracking import Ask
from domain.return_periods import Period
from tests.lives import BUREAU, number

Seat = tuple[str, int]
BEGINS = date(2025, 9, 1)
A_SCHOOL = 4  # children, in the beginning
PAPERS: list[dict[str, str]] = []


@dataclass
class Move:
    """Out of a seat, into another; on which day, as said from one month on, and then otherwise."""

    out: Seat | None
    into: Seat | None
    said: list[tuple[int, date]]

    def day(self, known: int) -> date | None:
        return next((day for since, day in reversed(self.said) if since <= known), None)


@dataclass
class Known:
    """What the book says of one child."""

    seat: Seat
    status: str = "on roll"
    last: date = BEGINS
    moves: list[Move] = field(default_factory=list)


class Year:
    """The months one after another; ``now`` numbers them, and ``late`` counts what came late."""

    def __init__(self, service: Service, clock: Any, seed: int) -> None:
        self.service = service
        self.clock = clock
        self.chance = random.Random(seed)
        self.book: dict[UUID, Known] = {}
        self.now = 0
        self.late = 0
        self.serial = 0

    # The book -------------------------------------------------------------------------------

    def on_roll(self, last: date, known: int) -> Counter[Seat]:
        """Count the children of each seat by a day, as known in a month."""
        count: Counter[Seat] = Counter()
        for child in self.book.values():
            for move in child.moves:
                day = move.day(known)
                if day is not None and day <= last:
                    count.update({move.into: 1} if move.into else {})
                    count.subtract({move.out: 1} if move.out else {})
        return Counter({seat: n for seat, n in count.items() if n})

    def _noted(self, child: UUID, out: Seat | None, into: Seat | None, day: date) -> None:
        known = self.book[child]
        known.moves.append(Move(out, into, [(self.now, day)]))
        known.last = day
        known.seat = into or known.seat

    # What happens ---------------------------------------------------------------------------

    async def begins(self) -> None:
        """Put children on the roll of every school, some in each grade."""
        self.clock.day = BEGINS
        places = [school for school in schools() for _ in range(A_SCHOOL)]
        await self.enrol([(one.code, self._grade(one.stage)) for one in places], BEGINS)

    async def enrol(self, seats: list[Seat], day: date) -> None:
        drafts = []
        for school, grade in seats:
            self.serial += 1
            child = uuid4()
            drafts.append(
                self.service.tracking.drafted(
                    BUREAU,
                    student_id=child,
                    occurred_on=day,
                    name="测小舟",
                    sex="male",
                    birth_date=date(2015, 1, 1),
                    student_number=number(self.serial),
                    school_code=school,
                    grade=grade,
                    class_name="1班",
                )
            )
            self.book[child] = Known((school, grade))
            self._noted(child, None, (school, grade), day)
        await self.service.tracking.enrol_all(BUREAU, drafts, {})

    async def goes_on(self, period: Period, acts: int) -> None:
        """Let children come, leave, come back, move and be put right, some of it told late."""
        self.now += 1
        self.clock.day = period.last + timedelta(days=1)
        for _ in range(acts):
            day = period.first + timedelta(days=self.chance.randrange(-25, 30))
            day = max(min(day, period.last), BEGINS)
            self.late += day < period.first
            child = self.chance.choice(list(self.book))
            if self.book[child].last > day:
                continue
            await self._happens(child, day)

    async def _happens(self, child: UUID, day: date) -> None:
        known, chance = self.book[child], self.chance
        if known.status == "suspended":
            await self._changes(child, "12", day, None, known.seat, "on roll")
        elif known.status == "on roll":
            match chance.randrange(8):
                case 0 | 1:
                    await self._changes(child, "21", day, known.seat, None, "gone")
                case 2 | 3:
                    await self._changes(child, "11", day, known.seat, None, "suspended")
                case 4 | 5:
                    await self._transfers(child, day)
                case 6:
                    await self._put_right(child, day)
                case 7:
                    school = chance.choice(schools())
                    await self.enrol([(school.code, self._grade(school.stage))], day)

    async def _changes(
        self, child: UUID, kind: str, day: date, out: Seat | None, into: Seat | None, status: str
    ) -> None:
        ask = await self._ask(child)
        await self.service.tracking.change_roll(ask, kind=kind, occurred_on=day, papers=PAPERS)
        self._noted(child, out, into, day)
        self.book[child].status = status

    async def _transfers(self, child: UUID, day: date) -> None:
        known, tracking = self.book[child], self.service.tracking
        same = [s for s in schools() if s.code[:2] == known.seat[0][:2] and s.code != known.seat[0]]
        if not same:
            return
        to = (self.chance.choice(same).code, known.seat[1])
        asked = await tracking.request_transfer(
            await self._ask(child), to_school=to[0], occurred_on=day, reason="随父母迁居"
        )
        await tracking.decide_transfer(
            await self._ask(child),
            entry=asked.answer["entry"],
            accept=True,
            occurred_on=day,
            grade=to[1],
            class_name="1班",
        )
        self._noted(child, known.seat, to, day)

    async def _put_right(self, child: UUID, day: date) -> None:
        """Say of the last roll change that it was another day."""
        known = self.book[child]
        stream = await self.service.tracking.child(child)
        changes = [e for e in stream.entries if e.entry_kind() == "roll_changed"]
        move = known.moves[-1]
        if not changes or move.day(self.now) != changes[-1].occurred_on or day == known.last:
            return
        await self.service.tracking.correct(
            Ask(BUREAU, stream),
            entry=changes[-1].originator_version,
            changes={"occurred_on": day.isoformat()},
            reason="日期登记有误",
        )
        move.said.append((self.now, day))
        known.last = day

    async def school_year_ends(self, day: date) -> None:
        """Let every child move up, or graduate."""
        for school in schools():
            there = [
                child
                for child, known in self.book.items()
                if known.seat[0] == school.code and known.status == "on roll" and known.last <= day
            ]
            if not there:
                continue
            await self.service.tracking.promote(BUREAU, school.code, there, day, None)
            for child in there:
                (code, grade), last = self.book[child].seat, 6 if school.stage == "primary" else 9
                if grade >= last:
                    self._noted(child, (code, grade), None, day)
                    self.book[child].status = "graduated"
                else:
                    self._noted(child, (code, grade), (code, grade + 1), day)

    async def _ask(self, child: UUID) -> Ask:
        return Ask(BUREAU, await self.service.tracking.child(child))

    def _grade(self, stage: str) -> int:
        return self.chance.randint(1, 6) if stage == "primary" else self.chance.randint(7, 9)
