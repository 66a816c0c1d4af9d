"""Indicators: every figure of the reference district by school, and whether they are right."""

import asyncio
import statistics
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx

from api.app import create_app
from api.demo.cases import play_cases
from api.demo.loading import load_district
from api.service import running
from api.settings import Settings
from tests.benchmarks.measure import Figure
from tests.benchmarks.pages import ms, signed_in

REQUESTS = 15
PATH = "/v1/indicators"
ASKED = {
    "a page of the roll, to compare": "/v1/students",
    "every indicator, of the district and each school": f"{PATH}?by=school",
    "the same as may be published": f"{PATH}?by=school&public=true",
    "the same as of a moment": f"{PATH}?by=school&as_of=2100-01-01T00:00:00Z",
    "a page of the children on the roll behind the dropout rate": (
        f"{PATH}/dropout_rate/cases?part=denominator"
    ),
    "a page of the school-age children": "/v1/ledgers/school-age",
}
# domain.md section 7: numerator and denominator.
REFERENCE = {
    "return_rate": (3, 3),
    "dropout_rate": (0, 52_384),
    "disabled_enrolment_rate": (337, 337),
    "home_visit_coverage": (3, 3),
    "relapse_rate": (0, 3),
}


async def measured(url: str) -> list[Figure]:
    with TemporaryDirectory() as data:
        app = create_app(partial(running, url, Settings(data=Path(data))))
        async with app.router.lifespan_context(app):
            service = app.state.service
            today = service.tracking.today()
            loading = (service.directory, service.pool, service.accounts)
            await load_district(service.tracking, *loading, today=today)
            transport = httpx.ASGITransport(app=app)
            async with httpx.AsyncClient(
                transport=transport, base_url="http://guixue", timeout=600
            ) as client:
                await service.freshness.reached(await service.store.head(), 600)
                await play_cases(client, today)
                await service.freshness.reached(await service.store.head(), 600)
                await signed_in(client, "bureau")
                items = (await client.get(PATH)).json()["items"]
                found = {one["name"]: (one["numerator"], one["denominator"]) for one in items}
                right = sum(found[name] == wanted for name, wanted in REFERENCE.items())
                of = len(REFERENCE)
                figures = [
                    Figure(f"figures that are the district's, of {of}", right, "", f">= {of}")
                ]
                for name, path in ASKED.items():
                    times = [await ms(client, path) for _ in range(REQUESTS)]
                    wanted = "<= 50" if "a page" in name else "<= 1000"
                    figures.append(Figure(name, statistics.median(times), "ms", wanted))
                return figures


def figures(url: str) -> Iterator[Figure]:
    yield from asyncio.run(measured(url))
