"""A missed duty goes up the line by whole school days, from the day somebody could know."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from domain.duty_levels import reached, rungs
from domain.rules import DEFAULT_RULES, RuleBook

MONDAY = date(2026, 9, 14)


def levels(today, *, due_on=MONDAY, known_on=MONDAY, for_role="teacher", at_school=True, book=None):
    on = rungs(book or DEFAULT_RULES, today)
    facts = {"due_on": due_on, "known_on": known_on, "for_role": for_role, "at_school": at_school}
    return [(level.name, level.role) for level in reached(on, **facts)]


SCHOOL, TOWNSHIP, BUREAU = (
    ("school", "principal"),
    ("township", "township_office"),
    ("bureau", "bureau"),
)


@pytest.mark.parametrize(
    ("today", "wanted"),
    [
        (date(2026, 9, 17), []),
        (date(2026, 9, 18), [SCHOOL]),  # three whole school days are over
        (date(2026, 9, 21), [SCHOOL]),  # the Sunday before is made up: a school day
        (date(2026, 9, 22), [SCHOOL, TOWNSHIP]),
        (date(2026, 9, 28), [SCHOOL, TOWNSHIP, BUREAU]),
        (date(2030, 1, 1), [SCHOOL, TOWNSHIP, BUREAU]),
    ],
)
def test_it_rises_after_three_school_days_each_time_and_no_further_than_the_bureau(today, wanted):
    assert levels(today) == wanted


def test_a_vacation_makes_nothing_rise():
    last = date(2026, 7, 10)
    assert levels(date(2026, 8, 31), due_on=last, known_on=last) == []


def test_what_is_told_late_counts_from_the_day_it_was_told():
    assert levels(date(2026, 9, 22), known_on=date(2026, 9, 21)) == []
    assert levels(date(2026, 9, 24), known_on=date(2026, 9, 21)) == [SCHOOL]


@pytest.mark.parametrize(
    ("for_role", "at_school", "wanted"),
    [
        ("principal", True, [TOWNSHIP, BUREAU]),
        ("township", True, [BUREAU]),
        ("bureau", True, []),
        ("teacher", False, [("township", "township"), BUREAU]),
    ],
)
def test_it_goes_on_from_whose_it_is_and_passes_by_a_school_there_is_not(
    for_role, at_school, wanted
):
    assert levels(date(2027, 1, 4), for_role=for_role, at_school=at_school) == wanted


def test_the_rules_of_the_day_it_was_due_count():
    first = DEFAULT_RULES.editions[0]
    later = replace(first, in_force_from=date(2026, 9, 15), escalate_after_school_days=1)
    book = RuleBook((first, later))

    assert levels(date(2026, 9, 17), book=book) == []
    assert levels(date(2026, 9, 17), due_on=date(2026, 9, 15), book=book) == [SCHOOL]
    (level,) = reached(
        rungs(book, date(2026, 9, 17)),
        due_on=date(2026, 9, 15),
        known_on=MONDAY,
        for_role="teacher",
        at_school=True,
    )
    assert level.under == date(2026, 9, 15)


def test_counting_back_agrees_with_counting_on():
    calendar = DEFAULT_RULES.editions[0].calendar
    for days in range(400):
        today = date(2025, 12, 1) + timedelta(days=days)
        for n in (0, 1, 3, 9):
            last = calendar.school_day_before(today, n)
            assert calendar.school_day_after(last - timedelta(days=1), n) < today
            assert calendar.school_day_after(last, n) >= today
    assert calendar.school_day_before(date(1, 3, 1), 500) == date.min
