"""The register of inspections as printed: a line a school, what was counted, found and closed."""

import csv
import io
from datetime import date

import pytest
from openpyxl import load_workbook

from tests.api.inspecting import FINDING, INSPECTIONS, body, path_of, planned, started
from tests.api.reading import looks, told
from tests.api.returning import Days, done
from tests.people import OTHER_SCHOOL, SCHOOL, enrol


@pytest.fixture
def clock():
    return Days(date(2026, 10, 13))


@pytest.fixture
async def inspected(registrar, principal, bureau):
    """One inspection of two schools, counted at one of them, with two findings, one closed."""
    await enrol(registrar, 1)
    await enrol(registrar, 2)
    number = await started(bureau, schools=[SCHOOL, OTHER_SCHOOL], title="=1+1", kind="cross")
    count = {"grade": 7, "class_name": "1班", "counted": 1}
    await done(bureau, path_of(number, "/head-counts", SCHOOL), count)
    for _ in range(2):
        await done(bureau, path_of(number, "/findings", SCHOOL), body("FindingBody"))
    at = path_of(number, FINDING, SCHOOL)
    await done(principal, f"{at}/rectifications", body("Rectification", done_on="2026-10-13"))
    await done(bureau, f"{at}/rectification-decisions", {"approve": True})
    return number


async def taken(caller, form, **headers):
    answer = await caller.get(f"{INSPECTIONS}?format={form}", **headers)
    assert answer.status_code == 200, answer.text
    return answer


async def test_the_workbook_has_a_line_for_each_school(inspected, bureau, app):
    answer = await taken(bureau, "xlsx")
    sheet = load_workbook(io.BytesIO(answer.content)).active
    rows = [[cell.value for cell in row] for row in sheet.iter_rows()]

    heading = next(n for n, row in enumerate(rows) if row[0] == "序号")
    assert rows[heading][1:] == [
        *("编号", "类型", "名称", "学校", "起", "止", "方式"),
        *("点名应到", "点名实到", "问题数", "已整改", "未整改"),
    ]
    first, second = rows[heading + 1 : heading + 3]
    assert first[:5] == [1, "2026-1", "交叉检查", "=1+1", "晴川中学"]
    assert first[7:] == ["核学籍、点人数", 2, 1, 2, 1, 1]
    assert (second[0], second[4], second[8:]) == (2, "云溪中学", [None, None, 0, 0, 0])
    assert rows[0][0] == "督查登记表 2026-2027"
    assert (await looks(app, "action", "outcome"))[-1] == ("export inspections", "taken")


async def test_the_csv_holds_no_formula_and_what_one_sees_alone(inspected, bureau, principal):
    await planned(bureau)  # a surprise check, which the school does not know of
    both, own = [
        list(csv.reader(io.StringIO((await taken(caller, "csv")).content.decode()[1:])))
        for caller in (bureau, principal)
    ]

    assert [line[1:5] for line in own[1:]] == [["2026-1", "交叉检查", "'=1+1", "晴川中学"]]
    assert [line[1] for line in both[1:]] == ["2026-1", "2026-1", "2026-2"]
    english = (await taken(bureau, "csv", Accept_Language="en")).content.decode()
    assert english.splitlines()[0].startswith("\ufeffNo.,Inspection,Kind,Title,School")


async def test_who_takes_nothing_away_reads_it_here(inspected, sign_in, bureau):
    inspector = await sign_in("inspector")

    assert (await taken(inspector, "json")).status_code == 200
    assert told(await inspector.get(f"{INSPECTIONS}?format=xlsx")) == (403, "not-allowed")
    assert told(await bureau.get(f"{INSPECTIONS}?format=pdf")) == (422, "malformed")
