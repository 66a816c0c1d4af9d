"""The service put together: database, log, views, accounts, and the clock it goes by."""

import os
import secrets
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from tempfile import NamedTemporaryFile
from threading import Event, Thread
from typing import Any

import psycopg
from psycopg_pool import AsyncConnectionPool

from api.settings import Settings
from application.access_log import AccessLog
from application.accounts import Accounts
from application.break_glass import BreakGlass
from application.directory import Directory
from application.store.store import Store, create_schema
from application.tracking import CaseTracking
from domain.rules import DEFAULT_RULES
from projections.all_views import BY_NAME, VIEWS
from projections.engine import Engine, follow_forever
from projections.freshness import Freshness
from projections.rebuild import rebuild

CONNECTIONS = 12
POOL_WAIT_SECONDS = 5.0


@dataclass
class Service:
    """What routes work with. ``ready`` is false while a demo still loads."""

    settings: Settings
    pool: AsyncConnectionPool[Any]
    store: Store
    tracking: CaseTracking
    accounts: Accounts
    access_log: AccessLog
    break_glass: BreakGlass
    directory: Directory
    freshness: Freshness
    ready: bool = True
    threads: list[Thread] = field(default_factory=list)


def now_utc() -> datetime:
    return datetime.now(UTC)


@asynccontextmanager
async def running(
    url: str, settings: Settings, *, now: Callable[[], datetime] = now_utc
) -> AsyncIterator[Service]:
    """Run the service on a database, with an engine that follows the log, until left."""
    pool = AsyncConnectionPool(
        url,
        min_size=2,
        max_size=CONNECTIONS,
        timeout=POOL_WAIT_SECONDS,
        configure=plan_anew,
        open=False,
    )
    stop = Event()
    async with pool:
        await create_schema(pool)
        directory = Directory()
        await directory.read(pool)
        store = Store(pool)
        accounts = Accounts(pool, store, directory)
        await accounts.prepare()
        access_log = AccessLog(pool, store)
        await access_log.prepare()
        break_glass = BreakGlass(store)
        await break_glass.prepare(pool)
        tracking = tracking_on(store, settings, now)
        prepare_views(url)
        engine = Thread(target=follow_forever, args=(url, VIEWS, stop), name="engine", daemon=True)
        engine.start()
        freshness = Freshness(url, store)
        service = Service(
            settings,
            pool,
            store,
            tracking,
            accounts,
            access_log,
            break_glass,
            directory,
            freshness,
        )
        try:
            async with freshness:
                yield service
        finally:
            await access_log.close()
            await store.close()
            stop.set()
            engine.join()


async def plan_anew(connection: psycopg.AsyncConnection[Any]) -> None:
    """Plan each list for what it asks: a rare name is looked up, a common one walked to."""
    await connection.execute("SET plan_cache_mode = force_custom_plan")
    await connection.commit()


def tracking_on(
    store: Store, settings: Settings, now: Callable[[], datetime] = now_utc
) -> CaseTracking:
    """Give the commands on a store, under the rules and the days of the settings."""
    return CaseTracking(
        store,
        rule_book=DEFAULT_RULES,
        number_key=number_key(settings.data),
        now=now,
        zone=settings.zone,
    )


def prepare_views(url: str) -> None:
    """Make missing views, and rebuild those whose definition has changed since."""
    with psycopg.connect(url, autocommit=True) as connection:
        outdated = Engine(connection, VIEWS).prepare()
        if outdated:
            rebuild(connection, [BY_NAME[name] for name in outdated])


def number_key(data: Path) -> bytes:
    """Give the key under which student numbers are hashed, made at the first start."""
    place = data / "number.key"
    if not place.exists():
        data.mkdir(parents=True, exist_ok=True)
        with NamedTemporaryFile(dir=data, prefix="number.key.", delete=False) as fresh:
            fresh.write(secrets.token_bytes(32))
            fresh.flush()
            os.fsync(fresh.fileno())
        Path(fresh.name).rename(place)  # whole, or not there
    return place.read_bytes()
