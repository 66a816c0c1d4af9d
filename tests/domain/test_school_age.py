"""Who is of school age on a day, and which class a child on a roll graduates with."""

from datetime import date

import pytest

from domain.cohorts import Stay, cohort_of, intake_year, school_year_begins, stays
from domain.mobility import movements
from domain.rules import DEFAULT_RULES
from domain.school_age import born_of_school_age
from tests.domain.conftest import roll_changed, transfer_requested
from tests.domain.test_mobility import DROPPED, SCHOOL, accepted, promoted


def of_age(born: str, day: str) -> bool:
    when = date.fromisoformat(day)
    ages = born_of_school_age(when, DEFAULT_RULES.on(when))
    return ages.after < date.fromisoformat(born) <= ages.not_after


@pytest.mark.parametrize(
    ("born", "day", "expected"),
    [
        ("2020-08-31", "2026-09-01", True),  # six the day before
        ("2020-09-01", "2026-09-01", False),
        ("2020-09-01", "2027-08-31", False),  # the same all through the school year
        ("2020-09-01", "2027-09-01", True),
        ("2008-11-25", "2026-11-24", True),
        ("2008-11-24", "2026-11-24", False),  # eighteen today
        ("2008-02-29", "2026-02-28", True),
        ("2010-02-28", "2028-02-29", False),
    ],
)
def test_school_age_is_from_six_by_the_end_of_august_until_eighteen(born, day, expected):
    assert of_age(born, day) is expected


@pytest.mark.parametrize(
    ("school", "grade", "day", "cohort"),
    [
        ("2141000001", 1, "2026-09-01", 2032),
        ("2141000001", 1, "2026-08-20", 2032),  # put on the roll before the year begins
        ("2141000001", 6, "2026-07-31", 2026),
        ("2141000001", 6, "2027-03-01", 2027),
        (SCHOOL, 7, "2026-09-01", 2029),
        (SCHOOL, 9, "2027-01-10", 2027),
        ("5141000077", 1, "2026-09-01", 2035),
        (None, 1, "2026-09-01", None),
    ],
)
def test_a_class_graduates_when_its_grades_have_passed(school, grade, day, cohort):
    assert cohort_of(school, grade, date.fromisoformat(day)) == cohort


def test_school_years_begin_in_september_and_their_intake_in_august():
    assert school_year_begins(date(2026, 8, 31)) == date(2025, 9, 1)
    assert school_year_begins(date(2026, 9, 1)) == date(2026, 9, 1)
    assert (intake_year(date(2026, 7, 31)), intake_year(date(2026, 8, 1))) == (2025, 2026)


@pytest.mark.parametrize(
    ("life", "told"),
    [
        ([], [(False, 2029)]),
        ([roll_changed("11")], [(True, 2029), (False, 2029)]),
        ([promoted()], [(True, 2029), (False, 2029), (False, 2029)]),
        (DROPPED, [(True, 2029), (False, 2029)]),
        (
            [transfer_requested(), accepted(2)],
            [(True, 2029), (False, 2029), (False, 2028)],  # into grade 8 there
        ),
    ],
)
def test_who_leaves_does_so_with_the_cohort_it_came_with(given, life, told):
    student = given(*life)
    moves = movements(student.entries)
    found = stays(moves)

    assert [(stay.left_on is not None, stay.cohort) for stay in found] == told
    for number, stay in enumerate(found):
        if stay.left_on is not None:
            assert stay == Stay(moves[number + 1].day, stay.cohort)
