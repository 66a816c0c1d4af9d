"""The rows of a sheet as XML: text stays text whatever it holds, and what is cut says so."""

import re
from collections.abc import Sequence
from datetime import date

from api.ledger_lines import Value

LONGEST = 32_767  # UTF-16 units that Excel keeps of a cell
DAY_ZERO = date(1899, 12, 30).toordinal()
FIRST_DAY = date(1900, 3, 1)  # before it, Excel counts a day that never was
LINE_HEIGHT, TALLEST = 13.5, 409  # points
CUT = {
    "zh": "……(原文共 {} 字,此处截断,全文见 CSV)",
    "en": "… (cut here: {} characters in all, in full in the CSV)",
}
# What XML may not hold or would change, and what Excel would read as an escape.
UNFIT = "\x00-\x08\x0b-\x1f\ud800-\udfff\ufffe\uffff"
SPECIAL = re.compile(f"[&<>{UNFIT}]|_(?=x[0-9A-Fa-f]{{4}}_)")
NAMED = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}


def escaped(text: str) -> str:
    """Give a text as XML, with Excel's own escapes (``_x0001_``) for what XML cannot hold."""
    return SPECIAL.sub(lambda m: NAMED.get(m[0]) or f"_x{ord(m[0]):04X}_", text)


def without_unfit(text: str) -> str:
    """Give a text without what XML cannot hold, for where no escape is known."""
    return re.sub(f"[{UNFIT}]", "", text)


def units(text: str) -> int:
    """Count a text as Excel does, in which 𠮷 is two."""
    return len(text) + sum(character > "\uffff" for character in text)


def fitting(text: str, language: str) -> str:
    """Give what of a text a cell holds; one that is cut says so."""
    if units(text) <= LONGEST:
        return text
    mark = CUT[language].format(f"{len(text):,}")
    kept = text[: LONGEST - len(mark)]
    while (over := units(kept) + len(mark) - LONGEST) > 0:
        kept = kept[: -((over + 1) // 2)]  # a character has two units at most
    return kept + mark


def lines_of(text: str, width: int) -> int:
    """Estimate how many lines a text takes in a column so many characters wide."""
    # In UTF-8 a Chinese character has three bytes; it is as wide as two others.
    wide = ((len(line) + len(line.encode(errors="replace"))) // 2 for line in text.split("\n"))
    return sum(max(1, -(-line // width)) for line in wide)


def height_of(lines: int) -> float:
    """Give the points of a row of so many lines."""
    return min(lines * LINE_HEIGHT + 2, TALLEST)


def column_name(number: int) -> str:
    """Name a column as a sheet does: A is 0, AA is 26."""
    name = ""
    number += 1
    while number:
        number, letter = divmod(number - 1, 26)
        name = chr(ord("A") + letter) + name
    return name


class Cells:
    """
    Writes rows of values with the styles of a template's cells: text, number, day, and a line.

    Texts stand in their cells (``inlineStr``), where nothing is ever read as a formula or a link.
    A row of more than one line says how high it is: LibreOffice does not work it out.
    """

    def __init__(self, widths: Sequence[int], styles: Sequence[str], language: str) -> None:
        text, number, day, line = styles
        self._columns = [
            (f'<c r="{column_name(column)}', width) for column, width in enumerate(widths)
        ]
        self._text = f'" s="{text}" t="inlineStr"><is><t xml:space="preserve">'
        self._number = f'" s="{number}"><v>'
        self._day = f'" s="{day}"><v>'
        self._line = f'" s="{line}" t="inlineStr"><is><t xml:space="preserve">'
        self._blank = f'" s="{text}"/>'
        self._language = language

    def line(self, number: int, text: str) -> str:
        """Give a row that is one text, across the columns."""
        return f'<row r="{number}"><c r="A{number}{self._line}{escaped(text)}</t></is></c></row>'

    def row(self, number: int, values: Sequence[Value]) -> str:
        written = [""]  # the row's own beginning, once its height is known
        add, plain, row, lines = written.append, SPECIAL.search, str(number), 1
        for (start, width), value in zip(self._columns, values, strict=True):
            if isinstance(value, str):
                if len(value) * 2 > width or "\n" in value:
                    lines = max(lines, lines_of(value, width))
                if len(value) > LONGEST // 2:
                    value = fitting(value, self._language)  # noqa: PLW2901
                xml = value if plain(value) is None else escaped(value)
                add(f"{start}{row}{self._text}{xml}</t></is></c>")
            elif value is None:
                add(start + row + self._blank)
            elif not isinstance(value, date):
                add(f"{start}{row}{self._number}{value}</v></c>")
            elif value >= FIRST_DAY:
                add(f"{start}{row}{self._day}{value.toordinal() - DAY_ZERO}</v></c>")
            else:
                add(f"{start}{row}{self._text}{value}</t></is></c>")
        high = f' ht="{height_of(lines)}" customHeight="1"' if lines > 1 else ""
        written[0] = f'<row r="{row}"{high}>'
        written.append("</row>")
        return "".join(written)
