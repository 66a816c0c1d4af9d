"""A school year of the reference district, twice: under the rules in force, and under others.

`make year` runs the whole (77 schools, 52,384 children) and prints both, side by side; the people,
and how they act, are in ``people_of_a_year``: the same people both times.
"""

import argparse
import asyncio
import random
import time
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from datetime import time as hour
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Literal
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import psycopg
import structlog

from api.demo.district import InventedChild, children, schools
from api.demo.loading import CHUNK, LOADER, PLAN_PAPERS
from api.return_asked import whole_log
from api.return_drafts import drafts
from api.service import Service, running
from api.settings import Settings
from application.directory import School
from application.screening import Missing
from application.store.streams import duties_of
from application.subjects import Subjects, Wish
from application.tracking import Ask
from domain.child_duties import ChildDuties, DutyMissed
from domain.codes import ABSENCE_KIND, COUNTING_ABSENCE
from domain.duties import DUTY_KIND
from domain.obligations import Obligations
from domain.return_periods import Period, month_named
from domain.rules import DEFAULT_RULES
from domain.screening import Place
from tests.benchmarks.beginning_a_year import by_period, drawn, told_daily
from tests.benchmarks.measure import own_database, server
from tests.benchmarks.people_of_a_year import BUREAU, PRINCIPAL, TEACHER, Absence
from tests.keys import KEY

_log = structlog.get_logger("guixue.year")
ZONE = ZoneInfo("Asia/Shanghai")
BEGINS, ENDS = date(2025, 9, 1), date(2026, 7, 10)
SEED = 20250901
UNEXCUSED = 2.2 / 52_384  # of a child on a school day: some four hundred a year
EXCUSED = 15 / 52_384  # sparse: of the sick, few are needed here
HOURS, LESSONS, LESSON = 4, {3: 85, 2: 10, 1: 5}, 90  # a month of home teaching, of a hundred
RETURNED_LATE = {0: 95, 1: 3, 3: 2}  # days, of a hundred monthly returns
FROZEN_AFTER = timedelta(days=4)
AT_ONCE = 16
EXCUSES = sorted(set(ABSENCE_KIND) - COUNTING_ABSENCE)
RULES: dict[str, dict[str, int]] = {  # put in force on the eve of the first day
    "first visit within 1 day": {},
    "within 3 days": {"first_visit_school_days": 3},
}


class Clock:
    """The hour it is for everybody."""

    def __init__(self) -> None:
        self.at = datetime.combine(BEGINS, hour(6), ZONE).astimezone(UTC)

    def set_to(self, day: date, at: hour) -> None:
        self.at = datetime.combine(day, at, ZONE).astimezone(UTC)

    def __call__(self) -> datetime:
        return self.at


@dataclass(frozen=True)
class OnRoll:
    """A child of the year: who it is in the log, and what it came with."""

    id: UUID
    told: InventedChild


class Year:
    """One run: roll-calls, people, evenings and returns, day by day, and what they came to."""

    def __init__(
        self,
        service: Service,
        clock: Clock,
        some: Sequence[School],
        roll: Sequence[OnRoll],
        unexcused: float = UNEXCUSED,
    ) -> None:
        self.service, self.clock, self.schools, self.roll = service, clock, some, roll
        self.unexcused = unexcused
        self.chance = random.Random(SEED)
        self.counted: Counter[str] = Counter()
        self.absences: dict[UUID, list[Absence]] = defaultdict(list)
        self.lessons: dict[date, list[UUID]] = defaultdict(list)
        self.submitting: dict[date, list[tuple[Period, str]]] = defaultdict(list)
        self.freezing: dict[date, list[tuple[Period, str]]] = defaultdict(list)
        self._room = asyncio.Semaphore(AT_ONCE)

    async def lived(self, day: date, ends: date) -> None:
        """Live from a day to another, both included."""
        while day <= ends:
            if DEFAULT_RULES.on(day).calendar.is_school_day(day):
                await self.school_day(day)
            await self.returns(day)
            if day.day == 1:
                _log.info("a month begins", day=str(day), flagged=self.counted["absences flagged"])
            day += timedelta(days=1)

    async def school_day(self, day: date) -> None:
        self.clock.set_to(day, hour(7))  # the service looks each minute: before anybody acts
        await self.service.freshness.reached(await self.service.store.head(), 300.0)
        await self.service.missed_duties.look()
        self.clock.set_to(day, hour(8))
        await self.service.freshness.reached(await self.service.store.head(), 300.0)
        await self.service.notices.digesting.look()
        self.clock.set_to(day, hour(9))
        new = await self.roll_call(day)
        self.clock.set_to(day, hour(15))
        for child in new:
            seed = f"{SEED} {child.told.facts['student_number']} {day}"
            one = Absence(child.id, day, random.Random(seed), self.service.tracking)
            self.absences[child.id].append(one)
        at_work = [one for some in self.absences.values() for one in some if one.open]
        await self.gather(one.goes_on(day) for one in at_work)
        await self.teach(day)

    async def gather(self, acts: Iterator[object]) -> list[object]:
        async def one(act: object) -> object:
            async with self._room:
                return await act  # type: ignore[misc]

        return await asyncio.gather(*map(one, acts))

    async def roll_call(self, day: date) -> list[OnRoll]:
        """Call the roll of every school; give who is away without excuse for the first time."""
        here = [one for one in self.roll if one.told.arrangement is None]
        missing = defaultdict[str, list[tuple[str, str]]](list)
        chance = random.Random(f"{SEED} {day}")  # the same children, whatever was done before
        for child in chance.sample(here, drawn(chance, EXCUSED, len(here))):
            facts, excuse = child.told.facts, chance.choice(EXCUSES)
            if not self.has_case(child.id):
                missing[facts["school_code"]].append((facts["student_number"], excuse))
        excused = {number for some in missing.values() for number, _ in some}
        new = [
            child
            for child in chance.sample(here, drawn(chance, self.unexcused, len(here)))
            if child.told.facts["student_number"] not in excused and not self.has_case(child.id)
        ]
        numbers = {child.id: child.told.facts for child in self.roll if child.id in self.absences}
        away = [id_ for id_, some in self.absences.items() if any(one.away for one in some)]
        for facts in (*(child.told.facts for child in new), *(numbers[id_] for id_ in away)):
            missing[facts["school_code"]].append((facts["student_number"], "truancy"))
        answers = await self.gather(
            self.service.screening.call_roll(
                TEACHER,
                Place(school.code, None, None),
                day,
                [Missing(row, *one) for row, one in enumerate(missing[school.code], start=1)],
            )
            for school in self.schools
        )
        self.counted["roll-calls"] += len(answers)
        for answer in answers:
            self.counted["absences flagged"] += answer.answer["flagged"]  # type: ignore[attr-defined]
        return new

    def has_case(self, child: UUID) -> bool:
        return any(one.open for one in self.absences.get(child, ()))

    # Teaching at home -----------------------------------------------------------------------------

    async def plans(self) -> None:
        """Put in force the plans of those who are taught at home all year."""
        for child in self.taught():
            ask = Ask(LOADER, await self.service.tracking.child(child.id))
            await self.service.tracking.assign_home_teaching(
                ask,
                occurred_on=BEGINS,
                from_day=BEGINS,
                school_code=child.told.facts["school_code"],
                teachers=["测送教"],
                planned_hours_per_month=HOURS,
                papers=PLAN_PAPERS,
                disability=child.told.facts["disability"],
            )

    def taught(self) -> list[OnRoll]:
        return [child for child in self.roll if child.told.arrangement == "home_teaching"]

    async def teach(self, day: date) -> None:
        if not any(known.month == day.month for known in self.lessons):
            calendar = DEFAULT_RULES.on(day).calendar
            month = [day + timedelta(days=n) for n in range(31 - day.day)]
            days = [one for one in month if one.month == day.month and calendar.is_school_day(one)]
            for child in self.taught():
                count = self.chance.choices(list(LESSONS), list(LESSONS.values()))[0]
                for one in self.chance.sample(days, min(count, len(days))):
                    self.lessons[one].append(child.id)
            self.lessons.setdefault(day, [])
        for child_id in self.lessons[day]:
            ask = Ask(TEACHER, await self.service.tracking.child(child_id))
            known = {"teachers": ["测送教"], "topic": "识字", "guardian_present": True}
            await self.service.tracking.teach_at_home(ask, occurred_on=day, minutes=LESSON, **known)
            self.counted["home teaching sessions"] += 1

    # Monthly returns ------------------------------------------------------------------------------

    async def returns(self, day: date) -> None:
        self.clock.set_to(day, hour(17))
        period = month_named(f"{day:%Y-%m}", DEFAULT_RULES)
        assert period is not None
        if day == period.due_on:
            for school in self.schools:
                late = self.chance.choices(list(RETURNED_LATE), list(RETURNED_LATE.values()))[0]
                self.submitting[day + timedelta(days=late)].append((period, school.code))
                self.counted["returns on time" if not late else "returns late"] += 1
        for period, codes in by_period(self.submitting.pop(day, [])).items():
            some = [school for school in self.schools if school.code in codes]
            made = await drafts(self.service, period, some, await whole_log(self.service))
            for code, draft in made.items():
                self.counted["zero returns"] += not draft.figures.not_zero
                await self.service.returns.submit(
                    Wish(PRINCIPAL), period, code, draft, [], zero=not draft.figures.not_zero
                )
                self.freezing[day + FROZEN_AFTER].append((period, code))
        for period, code in self.freezing.pop(day, []):
            await self.service.returns.freeze(Wish(BUREAU), period, code)
            self.counted["returns frozen"] += 1

    # What it came to ------------------------------------------------------------------------------

    async def told(self) -> dict[str, str]:
        """Give every count by its name, those of duties as arisen / met / missed."""
        done = sum((one.done for some in self.absences.values() for one in some), Counter[str]())
        found = {name: f"{self.counted[name]:,}" for name in ("roll-calls", "absences flagged")}
        for name, what in ACTS.items():
            found[name] = f"{done[what]:,}"
        children_ = [*self.absences, *(child.id for child in self.taught())]
        book = self.service.tracking.rule_book
        states: Counter[str] = Counter()
        duties: dict[str, Counter[str]] = defaultdict(Counter)
        for child_id in children_:
            child = await self.service.tracking.child(child_id)
            for episode in child.state.episodes:
                states[f"closed {episode.close_reason}" if episode.closed_on else "open"] += 1
            for duty in Obligations.of(child, book).all:
                duties[duty.kind].update({"arisen": 1, "met": int(duty.met)})
        told = await Subjects(self.service.tracking).load_all(
            ChildDuties, map(duties_of, children_)
        )
        others: Counter[str] = Counter()
        for fact in (fact for one in told for fact in one.facts):
            if isinstance(fact, DutyMissed):
                duties[fact.kind]["missed"] += 1
            else:
                others[fact.KIND] += 1
        found["closed as warning ruled out (C13)"] = f"{states['closed C13']:,}"
        found["closed as back at school (C01)"] = f"{states['closed C01']:,}"
        found["cases open at the year's end"] = (
            f"{sum(one.open for some in self.absences.values() for one in some):,}"
        )
        for name in ("home teaching sessions", "returns on time", "returns late", "zero returns"):
            found[name] = f"{self.counted[name]:,}"
        rows = await self.service.store.query(NOTICES)
        found["notices: digests to principals, townships and bureau"] = f"{rows[0][0]:,}"
        for kind in DUTY_KIND:
            if (counts := duties.get(kind)) is not None:
                label = f"duty: {DUTY_KIND.label(kind, 'en').lower()}"
                found[label] = " / ".join(f"{counts[w]:,}" for w in ("arisen", "met", "missed"))
        found["duties missed"] = f"{sum(counts['missed'] for counts in duties.values()):,}"
        return found | {f"facts: {kind}": f"{count:,}" for kind, count in others.items()}


NOTICES = "SELECT count(*) FROM notices.outbox WHERE account IS NOT NULL"
ACTS = {
    "calls home": "phone",
    "home visits in person": "at_home",
    "suspicions": "suspect",
    "persuasion attempts": "persuade",
    "written reports": "report",
    "orders to correct": "issue_order",
    "dropouts confirmed": "confirm_dropout",
    "returns to school": "confirm_return",
    "relapses": "relapse",
    "observation checks": "observe_attendance",
}


async def loaded(
    url: str, settings: Settings, some: Sequence[School], roll: Sequence[OnRoll]
) -> None:
    """Put schools and children on the roll, and those taught at home under their plans."""
    async with running(url, settings, now=Clock()) as service:
        await service.directory.add(service.pool, some)
        await told_daily(service, some)
        for place in range(0, len(roll), CHUNK):
            drafted = [
                service.tracking.drafted(
                    LOADER, student_id=one.id, occurred_on=BEGINS, **one.told.facts
                )
                for one in roll[place : place + CHUNK]
            ]
            await service.tracking.enrol_all(LOADER, drafted, {})
        await Year(service, Clock(), some, roll).plans()
        await service.freshness.reached(await service.store.head(), 600.0)


async def years(
    url: str,
    some: Sequence[School],
    roll: Sequence[OnRoll],
    days: tuple[date, date],
    unexcused: float = UNEXCUSED,
    follow: Literal["process", "thread"] = "process",
) -> dict[str, dict[str, str]]:
    """Load once, then live a year from there under each of the rules, each on a copy."""
    found: dict[str, dict[str, str]] = {}
    with TemporaryDirectory() as data, own_database(url, "year") as own:
        settings = Settings(
            data=Path(data),
            sealing_key=KEY,
            keep_tree=False,
            watch_duties=False,
            send_notices=False,  # they are counted in the outbox
            smtp_host="127.0.0.1",
            smtp_from="guixue@district.example",
            follow_views=follow,
        )
        await loaded(own, settings, some, roll)
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute(ALONE)
            connection.execute("ALTER DATABASE year RENAME TO year_begun")
            for name, deadlines in RULES.items():
                connection.execute("CREATE DATABASE year TEMPLATE year_begun")
                clock = Clock()
                async with running(own, settings, now=clock) as service:
                    await put_in_force(service, clock, deadlines)
                    year = Year(service, clock, some, roll, unexcused)
                    started = time.perf_counter()
                    await year.lived(*days)
                    took = time.perf_counter() - started
                    found[name] = await year.told() | {"seconds": f"{took:,.0f}"}
                connection.execute("DROP DATABASE year WITH (FORCE)")
            connection.execute("DROP DATABASE year_begun WITH (FORCE)")
    return found


async def put_in_force(service: Service, clock: Clock, deadlines: dict[str, int]) -> None:
    """Have the bureau put deadlines in force that hold from the year's first day on."""
    facts = {"in_force_from": BEGINS, "deadlines": deadlines, "reason": "试行"}
    clock.set_to(BEGINS - timedelta(days=1), hour(12))
    if deadlines:
        await service.rules.set_deadlines(Wish(BUREAU), **facts)


ALONE = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = 'year'"


def roll_of(some: Sequence[School], most: int) -> list[OnRoll]:
    """Give the children of some schools, so many of each at most."""
    codes = {school.code for school in some}
    seen: Counter[str] = Counter()
    roll = []
    for child in children(BEGINS):
        code = child.facts["school_code"]
        if code in codes and (seen[code] < most or child.arrangement == "home_teaching"):
            seen[code] += 1
            roll.append(OnRoll(uuid4(), child))
    return roll


def table(found: dict[str, dict[str, str]]) -> str:
    """Give the counts side by side, in Markdown."""
    names = list(dict.fromkeys(name for column in found.values() for name in column))
    lines = [f"| | {' | '.join(found)} |", f"| --- |{' ---: |' * len(found)}"]
    columns = found.values()
    lines += [f"| {name} | {' | '.join(one.get(name, '') for one in columns)} |" for name in names]
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--until", type=date.fromisoformat, default=ENDS, metavar="DAY")
    asked = parser.parse_args()
    with server() as url:
        roll = roll_of(schools(), 10_000)
        print(f"{len(schools())} schools, {len(roll):,} children")  # noqa: T201
        print(table(asyncio.run(years(url, schools(), roll, (BEGINS, asked.until)))))  # noqa: T201


if __name__ == "__main__":
    main()
