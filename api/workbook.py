"""A workbook written row by row: XlsxWriter makes one without rows, into which they stream."""

import io
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from types import TracebackType
from typing import IO, Self
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from xlsxwriter import Workbook

from api.cells import Cells, height_of, lines_of
from api.ledger_lines import Value

MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
SHEET = "xl/worksheets/sheet1.xml"
MOST_ROWS = 1_048_576  # of a sheet, in Excel
LONGEST_NAME = 31  # of a sheet
SPEED = 3  # of deflate's nine: a sixth larger than the best, in a tenth of the time
PAPER = {"A3": 8, "A4": 9}
FONT = {"font_name": "宋体", "font_size": 10}
FULL = {
    "zh": "一张表最多 1,048,576 行,以下未写入:请按学校或日期分次导出,或导出 CSV",
    "en": "A sheet ends here, and the rest was left out: take it by school or by day, or as CSV",
}


@dataclass(frozen=True)
class Sheet:
    """
    What a printed sheet shows around its rows.

    ``above`` are lines between title and headings, ``below`` stands under the last row; ``footer``
    is on every page. Widths are in characters, one for each heading.
    """

    language: str
    title: str
    above: Sequence[str]
    headings: Sequence[str]
    widths: Sequence[int]
    below: str
    footer: str
    paper: str
    author: str
    mark: str
    made_at: datetime
    filtered: bool = True  # whether its rows may be filtered by column

    @property
    def first_row(self) -> int:
        """The first row below the headings, counted from 1."""
        return len(self.above) + 3


class StreamedWorkbook:
    """
    A workbook of one sheet that holds no more in memory than the rows added last.

    What stands around the rows is XlsxWriter's: its sheet, with one row of sample cells, is taken
    apart at that row. It is made once to begin with, and once more when the last row is known, to
    which the filter reaches. Written whole when left; after an exception the file is of no use.
    """

    def __init__(self, file: IO[bytes], sheet: Sheet, most_rows: int = MOST_ROWS) -> None:
        self._sheet = sheet
        self._next = sheet.first_row
        self._most = most_rows - 3  # the words that it is full, and what stands below
        self.full = False
        self._zip = ZipFile(file, "w", ZIP_DEFLATED, compresslevel=SPEED)
        head, sample, _, parts = template(sheet, self._next)
        self._write("[Content_Types].xml", parts["[Content_Types].xml"])
        self._cells = Cells(sheet.widths, re.findall(r' s="(\d+)"', sample), sheet.language)
        self._rows = self._zip.open(SHEET, "w", force_zip64=True)
        self._rows.write(head.encode())

    def add(self, lines: Iterable[Sequence[Value]]) -> None:
        """Add rows; once the sheet is full, what follows is left out, and the sheet says so."""
        written = []
        for line in lines:
            if self._next > self._most:
                self.full = True
                break
            written.append(self._cells.row(self._next, line))
            self._next += 1
        self._rows.write("".join(written).encode())

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if kind is None:
            self._finish()
        self._rows.close()
        self._zip.close()

    def _finish(self) -> None:
        last = max(self._next - 1, self._sheet.first_row)
        _, _, tail, parts = template(self._sheet, last)
        if self.full:
            last += 1
            self._rows.write(self._cells.line(last, FULL[self._sheet.language]).encode())
        self._rows.write((self._cells.line(last + 2, self._sheet.below) + tail).encode())
        self._rows.close()
        for name, content in parts.items():
            if name not in {SHEET, "[Content_Types].xml"}:
                self._write(name, content)

    def _write(self, name: str, content: bytes) -> None:
        """Write a part without the moment: what is the same is written in the same bytes."""
        self._zip.writestr(ZipInfo(name), content, ZIP_DEFLATED, SPEED)


def template(sheet: Sheet, last: int) -> tuple[str, str, str, dict[str, bytes]]:
    """
    Give the sheet before its rows, a row of sample cells, the sheet after them, and all parts.

    The sample cells are one each of text, a number, a day, and a line across. ``last`` is the
    number of the last row, of one at least; XlsxWriter itself would write all rows up to another
    one below it.
    """
    file = io.BytesIO()
    with Workbook(file, {"in_memory": True, "strings_to_formulas": False}) as book:
        _lay_out(book, sheet, last)
    with ZipFile(file) as made:
        parts = {name: made.read(name) for name in made.namelist()}
    xml = re.sub(r"<dimension [^>]*/>", "", parts[SHEET].decode(), count=1)
    sample = re.search(rf'<row r="{sheet.first_row}".*?</row>', xml)
    assert sample is not None
    return xml[: sample.start()], sample[0], xml[sample.end() :], parts


def _lay_out(book: Workbook, sheet: Sheet, last: int) -> None:
    style = book.add_format
    cell = {**FONT, "border": 1, "valign": "vcenter", "text_wrap": True}
    page, right = book.add_worksheet(sheet.title[:LONGEST_NAME]), len(sheet.headings) - 1
    heading = sheet.first_row - 2  # from here on rows are counted from 0
    title = style({**FONT, "font_size": 16, "bold": True, "align": "center"})
    page.merge_range(0, 0, 0, right, "", title)
    page.write_string(0, 0, sheet.title, title)
    plain = style(FONT)
    for row, line in enumerate(sheet.above, start=1):
        page.write_string(row, 0, line, plain)
    head = style({**cell, "bold": True, "align": "center", "bg_color": "#E7EEF7"})
    tallest = max(map(lines_of, sheet.headings, sheet.widths))
    page.set_row(heading, height_of(tallest + 1))  # bold, and broken between words
    for column, (name, width) in enumerate(zip(sheet.headings, sheet.widths, strict=True)):
        page.write_string(heading, column, name, head)
        page.set_column(column, column, width)
    for column, kind in enumerate(("@", "General", "yyyy-mm-dd")):
        page.write_blank(heading + 1, column, None, style({**cell, "num_format": kind}))
    page.write_blank(heading + 1, 3, None, plain)
    page.freeze_panes(heading + 1, 0)
    if sheet.filtered:
        page.autofilter(heading, 0, last - 1, right)
    page.repeat_rows(heading)
    page.set_landscape()
    page.set_paper(PAPER[sheet.paper])
    page.fit_to_pages(1, 0)
    page.set_margins(left=0.4, right=0.4, top=0.5, bottom=0.7)
    page.set_footer(sheet.footer)
    book.set_properties(
        {
            "title": sheet.title,
            "author": sheet.author,
            "comments": sheet.mark,
            "created": sheet.made_at.astimezone(UTC),
        }
    )
