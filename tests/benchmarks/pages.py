"""Pages: how long the server takes for a page of a list, at the reference district's size."""

import asyncio
import statistics
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import uuid4

import httpx

from api.app import create_app
from api.demo.cases import play_cases
from api.demo.loading import load_district
from api.service import running
from api.settings import Settings
from application.access_log import AccessLog, Line
from tests.benchmarks.measure import Figure

REQUESTS = 60
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
                return [*found, Figure(line, await line_ms(service.access_log), "ms", "<= 5")]


async def median_ms(client: httpx.AsyncClient, path: str) -> float:
    """Give the median time of a request inside the server's process."""
    times = []
    for _ in range(REQUESTS):
        started = time.perf_counter()
        answer = await client.get(path)
        times.append(1000 * (time.perf_counter() - started))
        assert answer.status_code == 200, answer.text
    return statistics.median(times)


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
