"""Find the heading row of a table and give its rows by field, whatever order the columns have."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

from api.imports.headings import HEADING_ROWS, OURS, normal
from api.imports.refusing import UnreadableFile
from api.imports.sheet import Cell, Table

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

    def rows(self, table: Table) -> Iterator[tuple[int, dict[str, Cell]]]:
        """Give each row that is not empty: its number in the file, and its cells by field."""
        for number, row in enumerate(table.from_row(self.heading_row), start=self.heading_row + 1):
            cells = {
                field: row[place]
                for field, place in self.places.items()
                if place < len(row) and not blank(row[place])
            }
            if cells:
                yield number, cells


def blank(cell: Cell) -> bool:
    return cell is None or (isinstance(cell, str) and not cell.strip())


def find_columns(
    table: Table, known: Mapping[str, Sequence[str]], required: Sequence[str | tuple[str, ...]]
) -> Columns:
    """
    Find the row that holds the required headings.

    ``known`` names each field's headings, the national template's first; of several fields in one
    place of ``required``, one must be there.

    :raises UnreadableFile: naming the headings that are missing
    """
    by_heading = {normal(name): field for field, names in known.items() for name in names}
    best: tuple[int, dict[str, int], list[Cell]] = (0, {}, [])
    for number, row in enumerate(islice(table.from_row(), HEADING_ROWS), start=1):
        places: dict[str, int] = {}
        for place, cell in enumerate(row):
            field = by_heading.get(normal(cell))
            if field is not None:
                places.setdefault(field, place)
        if len(places) > len(best[1]):
            best = number, places, row
    heading_row, places, row = best
    groups = [(one,) if isinstance(one, str) else one for one in required]
    missing = [known[group[0]][0] for group in groups if not places.keys() & set(group)]
    if missing:
        names = "、".join(dict.fromkeys(missing))
        raise UnreadableFile(
            f"前 {HEADING_ROWS} 行中未找到表头:{names}。请使用全国学籍系统的导出模板。",
            f"No heading within the first {HEADING_ROWS} rows for: {names}."
            " Use the national roll system's template.",
        )
    headings = [UNPRINTABLE.sub("", str(cell or "")).strip() for cell in row]
    used = set(places.values())
    return Columns(
        heading_row=heading_row,
        places=places,
        headings={field: headings[place] for field, place in places.items()},
        ignored=tuple(
            heading
            for place, heading in enumerate(headings)
            if heading and place not in used and normal(heading) != normal(OURS)
        ),
    )
