"""Running things from the command line: the server, the demo, an import; each until it is done."""

import asyncio
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractAsyncContextManager, contextmanager
from functools import partial
from ipaddress import ip_address
from pathlib import Path
from types import FrameType
from typing import Any

import psycopg
import uvicorn
from application.store.database import data_folder, database, running_url
from fastapi import FastAPI
from rich.console import Console

from api.app import create_app
from api.demo.run import Demo, NotADemo
from api.service import Service
from api.service import running as service_running
from api.settings import Settings

DEMO_MARK = "demo"  # a file in the data folder; what it says is how far the demo came


class Refused(Exception):
    """The command does not do this, and says why."""


@contextmanager
def opened(settings: Settings) -> Iterator[str]:
    """Hold the data folder and run its database; yields the database's URL."""
    with stopping_on_sigterm(), data_folder(settings.data):
        with database(settings.data, settings.database_url) as url:
            yield url


@contextmanager
def connected(settings: Settings) -> Iterator[psycopg.Connection[Any]]:
    """Connect to the service's database: the running service's, or by starting it."""
    url = settings.database_url or running_url(settings.data)
    if url is not None:
        with psycopg.connect(url, autocommit=True) as connection:
            yield connection
        return
    with opened(settings) as own, psycopg.connect(own, autocommit=True) as connection:
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


def server(app: FastAPI, host: str, port: int) -> uvicorn.Server:
    """Make the server; it writes no access log, since queries may name children."""
    return uvicorn.Server(
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
        app = create_app(starting(url, settings))
        console.print(f"Guixue 归学 serves on http://{host}:{port}  (API: /docs)")
        server(app, host, port).run()


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
            f"This is a demo's data folder: it is served on loopback only, not on {host}. "
            "演示数据只能在本机查看。"
        )


def import_roll(
    settings: Settings, file: Path, console: Console, *, dry_run: bool, partial: bool
) -> None:
    raise Refused("not yet")


def import_schools(settings: Settings, file: Path, console: Console) -> None:
    raise Refused("not yet")
