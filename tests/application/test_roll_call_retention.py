"""Roll-calls go when their period is over, an erased child's with its record, and nothing else."""

from datetime import date

import psycopg
import pytest
from psycopg.errors import InsufficientPrivilege

from application.privacy_pack import ROLL_CALLS
from application.roll_calls import Dropped, drop, kept_from, past_retention
from domain.entry import Actor
from domain.rules import DEFAULT_RULES
from tests.application.roll_calls import MONDAY, SCHOOL, TUESDAY, asking, call, enrolled, marks
from tests.lives import BUREAU, TEACHER

RULES = DEFAULT_RULES.editions[0]
OTHER = Actor("acc-other", "测癸", "bureau", "区教体局", "bureau", superior=True)
BASIS = {"reason": "保存期已满", "legal_basis": "个人信息保护法第四十七条"}
LONG_AGO, LATER = date(2019, 9, 2), date(2019, 9, 3)
COUNTED = "SELECT (SELECT count(*) FROM attendance.roll_calls), count(*) FROM attendance.absences"


@pytest.fixture
def tracking(screening):
    return screening._tracking


def counted(connection):
    return connection.execute(COUNTED).fetchone()


async def test_what_is_past_its_period_is_dropped_with_a_line_that_says_how_many(
    screening, tracking, connection
):
    await enrolled(tracking, 1)
    for day in (LONG_AGO, LATER, MONDAY):
        await call(screening, 1, day=day, kind="sick_leave")
    today = date(2026, 11, 24)

    before = past_retention(connection, today, RULES)
    done = drop(connection, LATER, RULES)

    assert kept_from(today, RULES) == date(2023, 11, 24)
    assert before == (2, LONG_AGO)
    assert done == Dropped(1, 1)
    assert counted(connection) == (2, 2)
    lines = connection.execute(
        "SELECT before, kept_years, roll_calls, absences, first_day, last_day"
        " FROM attendance.dropped"
    ).fetchall()
    assert lines == [(LATER, 3, 1, 1, LONG_AGO, LONG_AGO)]
    assert drop(connection, LATER, RULES) == Dropped(0, 0)  # and no other line
    assert len(connection.execute("SELECT FROM attendance.dropped").fetchall()) == 1


@pytest.mark.parametrize("years", [3, 0, -90])
async def test_nothing_within_its_period_or_half_a_year_is_dropped(
    screening, tracking, connection, years
):
    await enrolled(tracking, 1)
    await call(screening, 1, kind="sick_leave")
    day = f"current_date - interval '{max(years * 12, 6)} months' + interval '1 day'"

    with pytest.raises(InsufficientPrivilege):
        connection.execute(f"SELECT attendance.drop_before(({day})::date, {years})")

    assert counted(connection) == (1, 1)


@pytest.mark.parametrize("table", ["roll_calls", "absences", "screened", "dropped"])
@pytest.mark.parametrize("who", ["owner_url", "service_url"])
async def test_nobody_changes_them_otherwise(prepared, screening, tracking, table, who):
    await enrolled(tracking, 1)
    await call(screening, 1, kind="sick_leave")
    with psycopg.connect(getattr(prepared, who), autocommit=True) as connection:
        drops = (f"DELETE FROM attendance.{table}", f"TRUNCATE attendance.{table} CASCADE")  # noqa: S608
        for change in drops:
            with pytest.raises(InsufficientPrivilege):
                connection.execute(change)


async def test_the_service_drops_nothing_whatever_it_sets(prepared, screening, tracking):
    await enrolled(tracking, 1)
    await call(screening, 1, day=LONG_AGO, kind="sick_leave")
    with psycopg.connect(prepared.service_url, autocommit=True) as connection:
        connection.execute("SET guixue.attendance_goes = 'on'")
        for change in (
            "DELETE FROM attendance.absences",
            "UPDATE attendance.screened SET answer = '{}'",
            "SELECT attendance.drop_before('2019-10-01', 3)",
        ):
            with pytest.raises(InsufficientPrivilege):
                connection.execute(change)


async def test_an_erased_child_is_in_no_roll_call_and_in_no_answer_about_one(
    screening, tracking, connection
):
    gone, stays = await enrolled(tracking, 1), await enrolled(tracking, 2)
    await call(screening, 1, 2, kind="sick_leave")
    await call(screening, 2, kind="sick_leave")  # in whose answer it was present after all
    await call(screening, 1, day=TUESDAY, kind="sick_leave")

    async def step(name, by=BUREAU, **facts):
        await getattr(tracking, name)(await asking(tracking, gone, by), **facts)

    await step("change_roll", TEACHER, kind="21", occurred_on=date(2018, 9, 3), papers=[])
    await step("restrict", **BASIS)
    await step("request_erasure", **BASIS)
    kept = connection.execute("SELECT count(*) FROM attendance.absences").fetchone()
    await step("decide_erasure", OTHER, approve=True)

    assert kept == (4,)
    assert counted(connection) == (3, 2)
    assert await marks(screening, gone, stays) == {gone: {}, stays: {MONDAY: "sick_leave"}}
    answers = connection.execute("SELECT answer FROM attendance.screened ORDER BY 1::text")
    told = [answer for (answer,) in answers]
    assert len(told) == 3
    assert str(gone) not in repr(told)
    assert repr(told).count(str(stays)) == 2
    assert all(answer["school_code"] == SCHOOL for answer in told)


def test_the_privacy_pack_says_what_every_field_of_a_roll_call_is_for(prepared, connection):
    columns = connection.execute(
        "SELECT table_name, column_name FROM information_schema.columns"
        " WHERE table_schema = 'attendance' AND table_name <> 'dropped'"
    ).fetchall()
    told = [line.split("|")[:2] for line in ROLL_CALLS.strip().splitlines()]

    assert {(table.strip(), field.strip()) for table, field in told} == set(columns)
