"""Waiting: for one's own write in a view, against the library; and how far views lag when busy."""

import asyncio
import statistics
import time
from bisect import bisect_left
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from uuid import UUID

import psycopg
import uvloop
from eventsourcing.persistence import Tracking as Position
from eventsourcing.postgres import PostgresTrackingRecorder
from eventsourcing.projection import Projection, ProjectionRunner

from api.service import Service, running
from api.settings import Settings
from application.layout import prepare
from application.store.key_ring import KeyRing
from application.tracking import Ask
from projections.engine import CHANNEL
from tests.benchmarks.contestants.library import Cases, environment
from tests.benchmarks.contestants.tracking import VISIT
from tests.benchmarks.measure import Figure, own_database, percentile
from tests.lives import TEACHER, a_child

WRITES, TURNS = 10, 6
A_SECOND, SECONDS = 200, 10
CHILDREN = 400


class Visits(PostgresTrackingRecorder):
    """A view of the library's: one row for each child, rows and position in one transaction."""

    def _create_table(self, curs: Any) -> None:
        super()._create_table(curs)
        curs.execute("CREATE TABLE IF NOT EXISTS visits (case_id uuid PRIMARY KEY, n int)")

    def count(self, case_id: UUID, tracking: Position) -> None:
        with self.datastore.transaction(commit=True) as cursor:
            self._insert_tracking(cursor, tracking)
            cursor.execute(
                "INSERT INTO visits VALUES (%s, 1)"
                " ON CONFLICT (case_id) DO UPDATE SET n = visits.n + 1",
                [case_id],
                prepare=True,
            )


class Counting(Projection[Visits]):
    name = "visits"

    def process_event(self, domain_event: Any, tracking: Position) -> None:
        self.view.count(domain_event.originator_id, tracking)


def waits_of_the_library(runner: Any, case_id: UUID) -> list[float]:
    """Write and wait in turn; give each wait in ms, from the answer to the write on."""
    waits = []
    for _ in range(WRITES):
        facts = {"mode": "at_home"}
        position = runner.app.visit_home(case_id, TEACHER.account, "2026-11-24", facts)
        started = time.perf_counter()
        runner.wait(position, timeout=10)
        waits.append(1000 * (time.perf_counter() - started))
    return waits


async def enrolled(service: Service, count: int) -> list[UUID]:
    drafts = [service.tracking.drafted(TEACHER, **a_child(n)) for n in range(count)]
    await service.tracking.enrol_all(TEACHER, drafts, {})
    await service.freshness.reached(await service.store.head(), 60)
    return [draft.id for draft in drafts]


async def visit(service: Service, student_id: UUID) -> int:
    tracking = service.tracking
    ask = Ask(TEACHER, await tracking.child(student_id))
    return (await tracking.visit_home(ask, **VISIT)).position


async def our_waits(service: Service, ids: list[UUID]) -> list[float]:
    """Do the same with ours."""
    waits = []
    for student_id in ids[:WRITES]:
        position = await visit(service, student_id)
        started = time.perf_counter()
        await service.freshness.reached(position)
        waits.append(1000 * (time.perf_counter() - started))
    return waits


async def our_lags(service: Service, ids: list[UUID], views_url: str) -> list[float]:
    """Write at an even pace; give each lag in ms, from when the command was sent to its row."""
    seen: list[tuple[int, float]] = []  # up to which position rows were visible, and since when
    sent: list[tuple[int, float]] = []

    async def watch() -> None:
        async with await psycopg.AsyncConnection.connect(views_url, autocommit=True) as connection:
            await connection.execute(f"LISTEN {CHANNEL}".encode())
            async for told in connection.notifies():
                now = time.perf_counter()
                seen.append((int(told.payload), now))

    async def write(student_id: UUID) -> None:
        started = time.perf_counter()
        sent.append((await visit(service, student_id), started))

    watching = asyncio.create_task(watch())
    await asyncio.sleep(0.2)
    writing, began = [], time.perf_counter()
    for number in range(A_SECOND * SECONDS):
        await asyncio.sleep(max(0.0, began + number / A_SECOND - time.perf_counter()))
        writing.append(asyncio.create_task(write(ids[number % len(ids)])))
    await asyncio.gather(*writing)
    head = await service.store.head()
    while not seen or seen[-1][0] < head:
        await asyncio.sleep(0.05)
    watching.cancel()
    positions = [position for position, _ in seen]
    return [
        1000 * (seen[bisect_left(positions, position)][1] - started) for position, started in sent
    ]


async def measured(url: str, runner: Any) -> tuple[list[float], list[float], list[float]]:
    """Give the waits for ours and for the library, in turns, and the lags of ours."""
    ours: list[float] = []
    library: list[float] = []
    with TemporaryDirectory() as data:
        async with running(url, Settings(data=Path(data))) as service:
            ids = await enrolled(service, CHILDREN)
            case_id = runner.app.enrol("测小舟")
            for turn in range(TURNS):
                ours += await our_waits(service, ids[turn * WRITES :])
                library += await asyncio.to_thread(waits_of_the_library, runner, case_id)
            ring = KeyRing.from_file(Path(data) / "sealing.key")
            return ours, library, await our_lags(service, ids, prepare(url, ring).views_url)


def figures(url: str) -> Iterator[Figure]:
    with (
        own_database(url, "waiting") as own,
        own_database(url, "library") as theirs,
        ProjectionRunner(
            application_class=Cases,
            projection_class=Counting,
            view_class=Visits,
            env=environment(theirs),
        ) as runner,
    ):
        found, waits, lags = uvloop.run(measured(own, runner))
    ours, library = statistics.median(found), statistics.median(waits)
    yield Figure("wait for one's own write in the views", ours, "ms")
    yield Figure("the library's runner.wait()", library, "ms")
    yield Figure("… ours quicker than the library's", library / ours, "x", ">= 25")
    told = f"from write to visible row at {A_SECOND} writes/s"
    yield Figure(f"{told}: half within", statistics.median(lags), "ms")
    yield Figure(f"{told}: 99 % within", percentile(lags, 99), "ms", "<= 100")
