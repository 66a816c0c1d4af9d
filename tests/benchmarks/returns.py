"""Returns: a month of the whole district, 77 returns drafted at once from 52,384 children."""

import asyncio
import random
import statistics
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import uuid4

from api.demo.district import children, schools
from api.demo.loading import CHUNK, LOADER
from api.return_asked import whole_log
from api.return_drafts import drafts
from api.service import Service, running
from api.settings import Settings
from application.subjects import Wish
from application.tracking import Ask
from domain.entry import Actor
from domain.return_periods import Period, month_named
from domain.rules import DEFAULT_RULES
from tests.benchmarks.measure import Figure
from tests.keys import KEY

BEGAN = date(2026, 9, 1)
MOVING = 600  # children that leave in a month
TURNS = 5
PATIENCE_SECONDS = 300.0
PRINCIPAL = Actor("acc-principal", "测戊", "principal", "晴川中学", "school")


async def load(service: Service) -> list[object]:
    """Put the district on the roll, as of the first of September."""
    ids, drafted = [], []
    for child in children(BEGAN):
        ids.append(uuid4())
        facts = {**child.facts, "student_id": ids[-1], "occurred_on": BEGAN}
        drafted.append(service.tracking.drafted(LOADER, **facts))
        if len(drafted) == CHUNK:
            await service.tracking.enrol_all(LOADER, drafted, {})
            drafted = []
    await service.tracking.enrol_all(LOADER, drafted, {})
    return ids


async def move(service: Service, some: list[object], period: Period) -> None:
    """Let children leave on days of a month."""
    chance = random.Random(period.name)
    room = asyncio.Semaphore(16)

    async def leave(child: object) -> None:
        async with room:
            day = period.first + timedelta(days=chance.randrange(20))
            ask = Ask(LOADER, await service.tracking.child(child))  # type: ignore[arg-type]
            await service.tracking.change_roll(ask, kind="21", occurred_on=day, papers=[])

    await asyncio.gather(*map(leave, some))


async def measured(url: str) -> list[Figure]:
    figures = []
    now = datetime(2026, 12, 1, 4, tzinfo=UTC)
    with TemporaryDirectory() as data:
        settings = Settings(data=Path(data), sealing_key=KEY, keep_tree=False)
        async with running(url, settings, now=lambda: now) as service:
            await service.directory.add(service.pool, schools())
            ids = await load(service)
            chosen = random.Random(7).sample(ids, 2 * MOVING)
            for name, told in (("2026-10", "counted"), ("2026-11", "carried over")):
                period = month_named(name, DEFAULT_RULES)
                assert period is not None
                await move(service, chosen[:MOVING], period)
                del chosen[:MOVING]
                head = await service.store.head()
                await service.freshness.reached(head, PATIENCE_SECONDS)
                position, seconds = await whole_log(service), []
                for _ in range(TURNS):
                    started = time.perf_counter()
                    made = await drafts(service, period, schools(), position)
                    seconds.append(time.perf_counter() - started)
                gone = sum(draft.figures.total["transferred_out"] for draft in made.values())
                assert gone == MOVING
                said = f"77 returns of {len(ids):,} children drafted, opening {told}"
                figures.append(Figure(said, statistics.median(seconds), "s", "<= 2"))
                started = time.perf_counter()
                await asyncio.gather(
                    *(
                        service.returns.submit(Wish(PRINCIPAL), period, code, draft, [], note="")
                        for code, draft in made.items()
                    )
                )
                submitted = time.perf_counter() - started
                figures.append(Figure("… and submitted", submitted, "s"))
    return figures


def figures(url: str) -> Iterator[Figure]:
    yield from asyncio.run(measured(url))
