"""Reaching a district's database from the command line: by its folder, in order, until done."""

import signal
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from types import FrameType
from typing import Any

import psycopg
from psycopg_pool import AsyncConnectionPool

from api.service import key_ring, prepare_views
from api.settings import Settings
from application.directory import Directory
from application.layout import prepare
from application.store.database import check_given, data_folder, database, running_url
from application.store.log import Log
from application.store.sealing import Vault
from application.store.store import Store


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

    with hearing(stop):
        yield lambda: bool(came)


@contextmanager
def hearing(told: Callable[[int, FrameType | None], object]) -> Iterator[None]:
    """Have SIGTERM and Ctrl-C do something else than they did."""
    before = {number: signal.signal(number, told) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


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


@contextmanager
def owning(settings: Settings) -> Iterator[Log]:
    """Connect to the service's database as its owner."""
    with reached(settings) as url:
        ring = key_ring(settings, url)
        prepare(url, ring)
        with psycopg.connect(url, autocommit=True) as connection:
            yield Log(connection, Vault(ring))
