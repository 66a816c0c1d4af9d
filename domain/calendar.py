"""The school calendar (校历): school days, terms, holidays; dated data that knows its guesses."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from functools import cache
from typing import Self

SATURDAY = 5
SEPTEMBER = 9
ONE_DAY = timedelta(days=1)
TERM_NAMES = {"autumn": ("秋季学期", "autumn term"), "spring": ("春季学期", "spring term")}

# Public holidays and make-up working days, as first and last day.
# Source: 国务院办公厅关于部分节假日安排的通知, for each year.
HOLIDAYS: Mapping[int, tuple[tuple[str, str], ...]] = {
    2023: (
        ("2022-12-31", "2023-01-02"),
        ("2023-01-21", "2023-01-27"),
        ("2023-04-05", "2023-04-05"),
        ("2023-04-29", "2023-05-03"),
        ("2023-06-22", "2023-06-24"),
        ("2023-09-29", "2023-10-06"),
    ),
    2024: (
        ("2023-12-30", "2024-01-01"),
        ("2024-02-10", "2024-02-17"),
        ("2024-04-04", "2024-04-06"),
        ("2024-05-01", "2024-05-05"),
        ("2024-06-08", "2024-06-10"),
        ("2024-09-15", "2024-09-17"),
        ("2024-10-01", "2024-10-07"),
    ),
    2025: (
        ("2025-01-01", "2025-01-01"),
        ("2025-01-28", "2025-02-04"),
        ("2025-04-04", "2025-04-06"),
        ("2025-05-01", "2025-05-05"),
        ("2025-05-31", "2025-06-02"),
        ("2025-10-01", "2025-10-08"),
    ),
    2026: (
        ("2026-01-01", "2026-01-03"),
        ("2026-02-15", "2026-02-23"),
        ("2026-04-04", "2026-04-06"),
        ("2026-05-01", "2026-05-05"),
        ("2026-06-19", "2026-06-21"),
        ("2026-09-25", "2026-09-27"),
        ("2026-10-01", "2026-10-07"),
    ),
}
MADE_UP: Mapping[int, tuple[str, ...]] = {
    2023: (
        *("2023-01-28", "2023-01-29", "2023-04-23", "2023-05-06", "2023-06-25"),
        *("2023-10-07", "2023-10-08"),
    ),
    2024: (
        *("2024-02-04", "2024-02-18", "2024-04-07", "2024-04-28", "2024-05-11"),
        *("2024-09-14", "2024-09-29", "2024-10-12"),
    ),
    2025: ("2025-01-26", "2025-02-08", "2025-04-27", "2025-09-28", "2025-10-11"),
    2026: (
        *("2026-01-04", "2026-02-14", "2026-02-28", "2026-05-09", "2026-09-20"),
        "2026-10-10",
    ),
}
# Where no notice is known yet: the fixed days, as month and day.
FIXED_HOLIDAYS = (
    *((1, 1), (4, 4), (4, 5), (5, 1), (5, 2), (5, 3)),
    *((10, day) for day in range(1, 8)),
)

# Terms by the year their school year begins: autumn from, to; spring from, to.
# Source: P, term dates of Henan schools [config].
TERMS: Mapping[int, tuple[str, str, str, str]] = {
    2022: ("2022-09-01", "2023-01-13", "2023-02-13", "2023-07-07"),
    2023: ("2023-09-01", "2024-02-02", "2024-02-26", "2024-07-05"),
    2024: ("2024-09-01", "2025-01-17", "2025-02-13", "2025-07-04"),
    2025: ("2025-09-01", "2026-02-06", "2026-03-02", "2026-07-10"),
    2026: ("2026-09-01", "2027-01-29", "2027-02-22", "2027-07-09"),
}
# Where no term dates are known yet: month and day of the same four.
USUAL_TERMS = ((9, 1), (1, 20), (2, 20), (7, 5))


@dataclass(frozen=True)
class Term:
    """A term (学期), both days included; ``provisional`` where its dates are a rule of thumb."""

    school_year: str
    name: str
    starts: date
    ends: date
    provisional: bool

    @property
    def days(self) -> tuple[date, date]:
        """Its first and its last day."""
        return self.starts, self.ends

    def label(self, language: str) -> str:
        zh, en = TERM_NAMES[self.name]
        return f"{self.school_year} {en}" if language == "en" else f"{self.school_year} 学年{zh}"


@dataclass(frozen=True)
class Calendar:
    """
    A district's school days; immutable.

    It sets due dates and drives screening; it never refuses what a person enters. Of a year it
    does not know it gives a rule of thumb and says so.
    """

    holidays: Mapping[int, tuple[tuple[str, str], ...]] = field(default_factory=lambda: HOLIDAYS)
    made_up: Mapping[int, tuple[str, ...]] = field(default_factory=lambda: MADE_UP)
    terms: Mapping[int, tuple[str, str, str, str]] = field(default_factory=lambda: TERMS)
    closed: frozenset[date] = frozenset()  # 停课, whatever a notice says of the day
    opened: frozenset[date] = frozenset()  # 补课
    _years: dict[int, tuple[date, ...]] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )

    def is_school_day(self, day: date) -> bool:
        """Say whether the day lies in a term and is no weekend or holiday."""
        return day in self._school_days(_begins(day))

    def is_holiday(self, day: date) -> bool:
        """Say whether the day lies between terms or is a public holiday; a weekend is neither."""
        if day in self.closed or self.term_of(day) is None:
            return True
        return day in self.days_off(day.year) | self.days_off(
            min(day.year + 1, date.max.year)
        ) and not self.is_school_day(day)

    def is_provisional(self, day: date) -> bool:
        """Say whether terms or holidays of the day are a rule of thumb."""
        return day.year not in self.holidays or _begins(day) not in self.terms

    def school_day_after(self, day: date, n: int) -> date:
        """Return the ``n``-th school day strictly after a day; the day itself for 0."""
        if n <= 0:
            return day
        for year in range(_begins(day), date.max.year):
            days = self._school_days(year)
            first = bisect_right(days, day)
            if n <= len(days) - first:
                return days[first + n - 1]
            n -= len(days) - first
        return date.max

    def school_day_before(self, day: date, n: int) -> date:
        """Return the ``n``-th last school day strictly before a day; the day itself for 0."""
        if n <= 0:
            return day
        for year in range(_begins(day), date.min.year, -1):
            days = self._school_days(year)
            before = bisect_left(days, day)
            if n <= before:
                return days[before - n]
            n -= before
        return date.min

    def school_days_between(self, after: date, until: date) -> int:
        """Count the school days that lie after one day and not after another."""
        return sum(
            max(bisect_right(days, until) - bisect_right(days, after), 0)
            for year in range(_begins(after), _begins(until) + 1)
            for days in [self._school_days(year)]
        )

    def terms_of(self, year: int) -> tuple[Term, Term]:
        """Return the two terms of the school year that begins in a year."""
        known = self.terms.get(year)
        if known is not None:
            days = [date.fromisoformat(day) for day in known]
        else:
            years = (year, year + 1, year + 1, year + 1)
            days = [
                date(of, month, day) for of, (month, day) in zip(years, USUAL_TERMS, strict=True)
            ]
        label = f"{year}-{year + 1}"
        return (
            Term(label, "autumn", days[0], days[1], known is None),
            Term(label, "spring", days[2], days[3], known is None),
        )

    def term_of(self, day: date) -> Term | None:
        """Return the term a day lies in, ``None`` between terms."""
        year = _begins(day)
        if not date.min.year <= year < date.max.year:
            return None
        return next((t for t in self.terms_of(year) if t.starts <= day <= t.ends), None)

    def terms_from(self, day: date) -> Iterator[Term]:
        """Give the terms that are not over before a day, one after the other."""
        for year in range(max(_begins(day), date.min.year), date.max.year):
            yield from (term for term in self.terms_of(year) if term.ends >= day)

    def school_year_of(self, day: date) -> str:
        """Name the school year of a day, September to August."""
        return f"{_begins(day)}-{_begins(day) + 1}"

    def days_off(self, year: int) -> set[date]:
        """Give the days of a year's holidays, the fixed ones where no notice is known."""
        known = self.holidays.get(year)
        if known is None:
            return {date(year, month, day) for month, day in FIXED_HOLIDAYS}
        return {day for first, last in known for day in _stretch(first, last)}

    def with_holidays(
        self, year: int, holidays: Iterable[Iterable[str]], made_up: Iterable[str], *, after: date
    ) -> Self:
        """Give the calendar with a year's holidays for the days after one; the others stay."""
        off = {day for day in self.days_off(year) if day <= after}
        off |= {day for first, last in holidays for day in _stretch(first, last) if day > after}
        on = {day for day in self.made_up.get(year, ()) if date.fromisoformat(day) <= after}
        on |= {day for day in made_up if date.fromisoformat(day) > after}
        days = tuple((day.isoformat(), day.isoformat()) for day in sorted(off))
        return replace(
            self,
            holidays={**self.holidays, year: days},
            made_up={**self.made_up, year: tuple(sorted(on))},
        )

    def same_year(self, other: Self, year: int) -> bool:
        """Say whether holidays and worked weekend days of a year are those of another calendar."""
        return self.days_off(year) == other.days_off(year) and (
            {*self.made_up.get(year, ())} == {*other.made_up.get(year, ())}
        )

    def with_days(self, closed: Iterable[date], opened: Iterable[date]) -> Self:
        """Give the calendar with single days of no school, and others of school."""
        off, on = frozenset(closed), frozenset(opened)
        return replace(self, closed=(self.closed - on) | off, opened=(self.opened - off) | on)

    def with_terms(self, year: int, terms: Iterable[str]) -> Self:
        """Give the calendar with the four days of the terms of a school year."""
        first, last, again, end = terms
        return replace(self, terms={**self.terms, year: (first, last, again, end)})

    def _school_days(self, year: int) -> tuple[date, ...]:
        """List the school days of the school year that begins in a year, in order."""
        if year not in self._years:
            self._years[year] = (
                tuple(self._compute(year)) if date.min.year <= year < date.max.year else ()
            )
        return self._years[year]

    def _compute(self, year: int) -> list[date]:
        off: set[date] = set()
        on: set[date] = set(self.opened)
        for calendar_year in (year, year + 1):
            off |= self.days_off(calendar_year)
            on |= {date.fromisoformat(day) for day in self.made_up.get(calendar_year, ())}
        days: list[date] = []
        for term in self.terms_of(year):
            day = term.starts
            while day <= term.ends:
                if day not in self.closed and (
                    day in on or (day.weekday() < SATURDAY and day not in off)
                ):
                    days.append(day)
                day += ONE_DAY
        return days


def _stretch(first: str, last: str) -> Iterator[date]:
    """Give the days from one to another."""
    day = date.fromisoformat(first)
    while day <= date.fromisoformat(last):
        yield day
        day += ONE_DAY


def _begins(day: date) -> int:
    """Return the year in which the school year of a day begins."""
    return day.year if day.month >= SEPTEMBER else day.year - 1


@cache
def default_calendar() -> Calendar:
    """Return the calendar of the reference district."""
    return Calendar()
