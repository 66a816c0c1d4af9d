"""The real service on real PostgreSQL, for the tests of the API."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from datetime import datetime
from functools import partial
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI

from api.app import create_app
from api.service import now_utc, running
from api.settings import Settings
from application.store.tree_keeping import TreeKeeper
from tests.api.places import PLACES, District
from tests.people import ACCOUNTS, PASSWORD, SCHOOLS, Caller, enrol


@pytest.fixture
def clock() -> Callable[[], datetime]:
    """What the service takes for the present; tests may put another in its place."""
    return now_utc


@pytest.fixture
async def app(
    database_url: str, tmp_path: Path, clock: Callable[[], datetime]
) -> AsyncIterator[FastAPI]:
    """The application, running on a database of its own, with schools and accounts."""
    made = create_app(
        partial(
            running,
            database_url,
            Settings(data=tmp_path, follow_views="thread", keep_tree=False),
            now=clock,
        )
    )
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(made.router.lifespan_context(made))
        service = made.state.service
        await service.directory.add(service.pool, SCHOOLS)
        await service.accounts.create(ACCOUNTS, PASSWORD, second_factor=False)
        yield made


@pytest.fixture
async def client(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    """Somebody who has not signed in."""
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://guixue") as calling:
        yield calling


@pytest.fixture
def sign_in(client: httpx.AsyncClient) -> Callable[[str], Awaitable[Caller]]:
    """Sign in by username."""

    async def signing_in(username: str) -> Caller:
        answer = await client.post("/v1/token", data={"username": username, "password": PASSWORD})
        assert answer.status_code == 200, answer.text
        return Caller(client, answer.json()["access_token"])

    return signing_in


@pytest.fixture
async def teacher(sign_in: Callable[[str], Awaitable[Caller]]) -> Caller:
    return await sign_in("teacher")


@pytest.fixture
async def registrar(sign_in: Callable[[str], Awaitable[Caller]]) -> Caller:
    return await sign_in("registrar")


@pytest.fixture
async def principal(sign_in: Callable[[str], Awaitable[Caller]]) -> Caller:
    return await sign_in("principal")


@pytest.fixture
async def bureau(sign_in: Callable[[str], Awaitable[Caller]]) -> Caller:
    return await sign_in("bureau")


@pytest.fixture
async def child(registrar: Caller) -> str:
    """A child of the teacher's class, just put on the roll."""
    student_id: str = (await enrol(registrar, 1))["student_id"]
    return student_id


@pytest.fixture
def head(app):
    """How many entries the log holds."""

    async def counting() -> int:
        rows = await app.state.service.store.query("SELECT count(*) FROM log.stored_events")
        return rows[0][0]

    return counting


@pytest.fixture
def checkpoint(app, connection):
    """Make a checkpoint of all that is recorded; here, none is made unasked."""

    def making():
        return TreeKeeper(connection, app.state.service.log_keys).checkpoint()

    return making


@pytest.fixture
async def reported(child, principal, teacher):
    """A child the township may reach too."""
    await teacher.record(child, "absence-flags")
    await teacher.record(child, "suspicions")
    await principal.record(child, "written-reports")
    return child


@pytest.fixture
async def district(app):
    """A district with the children of every place, told of in the views."""
    made = District(app)
    for name in PLACES:
        await made.add(name)
    await made.service.freshness.reached(made.position)
    return made
