"""Proof: what the tree costs, how soon an entry is signed, how large and quick evidence is."""

import asyncio
import random
import statistics
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Event, Thread
from typing import Any
from uuid import UUID

import psycopg
from eventsourcing.persistence import StoredEvent
from psycopg_pool import AsyncConnectionPool

from application.layout import prepare
from application.store.appends import APPEND, Append, Sealed, columns_of
from application.store.auditing import Trusted, audit
from application.store.checkpoint_checks import Asked
from application.store.evidence import Bundle
from application.store.log_keys import LogKey, LogKeys, write_log_keys
from application.store.store import Store
from application.store.tree_following import keep_forever
from application.store.tree_keeping import TreeKeeper
from application.store.tree_reading import Tree
from application.store.verdict import Verdict
from application.store.verifying import check
from tests.benchmarks.generating import generate, plan_of
from tests.benchmarks.measure import Figure
from tests.keys import RING, vault

EVENTS = 100_000
EARLIER = 1_000  # the size of the checkpoint an auditor kept
SAMPLE = 40  # children whose evidence is taken
LATER = 30  # checkpoints after the first one, of a few entries each
EACH = 10
WRITES_A_SECOND, LIVE_SECONDS, QUIET = 200, 15, 5
DELAY = """
SELECT extract(epoch FROM (SELECT min(c.made_at) FROM log.checkpoints c
    WHERE c.size >= s.notification_id) - s.recorded_at)
FROM log.stored_events s WHERE s.notification_id > %s AND s.actor <> 'log'
"""


def figures(url: str) -> Iterator[Figure]:
    prepare(url, RING)
    with TemporaryDirectory() as folder:
        keys = signing_keys(Path(folder))
        generate(url, plan_of(EVENTS, b"number"))
        yield from proven(url, keys, later=LATER)
        yield from delayed(url, keys)
        yield from leaf_cost(url)


def signing_keys(folder: Path) -> LogKeys:
    write_log_keys(folder / "log.key", [LogKey.made("guixue.example/bench")])
    return LogKeys(folder / "log.key")


def proven(url: str, keys: LogKeys, told: str = "", later: int = 0) -> Iterator[Figure]:
    """Sign a generated log; take the evidence of some of its children, and check it."""
    with psycopg.connect(url, autocommit=True) as connection:
        keeper = TreeKeeper(connection, keys)
        seconds = [spent(keeper)]
        (events,) = connection.execute("SELECT count(*) FROM log.stored_events").fetchone() or (0,)
        yield Figure(
            f"{told}the first checkpoint of the whole log", events / seconds[0], "events/s"
        )
        if later:
            seconds.clear()
            for number in range(later):
                put(connection, number, EACH)
                seconds.append(spent(keeper) * 1000)
            yield Figure(f"{told}a checkpoint after {EACH} entries", median(seconds), "ms")
        children = [
            row[0]
            for row in connection.execute(
                "SELECT DISTINCT originator_id FROM log.stored_events"
                " WHERE originator_version > 5 AND notification_id = ANY(%s) LIMIT %s",
                [random.Random(7).sample(range(1, events), 50 * SAMPLE), SAMPLE],
            )
        ]
        yield from asyncio.run(evidence(url, keys, children, told))
        connection.execute("BEGIN TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        started = time.perf_counter()
        done = audit(connection, Trusted([key.signer.key for key in keys.current()]))
        rate = done.entries / (time.perf_counter() - started)
        connection.execute("COMMIT")
        assert not done.faults, done.faults
        yield Figure(f"{told}guixue audit --full", rate, "events/s", ">= 16667")


async def evidence(url: str, keys: LogKeys, children: list[UUID], told: str) -> list[Figure]:
    prepared = prepare(url, RING)
    asked = Asked(tuple(key.signer.key for key in keys.current()), datetime.now(UTC))
    taken, sizes, checked = [], [], []
    async with AsyncConnectionPool[Any](prepared.service_url, min_size=2, open=False) as pool:
        store = Store(pool, vault())
        tree = Tree(store, vault())
        for child in children:
            started = time.perf_counter()
            text = (await tree.evidence(child, [EARLIER], with_key=True)).told()
            taken.append((time.perf_counter() - started) * 1000)
            sizes.append(len(text.encode()) / 1000)
            started = time.perf_counter()
            report = check(Bundle.read(text), asked)
            checked.append((time.perf_counter() - started) * 1000)
            assert report.verdict is Verdict.PROVEN, report
        await store.close()
    return [
        Figure(
            f"{told}evidence of a child, the largest of {len(children)}", max(sizes), "KB", "<= 100"
        ),
        Figure(f"{told}evidence of a child taken", median(taken), "ms"),
        Figure(f"{told}evidence of a child read and checked", median(checked), "ms", "<= 50"),
    ]


def delayed(url: str, keys: LogKeys) -> Iterator[Figure]:
    """Write steadily, then seldom, while a keeper signs; tell how soon entries were signed."""
    stop = Event()
    keeping = Thread(target=keep_forever, args=(prepare(url, RING).tree_url, keys, stop))
    with psycopg.connect(url, autocommit=True) as connection:
        keeping.start()
        for name, rate, seconds in (
            (f"at {WRITES_A_SECOND} writes/s", WRITES_A_SECOND, LIVE_SECONDS),
            ("when idle", 0.4, QUIET / 0.4),
        ):
            (last,) = connection.execute(
                "SELECT max(notification_id) FROM log.stored_events"
            ).fetchone() or (0,)
            due = time.perf_counter()
            for number in range(int(rate * seconds)):
                put(connection, 10_000 + number, 1)
                due += 1 / rate
                time.sleep(max(0.0, due - time.perf_counter()))
            delays = waited(connection, last)
            yield Figure(f"from a write to its checkpoint, {name}, median", median(delays), "s")
            limit = 60 if rate > 1 else 2
            worst = statistics.quantiles(delays, n=100)[98]
            yield Figure(f"… p99, {name}", worst, "s", f"<= {limit}")
        stop.set()
        connection.execute("NOTIFY guixue_log")
        keeping.join()


def waited(connection: psycopg.Connection[Any], after: int) -> list[float]:
    while True:
        delays = [row[0] for row in connection.execute(DELAY, [after])]
        if None not in delays:
            return [float(delay) for delay in delays]
        time.sleep(0.5)


def leaf_cost(url: str) -> Iterator[Figure]:
    """Work out leaves in the database, and nothing else."""
    leaves = (
        "SELECT count(log.leaf(p.inner_pad, p.outer_pad, originator_id, originator_version, leaf,"
        " topic, actor, log.sent(recorded_at), state))"
        " FROM (SELECT * FROM log.stored_events LIMIT 50000) s, keys.pseudonyms p"
    )
    rows = "SELECT count(leaf), max(state) FROM (SELECT * FROM log.stored_events LIMIT 50000) s"
    with psycopg.connect(url, autocommit=True) as connection:
        seconds: dict[str, list[float]] = {leaves: [], rows: []}
        for _ in range(6):
            for sql, into in seconds.items():
                started = time.perf_counter()
                connection.execute(sql.encode())
                into.append(time.perf_counter() - started)
    spent_each = (median(seconds[leaves]) - median(seconds[rows])) / 50_000 * 1e6
    yield Figure("the leaf of an entry, in the database", spent_each, "us")


def put(connection: psycopg.Connection[Any], serial: int, count: int) -> None:
    """Append first entries of new streams."""
    events = [
        StoredEvent(UUID(int=serial * 1000 + n), version(connection, serial * 1000 + n), "x", b"y")
        for n in range(1, count + 1)
    ]
    connection.execute(APPEND, columns_of([Sealed(Append((), "bench", {}), events)], None))


def version(connection: psycopg.Connection[Any], number: int) -> int:
    row = connection.execute(
        "SELECT max(originator_version) FROM log.stored_events WHERE originator_id = %s",
        [UUID(int=number)],
    ).fetchone()
    return (row[0] if row and row[0] else 0) + 1


def spent(keeper: TreeKeeper) -> float:
    started = time.perf_counter()
    assert keeper.checkpoint() is not None
    return time.perf_counter() - started


def median(of: list[float]) -> float:
    return statistics.median(of)
