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
from application.account_list import AccountList
from application.accounts import Accounts
from application.directory import Directory
from application.openid_provider import Client, OpenIdProvider
from application.passwords import Passwords
from application.provider_sign_ins import ProviderSignIns
from application.second_factor import SecondFactor
from application.sessions import Sessions
from application.sign_in import SignIn
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
    account_list: AccountList
    sessions: Sessions
    sign_in: SignIn
    provider: OpenIdProvider | None
    provider_sign_ins: ProviderSignIns
    access_log: AccessLog
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
        second_factor, passwords = second_factor_on(store), Passwords()
        accounts = Accounts(pool, store, directory, second_factor, passwords)
        await accounts.prepare()
        sessions = Sessions(store, directory)
        access_log = AccessLog(pool, store)
        await access_log.prepare()
        tracking = tracking_on(store, settings, now)
        prepare_views(url)
        engine = Thread(target=follow_forever, args=(url, VIEWS, stop), name="engine", daemon=True)
        engine.start()
        freshness = Freshness(url, store)
        service = Service(
            settings=settings,
            pool=pool,
            store=store,
            tracking=tracking,
            accounts=accounts,
            account_list=AccountList(store),
            sessions=sessions,
            sign_in=SignIn(store, sessions, passwords, second_factor),
            provider=provider_of(settings),
            provider_sign_ins=ProviderSignIns(store),
            access_log=access_log,
            directory=directory,
            freshness=freshness,
        )
        try:
            async with freshness:
                yield service
        finally:
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


def second_factor_on(store: Store) -> SecondFactor:
    """Give the codes of accounts, their secrets sealed under the service's key."""
    return SecondFactor(store)


def provider_of(settings: Settings) -> OpenIdProvider | None:
    """Give the OpenID provider of the settings, if they name one."""
    if not (settings.oidc_issuer and settings.oidc_client_id and settings.oidc_redirect_url):
        return None
    secret = settings.oidc_client_secret
    return OpenIdProvider(
        Client(
            settings.oidc_issuer,
            settings.oidc_client_id,
            settings.oidc_redirect_url,
            secret.get_secret_value() if secret else None,
        )
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
