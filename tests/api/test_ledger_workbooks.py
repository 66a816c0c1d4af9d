"""Every ledger as a workbook: in its printed form, read back the same by two other libraries."""

import io
import re
from datetime import date, datetime
from typing import Any
from urllib.parse import quote
from zipfile import ZipFile

import openpyxl
import pytest
from openpyxl.worksheet.worksheet import Worksheet
from python_calamine import CalamineWorkbook

from api.examples import ANSWERS
from api.ledger_forms import FORMS
from api.workbook import MEDIA_TYPE
from tests.api.printed import CERTIFICATE, HEADINGS, NUMBER
from tests.api.reading import looks, table, told
from tests.people import Caller, enrol

WORDS = {"zh": ("是", "否", "、", "{}年级{}"), "en": ("Yes", "No", ", ", "Grade {}, {}")}
A4, A3 = 9, 8


async def taken(caller: Caller, path: str, position: int, language: str = "zh") -> bytes:
    answer = await caller.get(path, Min_Log_Position=str(position), Accept_Language=language)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == MEDIA_TYPE
    return answer.content


def opened(content: bytes) -> Worksheet:
    sheet = openpyxl.load_workbook(io.BytesIO(content)).active
    assert isinstance(sheet, Worksheet)
    return sheet


def rows_of(content: bytes) -> list[list[Any]]:
    """The rows between headings and signatures, as openpyxl reads them; headings first."""
    sheet = opened(content)
    found = [[plain(cell) for cell in row] for row in sheet.iter_rows(values_only=True)]
    first = next(number for number, row in enumerate(found) if row[0] in {"序号", "No."})
    assert sheet.freeze_panes == f"A{first + 2}"
    return found[first:-2]


def plain(value: Any) -> Any:
    return value.date() if isinstance(value, datetime) else value


def as_second_library_reads(content: bytes) -> list[list[Any]]:
    rows = CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0).to_python()
    return [[None if value == "" else value for value in row] for row in rows]


def xml_of(content: bytes, name: str = "xl/worksheets/sheet1.xml") -> str:
    with ZipFile(io.BytesIO(content)) as parts:
        assert parts.testzip() is None
        return parts.read(name).decode()


def expected(item: dict[str, Any], field: str, language: str) -> Any:
    """What a cell holds, said a second time, of an item of the JSON."""
    yes, no, between, class_of = WORDS[language]
    if " " in field:
        place = class_of.format(item["grade"], item["class"])
        return f"{item['school']} {place}" if field.startswith("school") else place
    value = item.get(field)
    if isinstance(value, bool):
        return yes if value else no
    if isinstance(value, list):
        return between.join(v["name"] if isinstance(v, dict) else v for v in value) or None
    if isinstance(value, str) and re.fullmatch(r"\d{4}-\d\d-\d\d", value):
        return date.fromisoformat(value)
    return value or (value if value == 0 else None)


def expected_rows(name: str, found: list[dict[str, Any]], language: str) -> list[list[Any]]:
    rows = []
    for number, item in enumerate(found, start=1):
        attempts = item.get("attempts") or [{}]
        for line, attempt in enumerate(attempts):
            row: list[Any] = [None if line else number]
            for _, field in FORMS[name].columns:
                group, _, inner = field.partition(".")
                own = attempt if inner else {} if line else item
                row.append(expected(own, inner or group, language) if own else None)
            rows.append(row)
    return rows


# The same as the JSON ----------------------------------------------------------------------------


@pytest.mark.parametrize("language", ["zh", "en"])
async def test_every_cell_of_every_ledger_is_what_the_json_says(bureau, full, language):
    _, last = full
    for name, headings in HEADINGS.items():
        answer = await bureau.get(
            f"/v1/ledgers/{name}", Accept_Language=language, Min_Log_Position=str(last)
        )
        found = answer.json()["items"]
        content = await taken(bureau, f"/v1/ledgers/{name}?format=xlsx", last, language)

        head, *rows = rows_of(content)
        if language == "zh":
            assert head == headings.split(), name
        else:
            assert all(heading.isascii() for heading in head), name
            assert len(set(head)) == len(headings.split()), name
        assert rows == expected_rows(name, found, language), name
        assert rows, name
        second = as_second_library_reads(content)
        start = second.index(head)
        assert second[start + 1 : start + 1 + len(rows)] == rows, name


async def test_a_workbook_has_the_lines_of_the_csv(bureau, full):
    _, last = full
    for name in FORMS:
        lines = await table(bureau, f"/v1/ledgers/{name}?format=csv", last)
        rows = rows_of(await taken(bureau, f"/v1/ledgers/{name}?format=xlsx", last))
        texts = [["" if value is None else str(value) for value in row] for row in rows]
        assert texts == [[cell.removeprefix("'") for cell in line] for line in lines], name


async def test_numbers_are_numbers_days_are_days_and_what_looks_like_a_number_is_text(bureau, full):
    _, last = full
    path = "/v1/ledgers/return-to-school?format=xlsx&reveal=true&reason=核对"
    sheet = opened(await taken(bureau, path, last))
    cells = {sheet.cell(4, column).value: sheet.cell(5, column) for column in range(1, 22)}
    cells |= {"劝返时间2": sheet.cell(6, 15)}

    assert {
        name: (cells[name].value, cells[name].data_type, cells[name].number_format)
        for name in ("序号", "身份证号", "电话", "辍学年月", "劝返次数", "劝返时间2", "返校日期")
    } == {
        "序号": (1, "n", "General"),
        "身份证号": (NUMBER[1:], "s", "@"),
        "电话": ("19000000001", "s", "@"),
        "辍学年月": ("2026-09", "s", "@"),
        "劝返次数": (1, "n", "General"),
        "劝返时间2": (datetime(2026, 9, 21), "d", "yyyy-mm-dd"),  # noqa: DTZ001  # a day
        "返校日期": (datetime(2026, 9, 24), "d", "yyyy-mm-dd"),  # noqa: DTZ001
    }


TEXTS = (
    '=HYPERLINK("http://x","y")',
    "=1+1",
    "+1",
    "-1",
    "@SUM(1)",
    "\uff1d1+1",
    "http://guixue.example/",
    "=cmd|'/c calc'!A1",
    "{=1+1}",
    "a\tb\nc",
    "<b>&amp;</b>",
    "㐂𠮷·阿依·古丽",
)


async def test_a_text_is_a_text_whatever_it_holds(registrar, bureau, connection):
    children = {}
    for serial, text in enumerate(TEXTS, start=1):
        name = " ".join(text.split())
        children[(await enrol(registrar, serial, name=name))["student_id"]] = name
    for child, text in zip(children, TEXTS, strict=True):
        last = await bureau.record(child, "home-visits", guardian_view=text, visitors=[text[:6]])

    content = await taken(bureau, "/v1/ledgers/home-visits?format=xlsx", last["position"])

    _, *rows = rows_of(content)
    assert [row[1] for row in rows] == list(children.values())
    assert [row[11] for row in rows] == list(TEXTS)
    assert as_second_library_reads(content)[4 : 4 + len(rows)] == rows
    xml = xml_of(content)
    assert "<f>" not in xml
    assert "hyperlink" not in xml.replace("=HYPERLINK", "").lower()
    filled = 7 * len(TEXTS) + 1  # the cells of text, and the signatures
    assert xml.count('t="inlineStr"') == xml.count("<is>") == filled
    with ZipFile(io.BytesIO(content)) as parts:
        assert not {
            name for name in parts.namelist() if "calcChain" in name or "rels/sheet" in name
        }


async def test_a_ledger_without_rows_is_still_a_form(bureau):
    for language in ("zh", "en"):
        for name in FORMS:
            content = await taken(bureau, f"/v1/ledgers/{name}?format=xlsx", 0, language)
            head, *rows = rows_of(content)
            assert rows == [[None] * len(head)], name


# The printed form --------------------------------------------------------------------------------


async def test_a_workbook_is_ready_to_print(bureau, full):
    _, last = full
    wide = {"dropout-control", "return-to-school", "home-teaching", "home-visits"}
    wide |= {"school-age", "suspected-dropout", "dropout"}
    for name, form in FORMS.items():
        content = await taken(bureau, f"/v1/ledgers/{name}?format=xlsx", last)
        sheet, head = opened(content), len(form.columns) + 1
        lines = len(rows_of(content)) - 1
        right = sheet.cell(4, head).column_letter

        assert (sheet.title, sheet["A1"].value) == (form.title, form.title)
        assert sheet.freeze_panes == "A5"
        assert sheet.print_title_rows == "$4:$4"
        assert sheet.auto_filter.ref == f"A4:{right}{4 + lines}"
        assert sheet.sheet_properties.pageSetUpPr.fitToPage
        printing = sheet.page_setup
        assert (printing.orientation, printing.fitToHeight) == ("landscape", 0)
        assert printing.paperSize == (A3 if name in wide else A4), name
        assert re.search(r"填表人:\s+审核人:\s+盖章:\s+填表日期:", sheet.cell(6 + lines, 1).value)
        assert 'fitToHeight="0"' in xml_of(content)
        assert "Print_Titles" in xml_of(content, "xl/workbook.xml")


async def test_above_the_rows_stand_unit_period_and_what_was_chosen(bureau, principal, full):
    _, last = full
    query = "school_code=3141000058&from=2026-09-01&status=returned&key_group=left_behind"
    asked = {
        ("zh", "bureau", query): (
            "学校(乡镇):晴川中学    期间:2026-09-01 至 不限",
            "筛选:已返校(观察期) · 留守",
        ),
        ("en", "bureau", query): (
            "School (township): 晴川中学    Period: 2026-09-01 to any day",
            "Only: Returned, under observation · Left behind",
        ),
        ("zh", "bureau", "township=晴川镇"): ("学校(乡镇):晴川镇    期间:全部", None),
        ("zh", "bureau", "to=2026-12-01"): ("学校(乡镇):区教体局    期间:不限 至 2026-12-01", None),
        ("zh", "principal", ""): ("学校(乡镇):晴川中学    期间:全部", None),
    }
    for (language, who, chosen), (first, second) in asked.items():
        caller = {"bureau": bureau, "principal": principal}[who]
        path = f"/v1/ledgers/dropout-control?format=xlsx&{chosen}"
        sheet = opened(await taken(caller, path, last, language))
        lines = [first, second] if second else [first]
        assert [sheet.cell(row, 1).value for row in range(2, 2 + len(lines))] == lines


async def test_a_workbook_says_who_took_it_when_and_at_which_position(principal, full):
    _, last = full
    path = "/v1/ledgers/home-visits?format=xlsx"
    answer = await principal.get(path, Min_Log_Position=str(last))

    position = answer.headers["log-position"]
    assert answer.headers["content-disposition"] == (
        f'attachment; filename="home-visits_principal_{position}.xlsx";'
        f" filename*=UTF-8''{quote('家访登记表')}_principal_{position}.xlsx"
    )
    assert answer.headers["cache-control"] == "no-store"
    assert answer.text[:4] == ANSWERS["ledger_xlsx"][:4]
    book = openpyxl.load_workbook(io.BytesIO(answer.content))
    sheet = book.active
    mark = sheet["A3"].value.partition("    ")[0]
    at = r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d"
    assert re.fullmatch(rf"导出人:.+\(principal\)  导出时间:{at}  日志位置:{position}", mark)
    assert (book.properties.description, book.properties.title) == (mark, "家访登记表")
    assert "(principal)" in book.properties.creator
    assert sheet.oddFooter.left.text == mark
    assert sheet.oddFooter.right.text == "第 &P 页,共 &N 页"


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
async def test_a_username_that_no_header_holds_is_no_obstacle(
    bureau, sign_in, full, connection, kind
):
    connection.execute("UPDATE access.accounts SET username = '测\"&癸' WHERE username = 'bureau'")
    caller = await sign_in('测"&癸')
    answer = await caller.get(f"/v1/ledgers/persuasion?format={kind}")

    assert answer.status_code == 200
    position = answer.headers["log-position"]
    named = f'劝返工作记录_测"&癸_{position}.{kind}'
    assert answer.headers["content-disposition"] == (
        f'attachment; filename="persuasion___&__{position}.{kind}";'
        f" filename*=UTF-8''{quote(named)}"
    )


# As the CSV --------------------------------------------------------------------------------------


async def test_masks_are_lifted_for_a_reason_and_the_log_tells_the_same(bureau, full, app):
    child, last = full
    secrets = (NUMBER, NUMBER[1:], CERTIFICATE, "19000000001", "一组十八号", "不外传")
    for name in FORMS:
        path = f"/v1/ledgers/{name}?format=xlsx"
        masked = await taken(bureau, path, last)
        assert not any(secret in xml_of(masked) for secret in secrets), name
        assert "已部分遮盖" in opened(masked)["A3"].value
        in_full = await taken(bureau, f"{path}&reveal=true&reason=核对", last)
        assert "含未遮盖的个人信息" in opened(in_full)["A3"].value
        csv = (await bureau.get(f"/v1/ledgers/{name}?format=csv&reveal=true&reason=核对")).text
        for secret in secrets:
            assert (secret in csv) == (secret in xml_of(in_full)), (name, secret)

    logged = await looks(app, "action", "outcome", "students::text[]", "reason")
    mine = [line for line in logged if line[0].startswith("export")]
    assert mine == [
        (f"export {name}", outcome, [child] if outcome == "shown" else [], reason)
        for name in FORMS
        for reason in (None, "核对", "核对")
        for outcome in ("begun", "shown", "taken")
    ]


async def test_a_teacher_takes_no_workbook_and_a_principal_takes_the_schools_own(
    teacher, principal, registrar, sign_in, full, app
):
    _, last = full
    assert told(await teacher.get("/v1/ledgers/home-visits?format=xlsx")) == (403, "not-allowed")
    assert (await looks(app, "action", "outcome"))[-1] == ("export home-visits", "refused")
    assert len(rows_of(await taken(principal, "/v1/ledgers/home-visits?format=xlsx", last))) == 2
    other = await sign_in("principal2")
    assert rows_of(await taken(other, "/v1/ledgers/home-visits?format=xlsx", last))[1:] == [
        [None] * 13
    ]
    away = "/v1/ledgers/home-visits?format=xlsx&school_code=3141000058"
    assert told(await other.get(away)) == (404, "not-found")


async def test_a_workbook_as_of_a_moment_is_what_stood_then(bureau, teacher, full, app):
    _, last = full
    path = "/v1/ledgers/home-visits?format=xlsx"
    before = rows_of(await taken(bureau, path, last))
    ((moment,),) = await app.state.service.store.query("SELECT clock_timestamp()")
    later = await teacher.record(full[0], "home-visits", guardian_view="后来")

    now = await taken(bureau, path, later["position"])
    then = await taken(bureau, f"{path}&as_of={quote(moment.isoformat())}", later["position"])

    assert (len(rows_of(now)), rows_of(then)) == (3, before)
    shown = moment.astimezone(app.state.service.settings.zone)
    assert f"截至:{shown:%Y-%m-%d %H:%M:%S}" in opened(then)["A2"].value
