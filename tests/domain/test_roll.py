"""The roll: enrolment, changes with or without their papers, promotion."""

from datetime import date

import pytest

from domain.codes import ROLL_CHANGE
from domain.refusals import (
    AlreadyPromoted,
    ChildDied,
    NotOnRoll,
)
from domain.roll_papers import REGISTERED_CHANGE, ROLL_CHANGE_PAPERS
from tests.domain.conftest import (
    a_child,
    absence_flagged,
    acting,
    facts_of,
    roll_changed,
)

DAY = date(2026, 10, 12)
SEPTEMBER = date(2026, 9, 1)
OTHER_SCHOOL = "3141000059"


def promoted(occurred_on=SEPTEMBER):
    return lambda student: student.promote(acting(), occurred_on=occurred_on)


SUSPENDED = roll_changed("11", "approval")
LEFT = roll_changed("21", "host_school_letter")
DIED = roll_changed("51", "death_certificate")


def test_a_child_with_a_student_number_is_enrolled_as_at_school():
    student = a_child()

    assert (student.version, student.state.student_status) == (1, "01")
    assert student.standings[0].school_code == "3141000058"


def test_a_child_found_without_a_student_number_is_enrolled_all_the_same():
    student = a_child(student_number=None, school_code=None, grade=None, found_by="screening")

    assert student.state.student_status == "99"


def test_a_roll_change_with_its_papers_is_complete(given):
    student = given()

    roll_changed("11", "medical_proof", reason="骨折")(student)

    assert facts_of(student) == [
        (
            "RollChanged",
            {
                "occurred_on": DAY,
                "kind": "11",
                "papers": [{"kind": "medical_proof"}],
                "to_school": None,
                "to_grade": None,
                "to_class": None,
                "reason": "骨折",
                "papers_missing": [],
            },
        )
    ]
    assert student.state.student_status == "02"


def test_a_roll_change_without_its_papers_is_recorded_and_shows_what_is_missing(given):
    student = given()

    roll_changed("11", "other")(student)

    [(_, facts)] = facts_of(student)
    assert facts["papers_missing"] == [["approval", "medical_proof"]]
    assert student.state.student_status == "02"


def test_papers_handed_in_later_complete_a_roll_change(given):
    student = given(roll_changed("11"))

    student.correct(
        acting(), entry=2, changes={"papers": [{"kind": "medical_proof"}]}, reason="补交"
    )

    assert student.entries[1].papers_missing == []


@pytest.mark.parametrize("kind", sorted(REGISTERED_CHANGE))
def test_every_roll_change_says_which_papers_it_demands(kind):
    assert kind in ROLL_CHANGE_PAPERS


@pytest.mark.parametrize(
    ("past", "kind", "status"),
    [
        ([], "11", "02"),
        ([SUSPENDED], "12", "05"),
        ([], "21", "10"),
        ([SUSPENDED], "21", "10"),
        ([LEFT], "22", "01"),
        ([], "22", "01"),
        ([], "29", "01"),
        ([], "51", "11"),
        ([LEFT], "51", "11"),
    ],
)
def test_a_roll_change_leads_to_its_student_status(given, past, kind, status):
    student = given(*past)

    roll_changed(kind)(student)

    assert student.state.student_status == status


@pytest.mark.parametrize(
    ("past", "kind"),
    [
        ([SUSPENDED], "11"),
        ([], "12"),
        ([LEFT], "21"),
        ([roll_changed("29", to_class="2班")], "22"),
        ([promoted()], "22"),
        ([LEFT], "29"),
        ([SUSPENDED, roll_changed("12")], "12"),
    ],
)
def test_a_roll_change_that_does_not_apply_is_refused(given, refused, past, kind):
    student = given(*past)

    with refused(NotOnRoll, student):
        roll_changed(kind)(student)


@pytest.mark.parametrize("kind", sorted(ROLL_CHANGE))
def test_after_a_death_the_roll_changes_no_more(given, refused, kind):
    student = given(DIED)

    with refused(ChildDied, student):
        roll_changed(kind)(student)


def test_a_death_recorded_by_mistake_is_corrected_and_the_roll_goes_on(given):
    student = given(DIED)

    student.correct(acting(), entry=2, changes={"kind": "11"}, reason="类别选错")

    [(_, facts)] = facts_of(student)
    assert facts["derived"] == {"papers_missing": [["approval", "medical_proof"]]}
    assert student.state.student_status == "02"
    roll_changed("12", "approval")(student)
    assert student.state.student_status == "05"


def test_a_class_change_moves_the_child_to_the_class(given):
    student = given()

    roll_changed("29", to_class="4班")(student)

    assert (student.state.grade, student.state.class_name) == (7, "4班")


def test_a_roll_change_touches_no_case(given):
    student = given(absence_flagged())

    SUSPENDED(student)

    assert student.status == "watched"


# Promotion ----------------------------------------------------------------------------------


def test_a_child_moves_up_a_grade(given):
    student = given()

    promoted()(student)

    assert facts_of(student) == [
        ("Promoted", {"occurred_on": SEPTEMBER, "school_code": "3141000058", "to_grade": 8})
    ]
    assert student.state.grade == 8


@pytest.mark.parametrize(
    ("school", "grade"), [("2141000001", 6), ("3141000058", 9), ("5141000077", 9)]
)
def test_a_child_in_the_last_grade_of_its_school_graduates(given, school, grade):
    student = given(school_code=school, grade=grade)

    promoted()(student)

    assert facts_of(student) == [
        ("Graduated", {"occurred_on": SEPTEMBER, "school_code": school, "from_grade": grade})
    ]
    assert student.state.student_status == "07"


def test_a_special_school_takes_the_child_past_grade_six(given):
    student = given(school_code="5141000077", grade=6)

    promoted()(student)

    assert student.state.grade == 7


@pytest.mark.parametrize("again", [SEPTEMBER, date(2026, 7, 10), date(2026, 11, 24)])
def test_a_child_is_promoted_once_a_year_whichever_day_it_is_run(given, refused, again):
    student = given(promoted())

    with refused(AlreadyPromoted, student):
        promoted(again)(student)


def test_a_child_is_promoted_again_the_next_year(given):
    student = given(promoted(date(2025, 9, 1)))

    promoted()(student)

    assert student.state.grade == 9


@pytest.mark.parametrize("past", [SUSPENDED, LEFT, DIED])
def test_only_a_child_at_school_is_promoted(given, refused, past):
    student = given(past)

    with refused(NotOnRoll, student):
        promoted()(student)


def test_a_child_without_a_school_is_not_promoted(given, refused):
    student = given(school_code=None)

    with refused(NotOnRoll, student):
        promoted()(student)
