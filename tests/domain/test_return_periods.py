"""Which days a return covers and when it is due: the 25th, or the school day before it."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from domain.calendar import default_calendar
from domain.return_periods import (
    Period,
    month_before,
    month_named,
    month_of,
    quarter_named,
    quarter_opens,
)
from domain.rules import DEFAULT_RULES, RuleBook, Rules


def the(name):
    return month_named(name, DEFAULT_RULES)


def test_a_month_covers_the_day_after_the_last_cut_off_up_to_the_25th():
    assert the("2026-11") == Period(
        "2026-11", date(2026, 10, 26), date(2026, 11, 25), date(2026, 11, 25)
    )
    assert the("2026-01").first == date(2025, 12, 26)


@pytest.mark.parametrize(
    ("month", "due_on"),
    [
        ("2026-10", date(2026, 10, 23)),  # the 25th is a Sunday
        ("2026-04", date(2026, 4, 24)),  # a Saturday
        ("2026-09", date(2026, 9, 24)),  # the 25th is the first day of a holiday
        ("2026-07", date(2026, 7, 24)),  # in the summer holidays: the last weekday
        ("2026-08", date(2026, 8, 25)),
    ],
)
def test_it_is_due_on_the_25th_or_the_school_day_before(month, due_on):
    assert the(month).due_on == due_on


def test_months_follow_one_another_without_gap_for_ever():
    period = the("2021-01")
    for _ in range(150):
        following = the(month_of(period.last + timedelta(days=1), DEFAULT_RULES))
        assert following.first == period.last + timedelta(days=1)
        assert following.day_before == period.last
        assert month_before(following.name) == period.name
        assert period.first <= period.due_on <= period.last
        assert default_calendar().is_school_day(period.due_on) or period.due_on.weekday() < 5
        period = following


def test_another_cut_off_from_a_day_on_leaves_no_day_out():
    first, second = date(2021, 9, 1), date(2026, 3, 1)
    book = RuleBook((Rules(first), replace(Rules(second), return_cut_off_day=31)))

    assert month_named("2026-02", book).last == date(2026, 2, 25)
    assert month_named("2026-03", book)[1:3] == (date(2026, 2, 26), date(2026, 3, 31))
    assert month_named("2026-04", book)[1:3] == (date(2026, 4, 1), date(2026, 4, 30))
    assert month_of(date(2026, 4, 30), book) == "2026-04"


@pytest.mark.parametrize(
    "name",
    ["2026-13", "2026-00", "0001-01", "9999-12", "2026-1", "2026-011", "", "２０２６-11", "\0"],
)
def test_what_is_no_month_has_no_period(name):
    assert month_named(name, DEFAULT_RULES) is None


def test_a_quarter_covers_its_days_and_is_due_by_the_last_school_day_of_it():
    period = quarter_named("2026-Q4", DEFAULT_RULES)

    assert period == Period("2026-Q4", date(2026, 10, 1), date(2026, 12, 31), date(2026, 12, 31))
    assert quarter_opens(period, DEFAULT_RULES) == date(2026, 12, 25)
    assert quarter_named("2026-Q1", DEFAULT_RULES).last == date(2026, 3, 31)
    for name in ("2026-Q5", "2026-Q0", "2026-4", "2026Q4", "0001-Q1"):
        assert quarter_named(name, DEFAULT_RULES) is None
