"""The monthly returns behind an indicator (按时报送率): which were due, and which came in time."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from api.indicator_area import Area, Place
from api.indicator_period import Days
from api.service import Service
from domain.return_periods import Period, month_named, month_of

ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Due:
    """A school's return that was due, the day it was first submitted, and whether in time."""

    school_code: str
    month: str
    due_on: date
    submitted_on: date | None

    @property
    def on_time(self) -> bool:
        return self.submitted_on is not None and self.submitted_on <= self.due_on

    @property
    def place(self) -> Place:
        return self.school_code, None


async def returns_due(service: Service, area: Area, days: Days, position: int) -> list[Due]:
    """
    Give the returns of an area that were due in a period, month by month, as of a position.

    None was due before the first day of any roll. One is due once its due day is over, or it is in.
    """
    schools = [code for code, _ in area.places(service.directory) if code is not None]
    found: list[Due] = []
    for period in months_due(service, days):
        returns = await service.returns.of(period.name, schools, position)
        for code, one in returns.items():
            submitted_on = one.versions[0].occurred_on if one.versions else None
            if submitted_on is not None or period.due_on < days.period.day:
                found.append(Due(code, period.name, period.due_on, submitted_on))
    return found


def months_due(service: Service, days: Days) -> Iterator[Period]:
    """Give the months whose return is due in a period, oldest first."""
    book, last = service.tracking.rule_book, days.named["last"]
    if days.began is None:
        return
    first = max(days.named["first"], days.began)
    period = month_named(month_of(days.began, book), book)
    while period is not None and period.due_on <= last:
        if period.due_on >= first:
            yield period
        period = month_named(month_of(period.last + ONE_DAY, book), book)
