"""Pages: how long the server takes for a page of a list, at the reference district's size."""

import asyncio
import statistics
import time
from collections.abc import Iterator, Sequence
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
from api.service import Service, plan_anew, running
from api.settings import Settings
from application.access_log import AccessLog, Line
from application.store.scope import Scope
from application.store.store import Store
from tests.benchmarks.measure import Figure
from tests.keys import vault

REQUESTS = 60
TURNS = 100
PAGES = {
    "a page of the return-to-school ledger": "/v1/ledgers/return-to-school",
    "a page of the home-teaching ledger": "/v1/ledgers/home-teaching",
    "a page of the home-teaching sessions": "/v1/ledgers/home-teaching-sessions",
    "a page of the roll, of 52,384 children": "/v1/students",
    "a search of the roll by name": "/v1/students?q=测晓",
}

SECURED = {
    "a page of the roll": "/v1/students",
    "a page of the home-teaching ledger": "/v1/ledgers/home-teaching",
    "a page of the home-teaching sessions": "/v1/ledgers/home-teaching-sessions",
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
                await signed_in(client, "bureau")
                found = []
                for name, path in PAGES.items():
                    times = [await ms(client, path) for _ in range(REQUESTS)]
                    found.append(Figure(name, statistics.median(times), "ms", "<= 20"))
                line = "of which its line in the access log, for 50 children"
                found.append(Figure(line, await line_ms(service.access_log), "ms", "<= 5"))
                return [*found, *await security_ratios(client, service, url)]


class Unsecured(Store):
    """Reads as the owner of the database, whom no policy holds: by the plain WHERE alone."""

    async def query(
        self, sql: str, params: Sequence[Any] = (), *, scope: Scope | None = None
    ) -> list[tuple[Any, ...]]:
        del scope
        return await super().query(sql, params)


async def security_ratios(client: httpx.AsyncClient, service: Service, url: str) -> list[Figure]:
    """Give what row-level security costs: the same pages in turns, with it and without."""
    found = []
    secured = service.store
    async with AsyncConnectionPool(url, min_size=2, configure=plan_anew, open=False) as pool:
        plain = Unsecured(pool, vault())
        for username in ("principal", "bureau"):
            await signed_in(client, username)
            for name, path in SECURED.items():
                times: dict[Store, list[float]] = {secured: [], plain: []}
                for store in [secured, plain] * TURNS:
                    service.store = store
                    times[store].append(await ms(client, path))
                service.store = secured
                ratio = statistics.median(times[secured]) / statistics.median(times[plain])
                title = f"{name}, {username}'s: row-level security against a plain WHERE"
                found.append(Figure(title, ratio, "x", "<= 1.2"))
    return found


async def signed_in(client: httpx.AsyncClient, username: str) -> None:
    form = {"username": username, "password": "guixue-demo"}
    token = (await client.post("/v1/token", data=form)).json()["access_token"]
    client.headers["Authorization"] = f"Bearer {token}"


async def ms(client: httpx.AsyncClient, path: str) -> float:
    """Give the time of a request inside the server's process, in milliseconds."""
    started = time.perf_counter()
    answer = await client.get(path)
    assert answer.status_code == 200, answer.text
    return 1000 * (time.perf_counter() - started)


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
