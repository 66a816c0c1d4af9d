"""The process that reads one file: a table from standard input, its rows as lines of JSON."""

import csv
import io
import json
import resource
import sys
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, timedelta
from itertools import islice
from typing import Any

from api.imports.archive import check_unpacked_size
from api.imports.headings import HEADING_ROWS, normal
from api.imports.refusing import NO_TABLE, TOO_BIG, UnreadableFile

MEMORY_LIMIT = 2 << 30
SECONDS_LIMIT = 60
ROWS_LIMIT = 200_000
COLUMNS_LIMIT = 500
CELLS_LIMIT = 4_000_000
SHEETS_LIMIT = 20  # are looked through for the headings
ZIP, OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
Wanted = Sequence[Sequence[str]]


def check_shape(rows: int, columns: int) -> None:
    """
    Refuse a table no roll has.

    :raises UnreadableFile: if so
    """
    if rows > ROWS_LIMIT or columns > COLUMNS_LIMIT or rows * columns > CELLS_LIMIT:
        raise UnreadableFile(*TOO_BIG)


def table_of(file: bytes, wanted: Wanted) -> tuple[str | None, Iterator[list[Any]]]:
    """
    Read a file here and now: the sheet's name, ``None`` for a text, and its rows.

    :raises UnreadableFile: as :func:`api.imports.sheet.read_sheet`, also while the rows are taken
    """
    if file.startswith(ZIP):
        check_unpacked_size(file)
    if file.startswith((ZIP, OLE)):
        return workbook(file, wanted)
    return None, text(file)


def workbook(file: bytes, wanted: Wanted) -> tuple[str, Iterator[list[Any]]]:
    from python_calamine import CalamineWorkbook  # noqa: PLC0415  # only where a file is read

    book = CalamineWorkbook.from_filelike(io.BytesIO(file))
    names = book.sheet_names
    for name in names[:SHEETS_LIMIT] if len(names) > 1 else ():
        sheet = book.get_sheet_by_name(name)
        check_shape(sheet.total_height, sheet.total_width)
        if has_headings(islice(all_rows(sheet), HEADING_ROWS), wanted):
            return name, all_rows(sheet)
    sheet = book.get_sheet_by_index(0)
    check_shape(sheet.total_height, sheet.total_width)
    return names[0], all_rows(sheet)


def has_headings(rows: Iterable[Sequence[Any]], wanted: Wanted) -> bool:
    """Say whether one of some rows has each of the wanted headings, by any of its names."""
    if not wanted:
        return True
    there = [{normal(cell) for cell in row} for row in rows]
    groups = [{normal(name) for name in names} for names in wanted]
    return any(all(row & names for names in groups) for row in there)


def all_rows(sheet: Any) -> Iterator[list[Any]]:
    """Give a sheet's rows from its first on, each from its first column on."""
    before = [None] * sheet.start[1] if sheet.start else []
    return (before + [_cell(value) for value in row] for row in sheet.iter_rows())


def _cell(value: object) -> Any:
    if isinstance(value, datetime):
        return value.date().isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float) and value.is_integer() and abs(value) < 2**53:
        return int(value)
    if isinstance(value, str | int | float):
        return value
    return str(value) if isinstance(value, timedelta) else None


def text(file: bytes) -> Iterator[list[str]]:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            content = file.decode(encoding)
        except UnicodeDecodeError:
            continue
        break
    else:
        raise UnreadableFile(*NO_TABLE)
    if "\0" in content:
        raise UnreadableFile(*NO_TABLE)
    first = content.partition("\n")[0]
    separator = "\t" if "\t" in first and "," not in first else ","
    count = widest = 0
    try:
        for row in csv.reader(io.StringIO(content), delimiter=separator):
            count += 1
            widest = max(widest, len(row))
            check_shape(count, widest)
            yield [cell.strip() for cell in row]
    except csv.Error:
        raise UnreadableFile(*NO_TABLE) from None


def main() -> None:
    """Read a file from standard input; write the sheet's name and its rows, or why not."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_LIMIT, MEMORY_LIMIT))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS_LIMIT, SECONDS_LIMIT))
    wanted = [names.split("\t") for names in sys.argv[1:]]
    dumped = json.JSONEncoder(check_circular=False).encode
    head: dict[str, Any]
    try:
        sheet, rows = table_of(sys.stdin.buffer.read(), wanted)
        lines = [dumped(row).encode() for row in rows]
    except UnreadableFile as refused:
        head, lines = {"refused": [refused.zh, refused.en]}, []
    else:
        head = {"sheet": sheet}
    sys.stdout.buffer.write(dumped(head).encode() + b"\n")
    sys.stdout.buffer.writelines(line + b"\n" for line in lines)


if __name__ == "__main__":
    main()
