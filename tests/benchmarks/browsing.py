"""Browsing: how long the server takes for each page, for whom it takes longest, at full size."""

import asyncio
import re
import statistics
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import timedelta
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx

from api.app import create_app
from api.demo.cases import play_cases
from api.demo.loading import load_district
from api.service import Service, running
from api.settings import Settings
from api.web.pages import routes
from api.web.visit import SESSION
from domain.return_periods import month_before
from tests.benchmarks.measure import Figure
from tests.benchmarks.pages import ms

REQUESTS = 15
ENTRIES = 200
ROLES = ("bureau", "auditor", "admin", "principal", "teacher", "township", "office")
LIMIT = "<= 50"
SCHOOL = "3141000058"
# Files, not pages; and what another page asks for.
LEFT_OUT = re.compile(r"/static|/file|/forms/|/evidence$|/sw\.js|/checkpoint|/offline|/sign-in")
FILLED = {
    "name": "dropout-control",
    "kind": "meetings",
    "code": SCHOOL,
    "school": SCHOOL,
    "indicator": "return_rate",
    "quarter": "2026-Q3",
    "version": "2",
    "path:path": "home-visits",
    "inspection": "2026-1",
}


async def measured(url: str) -> list[Figure]:
    async with a_district(url) as (client, service):
        child = await a_case(client)
        filled = {**FILLED, "student_id": child, "month": last_month(service)}
        times: dict[str, float] = {}
        for role in ROLES:
            await signed_in(client, role)
            for route in routes:
                path = re.sub(r"\{([^}]*)\}", lambda one: filled.get(one[1], "-"), route.path)
                if "GET" not in route.methods or LEFT_OUT.search(path):
                    continue
                if (await client.get(path)).status_code == httpx.codes.OK:
                    times[route.path] = max(await median_ms(client, path), times.get(route.path, 0))
        found = [
            Figure(f"the page {path}", time, "ms")
            for path, time in sorted(times.items(), key=lambda one: -one[1])
        ]
        title = f"the slowest of {len(times)} pages in a browser, {found[0].name.split()[-1]}"
        await signed_in(client, "bureau")
        await lengthen(service, client, child)
        long = await median_ms(client, f"/children/{child}")
        return [
            *found,
            Figure(title, found[0].value, "ms", LIMIT),
            Figure(f"the file of a child with {ENTRIES} entries", long, "ms", LIMIT),
        ]


@asynccontextmanager
async def a_district(url: str) -> AsyncIterator[tuple[httpx.AsyncClient, Service]]:
    """Run the service on the reference district, its three cases played."""
    with TemporaryDirectory() as data:
        app = create_app(partial(running, url, Settings(data=Path(data))))
        async with app.router.lifespan_context(app):
            service: Service = app.state.service
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
                yield client, service


def last_month(service: Service) -> str:
    today = service.tracking.today()
    return month_before(f"{today - timedelta(days=1):%Y-%m}")


async def a_case(client: httpx.AsyncClient) -> str:
    """Give a child with a case."""
    await signed_in(client, "bureau")
    token = client.cookies[SESSION]
    answer = await client.get(
        "/v1/ledgers/dropout-control", headers={"Authorization": f"Bearer {token}"}
    )
    child: str = answer.json()["items"][0]["student_id"]
    return child


async def lengthen(service: Service, client: httpx.AsyncClient, child: str) -> None:
    """Record visits until the child has so many entries."""
    headers = {"Authorization": f"Bearer {client.cookies[SESSION]}"}
    body = {"occurred_on": "2026-09-30", "mode": "at_home", "visitors": ["测甲"], "met": ["nobody"]}
    while True:
        path = f"/v1/students/{child}/home-visits"
        answer = await client.post(path, json=body, headers=headers)
        if answer.json()["version"] >= ENTRIES:
            await service.freshness.reached(answer.json()["position"], 60)
            return


async def signed_in(client: httpx.AsyncClient, username: str) -> None:
    form = {"username": username, "password": "guixue-demo"}
    token = (await client.post("/v1/token", data=form)).json()["access_token"]
    client.cookies.clear()
    client.cookies.set(SESSION, token)


async def median_ms(client: httpx.AsyncClient, path: str) -> float:
    return statistics.median([await ms(client, path) for _ in range(REQUESTS)])


def figures(url: str) -> Iterator[Figure]:
    yield from asyncio.run(measured(url))
