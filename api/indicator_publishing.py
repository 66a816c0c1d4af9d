"""Which figures of which places may be published (公布): below the whole, no small count."""

from collections import defaultdict
from collections.abc import Iterable, Mapping

from api.indicator_area import Place, township_of
from api.indicator_figures import Fraction
from application.directory import Directory
from domain.suppression import suppressed
from projections.indicators import Indicator

Cells = tuple[float, ...]
NOBODY = Fraction()
Township = str | None


def cells_of(indicator: Indicator, fraction: Fraction) -> Cells:
    """
    Give the counts of children that a fraction tells: numerator, denominator, and the difference.

    Hours tell of no child but by how many plans they are of.
    """
    parts = (fraction.numerator, fraction.denominator)
    rows = tuple(part.rows for part in parts)
    if indicator.population == "planned_hours":
        return rows
    numerator, denominator = (float(part.total) for part in parts)
    return (*rows, numerator, denominator, max(denominator - numerator, 0))


class Withheld:
    """
    What is withheld of one indicator, by township and within each by school.

    Both tables may be published side by side: where a township's figure is withheld, so are those
    of its schools, and within another, those of its schools tell none by what they leave of it.
    """

    def __init__(
        self,
        indicator: Indicator,
        by_place: Mapping[Place, Fraction],
        places: Iterable[Place],
        directory: Directory,
    ) -> None:
        tables: dict[Township, dict[Place, Cells]] = defaultdict(dict)
        sums: dict[Township, Fraction] = defaultdict(Fraction)
        for place in {*places, *by_place}:
            fraction, township = by_place.get(place, NOBODY), township_of(place, directory)
            tables[township][place] = cells_of(indicator, fraction)
            sums[township] += fraction
        of_township = {name: cells_of(indicator, fraction) for name, fraction in sums.items()}
        self.townships = suppressed(of_township)
        self.places: set[Place] = set()
        for township, rows in tables.items():
            whole = township in self.townships
            self.places |= set(rows) if whole else suppressed(rows)
