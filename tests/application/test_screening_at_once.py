"""Two workers, a crash, a key sent again: no absence is flagged twice, and what is kept stays."""

import asyncio
from itertools import count

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from application.screening import Missing
from application.store.store import IdempotencyKey, KeyReused
from application.tracking import Ask
from tests.application.roll_calls import (
    CLASS,
    CORRECTED,
    MONDAY,
    SECOND,
    TUESDAY,
    WEDNESDAY,
    WHOLE,
    a_key,
    asking,
    call,
    enrolled,
    entries,
    flag,
    marks,
    outcomes,
    service,
)
from tests.lives import TEACHER, a_child, number


@pytest.fixture
def tracking(screening):
    return screening._tracking


@pytest.fixture
async def child(tracking):
    return await enrolled(tracking, 1)


# Many at once, and what is killed ------------------------------------------------------------


async def test_two_workers_and_a_teacher_at_once_flag_once(screening, another, tracking, child):
    await asyncio.gather(
        *(call(one, 1, day=day) for day in (MONDAY, TUESDAY) for one in (screening, another) * 3)
    )

    (only,) = await entries(tracking, child)
    assert only in (flag(MONDAY), flag(TUESDAY))  # whichever day was known first
    assert outcomes(await call(another, 1)) == ["already_flagged"]


@pytest.mark.parametrize("_", range(3))
async def test_a_roll_call_and_its_correction_at_once_end_as_the_later_one_stands(
    screening, another, tracking, child, _
):
    first, second = await asyncio.gather(call(screening, 1), call(another))

    stand = await marks(screening, child)
    told = await entries(tracking, child)
    if first["roll_call"] < second["roll_call"]:
        assert stand == {child: {}}
        assert told in ([], [flag(), CORRECTED])
    else:
        assert stand == {child: {MONDAY: "truancy"}}
        assert told == [flag()]


async def test_what_was_kept_by_a_process_that_died_is_screened_by_another(
    screening, another, tracking, child
):
    key = a_key()
    found = await screening._found(CLASS, MONDAY, [Missing(1, number(1), "truancy")])
    await screening.attendance.take(TEACHER, CLASS, MONDAY, [one for one, _ in found], key)

    assert await another.catch_up(seconds=60) == 0
    assert await another.catch_up(seconds=0) == 1
    assert await another.catch_up(seconds=0) == 0

    assert await entries(tracking, child) == [flag()]
    assert outcomes(await call(screening, 1, key=key)) == ["flagged"]


async def test_a_service_that_starts_takes_up_what_was_left(screening, tracking, child, connection):
    connection.execute(
        "INSERT INTO attendance.roll_calls (account, role, unit, school_code, day, taken_at)"
        " VALUES ('gone', 'teacher', '', %s, %s, now() - interval '1 hour')",
        [CLASS.school_code, MONDAY],
    )
    connection.execute(
        "INSERT INTO attendance.absences SELECT number, %s, 1, 'truancy', 7, '1班'"
        " FROM attendance.roll_calls",
        [child],
    )

    async with screening, asyncio.timeout(10):
        while not await entries(tracking, child):
            await asyncio.sleep(0.02)

    assert await entries(tracking, child) == [flag()]


# Keys ------------------------------------------------------------


async def test_the_same_key_gives_the_same_answer_and_keeps_nothing_more(
    screening, another, tracking, child, connection
):
    key = a_key()
    first = await asyncio.gather(*(call(one, 1, key=key) for one in (screening, another) * 3))
    await tracking.visit_home(
        await asking(tracking, child),
        occurred_on=MONDAY,
        mode="phone",
        visitors=["测甲"],
        met=["guardian"],
    )

    assert [await call(screening, 1, key=key)] * 6 == first
    assert connection.execute("SELECT count(*) FROM attendance.roll_calls").fetchone() == (1,)


async def test_a_key_of_another_request_is_refused(screening, child, tracking):
    key = a_key()
    await call(screening, 1, key=key)
    other = IdempotencyKey(key.account, key.key, b"another")
    used = a_key()
    visit = {"occurred_on": MONDAY, "mode": "phone", "visitors": ["测甲"], "met": ["guardian"]}
    await tracking.visit_home(Ask(TEACHER, await tracking.child(child), key=used), **visit)

    for wrong in (other, IdempotencyKey(used.account, used.key, b"a roll-call")):
        with pytest.raises(KeyReused):
            await call(screening, 1, key=wrong)


# What is kept stays ------------------------------------------------------------


async def test_the_service_can_keep_roll_calls_and_change_none(screening, child, prepared):
    await call(screening, 1)
    with psycopg.connect(prepared.service_url, autocommit=True) as service_role:
        for statement in (
            "UPDATE attendance.absences SET kind = 'sick_leave'",
            "DELETE FROM attendance.roll_calls",
            "TRUNCATE attendance.screened",
            "INSERT INTO attendance.screened VALUES (1, now(), '{}')",
        ):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                service_role.execute(statement)
    with (
        psycopg.connect(prepared.owner_url, autocommit=True) as owner,
        pytest.raises(psycopg.errors.InsufficientPrivilege),
    ):
        owner.execute("DELETE FROM attendance.absences")


async def test_no_roll_call_holds_a_name_or_a_number(screening, child, connection):
    await call(screening, 1)

    told = ""
    for table in ("roll_calls", "absences", "screened"):
        told += str(connection.execute(f"SELECT * FROM attendance.{table}").fetchall())  # noqa: S608

    facts = a_child(1)
    assert str(child) in told
    assert not any(facts[name] in told for name in ("name", "student_number"))


# Whatever comes in ------------------------------------------------------------

SERIALS = count(100)
CALLS = st.lists(
    st.tuples(
        st.sampled_from([MONDAY, TUESDAY, WEDNESDAY]),
        st.sampled_from([CLASS, SECOND, WHOLE]),
        st.sets(st.sampled_from([0, 1])),
        st.sampled_from(["truancy", "sick_leave"]),
        st.booleans(),
    ),
    min_size=1,
    max_size=6,
)


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(CALLS)
def test_whatever_roll_calls_come_no_absence_is_flagged_twice(prepared, calls):
    """Repeated, corrected, overlapping, by two workers at once: then all anew records nothing."""

    first, second = next(SERIALS), next(SERIALS)

    def named(place, children):
        return [
            n
            for n, seat in ((first, CLASS), (second, SECOND))
            if n % 2 in children and place in (WHOLE, seat)
        ]

    async def playing():
        async with service(prepared.service_url) as one, service(prepared.service_url) as two:
            tracking = one._tracking
            children = [
                await enrolled(tracking, first, CLASS),
                await enrolled(tracking, second, SECOND),
            ]
            for day, place, absent, kind, both in calls:
                serials = named(place, absent)
                await asyncio.gather(
                    *(
                        call(each, *serials, place=place, day=day, kind=kind)
                        for each in ((one, two) if both else (one,))
                    )
                )
            told = [await entries(tracking, child) for child in children]
            for flags in told:
                days = [day for what, day in flags if what == "absence_flagged"]
                assert len(set(days)) == len(days)
            day, place, absent, kind, _ = calls[-1]
            await call(two, *named(place, absent), place=place, day=day, kind=kind)
            assert [await entries(tracking, child) for child in children] == told

    asyncio.run(playing())
