"""The days an indicator is asked for (统计期间): from, to, the day it is seen from, the cohort."""

from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Annotated, Any

from fastapi import Depends, Query

from api.deps import AsOf, Serving
from api.listing import Wanted, stands
from api.schemas.fields import Day
from api.service import Service
from api.showing import local
from application.store.scope import Scope
from domain.cohorts import intake_year, school_year_begins
from domain.school_age import born_of_school_age

EVER, FAR = date(1900, 1, 1), 2200  # nothing was recorded of a day before


@dataclass(frozen=True)
class Period:
    """
    What was asked; ``day`` is the day it is seen from: today, or the day of ``as_of``.

    ``last`` is never after it: what is yet to come is not counted.
    """

    from_day: date | None
    to_day: date | None
    as_of: datetime | None
    cohort: int
    day: date

    @property
    def last(self) -> date:
        return max(min(self.to_day or self.day, self.day), EVER)


@dataclass(frozen=True)
class Days:
    """A period with what the log knows of its days; ``began`` is the first day of any roll."""

    period: Period
    began: date | None
    named: dict[str, Any]

    def reach_back(self, years: int) -> bool:
        """Say whether the log tells of the intake so many years before the cohort graduates."""
        began = self.began
        return began is not None and intake_year(began) <= self.period.cohort - years


def day_seen_from(service: Service, as_of: datetime | None) -> date:
    """Return today, or the day of a moment before."""
    today = service.tracking.today()
    if as_of is None or as_of.year > FAR:
        return today
    day = EVER if as_of.year <= EVER.year else local(as_of, service.settings.zone).date()
    return min(day, today)


async def asked_period(
    service: Serving,
    from_day: Annotated[
        Day | None, Query(alias="from", description="the period's first day")
    ] = None,
    to_day: Annotated[Day | None, Query(alias="to", description="the period's last day")] = None,
    as_of: AsOf = None,
    cohort: Annotated[
        int | None,
        Query(ge=1990, le=2200, description="the year of graduation (届); else the last one"),
    ] = None,
) -> Period:
    asked = Period(from_day, to_day, as_of, cohort or 0, day_seen_from(service, as_of))
    return asked if cohort else replace(asked, cohort=intake_year(asked.last))


async def days_of(service: Service, period: Period, position: int | None) -> Days:
    """Give what the conditions of indicators name, now or as of a position."""
    wanted = Wanted(["v.entry = 1"])
    stands(wanted, position)
    rows = await service.store.query(
        f"SELECT min(v.day) FROM views.mobility v WHERE {wanted.sql()}",  # noqa: S608  # our own
        wanted.params,
        scope=Scope(district=True),  # a day, and nobody's
    )
    began: date | None = rows[0][0]
    starts = school_year_begins(period.last)
    born = born_of_school_age(period.last, service.tracking.rule_book.on(period.last))
    named = {
        "first": period.from_day or EVER,
        "last": period.last,
        "year_starts": starts,
        "roll_on": max(starts, began) if began else starts,
        "cohort": period.cohort,
        "born_after": born.after,
        "born_by": born.not_after,
    }
    return Days(period, began, named)


Asked = Annotated[Period, Depends(asked_period)]
