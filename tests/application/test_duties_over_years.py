"""Three years on PostgreSQL: two workers, restarts, clocks that jump; each miss is told once."""

import asyncio
import random
from contextlib import AsyncExitStack
from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from psycopg_pool import AsyncConnectionPool

from application.directory import Directory
from application.missed_duties import MissedDuties
from application.sessions import Sessions
from application.store.store import Store
from application.store.streams import duties_of
from application.subjects import Subjects
from application.tracking import Ask, CaseTracking
from domain.child_duties import SEVERAL, ChildDuties, DutyMissed
from domain.refusals import Refusal
from domain.rules import DEFAULT_RULES
from tests.deeds import TEACHER, deed
from tests.keys import vault
from tests.lives import a_child
from tests.second_opinion import KINDS, Line, is_restricted, late

ZONE = ZoneInfo("Asia/Shanghai")
BEGINS, YEARS = date(2025, 8, 20), 3  # the last of them the calendar does not know
CHILDREN, PROCESSES = 4, 2
STRIDES = (3, 5, 7, 12, 30)
HOURS = (time(12), time(0, 3), time(23, 57))
RESTRICTS = 1  # the deed of that number
JUMPS = [timedelta(minutes=minutes) for minutes in (-10, 0, 10)]


class Clock:
    """The clock of every process; while ``wild`` it jumps between any two looks at it."""

    def __init__(self, chance) -> None:
        self.chance, self.wild, self.shown = chance, False, set()

    def set_to(self, day, hour) -> None:
        self.at = datetime.combine(day, hour, ZONE).astimezone(UTC)
        self.wild, self.shown = False, {day}

    def __call__(self) -> datetime:
        told = self.at + (self.chance.choice(JUMPS) if self.wild else timedelta())
        self.shown.add(told.astimezone(ZONE).date())
        return told


def worker(tracking) -> MissedDuties:
    """One just started."""
    return MissedDuties(tracking, Sessions(tracking.store, Directory()))


class Years:
    """Some children, the processes that work for them, and a diary of each child beside."""

    def __init__(self, seed) -> None:
        self.chance = random.Random(seed)
        self.clock = Clock(random.Random(seed))
        self.diaries: dict[UUID, list[Line]] = {}
        self.told: dict[UUID, list[object]] = {}

    async def begin(self, stores) -> None:
        self.clock.set_to(BEGINS, HOURS[0])
        self.processes = [
            CaseTracking(
                store, rule_book=DEFAULT_RULES, number_key=b"key", now=self.clock, zone=ZONE
            )
            for store in stores
        ]
        self.workers = [worker(one) for one in self.processes]
        for serial in range(CHILDREN):
            done = await self.processes[0].enrol(TEACHER, None, **a_child(serial))
            child = UUID(done.answer["student_id"])
            self.diaries[child] = [Line("enrol", TEACHER, DEFAULT_RULES.on(BEGINS), {})]
            self.told[child] = []

    async def somebody_does(self, day, number=None) -> None:
        child, tracking = self.chance.choice(list(self.diaries)), self.chance.choice(self.processes)
        diary = self.diaries[child]
        ago = self.chance.choice((self.chance.randrange(4), self.chance.randrange(60)))
        pick = self.chance.randrange(60)
        number = self.chance.randrange(1000) if number is None else number
        name, by, facts = deed(number, day, ago, pick, diary)
        try:
            await getattr(tracking, name)(Ask(by, await tracking.child(child)), **facts)
        except Refusal:
            return
        diary.append(Line(name, by, DEFAULT_RULES.on(day), facts))

    async def all_look(self, day) -> None:
        """Every worker at once, some of them twice or just started, and somebody at work."""
        for place, tracking in enumerate(self.processes):
            if self.chance.random() < 0.2:
                self.workers[place] = worker(tracking)
        self.clock.wild = True
        looks = [worker.look() for worker in (*self.workers, self.workers[0])]
        await asyncio.gather(*looks, self.somebody_does(day))
        self.clock.wild = False

    async def news(self) -> dict[UUID, list[object]]:
        """What is on record since it was last asked for."""
        subjects = Subjects(self.processes[0])
        found = await subjects.load_all(ChildDuties, map(duties_of, self.diaries))
        told = dict(zip(self.diaries, (one.facts for one in found), strict=True))
        news = {child: facts[len(self.told[child]) :] for child, facts in told.items()}
        self.told = told
        return news


def once(fact):
    """What makes a fact of a duty one that may be there once."""
    return fact.TOPIC, fact.kind, fact.due_on, fact.arose, getattr(fact, "level", None)


def judged(late_ones):
    """What each is known by, whatever day it is due by since a correction."""
    return {(kind, arose, day if kind in SEVERAL else None) for kind, day, arose in late_ones}


def of_kinds_known(facts):
    return {
        (fact.kind, fact.due_on, fact.arose)
        for fact in facts
        if isinstance(fact, DutyMissed) and fact.kind in KINDS
    }


@pytest.fixture
async def stores(prepared):
    async with AsyncExitStack() as stack:
        made = []
        for _ in range(PROCESSES):
            pool = AsyncConnectionPool(prepared.service_url, min_size=1, max_size=2, open=False)
            made.append(Store(await stack.enter_async_context(pool), vault()))
        yield made
        for store in made:
            await store.close()


async def test_whatever_clocks_workers_and_people_do_each_miss_is_told_once_and_only_if_it_was_one(
    stores, engine
):
    years = Years(seed=5)
    await years.begin(stores)
    day, seen = BEGINS, 0
    while day < BEGINS.replace(year=BEGINS.year + YEARS):
        day += timedelta(days=years.chance.choice(STRIDES))
        years.clock.set_to(day, years.chance.choice(HOURS))
        for _ in range(years.chance.randrange(5)):
            await years.somebody_does(day)
        views_follow = years.chance.random() < 0.8
        if views_follow:
            await asyncio.to_thread(engine.catch_up)
        else:
            await years.somebody_does(day, RESTRICTS)  # the views would still tell of the child
        before = {child: list(diary) for child, diary in years.diaries.items()}
        await years.all_look(day)
        first, last = min(years.clock.shown), max(years.clock.shown)
        for child, facts in (await years.news()).items():
            then, now = before[child], years.diaries[child]
            may, must = late(now, last, DEFAULT_RULES), late(now, first, DEFAULT_RULES)
            if len(then) < len(now):  # somebody was at work meanwhile
                may |= late(then, last, DEFAULT_RULES)
                must &= late(then, first, DEFAULT_RULES)
            assert judged(of_kinds_known(facts)) <= judged(may)
            assert not (facts and is_restricted(then) and is_restricted(now))
            assert all(fact.due_on < last for fact in facts if isinstance(fact, DutyMissed))
            told = [once(fact) for fact in years.told[child]]
            assert len(told) == len(set(told))
            if views_follow:
                assert judged(must) <= judged(of_kinds_known(years.told[child]))
            seen += len(facts)
    assert seen > 50
