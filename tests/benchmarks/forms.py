"""Printed forms: fifty of them in one file, by typst alone and through the route."""

import asyncio
import statistics
import time
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from uuid import UUID

import httpx

from api.app import create_app
from api.demo.district import children, schools
from api.demo.loading import LOADER
from api.forms.catalogue import FORMS
from api.forms.subject import Subject
from api.service import Service, running
from api.settings import Settings
from api.showing import MASKS
from application.accounts import NewAccount
from projections.replay import Child
from tests.benchmarks.measure import Figure
from tests.keys import KEY

FORMS_ASKED, TURNS, PASSWORD = 50, 5, "guixue-bench"
PRINTED = ("home-visit", "case-file", "enrolment-notice")


async def laid_out(service: Service) -> list[UUID]:
    """Put fifty children on the roll, each visited once; give their ids."""
    await service.directory.add(service.pool, schools())
    bureau = NewAccount("bureau", "测癸", "bureau", "区教体局")
    await service.accounts.create([bureau], PASSWORD, demo=True)
    facts = [one.facts for one, _ in zip(children(date(2026, 9, 1)), range(FORMS_ASKED))]  # noqa: B905  # as many as are asked for
    tracking = service.tracking
    drafts = [tracking.drafted(LOADER, **told) for told in facts]
    await tracking.enrol_all(LOADER, drafts, {})
    rows = await service.store.query(
        "SELECT originator_id FROM log.stored_events WHERE topic = 'student.enrolled'"
        " ORDER BY notification_id"
    )
    return [child for (child,) in rows]


async def visited(client: httpx.AsyncClient, child: UUID) -> None:
    visit = {
        "occurred_on": "2026-09-15",
        "mode": "at_home",
        "visitors": ["测甲老师"],
        "met": ["guardian"],
        "family_situation": "与祖父母同住,父母在外务工。" * 6,
        "guardian_view": "希望孩子读完初中。" * 4,
    }
    answer = await client.post(f"/v1/students/{child}/home-visits", json=visit)
    assert answer.status_code == 201, answer.text


async def alone(service: Service, ids: list[UUID], name: str) -> float:
    """Set the forms of all children from what is loaded already; give the seconds."""
    today, directory = service.tracking.today(), service.directory
    setting = FORMS[name].setting
    assert setting is not None
    sheets = []
    for child_id in ids:
        child = Child.replayed(await service.tracking.recorded(child_id))
        number = 2 if FORMS[name].entry else None
        sheets.append(setting(Subject.of(child, number, directory, MASKS, today)))
    at, started = service.tracking.now(), time.perf_counter()
    service.press.set("打印表格", sheets, "尾", at)
    return time.perf_counter() - started


async def through_the_route(client: httpx.AsyncClient, ids: list[UUID], name: str) -> float:
    forms = [{"student_id": str(child), "form": name} for child in ids]
    started = time.perf_counter()
    answer = await client.post("/v1/forms", json={"forms": forms})
    assert answer.status_code == 200, answer.text
    return time.perf_counter() - started


async def longest_pause(printing: Any) -> float:
    """Print, and give the longest time for which the loop answered nobody else."""
    task, longest, last = asyncio.ensure_future(printing), 0.0, time.perf_counter()
    while not task.done():
        await asyncio.sleep(0.001)
        now = time.perf_counter()
        longest, last = max(longest, now - last), now
    await task
    return longest


async def measured(url: str, data: Path) -> dict[str, float]:
    settings = Settings(data=data, sealing_key=KEY, follow_views="thread", keep_tree=False)
    app = create_app(lambda: running(url, settings))
    found: dict[str, list[float]] = {}
    async with app.router.lifespan_context(app):
        service: Service = app.state.service
        ids = await laid_out(service)
        transport = httpx.ASGITransport(app=app)
        async with httpx.AsyncClient(transport=transport, base_url="http://guixue") as client:
            ((account, generation),) = await service.store.query(
                "SELECT account, generation FROM access.accounts"
            )
            now = service.tracking.now()
            token = await service.sessions.open(account, generation, now, second_factor=False)
            client.headers["Authorization"] = f"Bearer {token}"
            for child in ids:
                await visited(client, child)
            for turn in range(TURNS + 1):
                told = {"alone": await alone(service, ids, "home-visit")}
                for name in PRINTED:
                    told[name] = await through_the_route(client, ids, name)
                told["pause"] = await longest_pause(through_the_route(client, ids, "home-visit"))
                for name, seconds in told.items():
                    found.setdefault(name, []).extend([seconds] if turn else [])
    return {name: statistics.median(seconds) for name, seconds in found.items()}


def figures(url: str) -> Iterator[Figure]:
    with TemporaryDirectory(prefix="guixue-bench-") as folder:
        found = asyncio.run(measured(url, Path(folder)))
    yield Figure(f"{FORMS_ASKED} home visits, set alone", found["alone"], "s", "<= 2")
    for name in PRINTED:
        yield Figure(f"{FORMS_ASKED} x {name}, through the route", found[name], "s", "<= 2")
    yield Figure("… nobody else is answered meanwhile for at most", found["pause"] * 1000, "ms")
