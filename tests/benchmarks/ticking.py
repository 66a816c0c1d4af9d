"""Ticking: 10,000 open cases looked at for missed duties, and told anew under a new calendar."""

import asyncio
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory

import psycopg
from psycopg_pool import AsyncConnectionPool

from api.demo.district import children
from api.demo.loading import CHUNK, LOADER
from api.service import CONNECTIONS, tracking_on
from api.settings import Settings
from application.directory import Directory
from application.layout import prepare
from application.missed_duties import MissedDuties
from application.rules_in_force import RulesInForce
from application.sessions import Sessions
from application.store.log import Log
from application.store.store import Store
from application.subjects import Wish
from application.tracking import CaseTracking
from domain.entry import Actor
from domain.holiday_notice import Holiday, HolidayNotice
from domain.student import Student
from projections.all_views import VIEWS
from projections.engine import Engine
from tests.benchmarks.measure import Figure
from tests.keys import RING, vault

CASES = 10_000
ABSENT = date(2026, 11, 9)  # a Monday
CLOSED = HolidayNotice(2026, (Holiday(date(2026, 11, 11), date(2026, 11, 13)),), (), ())
BUREAU = Actor("acc-bureau", "测乙", "bureau", "区教体局", "bureau", superior=True)


def flagged(tracking: CaseTracking, facts: dict[str, object]) -> Student:
    """A child on the roll, and missed without excuse."""
    child = tracking.drafted(LOADER, **facts)
    child.flag_absence(
        tracking.acting(LOADER),
        first_absent_on=ABSENT,
        absence_kind="truancy",
        found_by="roll_call",
    )
    return child


async def measured(url: str) -> list[Figure]:
    database = prepare(url, RING)
    pool = AsyncConnectionPool(database.service_url, min_size=2, max_size=CONNECTIONS, open=False)
    figures = []
    with (
        TemporaryDirectory() as data,
        psycopg.connect(database.views_url, autocommit=True) as connection,
    ):
        engine = Engine(Log(connection, vault()), VIEWS)
        engine.prepare()  # while the log is empty
        async with pool:
            days = [ABSENT]
            tracking = tracking_on(
                Store(pool, vault()),
                Settings(data=Path(data)),
                b"key",
                lambda: datetime(*days[-1].timetuple()[:3], 4, tzinfo=UTC),
            )
            facts = [one.facts for one in islice(children(ABSENT), CASES)]
            for place in range(0, CASES, CHUNK):
                drafts = [flagged(tracking, one) for one in facts[place : place + CHUNK]]
                await tracking.enrol_all(LOADER, drafts, {})
            await asyncio.to_thread(engine.catch_up)
            days.append(ABSENT + timedelta(days=1))
            directory = Directory()
            sessions = Sessions(tracking.store, directory)
            worker = MissedDuties(tracking, sessions)
            for who, name, wanted in (
                (worker, f"{CASES:,} open cases: what each missed put on record", ""),
                (worker, "… looked at again", "<= 2"),
                (MissedDuties(tracking, sessions), "… looked at by a worker just started", "<= 2"),
            ):
                started = time.perf_counter()
                missed = await who.look()
                seconds = time.perf_counter() - started
                assert missed == (0 if wanted else CASES)
                figures.append(Figure(name, seconds, "s", wanted))
            await RulesInForce(tracking).set_holidays(Wish(BUREAU), notice=CLOSED, source="停课")
            started = time.perf_counter()
            await asyncio.to_thread(engine.catch_up)
            seconds = time.perf_counter() - started
            figures.append(Figure("… told anew as a holiday is put in force", seconds, "s", ""))
    return figures


def figures(url: str) -> Iterator[Figure]:
    """Measure them."""
    yield from asyncio.run(measured(url))
