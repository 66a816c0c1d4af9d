"""The real service on loopback and a real browser before it, for the tests of the pages."""

import asyncio
import os
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio
import uvicorn
from fastapi import FastAPI
from playwright.async_api import Browser, BrowserContext, Page, async_playwright

from api.service import now_utc, running_on
from api.settings import Settings
from api.web.visit import SESSION
from application.store.preparing import Prepared
from tests.api.behind_routes import Routes
from tests.databases import Model, with_people
from tests.keys import KEY
from tests.people import Caller
from tests.settings import quiet, ready
from tests.web.looking import Looks

CHROMIUM = os.environ.get("GUIXUE_CHROMIUM") or shutil.which("chromium")
# It asks nobody but the service: no updates, no start page.
FLAGS = (
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
    "--disable-dev-shm-usage",  # where shared memory is small, or full of databases
)
STARTING_SECONDS = 0.01
OURS = {"origin": "http://guixue", "accept": "text/html"}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """One event loop for all of them, in which the browser lives."""
    for item in items:
        if Path(item.path).parent == Path(__file__).parent and "asyncio" in item.keywords:
            item.add_marker(pytest.mark.asyncio(loop_scope="session"), append=False)


@pytest.fixture(scope="session")
def routes() -> Routes:
    return Routes()


@pytest.fixture
def clock() -> Callable[[], datetime]:
    """What the service takes for the present; tests may put another in its place."""
    return now_utc


@pytest.fixture
def model() -> Model:
    return with_people


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return quiet(tmp_path, sealing_key=KEY)


@pytest_asyncio.fixture(loop_scope="session")
async def app(
    prepared: Prepared, settings: Settings, clock: Callable[[], datetime], routes: Routes
) -> AsyncIterator[FastAPI]:
    async with routes.before(running_on(ready(prepared, settings), settings, now=clock)) as made:
        yield made


@pytest_asyncio.fixture(loop_scope="session")
async def site(app: FastAPI) -> AsyncIterator[str]:
    """Where the service answers, on a port of its own."""
    server = uvicorn.Server(
        uvicorn.Config(app, host="127.0.0.1", port=0, lifespan="off", log_level="warning")
    )
    serving = asyncio.create_task(server.serve())
    while not server.started:
        await asyncio.sleep(STARTING_SECONDS)
    port = server.servers[0].sockets[0].getsockname()[1]
    yield f"http://127.0.0.1:{port}"
    server.should_exit = True
    server.force_exit = True
    await serving


@pytest_asyncio.fixture(loop_scope="session", scope="session")
async def browser() -> AsyncIterator[Browser]:
    """Debian's Chromium, once for all tests of a process."""
    assert CHROMIUM is not None, "apt-get install chromium fonts-noto-cjk"
    async with async_playwright() as playwright:
        started = await playwright.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
        yield started
        await started.close()


@pytest_asyncio.fixture(loop_scope="session")
async def open_as(
    app: FastAPI, site: str, browser: Browser
) -> AsyncIterator[Callable[..., Awaitable[Page]]]:
    """Open a browser of one's own, signed in by username, past the password; or as nobody."""
    contexts: list[BrowserContext] = []

    async def opening(username: str | None, **options: Any) -> Page:
        context = await browser.new_context(base_url=site, locale="zh-CN", **options)
        contexts.append(context)
        if username is not None:
            token = await token_of(app, username)
            await context.add_cookies([{"name": SESSION, "value": token, "url": site}])
        context.set_default_timeout(10_000)
        return await context.new_page()

    yield opening
    for context in contexts:
        await context.close()


@pytest_asyncio.fixture(loop_scope="session")
async def call(app: FastAPI) -> AsyncIterator[Callable[[str], Awaitable[Caller]]]:
    """Call the contract as a person, to set the scene."""
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://guixue") as client:

        async def calling(username: str) -> Caller:
            return Caller(client, await token_of(app, username))

        yield calling


@pytest_asyncio.fixture(loop_scope="session")
async def ask(
    app: FastAPI, site: str
) -> AsyncIterator[Callable[[str | None, str], Awaitable[httpx.Response]]]:
    """Ask for a page as a person or as nobody, without a browser."""
    async with httpx.AsyncClient(base_url=site) as client:

        async def asking(username: str | None, path: str) -> httpx.Response:
            cookie = f"{SESSION}={await token_of(app, username)}" if username else ""
            return await client.get(path, headers={"Cookie": cookie})

        yield asking


@pytest_asyncio.fixture(loop_scope="session")
async def browse(app: FastAPI) -> AsyncIterator[Callable[..., Awaitable[httpx.Response]]]:
    """Ask for pages as a browser without a window, signed in or not."""
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://guixue") as client:
        tokens: dict[str | None, str] = {None: ""}

        async def browsing(
            username: str | None, method: str, path: str, **options: Any
        ) -> httpx.Response:
            if username not in tokens:
                tokens[username] = f"{SESSION}={await token_of(app, username)}"
            cookie = tokens[username]
            headers = {**OURS, "cookie": cookie, **options.pop("headers", {})}
            return await client.request(method, path, headers=headers, **options)

        yield browsing


async def token_of(app: FastAPI, username: str) -> str:
    """Open a session, past the password, which takes its time by design."""
    service = app.state.service
    ((account, generation),) = await service.store.query(
        "SELECT account, generation FROM access.accounts WHERE username = %s", [username]
    )
    now = service.tracking.now()
    token: str = await service.sessions.open(account, generation, now, second_factor=False)
    return token


@pytest.fixture
def looks(tmp_path: Path) -> Looks:
    """Look at a page as a person would: axe, both widths, nothing from elsewhere."""
    return Looks(Path(os.environ.get("GUIXUE_SCREENSHOTS", tmp_path)))
