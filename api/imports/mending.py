"""A dry run as a workbook: the roll as it came, what is wrong marked and said, to be sent again."""

import io
import re
from collections.abc import Iterator, Mapping, Sequence
from zipfile import ZIP_DEFLATED, ZipFile

from xlsxwriter import Workbook

from api.cells import LONGEST, column_name, escaped, fitting, without_unfit
from api.imports.headings import OURS, normal
from api.imports.importing import RollFile
from api.imports.report import Report
from api.imports.roll import LONG_NUMBERS
from api.imports.sheet import Cell
from api.workbook import LONGEST_NAME, SHEET, SPEED

MOST_COMMENTS = 2_000  # each is a drawing; the cells are coloured all the same
NOT_IN_A_NAME = re.compile(r"[\[\]:*?/\\']")  # of a sheet
WIDTH, WIDEST = 14, 60  # characters of a column
TEXTS = LONG_NUMBERS | {"phone", "phone_1", "phone_2", "school_code", "class_number", "enrolled_in"}
TO_SETTLE = {"zh": "须核实:", "en": "To settle: "}
ROWS = 500  # written at a time
Wrong = Mapping[int, Mapping[int, str]]  # what to mend, by row and column, both from 0


def mending(roll: RollFile, report: Report) -> bytes:
    """
    Give the rows as they came, with refused cells coloured and a last column that says why.

    Long numbers stay texts. Cells are written as texts or numbers, never as formulas. The last
    column may come back: it is not read.
    """
    last, file = place_of_ours(roll), io.BytesIO()
    wrong, said = marked(roll, report, last)
    head, styles, tail, parts = template(roll, report, wrong, last)
    with ZipFile(file, "w", ZIP_DEFLATED, compresslevel=SPEED) as book:
        for name, content in parts.items():
            if name != SHEET:
                book.writestr(name, content)
        with book.open(SHEET, "w", force_zip64=True) as sheet:
            sheet.write(head.encode())
            some: list[str] = []
            for line in lines(roll, wrong, said, last, styles):
                some.append(line)
                if len(some) == ROWS:
                    sheet.write("".join(some).encode())
                    some.clear()
            sheet.write(("".join(some) + tail).encode())
    return file.getvalue()


def place_of_ours(roll: RollFile) -> int:
    """Give the place of the last column: where it stands already, or right of every cell."""
    names = [normal(cell) for cell in next(roll.table.from_row(roll.columns.heading_row - 1))]
    if normal(OURS) in names:
        return names.index(normal(OURS))
    return max(map(len, roll.table.from_row()))


def marked(roll: RollFile, report: Report, last: int) -> tuple[Wrong, dict[int, str]]:
    """Give what is wrong by cell, and what is said of each row in the last column."""
    places = {roll.columns.headings[field]: at for field, at in roll.columns.places.items()}
    wrong: dict[int, dict[int, str]] = {}
    said = {roll.columns.heading_row - 1: OURS}
    for item in report.items:
        row, errors = item["row"] - 1, item.get("errors", ())
        for error in errors:
            wrong.setdefault(row, {})[places.get(error["column"], last)] = error["detail"]
        told = [
            *(f"{error['column']}:{error['detail']}".lstrip(":") for error in errors),
            *(TO_SETTLE[report.language] + one for one in item.get("questions", ())),
        ]
        if told:
            said[row] = "\n".join(told)
    return wrong, said


def template(
    roll: RollFile, report: Report, wrong: Wrong, last: int
) -> tuple[str, Sequence[str], str, dict[str, bytes]]:
    """
    Give the sheet before its rows, the styles, the sheet after them, and all parts of the file.

    The styles are of a heading, a text, a refused cell, and the last column; XlsxWriter makes all
    but the rows, which stream in.
    """
    columns = roll.columns
    texts = {columns.places[field] for field in TEXTS & columns.places.keys()}
    file = io.BytesIO()
    with Workbook(file, {"in_memory": True, "strings_to_formulas": False}) as book:
        name = NOT_IN_A_NAME.sub("", without_unfit(report.sheet or ""))[:LONGEST_NAME].strip()
        page = book.add_worksheet(name or "学籍")
        text = book.add_format({"num_format": "@"})
        head = book.add_format({"bold": True, "bg_color": "#E7EEF7", "num_format": "@"})
        red = book.add_format({"bg_color": "#FFC7CE", "font_color": "#9C0006", "num_format": "@"})
        why = book.add_format({"text_wrap": True, "valign": "top", "font_color": "#9C0006"})
        for column in range(last):
            page.set_column(column, column, WIDTH, text if column in texts else None)
        page.set_column(last, last, WIDEST)
        page.freeze_panes(columns.heading_row, 0)
        for place, style in enumerate((head, text, red, why)):
            page.write_blank(0, place, None, style)
        comments = (
            (row, column, detail)
            for row, cells in wrong.items()
            for column, detail in cells.items()
            if column != last
        )
        for _, (row, column, detail) in zip(range(MOST_COMMENTS), comments, strict=False):
            page.write_comment(row, column, without_unfit(detail), {"x_scale": 2})
    with ZipFile(file) as made:
        parts = {part: made.read(part) for part in made.namelist()}
    xml = re.sub(r"<dimension [^>]*/>", "", parts[SHEET].decode(), count=1)
    before, sample, after = re.split(r"(?<=<sheetData>)(.*)(?=</sheetData>)", xml, maxsplit=1)
    return before, re.findall(r' s="(\d+)"', sample), after, parts


def lines(
    roll: RollFile, wrong: Wrong, said: Mapping[int, str], last: int, styles: Sequence[str]
) -> Iterator[str]:
    """Give the rows as XML, numbered as they came."""
    head, text, red, why = styles
    texts = {roll.columns.places[field] for field in TEXTS & roll.columns.places.keys()}
    names = [column_name(column) for column in range(last + 1)]
    for number, row in enumerate(roll.table.from_row()):
        heading, marks = number == roll.columns.heading_row - 1, wrong.get(number, {})
        cells = [*row[:last], *[None] * (last - len(row)), said.get(number), *row[last + 1 :]]
        if len(cells) > len(names):
            names += [column_name(column) for column in range(len(names), len(cells))]
        written = []
        for column, cell in enumerate(cells):
            style = head if heading else text if column in texts else ""
            if column == last and not heading:
                style = why
            if column in marks and column != last:
                style = red
            if cell is not None or style == red:
                written.append(xml_of(f"{names[column]}{number + 1}", cell, style))
        yield f'<row r="{number + 1}">{"".join(written)}</row>'


def xml_of(place: str, cell: Cell, style: str) -> str:
    """Give a cell as XML: a number stays one, all else is a text that nothing reads into."""
    styled = f' s="{style}"' if style else ""
    if cell is None:
        return f'<c r="{place}"{styled}/>'
    if isinstance(cell, int | float) and not isinstance(cell, bool) and abs(cell) < 10**300:
        return f'<c r="{place}"{styled}><v>{cell}</v></c>'
    text = str(cell)
    content = escaped(text if len(text) <= LONGEST // 2 else fitting(text, "zh"))
    return (
        f'<c r="{place}"{styled} t="inlineStr"><is><t xml:space="preserve">{content}</t></is></c>'
    )
