"""A dry run as a workbook: what is wrong is marked and said, mended there, and sent again."""

import io
from datetime import date

import openpyxl
import pytest

from api.imports.headings import OURS
from tests.api.reading import looks
from tests.api.rolls import NO_PLACE, child, csv, table, xlsx
from tests.people import student_number

MENDING = "?dry_run=true&format=xlsx"
RED = "FFFFC7CE"


@pytest.fixture
def tried(send):
    """Try a file out; give the workbook to mend, open."""

    async def trying(caller, file):
        answer = await send(caller, file, MENDING)
        assert answer.status_code == 200, answer.text
        assert answer.headers["content-disposition"].startswith("attachment")
        return openpyxl.load_workbook(io.BytesIO(answer.content))

    return trying


def saved(book):
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


async def test_what_is_wrong_is_marked_said_mended_and_sent_again(registrar, send, tried, entries):
    rows = table(child(1), child(2, 性别="?", 入学年月="202313"), child(3), shuffle=True)
    book = await tried(registrar, xlsx([["2026年秋季学籍信息表"], *rows]))

    sheet = book.active
    headings = [cell.value for cell in sheet[2]]
    assert headings == [*rows[0], OURS]
    assert [cell.value or "" for cell in sheet[3]][:-1] == rows[1]
    red = {
        (cell.row, headings[cell.column - 1]): cell.comment.text
        for line in sheet.iter_rows(min_row=3)
        for cell in line
        if cell.fill.fgColor.rgb == RED
    }
    assert red.keys() == {(4, "性别"), (4, "入学年月")}
    last = [sheet.cell(row, len(headings)).value for row in (3, 4, 5)]
    assert (last[0], last[2]) == (None, None)
    assert all(f"{column}:{said}" in last[1] for (_, column), said in red.items())

    sheet.cell(4, headings.index("性别") + 1).value = "女"
    sheet.cell(4, headings.index("入学年月") + 1).value = "202309"
    again = (await send(registrar, saved(book))).json()

    assert again.get("enrolled") == 3, again
    assert sorted(again["ignored_columns"]) == sorted(NO_PLACE)
    assert entries() == 3


async def test_it_comes_back_as_often_as_it_is_sent_with_one_last_column(registrar, send, tried):
    book = await tried(registrar, csv(table(child(1, 性别="?"))))

    once_more = await send(registrar, saved(book), MENDING)

    headings = [
        cell.value for cell in openpyxl.load_workbook(io.BytesIO(once_more.content)).active[1]
    ]
    assert headings.count(OURS) == 1


async def test_numbers_stay_texts_and_a_number_that_lost_digits_stays_wrong(
    registrar, send, tried, entries
):
    number = student_number(2)
    book = await tried(
        registrar,
        xlsx(
            table(
                child(1), child(2, 身份证件号=int(number[1:17] + "00"), 出生日期=date(2014, 9, 15))
            )
        ),
    )

    sheet = book.active
    place = [cell.value for cell in sheet[1]].index("身份证件号") + 1
    good, lost = sheet.cell(2, place), sheet.cell(3, place)
    assert (good.value, good.number_format) == (student_number(1)[1:], "@")
    assert (lost.data_type, lost.number_format) == ("n", "@")
    again = await send(registrar, saved(book))
    assert [error["column"] for error in again.json()["errors"]] == ["身份证件号"]
    lost.value = number[1:]
    assert (await send(registrar, saved(book))).json()["enrolled"] == 2


async def test_nothing_anyone_wrote_becomes_a_formula(registrar, tried):
    book = await tried(
        registrar,
        csv(table(child(1, 姓名="=1+1", 现住址="@SUM(A1)", 就读方式="=HYPERLINK(0)"))),
    )

    cells = {cell.value: cell.data_type for line in book.active.iter_rows() for cell in line}
    assert "f" not in cells.values()
    assert cells["=1+1"] in {"s", "inlineStr"}


async def test_a_file_without_fault_comes_back_as_it_is(registrar, send, tried, entries, app):
    book = await tried(registrar, xlsx(table(child(1))))

    assert book.active.cell(2, book.active.max_column).value is None
    assert entries() == 0
    assert (await send(registrar, saved(book))).status_code == 201
    lines = await looks(app, "action", "outcome", "details")
    assert ("export import_roll", "taken", {"rows": 1}) in [tuple(line) for line in lines]


async def test_a_question_stands_in_the_last_column_and_marks_nothing(registrar, send, tried):
    await send(registrar, xlsx(table(child(1))))

    book = await tried(registrar, xlsx(table(child(1, 学籍状态="毕业"))))

    cells = book.active[2]
    assert "须核实" in cells[-1].value
    assert all(cell.fill.fgColor.rgb != RED for cell in cells)


@pytest.mark.parametrize("query", ["?format=xlsx", "?dry_run=true&format=pdf"])
async def test_a_workbook_comes_of_a_dry_run_alone(registrar, send, entries, query):
    answer = await send(registrar, xlsx(table(child(1))), query)

    assert (answer.status_code, answer.json()["type"]) == (422, "malformed")
    assert entries() == 0
