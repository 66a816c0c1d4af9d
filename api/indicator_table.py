"""The indicators as answers show them: of all that was asked for, and of each place."""

from collections.abc import Callable
from typing import Any, Literal

from api.indicator_area import Area, Place, township_of
from api.indicator_figures import Figures, Fraction
from api.indicator_publishing import Withheld
from application.directory import Directory
from projections.indicators import INDICATORS, POPULATION, Indicator

By = Literal["school", "township"]
Holds = Callable[[Place], bool]
WHY = {
    "nothing": ("分母为零", "there is nothing to divide by"),
    "not_covered": (
        "该届招生早于本日志的数据",
        "the cohort's intake lies before the data of this log",
    ),
    "district_only": ("只按全区统计", "told of the whole district alone"),
    "suppressed": (
        "小数目,不公布",
        "a small number, or one that would tell of one; not published",
    ),
}


class Table:
    """Figures in a language, within an area; ``public`` withholds what may not be published."""

    def __init__(
        self,
        figures: Figures,
        area: Area,
        directory: Directory,
        language: str,
        *,
        public: bool,
    ) -> None:
        self.figures, self.area, self.directory = figures, area, directory
        self.language, self.public = language, public
        self._withheld = {
            one.name: Withheld(
                one,
                figures.by_place[one.name],
                ((code, None) for code in directory.codes()),
                directory,
            )
            for one in (INDICATORS if public else ())
            if one.of_children
        }

    def items(self) -> list[dict[str, Any]]:
        """Give every indicator of all that was asked for, with what it counts."""
        return [
            {
                "name": one.name,
                "label": one.label[self.language == "en"],
                **self._figure(
                    one, lambda place: self.area.holds(place, self.directory), self._hidden(one)
                ),
                "definition": one.definition(self.language),
                "population": one.population,
                "population_label": POPULATION.label(one.population, self.language),
                "source": one.source,
                "position": self.figures.position,
            }
            for one in INDICATORS
        ]

    def groups(self, by: By | None) -> list[dict[str, Any]]:
        """Give every indicator of every place of the area, in order."""
        if by is None:
            return []
        if by == "school":
            return [
                {**self._school(place), "indicators": self._row(place.__eq__, place, None)}
                for place in self._places()
            ]
        found = {township_of(place, self.directory): None for place in self._places()}
        return [
            {
                "school_code": None,
                "school": None,
                "township": name,
                "indicators": self._row(self._lies_in(name), None, name),
            }
            for name in sorted(found, key=lambda name: (name is None, name or ""))
        ]

    def _places(self) -> list[Place]:
        """Give the schools of the area, then townships of children at none that have a figure."""
        known = {place for places in self.figures.by_place.values() for place in places}
        schools = self.area.places(self.directory)
        more = {p for p in known if self.area.holds(p, self.directory)} - set(schools)
        return [*schools, *sorted(more, key=lambda place: (place[0] is None, *map(str, place)))]

    def _school(self, place: Place) -> dict[str, Any]:
        code, _ = place
        return {
            "school_code": code,
            "school": self.directory.name_of(code),
            "township": township_of(place, self.directory),
        }

    def _lies_in(self, township: str | None) -> Holds:
        return lambda place: (
            township_of(place, self.directory) == township
            and self.area.holds(place, self.directory)
        )

    def _row(self, holds: Holds, place: Place | None, township: str | None) -> list[dict[str, Any]]:
        row = []
        for one in INDICATORS:
            hidden = False
            if one.name in self._withheld:
                withheld = self._withheld[one.name]
                hidden = (
                    township in withheld.townships if place is None else place in withheld.places
                ) or (place is None and self._hidden(one))
            row.append({"name": one.name, **self._figure(one, holds, hidden, narrowed=True)})
        return row

    def _hidden(self, one: Indicator) -> bool:
        """Say whether the figure of all that was asked for is withheld: never the district's."""
        area = self.area
        if one.name not in self._withheld or not area.narrowed:
            return False
        withheld = self._withheld[one.name]
        if area.school_code is not None:
            return (area.school_code, None) in withheld.places
        return area.township in withheld.townships

    def _figure(
        self, one: Indicator, holds: Holds, hidden: bool, *, narrowed: bool = False
    ) -> dict[str, Any]:
        fraction = self.figures.of(one, holds)
        why = self._why(one, fraction, narrowed=narrowed or self.area.narrowed)
        if hidden:
            why = "suppressed"
        told = why not in {"suppressed", "district_only"}
        return {
            "numerator": fraction.numerator.number if told else None,
            "denominator": fraction.denominator.number if told else None,
            "value": fraction.value(one) if why is None else None,
            "suppressed": why == "suppressed",
            "why": WHY[why][self.language == "en"] if why else None,
        }

    def _why(self, one: Indicator, fraction: Fraction, *, narrowed: bool) -> str | None:
        if narrowed and not one.by_place:
            return "district_only"
        if one.covers and not self.figures.days.reach_back(one.covers):
            return "not_covered"
        return "nothing" if fraction.denominator.total <= 0 else None
