"""Which days a monthly return or a quarter's report covers, and by which day it is due."""

import re
from datetime import date, timedelta
from typing import NamedTuple

from domain.calendar import SATURDAY
from domain.rules import RuleBook

MONTH = re.compile(r"(\d{4})-(0[1-9]|1[0-2])", re.ASCII)
QUARTER = re.compile(r"(\d{4})-Q([1-4])", re.ASCII)
ONE_DAY = timedelta(days=1)
NEAR_DAYS = 7  # D: a school day further back than this lies before holidays
FIRST_YEAR, LAST_YEAR = 1900, 9000  # beyond them nothing is reckoned


class Period(NamedTuple):
    """
    A month (``2026-11``) or quarter (``2026-Q4``) of returns, from its first to its last day.

    ``last`` is the cut-off (截止日), that day included; ``due_on`` the day by which the return is
    due, and from which on it may be submitted.
    """

    name: str
    first: date
    last: date
    due_on: date

    @property
    def day_before(self) -> date:
        """The cut-off of the period before."""
        return self.first - ONE_DAY


def month_named(name: str, book: RuleBook) -> Period | None:
    """
    Give the period of a monthly return; nothing for what is no month.

    It covers the day after the last month's cut-off up to its own (domain.md section 4). Due is
    the cut-off, or the school day before it; in holidays, the last weekday up to it.
    """
    found = MONTH.fullmatch(name)
    if found is None or not FIRST_YEAR <= int(found[1]) <= LAST_YEAR:
        return None
    begins = date(int(found[1]), int(found[2]), 1)
    last = cut_off_of(begins, book)
    before = cut_off_of((begins - ONE_DAY).replace(day=1), book)
    return Period(name, before + ONE_DAY, last, due_day(last, book))


def cut_off_of(begins: date, book: RuleBook) -> date:
    """Give the cut-off of the month that begins on a day."""
    return begins.replace(day=min(book.on(begins).return_cut_off_day, _end(begins).day))


def due_day(last: date, book: RuleBook) -> date:
    """Give the last school day up to a cut-off, or in holidays the last weekday."""
    calendar = book.on(last).calendar
    days = [last - timedelta(days=back) for back in range(NEAR_DAYS)]
    school_days = (day for day in days if calendar.is_school_day(day))
    return next(school_days, next(day for day in days if day.weekday() < SATURDAY))


def month_of(day: date, book: RuleBook) -> str:
    """Name the monthly return in whose period a day lies."""
    begins = day.replace(day=1)
    if day > cut_off_of(begins, book):
        begins = _end(begins) + ONE_DAY
    return f"{begins:%Y-%m}"


def month_before(name: str) -> str:
    """Name the month before another."""
    return f"{date(int(name[:4]), int(name[5:]), 1) - ONE_DAY:%Y-%m}"


def quarter_named(name: str, book: RuleBook) -> Period | None:
    """
    Give the period of a quarter's report (季度末报送); nothing for what is no quarter.

    It covers the quarter's days (S3: at each quarter's end). It is due by the last of them, or
    the school day before, and may be filed from the cut-off of the last month's returns on (D).
    """
    found = QUARTER.fullmatch(name)
    if found is None or not FIRST_YEAR <= int(found[1]) <= LAST_YEAR:
        return None
    year, month = int(found[1]), int(found[2]) * 3
    last = _end(date(year, month, 1))
    return Period(name, date(year, month - 2, 1), last, due_day(last, book))


def quarter_opens(period: Period, book: RuleBook) -> date:
    """Give the day from which on a quarter's report may be filed."""
    return min(due_day(cut_off_of(period.last.replace(day=1), book), book), period.due_on)


def _end(begins: date) -> date:
    """Give the last day of the month that begins on a day."""
    return (begins + timedelta(days=31)).replace(day=1) - ONE_DAY
