"""Sealing: what it costs an append and a replay, against the same without it, turn by turn."""

import asyncio
import statistics
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

from psycopg_pool import AsyncConnectionPool

from application.layout import prepare
from application.store.sealing import ChildSeal
from application.store.store import Store
from application.tracking import Ask, CaseTracking
from tests.benchmarks.contestants.tracking import VISIT
from tests.benchmarks.measure import Figure
from tests.keys import RING, vault
from tests.lives import TEACHER, a_child, commands

CALLERS, ENTRIES, TURNS = 16, 12, 25
LONG = 200  # entries of the child that is replayed


@contextmanager
def unsealed() -> Iterator[None]:
    """Store payloads as they are, for comparison."""
    before = ChildSeal.seal, ChildSeal.open
    as_it_is: Any = lambda *told: told[-1]  # noqa: E731
    ChildSeal.seal = ChildSeal.open = as_it_is  # type: ignore[method-assign]
    try:
        yield
    finally:
        ChildSeal.seal, ChildSeal.open = before  # type: ignore[method-assign]


async def children(tracking: CaseTracking, first: int, count: int) -> list[UUID]:
    drafts = [tracking.drafted(TEACHER, **a_child(first + n)) for n in range(count)]
    await tracking.enrol_all(TEACHER, drafts, {})
    return [draft.id for draft in drafts]


async def visits(tracking: CaseTracking, student_id: UUID, count: int) -> None:
    for _ in range(count):
        await tracking.visit_home(Ask(TEACHER, await tracking.child(student_id)), **VISIT)


async def measured(url: str) -> dict[str, list[float]]:
    seconds: dict[str, list[float]] = {}
    service = prepare(url, RING).service_url
    async with AsyncConnectionPool(service, min_size=4, max_size=8, open=False) as pool:
        store = Store(pool, vault())
        tracking = commands(store)
        serial = await store.head() + 1

        async def turn(name: str, long: UUID) -> None:
            nonlocal serial
            ids = await children(tracking, serial, CALLERS)
            serial += CALLERS
            started = time.perf_counter()
            await asyncio.gather(*(visits(tracking, one, ENTRIES) for one in ids))
            seconds.setdefault(f"append {name}", []).append(time.perf_counter() - started)
            started = time.perf_counter()
            for _ in range(20):
                await tracking.child(long)
            seconds.setdefault(f"replay {name}", []).append(time.perf_counter() - started)

        (sealed,) = await children(tracking, serial, 1)
        await visits(tracking, sealed, LONG)
        serial += 1
        with unsealed():
            (plain,) = await children(tracking, serial, 1)
            await visits(tracking, plain, LONG)
        serial += 1
        for _ in range(TURNS):
            await turn("sealed", sealed)
            with unsealed():
                await turn("plain", plain)
    return seconds


def figures(url: str) -> Iterator[Figure]:
    seconds = asyncio.run(measured(url))
    for what, told in (
        ("append", f"an append with sealing against without, {CALLERS} callers"),
        ("replay", f"a replay of {LONG} entries with sealing against without"),
    ):
        pairs = zip(seconds[f"{what} sealed"], seconds[f"{what} plain"], strict=True)
        yield Figure(told, statistics.median(a / b for a, b in pairs), "x", "<= 1.15")
