"""The periods of supervision (考评周期): a school year (2026-2027) or a quarter (2026-Q4)."""

import re
from datetime import date, timedelta
from typing import NamedTuple, Self

from domain.cohorts import SEPTEMBER, school_year_begins

YEAR = re.compile(r"(\d{4})-(\d{4})", re.ASCII)
QUARTER = re.compile(r"(\d{4})-Q([1-4])", re.ASCII)
FIRST_YEAR, LAST_YEAR = 1986, 2199  # beyond them nothing is reckoned
ONE_DAY = timedelta(days=1)


class Period(NamedTuple):
    """A period by its name, from its first to its last day."""

    name: str
    first: date
    last: date

    @classmethod
    def read(cls, name: str) -> Self | None:
        """Read a period's name; nothing for what is none."""
        found = YEAR.fullmatch(name) or QUARTER.fullmatch(name)
        if found is None or not FIRST_YEAR <= (year := int(found[1])) <= LAST_YEAR:
            return None
        if "Q" in name:
            first, after = _quarter(year, int(found[2])), _quarter(year, int(found[2]) + 1)
        elif int(found[2]) == year + 1:
            return cls.year_of(date(year, SEPTEMBER, 1))
        else:
            return None
        return cls(name, first, after - ONE_DAY)

    @classmethod
    def year_of(cls, day: date) -> Self:
        """Give the school year in which a day lies."""
        first = school_year_begins(day)
        after = date(first.year + 1, SEPTEMBER, 1)
        return cls(f"{first.year}-{after.year}", first, after - ONE_DAY)

    @property
    def before(self) -> Self:
        """The period of the same kind before this one."""
        last = self.first - ONE_DAY
        if "Q" in self.name:
            quarter = (last.month + 2) // 3
            return type(self)(f"{last.year}-Q{quarter}", _quarter(last.year, quarter), last)
        return self.year_of(last)


def _quarter(year: int, number: int) -> date:
    return date(year + (number - 1) // 4, (number - 1) % 4 * 3 + 1, 1)
