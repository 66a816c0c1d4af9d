"""A ledger as CSV: for old Excel too, and no text in it is taken for a formula."""

import csv
import io
from collections.abc import Iterable

from api.ledger_forms import Form
from api.ledger_lines import Value

BOM = "\ufeff"  # old Excel reads UTF-8 only behind one
FULL_WIDTH = ("\uff1d", "\uff0b", "\uff0d", "\uff20")  # which some take for the same
FORMULA = ("=", "+", "-", "@", "\t", "\r", *FULL_WIDTH)
MARKED = tuple(f"'{first}" for first in FORMULA)


def csv_head(form: Form, language: str = "zh") -> bytes:
    """Give the heading line."""
    return (BOM + _text([form.headings(language)])).encode()


def csv_lines(lines: Iterable[list[Value]]) -> bytes:
    return _text([_cell(value) for value in line] for line in lines).encode()


def csv_read(content: bytes) -> list[list[str]]:
    """Read a ledger's CSV back as it reads on paper: the heading line first."""
    text = content.decode().removeprefix(BOM)
    return [[_plain(cell) for cell in line] for line in csv.reader(io.StringIO(text, newline=""))]


def _plain(cell: str) -> str:
    return cell[1:] if cell.startswith(MARKED) else cell


def _cell(value: Value) -> Value:
    """Give a value as a cell that no spreadsheet takes for a formula."""
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULA) else value


def _text(lines: Iterable[Iterable[Value]]) -> str:
    buffer = io.StringIO()
    csv.writer(buffer).writerows(lines)
    return buffer.getvalue()
