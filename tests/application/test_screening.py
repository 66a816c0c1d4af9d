"""A roll-call is kept, then screened: each absence flagged once, whoever else does it meanwhile."""

import asyncio
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime
from itertools import count
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg_pool import AsyncConnectionPool

from application.attendance import RollCall
from application.screening import SCREENER, Missing, Screening, WrongRows
from application.store.store import IdempotencyKey, KeyReused, Store
from application.tracking import Ask, CaseTracking
from domain.refusals import FutureDay
from domain.rules import DEFAULT_RULES
from domain.screening import Place
from tests.keys import vault
from tests.lives import BUREAU, TEACHER, TODAY, a_child, number

NOW = datetime(2026, 11, 24, 4, tzinfo=UTC)
SCHOOL, OTHER_SCHOOL = "3141000058", "3141000059"
WHOLE = Place(SCHOOL, None, None)
CLASS, SECOND = Place(SCHOOL, 7, "1班"), Place(SCHOOL, 7, "2班")
MONDAY, TUESDAY, WEDNESDAY = (date(2026, 9, day) for day in (14, 15, 16))
BASIS = {"reason": "监护人要求停止使用", "legal_basis": "个人信息保护法第四十七条"}


@asynccontextmanager
async def service(url):
    """One process of the service: its own connections, its own store."""
    async with AsyncConnectionPool(url, min_size=1, max_size=2, open=False) as pool:
        tracking = CaseTracking(
            Store(pool, vault()),
            rule_book=DEFAULT_RULES,
            number_key=b"key",
            now=lambda: NOW,
            zone=ZoneInfo("Asia/Shanghai"),
        )
        yield Screening(tracking)


@pytest.fixture
async def screening(prepared):
    async with service(prepared.service_url) as one:
        yield one


@pytest.fixture
async def another(prepared):
    async with service(prepared.service_url) as other:
        yield other


@pytest.fixture
def tracking(screening):
    return screening._tracking


@pytest.fixture
async def child(tracking):
    return await enrolled(tracking, 1)


async def enrolled(tracking, serial, place=CLASS, **changes) -> UUID:
    facts = {**a_child(serial), **place._asdict(), **changes}
    return UUID((await tracking.enrol(TEACHER, None, **facts)).answer["student_id"])


async def call(screening, *serials, place=CLASS, day=MONDAY, kind="truancy", key=None):
    missing = [Missing(number(serial), kind) for serial in serials]
    return (await screening.call_roll(TEACHER, place, day, missing, key)).answer


async def marks(screening, *children, place=WHOLE, day=MONDAY):
    """The absences of children, as the roll-calls that stand have them."""
    standing = await screening.attendance.standing(RollCall(0, place, day))
    return {child: standing.marks.get(child, {}) for child in children}


async def entries(tracking, child) -> list[tuple[str, date | None]]:
    """The kinds of a child's entries after its enrolment, flags with their first day."""
    known = (await tracking.child(child)).entries[1:]
    return [(entry.entry_kind(), getattr(entry, "first_absent_on", None)) for entry in known]


def flag(day=MONDAY):
    return ("absence_flagged", day)


CORRECTED = ("corrected", None)


def outcomes(answer):
    return [item["outcome"] for item in answer["items"]]


async def test_a_roll_call_is_kept_and_what_it_tells_of_is_flagged(screening, tracking, child):
    sick = await enrolled(tracking, 2)
    missing = [Missing(number(1), "truancy"), Missing(number(2), "sick_leave")]

    answer = (await screening.call_roll(TEACHER, CLASS, MONDAY, missing)).answer

    assert answer == {
        "roll_call": 1,
        "school_code": SCHOOL,
        "grade": 7,
        "class_name": "1班",
        "date": "2026-09-14",
        "absent": 2,
        "flagged": 1,
        "put_right": 0,
        "items": [
            {
                "row": 1,
                "student_id": str(child),
                "absence_kind": "truancy",
                "outcome": "flagged",
                "entry": 2,
            },
            {
                "row": 2,
                "student_id": str(sick),
                "absence_kind": "sick_leave",
                "outcome": "excused",
                "entry": None,
            },
        ],
        "present_after_all": [],
        "position": 3,
    }
    (flagged,) = (await tracking.child(child)).entries[1:]
    assert flagged.by == SCREENER.as_recorded()
    assert (flagged.found_by, flagged.opens) == ("screening", "watched")
    assert await entries(tracking, sick) == []
    assert await marks(screening, child, sick) == {
        child: {MONDAY: "truancy"},
        sick: {MONDAY: "sick_leave"},
    }


async def test_the_same_roll_call_twice_flags_once(screening, tracking, child):
    await call(screening, 1)

    assert outcomes(await call(screening, 1)) == ["already_flagged"]
    assert await entries(tracking, child) == [flag()]


async def test_roll_calls_of_class_and_school_overlap_and_flag_once(screening, tracking, child):
    await call(screening, 1)
    await call(screening, 1, place=WHOLE)
    await call(screening, 1, day=TUESDAY, place=WHOLE)

    assert await entries(tracking, child) == [flag()]


async def test_a_roll_call_that_names_the_child_no_longer_puts_its_flag_right(
    screening, tracking, child
):
    await call(screening, 1)

    answer = await call(screening)

    assert answer["present_after_all"] == [
        {"student_id": str(child), "outcome": "put_right", "entry": 2}
    ]
    assert await entries(tracking, child) == [flag(), CORRECTED]
    assert (await tracking.child(child)).status == "watched"
    assert await marks(screening, child) == {child: {}}


async def test_another_class_puts_nothing_right_the_whole_school_does(screening, tracking, child):
    await enrolled(tracking, 2, SECOND)
    await call(screening, 1)

    other = await call(screening, 2, place=SECOND)
    whole = await call(screening, 2, place=WHOLE)

    assert other["present_after_all"] == []
    assert [one["outcome"] for one in whole["present_after_all"]] == ["put_right"]
    assert outcomes(whole) == ["already_flagged"]


async def test_present_and_absent_again_is_told_each_time(screening, tracking, child):
    for serials in ((1,), (), (), (1,), (1,)):
        await call(screening, *serials)

    assert await entries(tracking, child) == [flag(), CORRECTED, CORRECTED]


async def test_an_undone_relapse_is_flagged_anew_when_it_was_one_after_all(
    screening, tracking, child
):
    await call(screening, 1)
    ask = lambda: asking(tracking, child)  # noqa: E731
    await tracking.suspect(await ask(), occurred_on=MONDAY, days_absent=3, reported_reasons=["R02"])
    await tracking.confirm_return(
        await ask(), seen_on=TUESDAY, class_name="1班", confirmed_by="测甲"
    )
    for kind in ("truancy", "sick_leave", "truancy", "truancy"):
        await call(screening, 1, day=WEDNESDAY, kind=kind)

    assert (await entries(tracking, child))[3:] == [flag(WEDNESDAY), CORRECTED, flag(WEDNESDAY)]
    assert (await tracking.child(child)).status == "suspected"


async def asking(tracking, child, by=TEACHER):
    return Ask(by, await tracking.child(child))


# Refused: nothing is kept ------------------------------------------------------------


@pytest.mark.parametrize(
    ("serials", "wrong"),
    [
        ((1, 99), {2: "elsewhere"}),  # nobody's number
        ((2, 1), {1: "elsewhere"}),  # another school's
        ((3,), {1: "elsewhere"}),  # another class's
        ((1, 1), {2: "twice"}),
    ],
)
async def test_a_row_that_names_nobody_of_the_class_is_refused_and_nothing_is_kept(
    screening, tracking, child, connection, serials, wrong
):
    await enrolled(tracking, 2, Place(OTHER_SCHOOL, 7, "1班"))
    await enrolled(tracking, 3, SECOND)

    with pytest.raises(WrongRows) as refused:
        await call(screening, *serials)

    assert refused.value.rows == wrong
    assert await entries(tracking, child) == []
    assert connection.execute("SELECT count(*) FROM attendance.roll_calls").fetchone() == (0,)


async def test_a_day_that_has_not_come_is_refused(screening, child):
    with pytest.raises(FutureDay):
        await call(screening, 1, day=TODAY.replace(day=25))


async def test_a_child_is_named_where_it_sat_that_day(screening, tracking, child):
    ask = await asking(tracking, child)
    await tracking.request_transfer(
        ask, to_school=OTHER_SCHOOL, occurred_on=MONDAY, reason="随父母迁居"
    )
    await tracking.decide_transfer(
        await asking(tracking, child),
        entry=2,
        accept=True,
        grade=7,
        class_name="1班",
        occurred_on=TUESDAY,
    )
    there = Place(OTHER_SCHOOL, 7, "1班")

    assert outcomes(await call(screening, 1, day=MONDAY)) == ["flagged"]
    assert outcomes(await call(screening, 1, day=TUESDAY)) == ["already_flagged"]
    assert outcomes(await call(screening, 1, day=TUESDAY, place=there)) == ["already_flagged"]
    with pytest.raises(WrongRows):
        await call(screening, 1, day=WEDNESDAY)
    with pytest.raises(WrongRows):
        await call(screening, 1, day=MONDAY, place=there)


async def test_of_a_restricted_child_nothing_is_kept_and_of_an_erased_one_nothing_is_known(
    screening, tracking, child
):
    await tracking.restrict(await asking(tracking, child, BUREAU), **BASIS)

    assert outcomes(await call(screening, 1)) == ["restricted"]

    assert await entries(tracking, child) == [("restricted", None)]
    assert await marks(screening, child) == {child: {}}


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
    found = await screening._found(CLASS, MONDAY, [Missing(number(1), "truancy")])
    await screening.attendance.take(TEACHER, CLASS, MONDAY, [one for one, _ in found], key)

    assert await another.catch_up(seconds=60) == 0
    assert await another.catch_up(seconds=0) == 1
    assert await another.catch_up(seconds=0) == 0

    assert await entries(tracking, child) == [flag()]
    assert outcomes(await call(screening, 1, key=key)) == ["flagged"]


# Keys ------------------------------------------------------------


def a_key(request=b"a request"):
    return IdempotencyKey(TEACHER.account, uuid4(), request)


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
