"""Marks of a key group (重点群体): source, purpose, expiry; renewed and ended."""

from datetime import date

from domain.refusals import (
    EndBeforeStart,
    KeyGroupNotHeld,
)
from tests.domain.conftest import (
    acting,
    facts_of,
    visited,
)

DAY = date(2026, 10, 12)


def key_group_assigned(code="left_behind", **facts):
    known = {"source": "排查", "purpose": "关爱", "from_day": DAY}
    return lambda student: student.assign_key_group(acting(), code=code, **{**known, **facts})


def test_a_key_group_is_marked_with_source_purpose_and_expiry(given):
    student = given()

    key_group_assigned(until=date(2027, 7, 31))(student)

    assert facts_of(student) == [
        (
            "KeyGroupAssigned",
            {
                "occurred_on": DAY,
                "code": "left_behind",
                "source": "排查",
                "purpose": "关爱",
                "until": date(2027, 7, 31),
            },
        )
    ]
    assert student.standings[-1].key_groups == ("left_behind",)


def test_the_same_mark_again_renews_it(given):
    student = given(key_group_assigned(until=date(2026, 10, 31)))

    key_group_assigned(until=date(2027, 7, 31))(student)

    assert student.state.key_groups["left_behind"]["until"] == "2027-07-31"


def test_a_mark_that_ends_before_it_starts_is_refused(given, refused):
    student = given()

    with refused(EndBeforeStart, student):
        key_group_assigned(until=date(2026, 10, 11))(student)


def test_a_mark_is_ended(given):
    student = given(key_group_assigned(), key_group_assigned("migrant"))

    student.end_key_group(acting(), code="left_behind", occurred_on=DAY, reason="父母返乡")

    assert facts_of(student) == [
        ("KeyGroupEnded", {"occurred_on": DAY, "code": "left_behind", "reason": "父母返乡"})
    ]
    assert set(student.state.key_groups) == {"migrant"}


def test_a_mark_the_child_does_not_carry_is_not_ended(given, refused):
    student = given(key_group_assigned("migrant"))

    with refused(KeyGroupNotHeld, student):
        student.end_key_group(acting(), code="left_behind")


def test_a_mark_tells_of_the_days_before_it_expires_only(given):
    student = given(key_group_assigned(until=date(2026, 10, 31)))

    for day in (date(2026, 10, 31), date(2026, 11, 1)):
        visited(occurred_on=day)(student)

    assert [standing.key_groups for standing in student.standings] == [
        (),
        ("left_behind",),
        ("left_behind",),
        (),
    ]
