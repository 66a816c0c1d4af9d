"""A roll-call is kept, then screened: each absence is flagged once, or put right after it."""

import pytest

from application.screening import SCREENER, Missing, WrongRows
from domain.refusals import FutureDay
from domain.screening import Place
from tests.application.roll_calls import (
    CLASS,
    CORRECTED,
    MONDAY,
    OTHER_SCHOOL,
    SCHOOL,
    SECOND,
    TUESDAY,
    WEDNESDAY,
    WHOLE,
    asking,
    call,
    enrolled,
    entries,
    flag,
    marks,
    outcomes,
)
from tests.lives import BUREAU, TEACHER, TODAY, number

BASIS = {"reason": "监护人要求停止使用", "legal_basis": "个人信息保护法第四十七条"}


@pytest.fixture
def tracking(screening):
    return screening._tracking


@pytest.fixture
async def child(tracking):
    return await enrolled(tracking, 1)


async def test_a_roll_call_is_kept_and_what_it_tells_of_is_flagged(screening, tracking, child):
    sick = await enrolled(tracking, 2)
    missing = [Missing(1, number(1), "truancy"), Missing(2, number(2), "sick_leave")]

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
