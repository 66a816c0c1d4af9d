"""Running things for the command line: the server, the demo, imports; each until it is done."""

import asyncio
import gc
import signal
import socket
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import (
    AbstractAsyncContextManager,
    asynccontextmanager,
    contextmanager,
    nullcontext,
    suppress,
)
from functools import partial
from ipaddress import ip_address
from types import FrameType
from typing import Any

import psycopg
import uvicorn
from fastapi import FastAPI
from psycopg_pool import AsyncConnectionPool
from rich.console import Console

from api.app import create_app
from api.demo.run import Demo
from api.imports.importing import Importing, Report
from api.imports.schools import schools_of
from api.service import Service, key_ring, prepare_views, tracking_on
from api.service import running as service_running
from api.settings import Settings
from application.accounts import has_demo_accounts
from application.directory import Directory
from application.layout import prepare
from application.store.database import check_given, data_folder, database, running_url
from application.store.log import Log
from application.store.sealing import Vault
from application.store.store import Store
from domain.entry import Actor

IMPORTER = Actor("guixue-import-roll", "学籍导入", "bureau", "区教体局", "bureau", superior=True)
GARBAGE = 20_000  # objects made, and not freed, between two collections
DEMO_MARK = "demo"  # a file in the data folder; what it says is how far the demo came


class Refused(Exception):
    """The command does not do this, and says why."""


@contextmanager
def opened(settings: Settings) -> Iterator[tuple[str, Callable[[], bool]]]:
    """Hold the data folder and run its database; yields its URL, and whether we are to stop."""
    with (
        stopping_on_signals() as told_to_stop,
        data_folder(settings.data),
        database(settings.data, settings.database_url) as url,
    ):
        yield url, told_to_stop


@contextmanager
def reached(settings: Settings) -> Iterator[str]:
    """Give the URL of the service's database: the running service's, or by starting it."""
    if settings.database_url is not None:
        check_given(settings.database_url)
    url = settings.database_url or running_url(settings.data)
    if url is not None:
        yield url
        return
    with opened(settings) as (own, _):
        yield own


@contextmanager
def keeping(settings: Settings) -> Iterator[tuple[str, Vault]]:
    """Give the URL of the service's database for the keeper of its views, and children's keys."""
    with reached(settings) as url:
        ring = key_ring(settings, url)
        database = prepare(url, ring)
        prepare_views(database, ring)
        yield database.views_url, Vault(ring)


@contextmanager
def viewing(settings: Settings) -> Iterator[Log]:
    """Connect to the service's database as the keeper of its views."""
    with (
        keeping(settings) as (url, vault),
        psycopg.connect(url, autocommit=True) as connection,
    ):
        yield Log(connection, vault)


@contextmanager
def owning(settings: Settings) -> Iterator[Log]:
    """Connect to the service's database as its owner."""
    with reached(settings) as url:
        ring = key_ring(settings, url)
        prepare(url, ring)
        with psycopg.connect(url, autocommit=True) as connection:
            yield Log(connection, Vault(ring))


@contextmanager
def stopping_on_signals() -> Iterator[Callable[[], bool]]:
    """
    Make SIGTERM unwind like Ctrl-C, so that everything is stopped in order.

    Yields whether one came: what a signal raises is lost where Python finalises an object, so the
    server asks before it settles down.
    """
    came: list[int] = []

    def stop(number: int, frame: FrameType | None) -> None:
        came.append(number)
        if number == signal.SIGINT:
            signal.default_int_handler(number, frame)
        sys.exit(0)

    before = {number: signal.signal(number, stop) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield lambda: bool(came)
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def starting(url: str, settings: Settings) -> Callable[[], AbstractAsyncContextManager[Service]]:
    return partial(service_running, url, settings)


class Server(uvicorn.Server):
    """Uvicorn, which says when it answers, and does not begin if it was told to stop before."""

    answering: Callable[[], None] = staticmethod(lambda: None)

    def __init__(self, told_to_stop: Callable[[], bool], config: uvicorn.Config) -> None:
        super().__init__(config)
        self._told_to_stop = told_to_stop

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        try:
            await super().startup(sockets)
        except SystemExit:
            where = f"{self.config.host}:{self.config.port}"
            raise Refused(
                f"Guixue cannot serve on {where}; why is said above. 无法在 {where} 提供服务。"
            ) from None
        if self._told_to_stop():
            self.should_exit = True
        else:
            # What the start made stays for good; what a request makes is gone with it.
            gc.collect()
            gc.freeze()
            gc.set_threshold(GARBAGE)
            self.answering()


def server(app: FastAPI, host: str, port: int, told_to_stop: Callable[[], bool]) -> Server:
    """Make the server; it writes no access log, since queries may name children."""
    return Server(
        told_to_stop,
        uvicorn.Config(
            app,
            host=host,
            port=port,
            log_level="warning",
            access_log=False,
            server_header=False,
            timeout_graceful_shutdown=10,
        ),
    )


def serve(settings: Settings, host: str, port: int, console: Console) -> None:
    """Serve until stopped."""
    if (settings.data / DEMO_MARK).exists():
        require_loopback(host)
    with opened(settings) as (url, told_to_stop):
        with psycopg.connect(url) as connection:
            if has_demo_accounts(connection):
                require_loopback(host)
        prepare(url, key_ring(settings, url))  # what is wrong is said before a server starts
        app = create_app(starting(url, settings))
        serving = server(app, host, port, told_to_stop)
        serving.answering = partial(
            console.print, f"Guixue 归学 serves on http://{host}:{port}  (API: /docs)"
        )
        with suppress(KeyboardInterrupt):  # Ctrl-C is how one ends it
            serving.run()


def demo(
    settings: Settings, host: str, port: int, console: Console, *, once: bool, reset: bool
) -> None:
    """Load the invented district if it is not there, play its cases, print, serve."""
    require_loopback(host)
    with opened(settings) as (url, told_to_stop):
        playing = Demo(url, settings.data / DEMO_MARK, console)
        playing.prepare(reset=reset)
        prepare(url, key_ring(settings, url))
        app = create_app(starting(url, settings))
        serving = server(app, host, port, told_to_stop)
        with nullcontext() if once else suppress(KeyboardInterrupt):
            asyncio.run(playing.run(app, serving, once=once))


def require_loopback(host: str) -> None:
    """
    Refuse to show a demo's accounts, whose password everybody knows, to a network.

    :raises Refused: for an address that is not this machine's own
    """
    try:
        loopback = host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        loopback = False
    if not loopback:
        raise Refused(
            f"This is a demo's data: it is served on loopback only, not on {host}. "
            "演示数据只能在本机查看。"
        )


@asynccontextmanager
async def reference_data(
    settings: Settings, url: str
) -> AsyncIterator[tuple[AsyncConnectionPool[Any], Store, Directory]]:
    """Connect to a service's database as it does, with the directory of its schools."""
    ring = key_ring(settings, url)
    database = prepare(url, ring)
    pool: AsyncConnectionPool[Any] = AsyncConnectionPool(
        database.service_url, min_size=1, max_size=2, open=False
    )
    async with pool:
        directory = Directory()
        await directory.read(pool)
        yield pool, Store(pool, Vault(ring)), directory


async def import_roll(
    settings: Settings, url: str, file: bytes, *, dry_run: bool, partial: bool
) -> tuple[Report, bool]:
    """
    Import a roll; return the report, and whether anything was recorded.

    :raises UnreadableFile: if the file is no table, or has not the headings
    """
    async with reference_data(settings, url) as (_, store, directory):
        importing = Importing(
            tracking=tracking_on(store, settings),
            directory=directory,
            by=IMPORTER,
            check_place=lambda *_: None,
            language="zh",
            dry_run=dry_run,
            partial=partial,
        )
        report, recorded = await importing.take(file)
        return report, recorded is not None


async def import_schools(settings: Settings, url: str, file: bytes) -> int:
    """
    Take a school directory in; return how many schools it named.

    :raises UnreadableFile: if the file is no table, or has not the headings
    :raises WrongDirectory: with every row that cannot be taken
    """
    schools = await schools_of(file)
    async with reference_data(settings, url) as (pool, _, directory):
        await directory.add(pool, schools)
    return len(schools)
