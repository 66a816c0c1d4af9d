"""Suppression (小数目不公布): what of a table of places may be published below the district."""

from collections.abc import Hashable, Mapping
from collections.abc import Set as AbstractSet
from typing import TypeVar

SMALLEST_PUBLISHED = 5  # domain.md section 8, duty 11

P = TypeVar("P", bound=Hashable)
Cell = float
Cells = Mapping[P, tuple[Cell, ...]]


def is_small(cell: Cell) -> bool:
    """Say whether a count is suppressed: 1 to 4, and what lies between; nought is published."""
    return 0 < cell < SMALLEST_PUBLISHED


def suppressed(rows: Cells[P]) -> set[P]:
    """
    Name the places whose figures are withheld, so that no small count can be told.

    A row holds the counts told of a place, and those that could be worked out of them. Besides the
    rows with a small one, the next smallest are withheld until what all withheld add up to, which
    is the known total less what is published, is no small count either, and leaves open how it is
    shared out.
    """
    withheld = {place for place, cells in rows.items() if any(map(is_small, cells))}
    if not withheld:
        return withheld
    rest = sorted(
        (place for place in rows if place not in withheld),
        key=lambda place: (sum(rows[place]) == 0, sum(rows[place])),
    )
    for place in rest:
        if not any(tells(column) for column in columns_of(rows, withheld)):
            break
        withheld.add(place)
    return withheld


def columns_of(rows: Cells[P], places: AbstractSet[P]) -> list[tuple[Cell, ...]]:
    return list(zip(*(rows[place] for place in places), strict=True))


def tells(column: tuple[Cell, ...]) -> bool:
    """
    Say whether the sum of withheld counts tells one of them.

    One alone is its own sum; a sum below five is itself a small count; and a sum that is the
    least or the most that so many small counts add up to tells each of them.
    """
    total = sum(column)
    if total == 0:
        return False
    if len(column) == 1 or is_small(total):
        return True
    return all(map(is_small, column)) and total in {len(column), 4 * len(column)}
