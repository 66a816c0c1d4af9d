"""A transfer inside the district: one school offers, the other answers, the stream goes along."""

from datetime import date

import pytest

from domain.refusals import (
    ChildDied,
    NoSuchEntry,
    NotOnRoll,
    SameSchool,
    TransferDecided,
    TransferPending,
)
from tests.domain.conftest import (
    absence_flagged,
    acting,
    facts_of,
    roll_changed,
    transfer_requested,
)

DAY = date(2026, 10, 12)
OTHER_SCHOOL = "3141000059"


def transfer_decided(entry, *, accept=True, **facts):
    known = {"grade": 8, "class_name": "3班"} if accept else {}
    return lambda student: student.decide_transfer(
        acting(), entry=entry, accept=accept, **{**known, **facts}
    )


DIED = roll_changed("51", "death_certificate")


def test_a_transfer_is_offered_and_the_child_stays_where_it_is(given):
    student = given()

    transfer_requested()(student)

    assert facts_of(student) == [
        (
            "TransferRequested",
            {
                "occurred_on": DAY,
                "to_school": OTHER_SCHOOL,
                "reason": "随父母迁居",
                "from_school": "3141000058",
                "papers": [],
                "papers_missing": [["approval", "guardian_application"]],
            },
        )
    ]
    assert student.state.school_code == "3141000058"


def test_an_accepted_transfer_takes_the_child_and_its_open_case_along(given):
    student = given(absence_flagged(), transfer_requested())

    transfer_decided(3, occurred_on=date(2026, 10, 19), note="已编班")(student)

    assert facts_of(student) == [
        (
            "TransferAccepted",
            {
                "occurred_on": date(2026, 10, 19),
                "request": 3,
                "school_code": OTHER_SCHOOL,
                "grade": 8,
                "class_name": "3班",
                "note": "已编班",
            },
        )
    ]
    assert student.status == "watched"
    assert student.standings[-1].school_code == OTHER_SCHOOL


def test_a_rejected_transfer_leaves_the_child_where_it_is(given):
    student = given(transfer_requested())

    transfer_decided(2, accept=False, note="学位已满")(student)

    assert facts_of(student) == [
        (
            "TransferRejected",
            {"occurred_on": date(2026, 11, 24), "request": 2, "note": "学位已满"},
        )
    ]
    assert (student.state.school_code, student.state.transfer) == ("3141000058", None)


def test_a_child_is_not_transferred_to_its_own_school(given, refused):
    student = given()

    with refused(SameSchool, student):
        transfer_requested("3141000058")(student)


def test_a_second_transfer_waits_for_the_first_ones_answer(given, refused):
    student = given(transfer_requested())

    with refused(TransferPending, student):
        transfer_requested("3141000060")(student)


@pytest.mark.parametrize("accept", [True, False])
def test_a_transfer_is_decided_once(given, refused, accept):
    student = given(transfer_requested(), transfer_decided(2))

    with refused(TransferDecided, student):
        transfer_decided(2, accept=accept)(student)


def test_only_a_transfer_can_be_decided(given, refused):
    student = given(transfer_requested())

    with refused(NoSuchEntry, student):
        transfer_decided(1)(student)


def test_a_child_that_died_is_not_transferred(given, refused):
    student = given(DIED)

    with refused(ChildDied, student):
        transfer_requested()(student)


def test_a_child_that_died_before_the_answer_is_not_taken_in(given, refused):
    student = given(transfer_requested(), DIED)

    with refused(ChildDied, student):
        transfer_decided(2)(student)


def test_a_child_that_left_the_district_is_not_transferred_inside_it(given, refused):
    student = given(roll_changed("21", "host_school_letter"))

    with refused(NotOnRoll, student):
        transfer_requested()(student)


def test_a_child_that_left_the_district_before_the_answer_is_not_taken_in(given, refused):
    student = given(transfer_requested(), roll_changed("21", "host_school_letter"))

    with refused(NotOnRoll, student):
        transfer_decided(2)(student)
    transfer_decided(2, accept=False)(student)

    assert (student.state.transfer, student.state.student_status) == (None, "10")


def test_a_suspended_child_stays_suspended_at_its_new_school(given):
    student = given(roll_changed("11", "approval"), transfer_requested())

    transfer_decided(3)(student)

    assert (student.state.student_status, student.state.grade) == ("02", 8)
