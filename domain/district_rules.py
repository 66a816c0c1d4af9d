"""
The district's rules (规则与校历): what was put in force, on record, upon what the program knows.

Source: domain.md, ``[config]``: what differs between places is dated configuration.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from domain.calendar import Calendar
from domain.entry import Act
from domain.holiday_notice import HolidayNotice
from domain.rules import DEFAULT_RULES, RuleBook
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
from domain.subject import Fact, Subject

ONE_DAY = timedelta(days=1)
AHEAD_DAYS = 730  # D: nothing is decided for later
AHEAD_YEARS = 2


class DeadlinesSet(Fact):
    """Some deadlines are others from a day on, by their names in ``Rules``."""

    TOPIC = "rules.deadlines_set"

    in_force_from: date
    deadlines: dict[str, Any]
    reason: str

    def apply(self, subject: Any) -> None:
        subject.book = with_deadlines(subject.book, self.in_force_from, self.deadlines)


class HolidaysSet(Fact):
    """A year's days off and weekend days worked, as the State Council's notice has them."""

    TOPIC = "rules.holidays_set"

    year: int
    holidays: list[list[str]]
    made_up: list[str]
    source: str

    def apply(self, subject: Any) -> None:
        calendar = subject.calendar.with_holidays(
            self.year, self.holidays, self.made_up, after=self.occurred_on
        )
        subject.book = with_calendar(subject.book, calendar)


class DaysSet(Fact):
    """Single days of no school (停课), and others of school (补课), whatever a notice says."""

    TOPIC = "rules.days_set"

    closed: list[str]
    opened: list[str]
    source: str

    def apply(self, subject: Any) -> None:
        closed, opened = (map(date.fromisoformat, days) for days in (self.closed, self.opened))
        subject.book = with_calendar(subject.book, subject.calendar.with_days(closed, opened))


class TermsSet(Fact):
    """The terms of a school year: autumn from and to, spring from and to."""

    TOPIC = "rules.terms_set"

    school_year: int
    terms: list[str]
    source: str

    def apply(self, subject: Any) -> None:
        calendar = subject.calendar.with_terms(self.school_year, self.terms)
        subject.book = with_calendar(subject.book, calendar)


class DistrictRules(Subject):
    """
    The rule book as its facts make it.

    A day that is over counts for ever as it was counted then. Deadlines are others for what
    begins later, and a calendar for days to come: so no due date of the past is told anew.
    """

    SUBJECT = "rules"

    book: RuleBook

    def begin(self) -> None:
        self.book = DEFAULT_RULES

    @property
    def calendar(self) -> Calendar:
        """The calendar, one for all editions: what a day is does not hang on deadlines."""
        return self.book.editions[-1].calendar

    def set_deadlines(
        self, act: Act, *, in_force_from: date, deadlines: Mapping[str, Any], reason: str
    ) -> None:
        """
        Put deadlines in force from a day on, for cases that begin then or later.

        :raises RulesTooEarly: for a day that is not to come, or before other deadlines come
        :raises RulesTooFar: for one more than two years ahead
        :raises RulesAsBefore: if they are those in force then
        """
        first = max(act.today + ONE_DAY, self.book.editions[-1].in_force_from)
        if in_force_from < first:
            raise RulesTooEarly(first=first)
        if in_force_from > (last := act.today + timedelta(days=AHEAD_DAYS)):
            raise RulesTooFar(last=last)
        before = self.book.on(in_force_from)
        others = {
            name: value for name, value in deadlines.items() if getattr(before, name) != read(value)
        }
        if not others:
            raise RulesAsBefore
        self.record(
            DeadlinesSet,
            act,
            act.today,
            in_force_from=in_force_from,
            deadlines=others,
            reason=reason,
        )

    def set_holidays(
        self, act: Act, *, notice: HolidayNotice, source: str, accept_missing: bool = False
    ) -> None:
        """
        Put a year's holidays in force, for days to come.

        :raises CalendarYearAway: for a year that is over, or more than two ahead
        :raises FestivalsMissing: if the notice says nothing of some, and that was not confirmed
        :raises RulesAsBefore: if the year is known, and each day to come is what it was
        """
        check_year(act, notice.year, first=act.today.year)
        if notice.missing and not accept_missing:
            raise FestivalsMissing(festivals="、".join(notice.missing))
        then = notice.upon(self.calendar, after=act.today)
        if notice.year in self.calendar.holidays and then.same_year(self.calendar, notice.year):
            raise RulesAsBefore
        self.record(
            HolidaysSet,
            act,
            act.today,
            year=notice.year,
            holidays=notice.off,
            made_up=notice.worked,
            source=source,
        )

    def set_days(
        self, act: Act, *, closed: Sequence[date], opened: Sequence[date], source: str
    ) -> None:
        """
        Close single days to come, of all schools, and open others.

        :raises DayOver: for a day that is not to come
        :raises DayOutsideTerms: for one in no term
        :raises RulesAsBefore: if all are what they would be
        """
        for day in (*closed, *opened):
            if day <= act.today:
                raise DayOver(day=day)
            if self.calendar.term_of(day) is None:
                raise DayOutsideTerms(day=day)
        open_now = self.calendar.is_school_day
        if not any(map(open_now, closed)) and all(map(open_now, opened)):
            raise RulesAsBefore
        off, on = ([day.isoformat() for day in sorted(days)] for days in (closed, opened))
        self.record(DaysSet, act, act.today, closed=off, opened=on, source=source)

    def set_terms(self, act: Act, *, school_year: int, terms: Sequence[date], source: str) -> None:
        """
        Put the terms of a school year in force; what has begun or ended stays.

        :raises CalendarYearAway: for a school year that is over, or more than two ahead
        :raises TermBegun: if a day that is over would be another
        :raises RulesAsBefore: if they are those known
        """
        check_year(act, school_year, first=act.today.year - 1)
        now = [day for term in self.calendar.terms_of(school_year) for day in term.days]
        for kept, day in zip(now, terms, strict=True):
            if kept != day and min(kept, day) <= act.today:
                raise TermBegun(day=min(kept, day), kept=kept)
        if school_year in self.calendar.terms and now == list(terms):
            raise RulesAsBefore
        told = [day.isoformat() for day in terms]
        self.record(TermsSet, act, act.today, school_year=school_year, terms=told, source=source)


def check_year(act: Act, year: int, *, first: int) -> None:
    """
    Check that a year of the calendar is near.

    :raises CalendarYearAway: if it is not
    """
    last = act.today.year + AHEAD_YEARS
    if not first <= year <= last:
        raise CalendarYearAway(first=first, last=last)


def read(value: Any) -> Any:
    """Give a value as ``Rules`` holds it."""
    return tuple(value) if isinstance(value, list) else value


def with_deadlines(book: RuleBook, day: date, deadlines: Mapping[str, Any]) -> RuleBook:
    """Give the book with an edition from a day on; one that began that day is replaced."""
    facts = {name: read(value) for name, value in deadlines.items()}
    edition = replace(book.on(day), in_force_from=day, **facts)
    before = (one for one in book.editions if one.in_force_from < day)
    return RuleBook((*before, edition))


def with_calendar(book: RuleBook, calendar: Calendar) -> RuleBook:
    """Give the book with another calendar in all editions."""
    return RuleBook(tuple(replace(one, calendar=calendar) for one in book.editions))
