"""Find the heading row of a table and give its rows by field, whatever order the columns have."""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from api.imports.sheet import Cell, UnreadableFile

HEADING_ROWS = 10  # a title and notes may stand above the headings
UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]")  # headings are told in the answer


@dataclass(frozen=True)
class Columns:
    """
    A table's columns: where each field stands, and under what heading.

    ``ignored`` are headings nobody asked for; they are named in the answer, never lost silently.
    """

    heading_row: int
    places: Mapping[str, int]
    headings: Mapping[str, str]
    ignored: tuple[str, ...]

    def rows(self, table: Sequence[Sequence[Cell]]) -> Iterator[tuple[int, dict[str, Cell]]]:
        """Give each row that is not empty: its number in the file, and its cells by field."""
        for number, row in enumerate(table[self.heading_row :], start=self.heading_row + 1):
            cells = {
                field: row[place]
                for field, place in self.places.items()
                if place < len(row) and not blank(row[place])
            }
            if cells:
                yield number, cells


def blank(cell: Cell) -> bool:
    return cell is None or (isinstance(cell, str) and not cell.strip())


def normal(heading: Cell) -> str:
    """Give a heading without spaces, stars and the notes in brackets."""
    return re.sub(r"[\s**::]|[((【].*?[))】]", "", str(heading or ""))


def find_columns(
    table: Sequence[Sequence[Cell]],
    known: Mapping[str, Sequence[str]],
    required: Sequence[str],
    read_only: Collection[str] = (),
) -> Columns:
    """
    Find the row that holds the required headings.

    ``known`` names each field's headings, the national template's first; ``read_only`` are fields
    that are looked at and not taken over, so that their headings are named as ignored.

    :raises UnreadableFile: naming the headings that are missing
    """
    by_heading = {normal(name): field for field, names in known.items() for name in names}
    best: tuple[int, dict[str, int]] = (0, {})
    for number, row in enumerate(table[:HEADING_ROWS], start=1):
        places: dict[str, int] = {}
        for place, cell in enumerate(row):
            field = by_heading.get(normal(cell))
            if field is not None:
                places.setdefault(field, place)
        if len(places) > len(best[1]):
            best = number, places
    heading_row, places = best
    missing = [known[field][0] for field in required if field not in places]
    if missing:
        names = "、".join(missing)
        raise UnreadableFile(
            f"前 {HEADING_ROWS} 行中未找到表头:{names}。请使用全国学籍系统的导出模板。",
            f"No heading within the first {HEADING_ROWS} rows for: {names}."
            " Use the national roll system's template.",
        )
    headings = [UNPRINTABLE.sub("", str(cell or "")).strip() for cell in table[heading_row - 1]]
    used = {place for field, place in places.items() if field not in read_only}
    return Columns(
        heading_row=heading_row,
        places=places,
        headings={field: headings[place] for field, place in places.items()},
        ignored=tuple(h for place, h in enumerate(headings) if h and place not in used),
    )
