"""Growth: the same work on logs of several lengths, in turns; it should take the same time."""

import asyncio
import base64
import random
import statistics
import time
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import AsyncExitStack, ExitStack, asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Self
from uuid import UUID, uuid4

import httpx
import psycopg
import uvloop
from pydantic import SecretStr

from api.app import create_app
from api.service import Service, number_key_of, running
from api.settings import Settings
from application.accounts import NewAccount
from application.layout import prepare
from application.store.log import Log
from application.store.store import IdempotencyKey
from application.tracking import Ask
from tests.benchmarks import proving
from tests.benchmarks.contestants.tracking import VISIT
from tests.benchmarks.generating import Plan, check, generate, plan_of, school_code, schools
from tests.benchmarks.measure import Figure, own_database, ratio
from tests.benchmarks.rebuilding import rebuilt_apart
from tests.keys import RING, vault
from tests.lives import TEACHER
from tests.people import PASSWORD

CALLERS, EACH = 16, 20
TURNS = 15
READS = 10  # a turn
LONGEST_TURN_MS = 500
LEDGER, REGISTER = "/v1/ledgers/return-to-school", "/v1/ledgers/home-visits"
SEARCH = "/v1/students?q=%E6%B5%8B"
PEOPLE = [
    NewAccount("principal", "测戊", "principal", "测0中学", school=school_code(0)),
    NewAccount("bureau", "测癸", "bureau", "区教体局"),
]
SIZE = (
    "SELECT sum(pg_total_relation_size(oid)) FROM pg_class"
    " WHERE relkind = 'r' AND relnamespace = ANY(%s::regnamespace[])"
)


@dataclass
class Grown:
    """One log and the service on it."""

    plan: Plan
    url: str
    settings: Settings
    seconds: dict[str, list[float]] = field(default_factory=dict)


def figures(url: str, sizes: Sequence[int]) -> Iterator[Figure]:
    with ExitStack() as stack:
        logs = []
        for size in sorted(sizes):
            grown = laid_out(url, size, stack)
            logs.append(grown)
            yield from written(grown)
        uvloop.run(measured(logs))
        yield from compared(logs)


def laid_out(url: str, size: int, stack: ExitStack) -> Grown:
    own = stack.enter_context(own_database(url, f"grown_{size}"))
    key = base64.b64encode(RING.current()[1]).decode()
    data = Path(stack.enter_context(TemporaryDirectory()))
    alone = {"watch_duties": False, "send_notices": False}  # a hundred thousand cases are overdue
    settings = Settings(data=data, sealing_key=SecretStr(key), **alone)
    prepare(own, RING)
    return Grown(plan_of(size, number_key_of(settings, own)), own, settings)


def written(grown: Grown) -> Iterator[Figure]:
    """Generate the log and build its views, and tell how fast and how large."""
    told, events = f"{grown.plan.events:,} events", grown.plan.events
    started = time.perf_counter()
    generate(grown.url, grown.plan)
    yield Figure(f"{told}: generated", events / (time.perf_counter() - started), "events/s")
    check(grown.url, grown.plan)
    yield from proving.proven(grown.url, proving.signing_keys(grown.settings.data), f"{told}: ")
    keeper = prepare(grown.url, RING).views_url
    with psycopg.connect(keeper, autocommit=True) as connection:
        log = Log(connection, vault())
        for after in random.Random(1).sample(range(events), 20):
            assert all(event.state for event in log.page(after, 50))  # they open
    rate, memory = rebuilt_apart(keeper)
    yield Figure(f"{told}: its views built", rate, "events/s")
    yield Figure(f"{told}: memory of building its views", memory, "MiB", "<= 300")
    with psycopg.connect(grown.url, autocommit=True) as connection:
        for what, schemas in {
            "the log": ["log"],
            "the log with keys and views": ["log", "keys", "views"],
        }.items():
            row = connection.execute(SIZE.encode(), [schemas]).fetchone()
            assert row is not None
            yield Figure(f"{told}: {what} on disk", float(row[0]) / events, "bytes/event")


class Using:
    """The service on one log, as people use it."""

    def __init__(self, grown: Grown, service: Service, client: httpx.AsyncClient) -> None:
        self.grown, self.service, self.client = grown, service, client
        self.chance = random.Random(5)
        self.as_of = grown.plan.moment(grown.plan.events * 9 // 10).isoformat()
        self.tokens: dict[str, str] = {}

    async def sign_in(self) -> Self:
        for account in PEOPLE:
            form = {"username": account.username, "password": PASSWORD}
            answer = await self.client.post("/v1/token", data=form)
            assert answer.status_code == 200, answer.text
            self.tokens[account.username] = answer.json()["access_token"]
        return self

    async def children(self, count: int, *, of_school: bool = False) -> list[UUID]:
        """Pick children by chance, as they lie in the log; or some of the principal's."""
        if of_school:
            sql = "SELECT student_id FROM views.students WHERE until IS NULL AND school_code = %s"
            with psycopg.connect(self.grown.url) as connection:
                rows = connection.execute(sql.encode(), [school_code(0)]).fetchall()
            return [row[0] for row in self.chance.sample(rows, count)]
        places = [self.chance.randrange(self.grown.plan.events) + 1 for _ in range(count)]
        rows = await self.service.store.query(
            "SELECT DISTINCT originator_id FROM log.stored_events WHERE notification_id = ANY(%s)",
            [places],
        )
        return [row[0] for row in rows]

    async def append(self) -> float:
        """Record visits of children not met before, by some callers; give ms for one."""
        ids = await self.children(CALLERS * EACH)
        tracking = self.service.tracking

        async def caller(own: list[UUID]) -> None:
            for student_id in own:
                key = IdempotencyKey(TEACHER.account, uuid4(), student_id.bytes)
                ask = Ask(TEACHER, await tracking.child(student_id), key=key)
                await tracking.visit_home(ask, **VISIT)

        started = time.perf_counter()
        await asyncio.gather(*(caller(ids[n::CALLERS]) for n in range(CALLERS)))
        ms = 1000 * (time.perf_counter() - started) / len(ids)
        await self.service.freshness.reached(await self.service.store.head(), 60)
        return ms

    async def history(self) -> float:
        ids = await self.children(READS, of_school=True)
        return await self._read("principal", [f"/v1/students/{one}/history" for one in ids])

    async def live(self, who: str, path: str = LEDGER) -> float:
        return await self._read(who, [path] * READS)

    async def changes(self) -> float:
        places = [self.chance.randrange(self.grown.plan.events) for _ in range(READS)]
        return await self._read("bureau", [f"/v1/changes?after={one}" for one in places])

    async def past(self, who: str) -> float:
        return await self._read(who, [LEDGER] * READS, as_of=self.as_of)

    async def _read(self, who: str, paths: list[str], **params: str) -> float:
        """Give ms for one request, inside the server's process; a slow one is asked less often."""
        times: list[float] = []
        for path in paths:
            if sum(times) > LONGEST_TURN_MS:
                break
            started = time.perf_counter()
            answer = await self.client.get(
                path, params=params, headers={"Authorization": f"Bearer {self.tokens[who]}"}
            )
            times.append(1000 * (time.perf_counter() - started))
            assert answer.status_code == 200, answer.text
        return statistics.median(times)


WORK: dict[str, Callable[[Using], Any]] = {
    "an append, 16 callers": Using.append,
    "a child's history": Using.history,
    "a ledger page of a school, with totals": partial(Using.live, who="principal"),
    "a school's as of a moment": partial(Using.past, who="principal"),
    "a ledger page of a district, with totals": partial(Using.live, who="bureau"),
    "a district's as of a moment": partial(Using.past, who="bureau"),
    "a page of a school's home visits": partial(Using.live, who="principal", path=REGISTER),
    "a page of a district's home visits": partial(Using.live, who="bureau", path=REGISTER),
    "a principal's worklist": partial(Using.live, who="principal", path="/v1/worklist"),
    "a page of a school's roll": partial(Using.live, who="principal", path="/v1/students"),
    "a name searched for in a district": partial(Using.live, who="bureau", path=SEARCH),
    "a school's indicators": partial(Using.live, who="principal", path="/v1/indicators"),
    "a school's case trend": partial(Using.live, who="principal", path="/v1/case-trend"),
    "a page of changes": Using.changes,
}
PAST = {
    "a school's as of a moment": "a ledger page of a school, with totals",
    "a district's as of a moment": "a ledger page of a district, with totals",
}


async def measured(logs: list[Grown]) -> None:
    """Do all work on all logs, in turns."""
    async with AsyncExitStack() as stack:
        using = [await stack.enter_async_context(in_use(grown)) for grown in logs]
        for turn in range(TURNS + 1):
            for work, does in WORK.items():
                for one in using[turn % len(using) :] + using[: turn % len(using)]:
                    took = await does(one)
                    if turn:
                        one.grown.seconds.setdefault(work, []).append(took)


@asynccontextmanager
async def in_use(grown: Grown) -> AsyncIterator[Using]:
    """Run the service on a log, with its schools and two people signed in."""
    app = create_app(partial(running, grown.url, grown.settings))
    async with app.router.lifespan_context(app):
        service: Service = app.state.service
        await service.directory.add(service.pool, schools(grown.plan))
        await service.accounts.create(PEOPLE, PASSWORD, second_factor=False)
        transport = httpx.ASGITransport(app=app)
        async with httpx.AsyncClient(
            transport=transport, base_url="http://guixue", timeout=600
        ) as client:
            yield await Using(grown, service, client).sign_in()


def compared(logs: list[Grown]) -> Iterator[Figure]:
    smallest = logs[0]
    for grown in logs:
        told = f"{grown.plan.events:,} events"
        for work, took in grown.seconds.items():
            yield Figure(f"{told}: {work}", statistics.median(took), "ms")
            if work in PAST:
                against = ratio(took, grown.seconds[PAST[work]])
                yield Figure(f"… {told}: {work}, against {PAST[work]}", against, "x", "<= 1.5")
            if grown is not smallest:
                against = ratio(took, smallest.seconds[work])
                least = f"against {smallest.plan.events:,}"
                yield Figure(f"… {told}: {work}, {least}", against, "x", "<= 1.2")
