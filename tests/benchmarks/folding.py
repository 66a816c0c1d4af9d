"""Folding: load, open and fold a child of 200 entries, against fetching its rows alone."""

import statistics
import time
from collections.abc import Iterator
from functools import partial
from typing import Any
from uuid import UUID

from tests.benchmarks.contestants.tracking import Tracking
from tests.benchmarks.measure import Figure, interleaved, own_database, ratio

LONG = 200
LOADS, TURNS = 20, 25
ROWS = (
    "SELECT originator_version, topic, state, notification_id, recorded_at"
    " FROM log.stored_events WHERE originator_id = %s ORDER BY originator_version"
)


async def grown(ours: Tracking) -> UUID:
    """Give a child who was visited until it has 200 entries."""
    (student_id,) = await ours.enrolled(1)
    for _ in range(LONG - 1):
        await ours.visit(student_id)
    return student_id


async def folded(ours: Tracking, student_id: UUID) -> float:
    started = time.perf_counter()
    for _ in range(LOADS):
        child = await ours.tracking.child(student_id)
        assert child.version == LONG
    return 1000 * (time.perf_counter() - started) / LOADS


async def fetched(ours: Tracking, student_id: UUID) -> float:
    """Fetch the rows as our store would: prepared, over a connection of the pool."""
    started = time.perf_counter()
    for _ in range(LOADS):
        async with ours.pool.connection() as connection:
            cursor = await connection.execute(ROWS, [student_id], prepare=True)
            rows: list[Any] = await cursor.fetchall()
        assert len(rows) == LONG
    return 1000 * (time.perf_counter() - started) / LOADS


def figures(url: str) -> Iterator[Figure]:
    with own_database(url, "folding") as own, Tracking(own) as ours:
        student_id = ours.run(grown(ours))
        found = interleaved(
            {
                name: partial(lambda how: float(ours.run(how(ours, student_id))), how)
                for name, how in {"folded": folded, "fetched": fetched}.items()
            },
            TURNS,
        )
    yield Figure(f"a child of {LONG} entries folded", statistics.median(found["folded"]), "ms")
    yield Figure("its rows fetched", statistics.median(found["fetched"]), "ms")
    against = ratio(found["folded"], found["fetched"])
    yield Figure("… folding against fetching alone", against, "x", "<= 3")
