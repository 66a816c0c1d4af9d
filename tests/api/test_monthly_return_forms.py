"""A return as printed: what stands on it, read by another library; a version in the same bytes."""

import csv
import io
from dataclasses import replace
from datetime import date

import pytest
from openpyxl import load_workbook

from domain.return_figures import COLUMN
from tests.api.reading import told
from tests.api.returning import NOVEMBER, OCTOBER, Days, done, frozen, path_of
from tests.people import SCHOOLS, enrol

OUT = {"kind": "21", "occurred_on": "2026-11-05", "papers": [{"kind": "approval"}]}
FORMS = ("json", "csv", "xlsx")


@pytest.fixture
def clock():
    return Days(date(2026, 12, 20))  # the last of these days, so that nobody is signed out


@pytest.fixture
async def gone(registrar, principal, bureau, clock):
    """A return of November, submitted with one child gone and one gone before; and a child left."""
    clock.day = date(2026, 9, 1)
    children = [(await enrol(registrar, serial))["student_id"] for serial in (1, 2, 3)]
    clock.day = date(2026, 11, 26)
    await done(principal, path_of(OCTOBER, "/submission"), {"zero": True})
    await registrar.record(children[0], "roll-changes", **OUT)
    await registrar.record(children[1], "roll-changes", **{**OUT, "occurred_on": "2026-10-08"})
    await frozen(bureau, principal, NOVEMBER, note="=1+1 <已核实>", unchecked_reason="班主任住院")
    return children


async def printed(caller, form, query="version=1", **headers):
    answer = await caller.get(f"{path_of(NOVEMBER)}?{query}&format={form}", **headers)
    assert answer.status_code == 200, answer.text
    return answer


def cells(content):
    sheet = load_workbook(io.BytesIO(content)).active
    return sheet, [[cell.value for cell in row] for row in sheet.iter_rows()]


async def test_the_workbook_shows_school_period_figures_and_where_they_stand(gone, bureau):
    answer = await printed(bureau, "xlsx")
    sheet, rows = cells(answer.content)
    text = [str(row[0]) for row in rows if row[0]]

    assert text[0] == sheet.title == "学生流动情况月报表 2026-11"
    assert text[1] == "学校:晴川中学(3141000058)  所在乡镇:晴川镇"
    assert text[2].startswith("期间:2026-10-26 至 2026-11-25  应报日期:2026-11-25  日志位置:")
    assert "第 1 版" in text[3]
    assert "由 测戊(校长)提交" in text[3]
    assert text[3].endswith("期初承 2026-10 第 1 版期末")
    assert text[4] == "校验:期初 3 + 增加 0 - 减少 2 = 期末 1"
    assert text[5] == "未核实班级:7年级1班(原因:班主任住院)"
    assert text[6] == "备注:=1+1 <已核实>"
    assert text[7] == "导出人:测癸(bureau)"
    heading = next(i for i, row in enumerate(rows) if row[0] == "年级")
    assert rows[heading][1:] == [COLUMN.label(name, "zh") for name in COLUMN]
    by_name = [dict(zip(COLUMN, row[1:], strict=True)) for row in rows[heading + 1 : heading + 4]]
    assert [row[0] for row in rows[heading + 1 : heading + 4]] == [
        *("7年级", "其中补记(7年级)", "合计")
    ]
    for line in (by_name[0], by_name[2]):
        assert {name: n for name, n in line.items() if n} == {
            "opening": 3,
            "transferred_out": 2,
            "closing": 1,
        }
    assert {name: n for name, n in by_name[1].items() if n} == {"transferred_out": 1}
    assert text[-1].startswith("填表人:")
    assert sheet.auto_filter.ref is None
    assert "测癸" in sheet.oddFooter.left.text
    assert (
        'filename="monthly-return_2026-11_3141000058_1.xlsx"'
        in (answer.headers["content-disposition"])
    )


async def test_the_csv_says_in_each_line_what_it_is_of(gone, bureau):
    content = (await printed(bureau, "csv")).content.decode()
    rows = list(csv.DictReader(io.StringIO(content.removeprefix("\ufeff"), newline="")))

    assert [row["年级"] for row in rows] == ["7年级", "其中补记(7年级)", "合计"]
    assert {(row["月份"], row["学校标识码"], row["版本"]) for row in rows} == {
        (NOVEMBER, "3141000058", "1")
    }
    assert (rows[0]["期初人数"], rows[0]["转出"], rows[1]["转出"]) == ("3", "2", "1")


async def test_in_english_it_is_in_english(gone, bureau):
    _, rows = cells((await printed(bureau, "xlsx", Accept_Language="en")).content)
    text = [str(row[0]) for row in rows if row[0]]

    assert text[0] == "Monthly return of student mobility 2026-11"
    assert "Check: opening 3 + 0 - 2 = closing 1" in text
    assert "of these, recorded late (Grade 7)" in text


@pytest.mark.parametrize("form", FORMS)
async def test_a_version_prints_in_the_same_bytes_whatever_comes_after(
    gone, registrar, bureau, clock, app, form
):
    before = await printed(bureau, form)
    clock.day = date(2026, 12, 20)
    await registrar.record(gone[2], "roll-changes", **OUT)
    await done(bureau, path_of(NOVEMBER, "/restatements"), {"reason": "补登"})
    renamed = [replace(school, name="改名中学") for school in SCHOOLS]
    await app.state.service.directory.add(app.state.service.pool, renamed)

    after = await printed(bureau, form)
    second = await printed(bureau, form, "version=2")

    assert after.content == before.content != second.content
    if form == "xlsx":
        _, rows = cells(second.content)
        assert any(str(row[0]).startswith("更正原因:补登") for row in rows)
        assert any(str(row[0]).startswith("依据的登记(日志位置):") for row in rows)


async def test_a_draft_says_when_it_was_taken_and_that_it_is_one(gone, bureau, clock):
    one = (await printed(bureau, "xlsx", "draft=true")).content
    clock.day = date(2026, 11, 27)
    other = (await printed(bureau, "xlsx", "draft=true")).content

    assert one != other
    text = [str(row[0]) for row in cells(one)[1] if row[0]]
    assert any(line.startswith("草稿,尚未提交") for line in text)
    assert any("导出时间:2026-11-26 12:00:00" in line for line in text)


async def test_files_are_not_a_teachers_right_and_their_taking_leaves_a_line(gone, sign_in, app):
    for username, expected in (("teacher", 403), ("principal", 200), ("auditor", 200)):
        caller = await sign_in(username)
        for form in ("csv", "xlsx"):
            answer = await caller.get(f"{path_of(NOVEMBER)}?format={form}")
            assert answer.status_code == expected, username
            if expected == 403:
                assert told(answer) == (403, "not-allowed")

    lines = await app.state.service.store.query(
        "SELECT action, outcome, details->'filters'->>'version' FROM access.access_log"
        " WHERE outcome = 'taken'"
    )
    assert lines == [("export monthly-return", "taken", "1")] * 4
