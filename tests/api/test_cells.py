"""Cells and sheets at their edges: what XML cannot hold, what does not fit, a full sheet."""

import io
import tracemalloc
from dataclasses import replace
from datetime import UTC, date, datetime
from zipfile import ZipFile

import openpyxl
import pytest
from python_calamine import CalamineWorkbook

from api.cells import LONGEST, column_name, escaped, fitting, height_of, lines_of, units
from api.indicator_exports import FORM as INDICATORS
from api.ledger_forms import FORMS
from api.ledger_lines import printed_lines
from api.ledger_words import HEADINGS
from api.ledger_workbook import Taking, printed
from api.workbook import Sheet, StreamedWorkbook

NOW = datetime(2026, 11, 25, 9, 0, tzinfo=UTC)
TAKING = Taking("测癸", "bureau", NOW, "区教体局", 42, None, masked=True, filters={})
REGISTER = FORMS["home-teaching-sessions"]


def sheet(**changes) -> Sheet:
    return replace(printed(REGISTER, TAKING, "zh"), **changes)


def written(lines, around: Sheet, **options) -> bytes:
    file = io.BytesIO()
    with StreamedWorkbook(file, around, **options) as book:
        book.add(lines)
    return file.getvalue()


def read(content: bytes) -> list[list[object]]:
    book = CalamineWorkbook.from_filelike(io.BytesIO(content))
    return book.get_sheet_by_index(0).to_python()


def line(text: object) -> list[object]:
    return [1, text, *[None] * 7]


# Texts -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "xml"),
    [
        ("测小舟", "测小舟"),
        ("㐂𠮷·", "㐂𠮷·"),
        ("<a> & b", "&lt;a&gt; &amp; b"),
        ("a\x01b\x1f", "a_x0001_b_x001F_"),
        ("a\r\nb\tc", "a_x000D_\nb\tc"),
        ("\ufffe\uffff\ud800", "_xFFFE__xFFFF__xD800_"),
        ("_x0041_", "_x005F_x0041_"),  # else Excel would read an A
        ("_x004_ _y", "_x004_ _y"),
    ],
)
def test_what_xml_cannot_hold_is_escaped_as_excel_does(text, xml):
    assert escaped(text) == xml


@pytest.mark.parametrize("text", ["a\x01b", "a\rb", "_x0041_", " a ", "a\n\nb", "\x0b", "]]>"])
def test_an_escaped_text_is_read_back_as_it_was(text):
    assert read(written([line(text)], sheet()))[4][1] == text


def test_a_text_that_fits_is_kept_whole():
    for text in ("测" * LONGEST, "𠮷" * (LONGEST // 2)):
        assert fitting(text, "zh") == text
        assert read(written([line(text)], sheet()))[4][1] == text


@pytest.mark.parametrize(
    ("language", "end"),
    [
        ("zh", "……(原文共 32,768 字,此处截断,全文见 CSV)"),
        ("en", "… (cut here: 32,768 characters in all, in full in the CSV)"),
    ],
)
@pytest.mark.parametrize("character", ["测", "𠮷", "a"])
def test_a_text_that_is_cut_says_so(character, language, end):
    text = character * (LONGEST + 1)
    kept = fitting(text, language)

    assert kept.endswith(end)
    assert set(kept.removesuffix(end)) == {character}
    assert LONGEST - 1 <= units(kept) <= LONGEST
    (cell,) = [row[1] for row in read(written([line(text)], sheet(language=language)))[4:5]]
    assert cell == kept


def test_columns_are_named_as_sheets_name_them():
    names = {0: "A", 25: "Z", 26: "AA", 51: "AZ", 52: "BA", 701: "ZZ", 702: "AAA"}
    assert {number: column_name(number) for number in names} == names


def test_a_row_is_as_high_as_its_longest_text():
    assert [lines_of(text, 10) for text in ("", "测" * 5, "测" * 6, "a" * 10, "a\nb\n\nc")] == [
        *(1, 1, 2, 1, 4),
    ]
    content = written([line("短"), line("测" * 60)], sheet())
    rows = openpyxl.load_workbook(io.BytesIO(content)).active.row_dimensions
    assert (rows[5].height, rows[6].height) == (None, height_of(10))
    assert height_of(1000) == 409  # Excel has no higher one


def test_a_day_before_excels_calendar_is_a_text():
    days = [date(1900, 2, 28), date(1900, 3, 1), date(2026, 9, 18)]
    cells = [row[1] for row in read(written(map(line, days), sheet()))[4:7]]
    assert cells == ["1900-02-28", *days[1:]]


# Sheets ------------------------------------------------------------------------------------------


def test_a_full_sheet_says_that_the_rest_was_left_out():
    file = io.BytesIO()
    with StreamedWorkbook(file, sheet(), most_rows=10) as book:
        book.add([line("甲"), line("乙")])
        assert not book.full
        book.add([line("丙"), line("丁")])
        assert book.full

    rows = read(file.getvalue())
    assert [row[1] for row in rows[4:7]] == ["甲", "乙", "丙"]
    assert "以下未写入" in rows[7][0]
    assert rows[9][0].startswith("填表人")
    assert len(rows) == 10


def test_a_workbook_is_a_whole_archive_with_its_list_of_parts_first():
    with ZipFile(io.BytesIO(written([line("甲")], sheet()))) as parts:
        names = parts.namelist()
        assert parts.testzip() is None
    assert names[0] == "[Content_Types].xml"
    assert len(names) == len(set(names))
    assert {"xl/workbook.xml", "xl/styles.xml", "xl/worksheets/sheet1.xml"} < set(names)


def test_a_workbook_given_up_closes_its_file_in_order():
    def given_up():
        yield line("甲")
        raise LookupError

    file = io.BytesIO()
    with pytest.raises(LookupError), StreamedWorkbook(file, sheet()) as book:
        book.add(given_up())
    with pytest.raises(KeyError):
        ZipFile(io.BytesIO(file.getvalue())).read("xl/workbook.xml")


def test_names_of_any_kind_stand_in_the_mark_the_properties_and_every_footer():
    name = "测&P&癸\x01" + "长" * 200
    sheet_of = printed(REGISTER, replace(TAKING, name=name, username="a&b"), "en")
    book = openpyxl.load_workbook(io.BytesIO(written([], sheet_of)))
    shown = name.replace("\x01", "")
    assert book.properties.creator == f"{shown} (a&b)"
    assert book.properties.created == NOW.replace(tzinfo=None)
    footer = book.active.oddFooter.left.text
    assert footer.startswith("Taken by: 测&&P&&癸")
    assert footer.endswith("(a&&b)  At: 2026-11-25 09:00:00  Log position: 42")


def test_memory_does_not_grow_with_the_rows(tmp_path):
    def most(pages: int) -> int:
        with (tmp_path / "ledger.xlsx").open("w+b") as file:
            tracemalloc.start()
            with StreamedWorkbook(file, sheet()) as book:
                for page in range(pages):
                    book.add(line(f"第{page}页第{row}行") for row in range(500))
            peak = tracemalloc.get_traced_memory()[1]
            tracemalloc.stop()
        return peak

    few = most(2)
    assert most(20) < 1.2 * few


# Words -------------------------------------------------------------------------------------------


def test_every_form_has_its_english_words():
    forms = (*FORMS.values(), INDICATORS)
    for form in forms:
        assert all(word.isascii() for word in (form.titled("en"), *form.headings("en")))
        assert len(form.headings("en")) == len(form.headings("zh"))
    used = {heading for form in forms for heading in form.headings("zh")}
    assert used == HEADINGS.keys()


def test_lines_are_numbered_on_and_repeat_blank():
    form = FORMS["return-to-school"]
    attempts = [{"attempt_no": 1, "persuaded_on": "2026-09-18"}, {"attempt_no": 2}]
    items = [{"school": "晴川中学", "relapsed": True, "attempts": attempts}, {"attempts": []}]
    lines = list(printed_lines(form, items, 500, "en"))
    assert [row[0] for row in lines] == [501, None, 502]
    assert [row[1] for row in lines] == ["晴川中学", None, None]
    assert [row[13:15] for row in lines] == [[1, date(2026, 9, 18)], [2, None], [None, None]]
    assert [row[19] for row in lines] == ["Yes", None, None]
