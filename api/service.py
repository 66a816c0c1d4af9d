"""The service put together: database, log, views, accounts, and the clock it goes by."""

import asyncio
import secrets
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, nullcontext, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from threading import Event, Thread
from typing import Any, NamedTuple

import psycopg
from psycopg_pool import AsyncConnectionPool

from api.forms.rendering import Press
from api.notice_service import Notices
from api.settings import Settings
from application.access_log import AccessLog
from application.account_list import AccountList
from application.accounts import Accounts
from application.asking_witnesses import WitnessAt
from application.break_glass import BreakGlass
from application.cosigning import Cosigning, read_witnesses
from application.directory import Directory
from application.inspections import Inspections
from application.layout import prepare
from application.missed_duties import MissedDuties
from application.monthly_returns import MonthlyReturns
from application.openid_provider import Client, OpenIdProvider
from application.passwords import Passwords
from application.pledges import PledgeBook
from application.provider_sign_ins import ProviderSignIns
from application.quarterly_reports import QuarterlyReports
from application.registers import Registers
from application.rules_in_force import RulesInForce
from application.screening import Screening
from application.second_factor import SecondFactor
from application.sessions import Sessions
from application.sign_in import SignIn
from application.store.ending import within
from application.store.key_ring import KeyRing, new_key, write_keys
from application.store.lending import opened
from application.store.log import CHANNEL as LOG_CHANNEL
from application.store.log import Log
from application.store.log_keys import LogKey, LogKeys, write_log_keys
from application.store.number_key import number_key
from application.store.preparing import Prepared, has_keys
from application.store.rotation import SECOND_FACTOR_SECRET
from application.store.sealing import Vault
from application.store.store import Store, StoreUnavailable
from application.store.tree_following import keep_forever
from application.store.tree_keeping import last_note
from application.store.tree_reading import Tree
from application.subjects import Subjects
from application.supervising import Supervision
from application.tracking import CaseTracking
from application.trust import Trust
from domain.rules import DEFAULT_RULES
from projections.all_views import VIEWS
from projections.apart import EngineApart
from projections.engine import Engine
from projections.following import follow_forever
from projections.freshness import Freshness

CONNECTIONS = 12
POOL_WAIT_SECONDS = 5.0
ENDING_SECONDS, NOTIFYING_SECONDS = 2.5, 0.5


@dataclass
class Service:
    """
    What routes work with.

    ``ready`` is false while a demo still loads; once ``ending`` is set, nobody waits for news.
    """

    settings: Settings
    pool: AsyncConnectionPool[Any]
    store: Store
    tracking: CaseTracking
    screening: Screening
    rules: RulesInForce
    missed_duties: MissedDuties
    returns: MonthlyReturns
    reports: QuarterlyReports
    registers: Registers
    pledges: PledgeBook
    inspections: Inspections
    supervision: Supervision
    accounts: Accounts
    account_list: AccountList
    sessions: Sessions
    sign_in: SignIn
    provider: OpenIdProvider | None
    provider_sign_ins: ProviderSignIns
    access_log: AccessLog
    break_glass: BreakGlass
    directory: Directory
    freshness: Freshness
    log_keys: LogKeys
    tree: Tree
    cosigning: Cosigning
    press: Press
    notices: Notices
    ready: bool = True
    ending: asyncio.Event = field(default_factory=asyncio.Event)


class Ready(NamedTuple):
    """What a service needs beside its settings, and was found to be as it should."""

    ring: KeyRing
    database: Prepared
    log_keys: LogKeys
    witnesses: list[WitnessAt]
    trust: Trust
    number_key: bytes


def now_utc() -> datetime:
    return datetime.now(UTC)


@asynccontextmanager
async def running(
    url: str, settings: Settings, *, now: Callable[[], datetime] = now_utc
) -> AsyncIterator[Service]:
    """Lay out its owner's database, and run the service on it, until left."""
    async with running_on(ready_to_run(settings, url), settings, now=now) as service:
        yield service


@asynccontextmanager
async def running_on(
    ready: Ready, settings: Settings, *, now: Callable[[], datetime] = now_utc
) -> AsyncIterator[Service]:
    """Run the service on what is laid out; with an engine, unless others follow."""
    ring, database, log_keys, witnesses, trust, number_key = ready
    pool = AsyncConnectionPool(
        database.service_url,
        min_size=2,
        max_size=CONNECTIONS,
        timeout=POOL_WAIT_SECONDS,
        configure=plan_anew,
        open=False,
    )
    stop = Event()
    async with opened(pool):
        directory = Directory()
        await directory.read(pool)
        vault = Vault(ring)
        store = Store(pool, vault)
        second_factor, passwords = second_factor_on(store, ring), Passwords()
        accounts = Accounts(pool, store, directory, second_factor, passwords)
        sessions = Sessions(store, directory)
        access_log = AccessLog(store)
        break_glass = BreakGlass(store)
        tracking = tracking_on(store, settings, number_key, now)
        engine = engine_beside(settings, database.views_url, ring, stop)
        if engine:
            engine.start()
        given = (database.tree_url, log_keys, stop)
        keeping = Thread(target=keep_forever, args=given, name="tree", daemon=True)
        if settings.keep_tree:
            keeping.start()
        tree = Tree(store, vault)
        cosigning = Cosigning(database.tree_url, tree, witnesses, trust)
        freshness = Freshness(database.service_url, store)
        returns = MonthlyReturns(Subjects(tracking))
        notices = Notices.of(
            settings,
            database.service_url,
            ring,
            tracking,
            sessions,
            freshness,
            returns,
            trust,
        )
        service = Service(
            settings=settings,
            pool=pool,
            store=store,
            tracking=tracking,
            screening=Screening(tracking),
            rules=RulesInForce(tracking),
            missed_duties=MissedDuties(tracking, sessions),
            returns=returns,
            reports=QuarterlyReports(Subjects(tracking)),
            registers=Registers(tracking),
            pledges=PledgeBook(tracking),
            inspections=Inspections(Subjects(tracking)),
            supervision=Supervision(Subjects(tracking)),
            accounts=accounts,
            account_list=AccountList(store),
            sessions=sessions,
            sign_in=SignIn(store, sessions, passwords, second_factor),
            provider=provider_of(settings, trust),
            provider_sign_ins=ProviderSignIns(store),
            access_log=access_log,
            break_glass=break_glass,
            directory=directory,
            freshness=freshness,
            log_keys=log_keys,
            tree=tree,
            cosigning=cosigning,
            press=Press(settings.fonts),
            notices=notices,
        )
        try:
            watching = service.missed_duties if settings.watch_duties else nullcontext()
            sending = notices.working(jobs=settings.send_notices)
            async with service.rules, freshness, cosigning, service.screening, watching, sending:
                yield service
        finally:
            service.press.close()
            stop.set()
            if isinstance(engine, EngineApart):
                engine.stop()
            await access_log.close()
            await store.close()
            await ended([one for one in (engine, keeping) if one is not None], store)


async def ended(others: list[Thread | EngineApart], store: Store) -> None:
    """
    Wait until others have ended, who hear of it when notified.

    Not for ever: where the database stands still, they end with the process, and whatever they
    had begun is undone by the database.
    """
    clock = asyncio.get_running_loop().time
    until = clock() + ENDING_SECONDS
    while any(one.is_alive() for one in others) and clock() < until:
        with suppress(StoreUnavailable):
            await within(NOTIFYING_SECONDS, store.query("SELECT pg_notify(%s, '')", [LOG_CHANNEL]))
        await asyncio.sleep(0.05)


def ready_to_run(settings: Settings, url: str) -> Ready:
    """
    Lay out the database and its views, and give what a service needs beside it.

    It waits for the database: call it where a signal unwinds, not while a server hears of them.

    :raises NoKey: if a key, or who the witnesses are, is missing or unreadable
    :raises WrongAuthorities: if the district's are named and are none
    :raises CannotPrepare: if the owner may not do what is needed
    """
    trust = Trust.read(settings.ca_file)
    ring = key_ring(settings, url)
    witnesses = read_witnesses(settings.witnesses_path)
    database = prepare(url, ring)
    log_keys, numbers = log_keys_of(settings, url), number_key_of(settings, url)
    prepare_views(database, ring)
    return Ready(ring, database, log_keys, witnesses, trust, numbers)


async def plan_anew(connection: psycopg.AsyncConnection[Any]) -> None:
    """Plan each list for what it asks: a rare name is looked up, a common one walked to."""
    await connection.execute("SET plan_cache_mode = force_custom_plan")
    await connection.commit()


def engine_beside(
    settings: Settings, views_url: str, ring: KeyRing, stop: Event
) -> Thread | EngineApart | None:
    """Give the engine that keeps the views beside the service, not started yet."""
    match settings.follow_views:
        case "process":
            return EngineApart(views_url, ring, VIEWS)
        case "thread":
            given = (views_url, Vault(ring), VIEWS, stop)
            return Thread(target=follow_forever, args=given, name="engine", daemon=True)
        case _:
            return None


def tracking_on(
    store: Store, settings: Settings, number_key: bytes, now: Callable[[], datetime] = now_utc
) -> CaseTracking:
    """Give the commands on a store, under the rules and the days of the settings."""
    return CaseTracking(
        store,
        rule_book=DEFAULT_RULES,
        number_key=number_key,
        now=now,
        zone=settings.zone,
    )


def second_factor_on(store: Store, ring: KeyRing) -> SecondFactor:
    """Give the codes of accounts, their secrets sealed under the sealing key."""
    return SecondFactor(
        store,
        seal=lambda secret: ring.seal(secret, SECOND_FACTOR_SECRET),
        unseal=lambda sealed: ring.open(sealed, SECOND_FACTOR_SECRET),
    )


def provider_of(settings: Settings, trust: Trust) -> OpenIdProvider | None:
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
        ),
        trust,
    )


def prepare_views(database: Prepared, ring: KeyRing) -> None:
    """Lay out the views; those missing, or defined otherwise, the engine rebuilds."""
    with psycopg.connect(database.views_url, autocommit=True) as connection:
        Engine(Log(connection, Vault(ring)), VIEWS).prepare()


def key_ring(settings: Settings, owner_url: str) -> KeyRing:
    """
    Give the keys under which children's are wrapped; a file is made at the very first start.

    :raises NoKey: if they are missing or unreadable
    """
    if settings.sealing_key is not None:
        return KeyRing.from_text(settings.sealing_key.get_secret_value())
    path = sealing_key_file(settings)
    if not path.exists() and not has_keys(owner_url):
        write_keys(path, [new_key()])
    return KeyRing.from_file(path)


def log_keys_of(settings: Settings, owner_url: str) -> LogKeys:
    """
    Give the keys that sign the log's checkpoints; made before the first checkpoint.

    :raises NoKey: if they are missing or unreadable, or the last checkpoint is not theirs
    """
    path = settings.log_key_path
    with psycopg.connect(owner_url) as connection:
        last = last_note(connection)
    if not path.exists() and last is None:
        origin = settings.log_origin or f"guixue-{secrets.token_hex(4)}"
        write_log_keys(path, [LogKey.made(origin)])
    keys = LogKeys(path)
    if last is not None:
        keys.check(last)
    return keys


def sealing_key_file(settings: Settings) -> Path:
    return settings.sealing_key_file or settings.data / "sealing.key"


def number_key_of(settings: Settings, owner_url: str) -> bytes:
    """
    Give the key under which student numbers are hashed; made before the first one is.

    :raises NoKey: if it is missing or unreadable, or another database's
    """
    with psycopg.connect(owner_url, autocommit=True) as connection:
        return number_key(settings.number_key_path, connection)
