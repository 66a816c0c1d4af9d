"""Files that mean harm or are only odd: refused in plain words at once, or read as they are."""

import io
import re
import time
import zipfile

import pytest
import xlsxwriter

from api.imports.archive import check_declared_size
from api.imports.refusing import TOO_BIG, UnreadableFile
from tests.api.rolls import TEMPLATE, child, csv, table, xls, xlsx

SHEET = "xl/worksheets/sheet1.xml"
MEGABYTE = 1_000_000


def packed(sheet: bytes, *, parts: int = 1) -> bytes:
    """A workbook whose sheet is replaced, some times over."""
    file = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(xlsx(table(child(1))))) as whole,
        zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as made,
    ):
        for name in whole.namelist():
            made.writestr(name, sheet if name == SHEET else whole.read(name))
        for number in range(1, parts):
            made.writestr(f"xl/media/{number}", sheet)
    return file.getvalue()


def noise(size: int) -> bytes:
    """What packs to a twentieth or so, like a real sheet."""
    line = "".join(f"<c r='A{n}'><v>{n * 7919 % 1_000_003}</v></c>" for n in range(200_000))
    return (line.encode() * (size // len(line) + 1))[:size]


RATIO = packed(b"0" * 30 * MEGABYTE)  # within the size, packed to a thousandth
SIZE = packed(noise(35 * MEGABYTE), parts=3)  # within the ratio
BOMBS = {
    "ratio": RATIO,
    "size": SIZE,
    "ten thousand parts": xlsx(table(child(1))) + b"PK\x01\x02" * 10_001,
}


@pytest.mark.parametrize("file", BOMBS.values(), ids=list(BOMBS))
def test_a_bomb_is_told_by_its_directory_within_a_tenth_of_a_second(file):
    started = time.process_time()
    with pytest.raises(UnreadableFile) as refused:
        check_declared_size(file)
    seconds = time.process_time() - started

    assert (refused.value.zh, refused.value.en) == TOO_BIG
    assert seconds < 0.1


@pytest.mark.parametrize("file", [RATIO, SIZE], ids=["ratio", "size"])
async def test_a_bomb_whose_directory_lies_is_refused_when_it_unpacks(
    registrar, send, entries, file
):
    sizes = {info.file_size for info in zipfile.ZipFile(io.BytesIO(file)).infolist()}
    big = max(sizes).to_bytes(4, "little")
    answer = await send(registrar, file.replace(big, (9).to_bytes(4, "little")))

    assert (answer.status_code, answer.json()["type"]) == (422, "unreadable-file")
    assert answer.json()["detail"]
    assert entries() == 0


ODD = {
    "cut in the middle": xlsx(table(child(1)))[:3000],
    "the first half": packed(noise(MEGABYTE))[:20_000],
    "a sheet that is no XML": packed(b"<worksheet><sheetData><row"),
    "entities": packed(b"<!DOCTYPE a [<!ENTITY b 'c'>]><worksheet>&b;</worksheet>"),
    "NUL": csv(table(child(1, 姓名="测\0"))),
    "an .xls cut short": xls(table(child(1)))[:2000],
}


@pytest.mark.parametrize("file", ODD.values(), ids=list(ODD))
async def test_a_broken_file_is_refused_in_plain_words(registrar, send, entries, file):
    answer = await send(registrar, file)

    assert (answer.status_code, answer.json()["type"]) == (422, "unreadable-file"), answer.text
    assert re.search("[一-鿿]", answer.json()["detail"])
    assert entries() == 0


async def test_the_sheet_with_the_headings_is_taken_whichever_it_is(registrar, send):
    cover = [["学籍导入说明"], ["姓名", "请勿修改"]]

    report = (await send(registrar, xlsx(table(child(1)), cover))).json()

    assert (report["enrolled"], report["sheet"]) == (1, "Sheet2")
    assert (await send(registrar, xlsx(cover, [["甲"]]))).status_code == 422


async def test_merged_cells_say_the_same_of_every_row_they_span(registrar, send):
    rows = table(child(1), child(2))
    file = io.BytesIO()
    with xlsxwriter.Workbook(file) as book:
        sheet = book.add_worksheet()
        sheet.merge_range(0, 0, 0, len(TEMPLATE) - 1, "学籍信息表")
        for place, line in enumerate(rows, start=1):
            sheet.write_row(place, 0, line)
        sheet.merge_range(2, 0, 3, 0, rows[1][0])

    report = (await send(registrar, file.getvalue())).json()

    assert [item["outcome"] for item in report["items"]] == ["enrolled", "enrolled"], report


async def test_forty_thousand_empty_rows_are_none(registrar, send):
    file = io.BytesIO()
    with xlsxwriter.Workbook(file) as book:
        sheet, look = book.add_worksheet(), book.add_format({"border": 1})
        for place, line in enumerate(table(child(1))):
            sheet.write_row(place, 0, line)
        for place in range(2, 40_002):
            sheet.write_blank(place, 0, None, look)
            sheet.write_string(place, 1, " ", look)

    report = (await send(registrar, file.getvalue())).json()

    assert (report["rows"], report["enrolled"]) == (1, 1)


async def test_of_a_formula_the_value_it_had_is_read_and_nothing_is_run(registrar, send):
    file = io.BytesIO()
    rows = table(child(1), child(2))
    name = rows[0].index("姓名")
    with xlsxwriter.Workbook(file) as book:
        sheet = book.add_worksheet()
        for place, line in enumerate(rows):
            sheet.write_row(place, 0, line)
        sheet.write_formula(1, name, '="测"&"算"', None, "测算")
        sheet.write_formula(2, name, '=WEBSERVICE("http://127.0.0.1:1/")', None, "#VALUE!")

    report = (await send(registrar, file.getvalue(), "?dry_run=true")).json()

    assert [item["outcome"] for item in report["items"]] == ["enrolled", "refused"]
    assert report["items"][1]["errors"][0]["column"] == "姓名"
