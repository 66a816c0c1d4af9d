"""Screening: a school day of the whole district, 52,384 children, from roll-call to flags."""

import asyncio
import random
import time
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from psycopg_pool import AsyncConnectionPool

from api.demo.district import children
from api.demo.loading import CHUNK, LOADER
from api.service import CONNECTIONS, tracking_on
from api.settings import Settings
from application.layout import prepare
from application.screening import Missing, Screening
from application.store.store import Store
from domain.codes import ABSENCE_KIND, COUNTING_ABSENCE
from domain.screening import Place
from tests.benchmarks.measure import Figure
from tests.keys import RING, vault

DAY = date(2026, 11, 23)  # a Monday
ABSENT, UNEXCUSED = 0.03, 0.1  # of the children; of those absent
CALLING = 16  # roll-calls under way at once
EXCUSED = sorted(set(ABSENCE_KIND) - COUNTING_ABSENCE)
RollCalls = dict[Place, list[Missing]]


def roll_calls(facts: list[dict[str, Any]], day: date, *, classes: bool) -> RollCalls:
    """Invent the roll-calls of a day, an empty one where nobody was absent."""
    chance = random.Random(day.toordinal())
    calls: RollCalls = {}
    for child in facts:
        place = Place(child["school_code"], child["grade"], child["class_name"])
        missing = calls.setdefault(place if classes else Place(place.school_code, None, None), [])
        if chance.random() < ABSENT:
            counts = chance.random() < UNEXCUSED
            kind = chance.choice(sorted(COUNTING_ABSENCE) if counts else EXCUSED)
            missing.append(Missing(len(missing) + 1, child["student_number"], kind))
    return calls


async def called(screening: Screening, calls: RollCalls, day: date) -> tuple[float, int]:
    """Call every roll of a day; return the seconds and how many absences were flagged."""
    room = asyncio.Semaphore(CALLING)

    async def one(place: Place, missing: list[Missing]) -> int:
        async with room:
            done = await screening.call_roll(LOADER, place, day, missing)
            return int(done.answer["flagged"])

    started = time.perf_counter()
    flagged = await asyncio.gather(*(one(*call) for call in calls.items()))
    return time.perf_counter() - started, sum(flagged)


async def measured(url: str) -> list[Figure]:
    facts = [child.facts for child in children(DAY + timedelta(days=1))]
    pool = AsyncConnectionPool(
        prepare(url, RING).service_url, min_size=2, max_size=CONNECTIONS, open=False
    )
    figures = []
    with TemporaryDirectory() as data:
        async with pool:
            tracking = tracking_on(Store(pool, vault()), Settings(data=Path(data)), b"key")
            for place in range(0, len(facts), CHUNK):
                drafts = [tracking.drafted(LOADER, **one) for one in facts[place : place + CHUNK]]
                await tracking.enrol_all(LOADER, drafts, {})
            screening = Screening(tracking)
            for classes, day, name in (
                (False, DAY - timedelta(days=7), "77 schools"),
                (True, DAY, "every class"),
            ):
                calls = roll_calls(facts, day, classes=classes)
                seconds, flagged = await called(screening, calls, day)
                again, none = await called(screening, calls, day)
                said = f"{len(calls):,} roll-calls of {name}, {flagged} absences flagged"
                figures.append(Figure(f"the district's day: {said}", seconds, "s", "<= 5"))
                figures.append(Figure("… the same again", again, "s", "<= 5"))
                assert flagged > 0
                assert none == 0
    return figures


def figures(url: str) -> Iterator[Figure]:
    yield from asyncio.run(measured(url))
