"""Rules and calendar put in force: for what is to come, never for what is over."""

from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.district_rules import DaysSet, DeadlinesSet, DistrictRules, HolidaysSet, TermsSet
from domain.holiday_notice import Holiday, HolidayNotice
from domain.rules import DEFAULT_RULES
from domain.rules_refusals import (
    CalendarYearAway,
    DayOutsideTerms,
    DayOver,
    FestivalsMissing,
    RulesAsBefore,
    RulesTooEarly,
    RulesTooFar,
    TermBegun,
)
from tests.domain.conftest import BUREAU, acting

TODAY = date(2026, 11, 30)
SPRING = date(2027, 3, 1)
ONE_DAY = timedelta(days=1)
FIRST_OF_MAY = HolidayNotice(
    2027, (Holiday(date(2027, 5, 1), date(2027, 5, 5)),), (date(2027, 5, 8),), ()
)
SOURCE = "国办发明电〔2026〕99号"
TERMS = [date(2027, 9, 1), date(2028, 1, 21), date(2028, 2, 21), date(2028, 7, 7)]


def blank():
    return DistrictRules.blank(
        UUID("00000000-0000-8000-8000-000000000007"), datetime(2026, 11, 30, tzinfo=UTC)
    )


def deadlines(rules, day=SPRING, today=TODAY, **values):
    facts = values or {"first_visit_school_days": 3}
    rules.set_deadlines(
        acting(BUREAU, today=today), in_force_from=day, deadlines=facts, reason="修订"
    )


def holidays(rules, notice=FIRST_OF_MAY, today=TODAY, **options):
    rules.set_holidays(acting(BUREAU, today=today), notice=notice, source=SOURCE, **options)


def days(rules, closed=(), opened=(), today=TODAY):
    rules.set_days(acting(BUREAU, today=today), closed=closed, opened=opened, source=SOURCE)


def terms(rules, year=2027, days=TERMS, today=TODAY):
    rules.set_terms(acting(BUREAU, today=today), school_year=year, terms=days, source=SOURCE)


# Deadlines -------------------------------------------------------------------------------------


def test_deadlines_hold_from_their_day_on_and_what_began_before_keeps_its_own():
    rules = blank()

    deadlines(rules, first_visit_school_days=3, order_days=7, observation_ladder=[1, 10, 20])

    [fact] = rules.collect_events()
    assert type(fact) is DeadlinesSet
    assert (fact.occurred_on, fact.in_force_from, fact.reason) == (TODAY, SPRING, "修订")
    # What is as before is not put in force anew.
    assert fact.deadlines == {"first_visit_school_days": 3, "observation_ladder": [1, 10, 20]}
    before, after = rules.book.on(SPRING - ONE_DAY), rules.book.on(SPRING)
    assert before == DEFAULT_RULES.on(SPRING)
    assert (after.in_force_from, after.first_visit_school_days) == (SPRING, 3)
    assert (after.observation_ladder, after.order_days) == ((1, 10, 20), before.order_days)


def test_what_is_to_come_on_one_day_is_put_right_until_it_comes():
    rules = blank()
    deadlines(rules, first_visit_school_days=3)
    deadlines(rules, first_visit_school_days=1, order_days=10)

    assert [one.in_force_from for one in rules.book.editions[1:]] == [SPRING]
    assert rules.book.on(SPRING).first_visit_school_days == 1
    assert rules.book.on(SPRING).order_days == 10


def test_a_later_edition_builds_upon_the_one_before():
    rules = blank()
    deadlines(rules, first_visit_school_days=3)
    deadlines(rules, date(2027, 9, 1), order_days=10)

    latest = rules.book.on(date(2027, 9, 1))
    assert (latest.first_visit_school_days, latest.order_days) == (3, 10)


def test_deadlines_begin_tomorrow_at_the_earliest_and_in_two_years_at_the_latest():
    last = TODAY + timedelta(days=730)
    for day, refused in ((TODAY, True), (TODAY + ONE_DAY, False), (last, False)):
        rules = blank()
        if refused:
            with pytest.raises(RulesTooEarly) as told:
                deadlines(rules, day)
            assert told.value.facts == {"first": TODAY + ONE_DAY}
        else:
            deadlines(rules, day)
        assert len(rules.collect_events()) == (not refused)


@pytest.mark.parametrize(
    ("day", "values", "refusal"),
    [
        (TODAY, {}, RulesTooEarly),
        (SPRING - ONE_DAY, {"order_days": 9}, RulesTooEarly),  # before those that are to come
        (TODAY + timedelta(days=731), {"order_days": 9}, RulesTooFar),
        (SPRING, {}, RulesAsBefore),
        (date(2027, 9, 1), {"observation_ladder": [1, 7, 15, 30]}, RulesAsBefore),
    ],
)
def test_deadlines_that_cannot_be_are_refused_and_nothing_is_recorded(day, values, refusal):
    rules = blank()
    deadlines(rules)
    rules.collect_events()

    with pytest.raises(refusal):
        deadlines(rules, day, **values)

    assert list(rules.collect_events()) == []


# The calendar ----------------------------------------------------------------------------------


def test_a_notice_counts_for_days_to_come_and_leaves_every_day_that_is_over():
    rules = blank()
    known = rules.calendar

    holidays(rules, today=date(2027, 5, 4))

    [fact] = rules.collect_events()
    assert type(fact) is HolidaysSet
    assert (fact.year, fact.holidays, fact.made_up, fact.source) == (
        *(2027, [["2027-05-01", "2027-05-05"]], ["2027-05-08"], SOURCE),
    )
    assert [rules.calendar.is_school_day(date(2027, 5, day)) for day in (3, 4, 5, 6, 7, 8)] == [
        False,
        True,
        False,
        True,
        True,
        True,
    ]
    assert known.is_school_day(date(2027, 5, 5))
    assert not known.is_school_day(date(2027, 5, 8))
    assert (rules.calendar.is_provisional(SPRING), known.is_provisional(SPRING)) == (False, True)


def test_a_calendar_is_of_all_editions_and_outlives_later_deadlines():
    rules = blank()
    deadlines(rules)
    holidays(rules)
    deadlines(rules, order_days=10)

    assert len({id(one.calendar) for one in rules.book.editions}) == 1
    assert rules.book.on(SPRING).calendar.is_school_day(date(2027, 5, 8))


def test_a_notice_put_in_force_again_says_nothing_new():
    rules = blank()
    holidays(rules)

    with pytest.raises(RulesAsBefore):
        holidays(rules)
    with pytest.raises(RulesAsBefore):  # whatever it says of days that are over
        holidays(rules, FIRST_OF_MAY, today=date(2027, 12, 1))


def test_a_notice_that_says_what_was_guessed_makes_the_year_a_known_one():
    rules = blank()
    guessed = sorted(rules.calendar.days_off(2027))

    holidays(rules, HolidayNotice(2027, tuple(Holiday(day, day) for day in guessed), (), ()))

    assert len(rules.collect_events()) == 1
    assert not rules.calendar.is_provisional(SPRING)


@pytest.mark.parametrize(
    ("year", "missing", "options", "refusal"),
    [
        (2025, (), {}, CalendarYearAway),
        (2029, (), {}, CalendarYearAway),
        (2027, ("春节", "中秋"), {}, FestivalsMissing),
    ],
)
def test_a_notice_that_cannot_be_meant_is_refused(year, missing, options, refusal):
    rules = blank()
    notice = HolidayNotice(year, FIRST_OF_MAY.holidays, FIRST_OF_MAY.made_up, missing)

    with pytest.raises(refusal):
        holidays(rules, notice, **options)
    assert list(rules.collect_events()) == []


def test_that_festivals_have_no_day_off_is_taken_from_who_confirms_it():
    rules = blank()

    holidays(rules, FIRST_OF_MAY.__class__(2027, (), (), ("春节",)), accept_missing=True)

    assert rules.calendar.is_school_day(date(2027, 5, 3))


def test_terms_are_put_in_force_but_for_days_that_are_over():
    rules = blank()

    terms(rules)

    [fact] = rules.collect_events()
    assert type(fact) is TermsSet
    assert (fact.school_year, fact.terms) == (2027, [day.isoformat() for day in TERMS])
    assert rules.calendar.is_school_day(date(2028, 1, 21))
    with pytest.raises(RulesAsBefore):
        terms(rules)
    begun = [date(2026, 9, 1), date(2027, 1, 22), date(2027, 2, 22), date(2027, 7, 9)]
    terms(rules, 2026, begun)
    assert not rules.calendar.is_school_day(date(2027, 1, 25))
    for days in ([date(2026, 9, 2), *begun[1:]], [begun[0], TODAY, *begun[2:]]):
        with pytest.raises(TermBegun):
            terms(rules, 2026, days)
    for year in (2024, 2029):
        with pytest.raises(CalendarYearAway):
            terms(rules, year)


THURSDAY, SATURDAY = date(2027, 6, 10), date(2027, 6, 19)


def test_single_days_are_closed_and_opened_whatever_a_notice_says():
    rules = blank()

    days(rules, [THURSDAY], [SATURDAY])

    [fact] = rules.collect_events()
    assert type(fact) is DaysSet
    assert (fact.closed, fact.opened) == (["2027-06-10"], ["2027-06-19"])
    holidays(rules)
    assert [rules.calendar.is_school_day(day) for day in (THURSDAY, SATURDAY)] == [False, True]
    assert rules.calendar.is_holiday(THURSDAY)
    days(rules, [SATURDAY], [THURSDAY])
    assert [rules.calendar.is_school_day(day) for day in (THURSDAY, SATURDAY)] == [True, False]
    assert rules.calendar.is_provisional(SPRING) is False


@pytest.mark.parametrize(("closed", "opened"), [([THURSDAY], []), ([], [SATURDAY])])
def test_a_day_is_closed_or_opened_alone(closed, opened):
    rules = blank()

    days(rules, closed, opened)

    [fact] = rules.collect_events()
    assert (fact.closed, fact.opened) == tuple(
        [day.isoformat() for day in some] for some in (closed, opened)
    )


@pytest.mark.parametrize(
    ("closed", "opened", "refusal"),
    [
        ([TODAY], [], DayOver),
        ([], [date(2026, 11, 29)], DayOver),
        ([date(2027, 2, 1)], [], DayOutsideTerms),
        ([SATURDAY], [THURSDAY], RulesAsBefore),
    ],
)
def test_days_that_cannot_be_are_refused_and_nothing_is_recorded(closed, opened, refusal):
    rules = blank()

    with pytest.raises(refusal):
        days(rules, closed, opened)
    assert list(rules.collect_events()) == []


# Whatever is put in force ----------------------------------------------------------------------

DAYS = st.dates(date(2026, 12, 1), date(2028, 12, 31))


@st.composite
def notices(draw):
    firsts = draw(st.lists(DAYS, max_size=4, unique=True))
    spans = tuple(Holiday(day, day + ONE_DAY * draw(st.integers(0, 9))) for day in firsts)
    worked = tuple(draw(st.lists(DAYS, max_size=4, unique=True)))
    return HolidayNotice(draw(st.sampled_from((2026, 2027, 2028))), spans, worked, ())


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(0, 400), st.one_of(notices(), st.lists(DAYS, max_size=4))),
        min_size=1,
        max_size=4,
    )
)
def test_no_day_that_is_over_ever_counts_otherwise(puts):
    rules, today = blank(), TODAY
    for ahead, put in puts:
        today += timedelta(days=ahead // len(puts))
        before = rules.calendar
        try:
            if isinstance(put, HolidayNotice):
                holidays(rules, put, today=today)
            else:
                days(rules, put[:2], put[2:], today=today)
        except (CalendarYearAway, RulesAsBefore, DayOver, DayOutsideTerms):
            continue
        for back in range(500):
            day = today - timedelta(days=back)
            assert rules.calendar.is_school_day(day) == before.is_school_day(day), day
            assert rules.calendar.is_holiday(day) == before.is_holiday(day), day
