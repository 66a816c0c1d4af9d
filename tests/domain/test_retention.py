"""How long a child's record must be kept, by how the child left, its age and its cases."""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given as whatever
from hypothesis import strategies as st

from domain.privacy import retention_ends_on, years_after
from domain.rules import DEFAULT_RULES
from tests.domain.conftest import (
    BUREAU,
    TODAY,
    absence_flagged,
    acting,
    close_out_asked,
    close_out_decided,
    roll_changed,
)

RULES = DEFAULT_RULES.on(TODAY)
LEFT = date(2026, 7, 10)


def promoted(occurred_on=LEFT):
    return lambda student: student.promote(acting(), occurred_on=occurred_on)


def transferred(to_school="3141000059"):
    def both(student):
        student.request_transfer(acting(), to_school=to_school, occurred_on=LEFT, reason="迁居")
        entry = student.version
        student.decide_transfer(acting(), entry=entry, accept=True, grade=9, class_name="3班")

    return both


def corrected(entry, **changes):
    return lambda student: student.correct(
        acting(BUREAU), entry=entry, changes=changes, reason="笔误"
    )


def closed(occurred_on):
    def done(student):
        absence_flagged(first_absent_on=occurred_on)(student)
        close_out_asked("C02", ["roll_extract"], occurred_on=occurred_on)(student)
        close_out_decided(occurred_on=occurred_on)(student)

    return done


def kept_to(student, today=TODAY, rules=RULES):
    return retention_ends_on(student, today, rules)


def test_the_district_starts_with_three_and_five_years_and_the_age_of_the_law():
    assert (RULES.retention_years, RULES.retention_years_after_case) == (3, 5)
    assert RULES.adult_age == 18


def test_the_record_of_a_child_at_school_here_has_no_last_day(given):
    assert kept_to(given()) is None


@pytest.mark.parametrize("kind", ["11", "29"])
def test_a_child_on_leave_or_in_another_class_has_not_left(given, kind):
    assert kept_to(given(roll_changed(kind, occurred_on=LEFT, to_class="2班"))) is None


def test_years_after_graduating_from_grade_nine(given):
    assert kept_to(given(promoted(), grade=9)) == date(2029, 7, 10)


def test_graduating_from_primary_school_is_not_leaving(given):
    student = given(promoted(), grade=6, school_code="2141000001")

    assert student.state.student_status == "07"
    assert kept_to(student) is None


@pytest.mark.parametrize(("kind", "status"), [("21", "10"), ("51", "11")])
def test_years_after_going_out_of_the_district_or_dying(given, kind, status):
    student = given(roll_changed(kind, occurred_on=LEFT))

    assert student.state.student_status == status
    assert kept_to(student) == date(2029, 7, 10)


def test_years_after_coming_of_age_for_a_child_that_never_left(given):
    born = date(2006, 5, 6)

    assert kept_to(given(birth_date=born), today=date(2024, 5, 5)) is None
    assert kept_to(given(birth_date=born), today=date(2024, 5, 6)) == date(2027, 5, 6)


def test_leaving_before_coming_of_age_counts_first_and_so_does_coming_of_age(given):
    before = given(roll_changed("21", occurred_on=LEFT), birth_date=date(2008, 9, 1))
    after = given(roll_changed("21", occurred_on=LEFT), birth_date=date(2008, 6, 1))

    assert kept_to(before) == date(2029, 7, 10)
    assert kept_to(after) == date(2029, 6, 1)


def test_a_child_that_left_and_then_died_left_first(given):
    out, died = roll_changed("21", occurred_on=LEFT), roll_changed("51")
    earlier = roll_changed("51", occurred_on=date(2026, 6, 1))

    assert kept_to(given(out, died)) == date(2029, 7, 10)
    assert kept_to(given(out, earlier)) == date(2029, 6, 1)


def test_a_child_that_came_back_is_here_again(given):
    out, back = roll_changed("21", occurred_on=LEFT), roll_changed("22")

    assert kept_to(given(out, back)) is None
    again = roll_changed("21", occurred_on=date(2026, 11, 2))
    assert kept_to(given(out, back, again)) == date(2029, 11, 2)


def test_a_graduate_whom_another_school_takes_in_is_here_again(given):
    assert kept_to(given(promoted(), transferred(), grade=9)) is None


def test_a_corrected_leaving_moves_the_last_day(given):
    student = given(roll_changed("21", occurred_on=LEFT), corrected(2, occurred_on="2026-08-01"))

    assert kept_to(student) == date(2029, 8, 1)
    corrected(2, kind="11")(student)
    assert kept_to(student) is None


def test_while_a_case_is_open_there_is_no_last_day(given):
    assert kept_to(given(roll_changed("51", occurred_on=LEFT))) is not None
    assert kept_to(given(absence_flagged(), roll_changed("51"))) is None


def test_not_before_years_after_the_last_close_out(given):
    gone = roll_changed("21", occurred_on=date(2024, 7, 1))
    old, new = closed(date(2021, 3, 1)), closed(date(2024, 6, 1))

    assert kept_to(given(old, gone)) == date(2027, 7, 1)
    assert kept_to(given(old, new, gone)) == date(2029, 6, 1)
    assert kept_to(given(new)) is None


def test_the_years_are_those_of_the_rules(given):
    rules = replace(RULES, retention_years=1, retention_years_after_case=2, adult_age=16)
    gone, case = roll_changed("21", occurred_on=LEFT), closed(date(2026, 6, 1))

    assert kept_to(given(gone), rules=rules) == date(2027, 7, 10)
    assert kept_to(given(case, gone), rules=rules) == date(2028, 6, 1)
    assert kept_to(given(birth_date=date(2010, 9, 15)), rules=rules) == date(2027, 9, 15)


@pytest.mark.parametrize(
    ("day", "years", "later"),
    [
        (date(2026, 2, 28), 3, date(2029, 2, 28)),
        (date(2024, 2, 29), 3, date(2027, 3, 1)),
        (date(2024, 2, 29), 4, date(2028, 2, 29)),
        (date(9998, 2, 28), 3, date(9999, 2, 28)),
        (date(9996, 2, 29), 18, date(9999, 3, 1)),
    ],
)
def test_years_later_is_the_same_day_or_the_next_there_is(day, years, later):
    assert years_after(day, years) == later


@whatever(st.dates(), st.integers(0, 100))
def test_there_is_a_day_years_after_any_day(day, years):
    later = years_after(day, years)

    assert later >= day
    assert later.year == min(day.year + years, 9999)
