"""The school calendar (校历): school days, terms and holidays, as dated data; knows what it guesses."""

from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from functools import lru_cache

ONE = timedelta(days=1)


@dataclass(frozen=True)
class Term:
    """A term, both days included; ``provisional`` where no notice was known yet."""

    school_year: str
    name: str
    starts: date
    ends: date
    provisional: bool


@dataclass(frozen=True)
class Calendar:
    def is_school_day(self, day: date) -> bool:
        return day.weekday() < 5

    def is_provisional(self, day: date) -> bool:
        return False

    def school_day_after(self, day: date, n: int) -> date:
        while n:
            day += ONE
            n -= self.is_school_day(day)
        return day

    def next_term_start(self, day: date) -> Term:
        return Term("", "autumn", date(day.year + 1, 9, 1), day, True)


@lru_cache
def default_calendar() -> Calendar:
    return Calendar()
