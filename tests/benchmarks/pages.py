"""Pages: how long the server takes for a page of a list, at the reference district's size."""

import asyncio
import statistics
import time
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from uuid import uuid4

import httpx
from psycopg_pool import AsyncConnectionPool

from api.app import create_app
from api.demo.cases import play_cases
from api.demo.loading import load_district
from api.listing import Wanted, case_rows_within_reach, page, stands, within_reach
from api.service import Service, plan_anew, running
from api.settings import Settings
from application.access import Post
from application.access_log import AccessLog, Line
from application.store.store import Store
from projections.all_views import BY_NAME
from tests.benchmarks.measure import Figure
from tests.keys import vault

REQUESTS = 60
TURNS = 300
PAGES = {
    "a page of the return-to-school ledger": "/v1/ledgers/return-to-school",
    "a page of the home-teaching ledger": "/v1/ledgers/home-teaching",
    "a page of the home-teaching sessions": "/v1/ledgers/home-teaching-sessions",
    "a page of the roll, of 52,384 children": "/v1/students",
    "a search of the roll by name": "/v1/students?q=测晓",
}


async def measured(url: str) -> list[Figure]:
    with TemporaryDirectory() as data:
        app = create_app(partial(running, url, Settings(data=Path(data))))
        async with app.router.lifespan_context(app):
            service = app.state.service
            await load_district(
                service.tracking,
                service.directory,
                service.pool,
                service.accounts,
                today=service.tracking.today(),
            )
            transport = httpx.ASGITransport(app=app)
            async with httpx.AsyncClient(
                transport=transport, base_url="http://guixue", timeout=600
            ) as client:
                await service.freshness.reached(await service.store.head(), 600)
                await play_cases(client, service.tracking.today())
                await service.freshness.reached(await service.store.head(), 600)
                token = (
                    await client.post(
                        "/v1/token", data={"username": "bureau", "password": "guixue-demo"}
                    )
                ).json()["access_token"]
                client.headers["Authorization"] = f"Bearer {token}"
                found = [
                    Figure(name, await median_ms(client, path), "ms", "<= 20")
                    for name, path in PAGES.items()
                ]
                line = "of which its line in the access log, for 50 children"
                found.append(Figure(line, await line_ms(service.access_log), "ms", "<= 5"))
                return [*found, *await security_ratios(service, url)]


async def median_ms(client: httpx.AsyncClient, path: str) -> float:
    """Give the median time of a request inside the server's process."""
    times = []
    for _ in range(REQUESTS):
        started = time.perf_counter()
        answer = await client.get(path)
        times.append(1000 * (time.perf_counter() - started))
        assert answer.status_code == 200, answer.text
    return statistics.median(times)


async def security_ratios(service: Service, url: str) -> list[Figure]:
    """Give what row-level security costs: a page read in its scope, against one it lets by."""
    lists = {
        "a page of the roll": ("students", within_reach, "<= 1.2"),
        "a page of the home-teaching ledger": ("home_teaching_ledger", case_rows_within_reach, ""),
    }
    found = []
    # the owner of the database, whom no policy holds
    async with AsyncConnectionPool(url, min_size=2, configure=plan_anew, open=False) as pool:
        owners = replace(service, store=Store(pool, vault()))
        for name, (view, within, wanted) in lists.items():
            ((school,),) = await owners.store.query(
                f"SELECT mode() WITHIN GROUP (ORDER BY school_code) FROM views.{view}"
            )
            for whose, post in {
                "its largest school": Post("principal", "", schools=frozenset([school])),
                "the district": Post("bureau", ""),
            }.items():
                ratio = await security_ratio(service, owners, view, within, post)
                title = f"{name}, {whose}: row-level security against a plain WHERE"
                found.append(Figure(title, ratio, "ratio", wanted))
    return found


async def security_ratio(
    service: Service, owners: Service, view: str, within: Any, post: Post
) -> float:
    """Give the ratio of the medians of the same SQL, read in turns."""
    times: dict[bool, list[float]] = {True: [], False: []}
    for turn in range(2 * TURNS):
        secured = turn % 2 == 0
        wanted = Wanted()
        stands(wanted, None)
        within(wanted, [post])
        if not secured:
            wanted.scope = None
        started = time.perf_counter()
        rows, _ = await page(service if secured else owners, BY_NAME[view], wanted, 50, None)
        times[secured].append(time.perf_counter() - started)
        assert rows
    return statistics.median(times[True]) / statistics.median(times[False])


async def line_ms(log: AccessLog) -> float:
    """Give the median time until a line about a page of children is durable."""
    children = dict.fromkeys((uuid4() for _ in range(50)), "3141000058")
    line = Line(str(uuid4()), "view students", "shown", children=children)
    times: list[float] = []
    for _ in range(REQUESTS):
        started = time.perf_counter()
        await log.write(line)
        times.append(1000 * (time.perf_counter() - started))
    return statistics.median(times)


def figures(url: str) -> Iterator[Figure]:
    yield from asyncio.run(measured(url))
