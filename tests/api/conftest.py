"""The real service on real PostgreSQL, for the tests of the API."""

from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from api.service import now_utc, running_on
from application.store.preparing import Prepared
from application.store.tree_keeping import TreeKeeper
from tests.api.behind_routes import Routes
from tests.api.places import PLACES, District
from tests.api.printed import child_in_every_ledger
from tests.databases import Model, with_people
from tests.keys import KEY
from tests.people import Caller, enrol
from tests.settings import quiet, ready


@pytest.fixture
def clock() -> Callable[[], datetime]:
    """What the service takes for the present; tests may put another in its place."""
    return now_utc


@pytest.fixture
def model() -> Model:
    """A district's schools and accounts, no child yet."""
    return with_people


@pytest.fixture(scope="session")
def routes() -> Routes:
    return Routes()


@pytest.fixture
def configured() -> dict[str, Any]:
    """What a test wants otherwise in the settings."""
    return {}


@pytest.fixture
async def app(
    prepared: Prepared,
    tmp_path: Path,
    clock: Callable[[], datetime],
    routes: Routes,
    configured: dict[str, Any],
) -> AsyncIterator[FastAPI]:
    """The application, running on a database of its own, with schools and accounts."""
    settings = quiet(tmp_path, sealing_key=KEY, **configured)
    async with routes.before(running_on(ready(prepared, settings), settings, now=clock)) as made:
        yield made


@pytest.fixture
async def client(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    """Somebody who has not signed in."""
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://guixue") as calling:
        yield calling


@pytest.fixture
def sign_in(app: FastAPI, client: httpx.AsyncClient) -> Callable[[str], Awaitable[Caller]]:
    """Sign in by username, past the password, which takes its time by design."""

    async def signing_in(username: str) -> Caller:
        service = app.state.service
        ((account, generation),) = await service.store.query(
            "SELECT account, generation FROM access.accounts WHERE username = %s", [username]
        )
        now = service.tracking.now()
        token = await service.sessions.open(account, generation, now, second_factor=False)
        return Caller(client, token)

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
async def full(registrar, principal, teacher, bureau) -> tuple[str, int]:
    """A child with a line in every ledger, and the position of the last of them."""
    return await child_in_every_ledger(registrar, principal, teacher, bureau)


@pytest.fixture
async def district(app):
    """A district with the children of every place, told of in the views."""
    made = District(app)
    for name in PLACES:
        await made.add(name)
    await made.service.freshness.reached(made.position)
    return made


@pytest.fixture
def send(client):
    """Send a roll file."""

    async def sending(caller: Caller, file: bytes, query: str = "", **headers: str):
        return await client.post(
            f"/v1/students/import{query}",
            files={"file": ("roll.xlsx", file)},
            headers={**caller.headers, **{k.replace("_", "-"): v for k, v in headers.items()}},
        )

    return sending


@pytest.fixture
def entries(connection):
    """How many entries the log holds, asked of the database itself."""
    return lambda: connection.execute("SELECT count(*) FROM log.stored_events").fetchone()[0]
