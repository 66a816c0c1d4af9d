"""Reading indicators: the rows of each part added up by place, all at one position of the log."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from api.deps import ROLL
from api.indicator_area import Area, Place
from api.indicator_period import Days, Period, days_of
from api.indicator_returns import returns_due
from api.listing import Wanted, stands
from api.service import Service
from application.store.scope import Scope
from projections.indicators import INDICATORS, VIEWS_COUNTED, Indicator, Part

NAMED = re.compile(r"%\((\w+)\)s")
VIEWS = (ROLL, *VIEWS_COUNTED)
PARTS = ("numerator", "denominator")
DECIMALS = 4
ON_TIME_RATE = "on_time_rate"
Number = int | float


@dataclass(frozen=True, slots=True)
class Figure:
    """What rows add up to, and how many rows they are."""

    total: Decimal = Decimal(0)
    rows: int = 0

    def __add__(self, other: "Figure") -> "Figure":
        return Figure(self.total + other.total, self.rows + other.rows)

    @property
    def number(self) -> Number:
        return int(self.total) if self.total == int(self.total) else float(self.total)


@dataclass(frozen=True, slots=True)
class Fraction:
    """An indicator of one place."""

    numerator: Figure = Figure()
    denominator: Figure = Figure()

    def __add__(self, other: "Fraction") -> "Fraction":
        return Fraction(self.numerator + other.numerator, self.denominator + other.denominator)

    def value(self, indicator: Indicator) -> float | None:
        if self.denominator.total <= 0:
            return None
        ratio = self.numerator.total / self.denominator.total
        return round(float(min(ratio, Decimal(1)) if indicator.capped else ratio), DECIMALS)


@dataclass(frozen=True)
class Figures:
    """The fractions of every indicator by place, the days they are of, and where they stand."""

    by_place: Mapping[str, Mapping[Place, Fraction]]
    days: Days
    position: int

    def of(self, indicator: Indicator, holds: Callable[[Place], bool]) -> Fraction:
        """Add up an indicator over the places that a question is true of."""
        places = self.by_place[indicator.name].items()
        return sum((part for place, part in places if holds(place)), Fraction())


def bound(sql: str, named: Mapping[str, Any]) -> tuple[str, list[Any]]:
    """Give SQL that names what it takes as SQL that takes it in order."""
    return NAMED.sub("%s", sql), [named[name] for name in NAMED.findall(sql)]


def rows_of(part: Part, days: Days, position: int | None) -> Wanted:
    """Ask for the rows that a part adds up: its figure and its cases alike."""
    wanted = Wanted()
    stands(wanted, position)
    condition, values = bound(f"({part.holds})", days.named)
    wanted.where(condition, *values)
    return wanted


async def read_figures(
    service: Service, area: Area, period: Period, stood_at: int | None, reached: int
) -> Figures:
    """
    Read all indicators of an area, in one statement, and at one position.

    Where views move on meanwhile, or stand apart, they are read as of the position all had reached.
    """
    if stood_at is None:
        before = await service.freshness.together(VIEWS)
        found = await added_up(service, area, period, None)
        if before is not None and before == await service.freshness.together(VIEWS):
            return await with_returns(service, area, Figures(*found, before))
        stood_at = reached
    found = await added_up(service, area, period, stood_at)
    return await with_returns(service, area, Figures(*found, stood_at))


async def with_returns(service: Service, area: Area, figures: Figures) -> Figures:
    """Add what is counted of monthly returns, which are in no view, at the same position."""
    counted: dict[Place, Fraction] = {}
    for due in await returns_due(service, area, figures.days, figures.position):
        one = Figure(Decimal(1), 1)
        added = Fraction(one if due.on_time else Figure(), one)
        counted[due.place] = counted.get(due.place, Fraction()) + added
    return replace(figures, by_place={**figures.by_place, ON_TIME_RATE: counted})


async def added_up(
    service: Service, area: Area, period: Period, position: int | None
) -> tuple[dict[str, dict[Place, Fraction]], Days]:
    days = await days_of(service, period, position)
    statements: list[str] = []
    params: list[Any] = []
    for indicator in asked_of(area):
        for number, name in enumerate(PARTS):
            part: Part = getattr(indicator, name)
            wanted = rows_of(part, days, position)
            area.ask(wanted, service.directory)
            adds, values = bound(part.adds, days.named)
            statements.append(
                f"SELECT '{indicator.name}', {number}, v.school_code,"  # noqa: S608  # our own
                " CASE WHEN v.school_code IS NULL THEN v.township END,"
                f" sum({adds})::numeric, count(*) FROM views.{part.view} v"
                f" WHERE {wanted.sql()} GROUP BY 3, 4"
            )
            params += [*values, *wanted.params]
    rows = await service.store.query(
        " UNION ALL ".join(statements),
        params,
        scope=Scope(district=True),  # whoever asks: figures leave, and no row
    )
    return by_place_of(rows), days


def asked_of(area: Area) -> Iterable[Indicator]:
    """Name the indicators that are told of an area."""
    return (
        one
        for one in INDICATORS
        if one.name != ON_TIME_RATE and (one.by_place or not area.narrowed)
    )


def by_place_of(rows: Sequence[tuple[Any, ...]]) -> dict[str, dict[Place, Fraction]]:
    found: dict[str, dict[Place, Fraction]] = {one.name: {} for one in INDICATORS}
    for name, number, school, township, total, count in rows:
        figure, of_place = Figure(Decimal(total), count), found[name]
        known = of_place.get((school, township), Fraction())
        added = Fraction(denominator=figure) if number else Fraction(numerator=figure)
        of_place[(school, township)] = known + added
    return found
