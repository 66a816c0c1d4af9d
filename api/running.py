"""Running things for the command line: the server, the demo, imports; each until it is done."""

import asyncio
import signal
import socket
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager
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
from api.service import Service, tracking_on
from api.service import running as service_running
from api.settings import Settings
from application.accounts import has_demo_accounts
from application.directory import Directory
from application.store.database import data_folder, database, running_url
from application.store.store import Store, create_schema
from domain.entry import Actor

IMPORTER = Actor("guixue-import-roll", "学籍导入", "bureau", "区教体局", "bureau", superior=True)
DEMO_MARK = "demo"  # a file in the data folder; what it says is how far the demo came


class Refused(Exception):
    """The command does not do this, and says why."""


@contextmanager
def opened(settings: Settings) -> Iterator[str]:
    """Hold the data folder and run its database; yields the database's URL."""
    with (
        stopping_on_sigterm(),
        data_folder(settings.data),
        database(settings.data, settings.database_url) as url,
    ):
        yield url


@contextmanager
def reached(settings: Settings) -> Iterator[str]:
    """Give the URL of the service's database: the running service's, or by starting it."""
    url = settings.database_url or running_url(settings.data)
    if url is not None:
        yield url
        return
    with opened(settings) as own:
        yield own


@contextmanager
def connected(settings: Settings) -> Iterator[psycopg.Connection[Any]]:
    """Connect to the service's database."""
    with reached(settings) as url, psycopg.connect(url, autocommit=True) as connection:
        yield connection


@contextmanager
def stopping_on_sigterm() -> Iterator[None]:
    """Make SIGTERM unwind like Ctrl-C, so that everything is stopped in order."""

    def stop(_: int, __: FrameType | None) -> None:
        sys.exit(0)

    before = signal.signal(signal.SIGTERM, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def starting(url: str, settings: Settings) -> Callable[[], AbstractAsyncContextManager[Service]]:
    return partial(service_running, url, settings)


class Server(uvicorn.Server):
    """Uvicorn, which says when it answers."""

    answering: Callable[[], None] = staticmethod(lambda: None)

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.answering()


def server(app: FastAPI, host: str, port: int) -> Server:
    """Make the server; it writes no access log, since queries may name children."""
    return Server(
        uvicorn.Config(
            app,
            host=host,
            port=port,
            log_level="warning",
            access_log=False,
            server_header=False,
            timeout_graceful_shutdown=10,
        )
    )


def serve(settings: Settings, host: str, port: int, console: Console) -> None:
    """Serve until stopped."""
    if (settings.data / DEMO_MARK).exists():
        require_loopback(host)
    with opened(settings) as url:
        with psycopg.connect(url) as connection:
            if has_demo_accounts(connection):
                require_loopback(host)
        app = create_app(starting(url, settings))
        serving = server(app, host, port)
        serving.answering = partial(
            console.print, f"Guixue 归学 serves on http://{host}:{port}  (API: /docs)"
        )
        serving.run()


def demo(
    settings: Settings, host: str, port: int, console: Console, *, once: bool, reset: bool
) -> None:
    """Load the invented district if it is not there, play its cases, print, serve."""
    require_loopback(host)
    with opened(settings) as url:
        playing = Demo(url, settings.data / DEMO_MARK, console)
        playing.prepare(reset=reset)
        app = create_app(starting(url, settings))
        asyncio.run(playing.run(app, server(app, host, port), once=once))


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
async def reference_data(url: str) -> AsyncIterator[tuple[AsyncConnectionPool[Any], Directory]]:
    """Connect to a service's database, with the directory of its schools."""
    pool: AsyncConnectionPool[Any] = AsyncConnectionPool(url, min_size=1, max_size=2, open=False)
    async with pool:
        await create_schema(pool)
        directory = Directory()
        await directory.read(pool)
        yield pool, directory


async def import_roll(
    settings: Settings, url: str, file: bytes, *, dry_run: bool, partial: bool
) -> tuple[Report, bool]:
    """
    Import a roll; return the report, and whether anything was recorded.

    :raises UnreadableFile: if the file is no table, or has not the headings
    """
    async with reference_data(url) as (pool, directory):
        importing = Importing(
            tracking=tracking_on(Store(pool), settings),
            directory=directory,
            by=IMPORTER,
            check_place=lambda *_: None,
            language="zh",
            dry_run=dry_run,
            partial=partial,
        )
        report, recorded = await importing.take(file)
        return report, recorded is not None


async def import_schools(url: str, file: bytes) -> int:
    """
    Take a school directory in; return how many schools it named.

    :raises UnreadableFile: if the file is no table, or has not the headings
    :raises WrongDirectory: with every row that cannot be taken
    """
    schools = await schools_of(file)
    async with reference_data(url) as (pool, directory):
        await directory.add(pool, schools)
    return len(schools)
