"""Screening for no-shows records each flag once, in whatever process, however often it is done."""

import asyncio
from datetime import UTC, date, datetime

import psycopg
import pytest

from application.store.log import Log
from projections.all_views import VIEWS
from projections.engine import Engine
from tests.application.roll_calls import SCHOOL, asking, enrolled, entries
from tests.keys import vault
from tests.lives import BUREAU

NOTICE = {"grade": 7, "report_by": date(2026, 9, 1), "occurred_on": date(2026, 8, 20)}
NOWHERE = dict.fromkeys(("school_code", "grade", "class_name", "student_number"))
FLAG = ("absence_flagged", date(2026, 9, 1))
ISSUED = ("enrolment_notice_issued", None)


@pytest.fixture
def tracking(screening):
    return screening._tracking


@pytest.fixture
def views_follow(prepared):
    with psycopg.connect(prepared.views_url, autocommit=True) as connection:
        engine = Engine(Log(connection, vault()), VIEWS)
        engine.prepare()
        yield engine.catch_up


async def invited(tracking, serial, school=SCHOOL):
    child = await enrolled(tracking, serial, **NOWHERE, found_by="screening")
    await tracking.issue_notice(await asking(tracking, child, BUREAU), school_code=school, **NOTICE)
    return child


async def test_who_answered_no_notice_is_flagged_once_by_two_processes(
    screening, another, tracking, views_follow
):
    children = [await invited(tracking, serial) for serial in range(3)]
    views_follow()

    await asyncio.gather(*(one.no_shows.screen(None) for one in (screening, another) * 3))

    for child in children:
        assert await entries(tracking, child) == [ISSUED, FLAG]
    again = await another.no_shows.screen([SCHOOL])  # the view does not know of it yet
    assert {one.outcome for one in again} == {"already_flagged"}
    views_follow()
    assert await another.no_shows.screen(None) == []


async def test_the_service_looks_once_a_day_at_each_school(
    screening, another, tracking, views_follow
):
    await invited(tracking, 1)
    views_follow()
    first = await screening.no_shows.daily()
    late = await invited(tracking, 2)
    views_follow()

    again = await screening.no_shows.daily()
    restarted = await another.no_shows.daily()

    assert (first, again, restarted) == (1, 0, 1)
    await invited(tracking, 3)
    views_follow()
    tracking.now = lambda: datetime(2026, 11, 25, 4, tzinfo=UTC)
    assert await screening.no_shows.daily() == 1
    assert await entries(tracking, late) == [ISSUED, FLAG]


async def test_only_the_schools_asked_for_are_looked_at(screening, tracking, views_follow):
    ours, theirs = await invited(tracking, 1), await invited(tracking, 2, "3141000059")
    views_follow()

    (looked,) = await screening.no_shows.screen([SCHOOL])

    assert (looked.student_id, looked.outcome) == (ours, "flagged")
    assert await entries(tracking, theirs) == [ISSUED]


async def test_before_the_views_are_there_nothing_is_screened(screening):
    assert await screening.no_shows.daily() == 0
