"""The calendar counts school days as the district keeps them, and never fails on a year."""

from datetime import date, timedelta
from itertools import islice, pairwise

import pytest
from hypothesis import given as whatever
from hypothesis import settings
from hypothesis import strategies as st

from domain.calendar import HOLIDAYS, MADE_UP, TERMS, Calendar, default_calendar

CALENDAR = default_calendar()
ONE_DAY = timedelta(days=1)
YEARS = [1, 2, 1949, 2021, 2027, 2050, 9998, 9999]
NEAR = st.dates(date(2021, 1, 1), date(2031, 12, 31))
BARE = Calendar(holidays={}, made_up={}, terms={})


@pytest.mark.parametrize(
    ("day", "why"),
    [
        (date(2026, 9, 1), "first day of the autumn term"),
        (date(2026, 9, 20), "Sunday, made up for the National Day week"),
        (date(2026, 10, 10), "Saturday, made up"),
        (date(2027, 1, 29), "last day of the autumn term"),
        (date(2026, 7, 10), "last day of the spring term"),
        (date(2023, 1, 3), "first Tuesday after New Year"),
    ],
)
def test_a_school_day_is_one(day, why):
    assert CALENDAR.is_school_day(day), why


@pytest.mark.parametrize(
    ("day", "why"),
    [
        (date(2026, 8, 31), "the day before the term"),
        (date(2026, 9, 5), "Saturday"),
        (date(2026, 9, 6), "Sunday"),
        (date(2026, 9, 25), "Mid-Autumn"),
        (date(2026, 10, 1), "first day of National Day"),
        (date(2026, 10, 7), "last day of National Day"),
        (date(2024, 1, 1), "a holiday that began in the year before"),
        (date(2026, 2, 14), "made up, but between the terms"),
        (date(2026, 2, 7), "the day after the term"),
        (date(2026, 7, 11), "summer"),
    ],
)
def test_a_day_without_school_is_none(day, why):
    assert not CALENDAR.is_school_day(day), why


def test_two_weeks_with_a_holiday_have_three_days_before_it_and_three_after():
    assert CALENDAR.school_days_between(date(2026, 9, 27), date(2026, 9, 30)) == 3
    assert CALENDAR.school_days_between(date(2026, 9, 30), date(2026, 10, 7)) == 0
    assert CALENDAR.school_days_between(date(2026, 10, 7), date(2026, 10, 11)) == 3


@pytest.mark.parametrize(
    ("after", "n", "day"),
    [
        (date(2026, 9, 14), 0, date(2026, 9, 14)),
        (date(2026, 9, 14), -3, date(2026, 9, 14)),
        (date(2026, 9, 14), 1, date(2026, 9, 15)),
        (date(2026, 9, 18), 1, date(2026, 9, 20)),  # Sunday, made up
        (date(2026, 9, 30), 1, date(2026, 10, 8)),
        (date(2026, 9, 24), 30, date(2026, 11, 12)),
        (date(2026, 7, 10), 1, date(2026, 9, 1)),
        (date(2026, 8, 1), 1, date(2026, 9, 1)),
    ],
)
def test_due_days_are_counted_in_school_days_past_holidays_and_the_summer(after, n, day):
    assert CALENDAR.school_day_after(after, n) == day


@whatever(NEAR, st.integers(1, 250))
def test_the_nth_school_day_after_a_day_is_a_school_day_and_the_nth(day, n):
    found = CALENDAR.school_day_after(day, n)

    assert CALENDAR.is_school_day(found)
    assert CALENDAR.school_days_between(day, found) == n
    assert CALENDAR.school_days_between(day, found - ONE_DAY) == n - 1


@whatever(NEAR, NEAR)
def test_school_days_add_up_and_never_run_backwards(one, other):
    first, last = sorted((one, other))

    assert CALENDAR.school_days_between(last, first) == 0
    assert CALENDAR.school_days_between(first, first) == 0
    both = CALENDAR.school_days_between(first - ONE_DAY, last)
    assert both == CALENDAR.school_days_between(first, last) + CALENDAR.is_school_day(first)


# Terms --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("day", "school_year", "name"),
    [
        (date(2026, 9, 1), "2026-2027", "autumn"),
        (date(2027, 1, 29), "2026-2027", "autumn"),
        (date(2026, 3, 2), "2025-2026", "spring"),
        (date(2026, 7, 10), "2025-2026", "spring"),
    ],
)
def test_the_first_and_the_last_day_belong_to_the_term(day, school_year, name):
    term = CALENDAR.term_of(day)

    assert (term.school_year, term.name, term.provisional) == (school_year, name, False)


@pytest.mark.parametrize("day", [date(2026, 7, 11), date(2026, 8, 31), date(2026, 2, 7)])
def test_between_the_terms_there_is_no_term(day):
    assert CALENDAR.term_of(day) is None


def test_a_term_names_itself_in_both_languages():
    term = CALENDAR.term_of(date(2026, 9, 1))

    assert term.label("zh") == "2026-2027 学年秋季学期"
    assert term.label("en") == "2026-2027 autumn term"


@pytest.mark.parametrize(
    ("day", "starts"),
    [
        (date(2026, 8, 31), date(2026, 9, 1)),
        (date(2027, 1, 29), date(2026, 9, 1)),
        (date(2027, 1, 30), date(2027, 2, 22)),
        (date(2027, 7, 9), date(2027, 2, 22)),
        (date(2027, 7, 10), date(2027, 9, 1)),
    ],
)
def test_terms_follow_from_the_one_that_is_not_over(day, starts):
    first, second = islice(CALENDAR.terms_from(day), 2)
    assert first.starts == starts
    assert first.ends < second.starts


@pytest.mark.parametrize(
    ("day", "school_year"),
    [(date(2026, 8, 31), "2025-2026"), (date(2026, 9, 1), "2026-2027")],
)
def test_the_school_year_turns_on_the_first_of_september(day, school_year):
    assert CALENDAR.school_year_of(day) == school_year


# Years nobody knows yet ---------------------------------------------------------------------


@pytest.mark.parametrize("day", [date(2022, 12, 1), date(2027, 2, 22), date(2030, 9, 2)])
def test_a_year_whose_notice_is_not_out_is_provisional(day):
    assert CALENDAR.is_provisional(day)


@pytest.mark.parametrize("day", [date(2023, 1, 3), date(2026, 9, 1), date(2026, 12, 31)])
def test_a_year_whose_notice_and_terms_are_known_is_not_provisional(day):
    assert not CALENDAR.is_provisional(day)


def test_a_term_nobody_set_yet_is_a_rule_of_thumb_and_says_so():
    assert [(t.starts, t.ends, t.provisional) for t in CALENDAR.terms_of(2031)] == [
        (date(2031, 9, 1), date(2032, 1, 20), True),
        (date(2032, 2, 20), date(2032, 7, 5), True),
    ]


def test_where_no_notice_is_out_the_fixed_holidays_are_kept():
    assert not CALENDAR.is_school_day(date(2031, 10, 1))
    assert not CALENDAR.is_school_day(date(2031, 10, 7))
    assert CALENDAR.is_school_day(date(2031, 10, 8))


@settings(deadline=None)
@pytest.mark.parametrize("calendar", [CALENDAR, BARE], ids=["known", "bare"])
@whatever(day=st.dates() | st.sampled_from([date.min, date.max]), n=st.integers(-1, 40))
def test_no_day_of_any_year_is_beyond_the_calendar(calendar, day, n):
    assert calendar.school_day_after(day, n) >= day
    assert calendar.school_day_before(day, n) <= day
    assert all(term.ends >= day for term in islice(calendar.terms_from(day), 3))
    assert calendar.term_of(day) is None or calendar.term_of(day).starts <= day
    assert not (calendar.is_school_day(day) and calendar.is_holiday(day))
    assert calendar.is_provisional(day) in {True, False}
    assert calendar.school_year_of(day)
    assert calendar.school_days_between(day, day) == 0


@pytest.mark.parametrize("year", YEARS)
def test_every_year_has_its_first_and_its_last_day(year):
    for day in (date(year, 1, 1), date(year, 12, 31)):
        assert CALENDAR.school_day_after(day, 1) >= day


# The tables ---------------------------------------------------------------------------------


@pytest.mark.parametrize("year", sorted(HOLIDAYS))
def test_the_holidays_of_a_year_are_in_order_and_apart(year):
    spans = [(date.fromisoformat(a), date.fromisoformat(b)) for a, b in HOLIDAYS[year]]

    assert all(first <= last for first, last in spans)
    assert all(one[1] < other[0] for one, other in pairwise(spans))
    assert all(last.year == year for _, last in spans)


@pytest.mark.parametrize("year", sorted(MADE_UP))
def test_a_day_is_made_up_on_a_weekend_that_is_no_holiday(year):
    off = {
        date.fromisoformat(first) + timedelta(days=n)
        for first, last in HOLIDAYS[year]
        for n in range((date.fromisoformat(last) - date.fromisoformat(first)).days + 1)
    }

    made_up = [date.fromisoformat(day) for day in MADE_UP[year]]
    assert [day for day in made_up if day.weekday() < 5 or day in off or day.year != year] == []
    assert made_up == sorted(set(made_up))


@pytest.mark.parametrize("year", sorted(TERMS))
def test_the_terms_of_a_year_follow_each_other(year):
    autumn, spring = CALENDAR.terms_of(year)

    assert date(year, 9, 1) == autumn.starts < autumn.ends < spring.starts < spring.ends
    assert spring.ends < date(year + 1, 9, 1)
    assert 80 < CALENDAR.school_days_between(autumn.starts - ONE_DAY, autumn.ends) < 115


def test_holidays_and_make_up_days_are_known_for_the_same_years():
    assert sorted(HOLIDAYS) == sorted(MADE_UP)


def test_another_district_keeps_its_own_days():
    own = Calendar(
        holidays={2026: (("2026-09-03", "2026-09-03"),)},
        made_up={2026: ("2026-09-05",)},
        terms={2026: ("2026-09-02", "2027-01-15", "2027-02-15", "2027-07-01")},
    )

    assert [day for day in range(1, 9) if own.is_school_day(date(2026, 9, day))] == [2, 4, 5, 7, 8]
    assert CALENDAR.is_school_day(date(2026, 9, 3))
