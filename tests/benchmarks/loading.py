"""Loading: the reference district's roll as events, against plain INSERTs of the same rows."""

import asyncio
import time
from collections.abc import Iterator
from datetime import date
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory

import psycopg
from psycopg_pool import AsyncConnectionPool

from api.demo.district import children
from api.demo.loading import CHUNK, LOADER
from api.service import tracking_on
from api.settings import Settings
from application.layout import prepare
from application.store.store import Store
from tests.benchmarks.measure import Figure
from tests.keys import RING, vault

DAY = date(2026, 11, 24)
SAMPLE = 20_000


async def load(url: str, count: int | None = None) -> float:
    """Load children as the demo does; return events a second."""
    facts = [child.facts for child in islice(children(DAY), count)]
    service = prepare(url, RING).service_url
    pool = AsyncConnectionPool(service, min_size=2, max_size=4, open=False)
    with TemporaryDirectory() as data:
        async with pool:
            tracking = tracking_on(Store(pool, vault()), Settings(data=Path(data)), b"key")
            started = time.perf_counter()
            for place in range(0, len(facts), CHUNK):
                drafts = [tracking.drafted(LOADER, **one) for one in facts[place : place + CHUNK]]
                await tracking.enrol_all(LOADER, drafts, {})
            return len(facts) / (time.perf_counter() - started)


def plain_inserts(url: str) -> float:
    """Write the same rows with executemany into a bare table; return rows a second."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(
            "CREATE TABLE plain (originator_id uuid, originator_version bigint, topic text,"
            " state bytea, PRIMARY KEY (originator_id, originator_version))"
        )
        rows = connection.execute(
            "SELECT originator_id, originator_version, topic, state FROM log.stored_events"
            " LIMIT %s",
            [SAMPLE],
        ).fetchall()
        started = time.perf_counter()
        for place in range(0, len(rows), CHUNK):
            with connection.transaction(), connection.cursor() as cursor:
                cursor.executemany(
                    "INSERT INTO plain VALUES (%s, %s, %s, %s)", rows[place : place + CHUNK]
                )
        return len(rows) / (time.perf_counter() - started)


def figures(url: str) -> Iterator[Figure]:
    rate = asyncio.run(load(url))
    yield Figure("loading the roll of 52,384 children", rate, "events/s", ">= 5000")
    yield Figure("… against plain INSERTs in the same batches", rate / plain_inserts(url), "x")
