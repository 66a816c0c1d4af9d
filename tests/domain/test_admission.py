"""A child on no school's roll reports at a school: found not enrolled, or done with primary."""

from datetime import date

import pytest

from domain.refusals import ChildDied, NotOnRoll
from tests.domain.conftest import acting, facts_of, roll_changed

FIRST_DAY = date(2026, 9, 1)
PRIMARY = {"school_code": "2141000001", "grade": 6, "class_name": "1班"}
NOWHERE = {"student_number": None, "school_code": None, "grade": None, "class_name": None}
SEAT = {"school_code": "3141000058", "grade": 7, "class_name": "2班"}


def admitted(**facts):
    known = {**SEAT, "occurred_on": FIRST_DAY, **facts}
    return lambda student: student.admit(acting(), **known)


def graduated():
    return lambda student: student.promote(acting(), occurred_on=date(2026, 7, 3))


def test_who_finished_primary_comes_onto_the_roll_of_a_junior_school(given):
    student = given(graduated(), **PRIMARY)

    admitted()(student)

    assert facts_of(student) == [
        ("Admitted", {"occurred_on": FIRST_DAY, **SEAT, "student_number": None})
    ]
    assert (student.state.student_status, student.state.school_code) == ("01", SEAT["school_code"])
    assert (student.state.grade, student.state.class_name) == (7, "2班")


def test_a_child_found_at_no_school_gets_its_number_with_its_place(given):
    student = given(**NOWHERE)

    admitted(student_number="G410399201409150027", grade=1)(student)

    assert student.state.student_number == "G410399201409150027"
    assert student.state.student_status == "01"


@pytest.mark.parametrize(
    "before",
    [(), (roll_changed("11"),), (roll_changed("21"),)],
    ids=["at school", "suspended", "gone elsewhere"],
)
def test_who_has_a_school_or_left_the_district_is_not_admitted(given, refused, before):
    student = given(*before)

    with refused(NotOnRoll, student):
        admitted()(student)


def test_compulsory_education_is_not_begun_again(given, refused):
    student = given(graduated(), grade=9)

    with refused(NotOnRoll, student):
        admitted()(student)


def test_a_child_that_died_is_not_admitted(given, refused):
    student = given(roll_changed("51", "death_certificate"))

    with refused(ChildDied, student):
        admitted()(student)
