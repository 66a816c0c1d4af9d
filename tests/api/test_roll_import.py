"""A roll file in: every row reported, all or nothing, twice is once, hostile files only refused."""

import io
import zipfile
from typing import Any
from uuid import uuid4

import pytest
import xlsxwriter
import xlwt

from domain.identifiers import id_check_character
from tests.api.reading import looks
from tests.people import OTHER_SCHOOL, SCHOOL, enrol, student_number

HEADINGS = [
    "学校标识码",
    "姓名",
    "性别",
    "出生日期",
    "学籍号",
    "年级",
    "班级",
    "身份证件号",
    "血型",
]


def row(serial: int, **changes: Any) -> list[Any]:
    """A good row of an invented child."""
    number = student_number(serial)
    cells = {
        "school": SCHOOL,
        "name": "测小舟",
        "sex": "女",
        "born": "2014-09-15",
        "number": number,
        "grade": "七年级",
        "class_name": "1班",
        "id_number": number[1:],
        "blood": "A",
    }
    return list({**cells, **changes}.values())


def xlsx(*rows: list[Any], title: bool = False) -> bytes:
    file = io.BytesIO()
    with xlsxwriter.Workbook(file, {"in_memory": True}) as book:
        sheet = book.add_worksheet()
        lines = ([["2026年秋季学籍信息表"]] if title else []) + [HEADINGS, *rows]
        for place, line in enumerate(lines):
            sheet.write_row(place, 0, line)
    return file.getvalue()


def xls(*rows: list[Any], headings: list[str] = HEADINGS) -> bytes:
    book = xlwt.Workbook(encoding="utf-8")
    sheet = book.add_sheet("学籍")
    for place, line in enumerate([headings, *rows]):
        for column, cell in enumerate(line):
            sheet.write(place, column, cell)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def csv(*rows: list[Any], encoding: str = "utf-8") -> bytes:
    return "\r\n".join(",".join(map(str, line)) for line in [HEADINGS, *rows]).encode(encoding)


@pytest.mark.parametrize(
    "file",
    [
        xlsx(row(1), row(2)),
        xlsx(row(1), row(2), title=True),
        xls(row(1), row(2)),
        csv(row(1), row(2)),
        csv(row(1), row(2), encoding="utf-8-sig"),
        csv(row(1), row(2), encoding="gb18030"),
        csv(row(1), row(2)).replace(b",", b"\t"),
    ],
    ids=["xlsx", "xlsx with a title", "xls", "utf-8", "utf-8 with BOM", "gb18030", "tabs"],
)
async def test_a_roll_in_any_of_its_formats_is_enrolled(registrar, send, file):
    answer = await send(registrar, file)

    report = answer.json()
    assert answer.status_code == 201, report
    assert (report["rows"], report["enrolled"], report["ignored_columns"]) == (2, 2, ["血型"])
    student_id = report["items"][0]["student_id"]
    child = (await registrar.get(f"/v1/students/{student_id}?reveal=true&reason=核对")).json()
    assert {
        name: child[name]
        for name in ("name", "sex", "birth_date", "student_number", "grade", "class_name")
    } == {
        "name": "测小舟",
        "sex": "female",
        "birth_date": "2014-09-15",
        "student_number": student_number(1),
        "grade": 7,
        "class_name": "1班",
    }
    assert child["township"] == "晴川镇"


async def test_importing_twice_enrols_nobody_twice(registrar, send, entries):
    first = (await send(registrar, xlsx(row(1), row(2)))).json()
    before = entries()

    again = await send(registrar, xlsx(row(1), row(2)))

    assert again.status_code == 200
    assert again.json()["already_on_roll"] == 2
    assert [item["student_id"] for item in again.json()["items"]] == [
        item["student_id"] for item in first["items"]
    ]
    assert entries() == before


async def test_the_same_key_gives_the_same_answer(registrar, send, entries):
    key, file = str(uuid4()), xlsx(row(1))  # a workbook holds the second it was made in
    first = await send(registrar, file, Idempotency_Key=key)
    before = entries()

    again = await send(registrar, file, Idempotency_Key=key)
    other = await send(registrar, xlsx(row(2)), Idempotency_Key=key)

    assert (first.status_code, again.status_code, other.status_code) == (201, 201, 422)
    assert again.json() == first.json()
    assert other.json()["type"] == "idempotency-key-reused"
    assert entries() == before


async def test_a_dry_run_records_nothing(registrar, send, entries):
    answer = await send(registrar, xlsx(row(1), row(2, sex="?")), "?dry_run=true")

    assert answer.status_code == 200
    assert [item["outcome"] for item in answer.json()["items"]] == ["enrolled", "refused"]
    assert entries() == 0


FLAWS = [
    ({"sex": "?"}, "性别"),
    ({"born": "2014-13-01"}, "出生日期"),
    ({"born": "2033-01-01"}, ""),
    ({"number": "G12"}, "学籍号"),
    ({"number": ""}, "学籍号"),
    ({"id_number": 410399201409150019}, "身份证件号"),
    ({"id_number": 4.10399201409150019e17}, "身份证件号"),
    ({"id_number": "410399201409150011"}, "身份证件号"),
    ({"grade": "十二年级"}, "年级"),
    ({"grade": 7.5}, "年级"),
    ({"name": "  "}, "姓名"),
    ({"name": "x" * 201}, "姓名"),
    ({"school": "3141999999"}, "学校标识码"),
    ({"school": OTHER_SCHOOL}, "学校标识码"),
]


@pytest.mark.parametrize(("change", "column"), FLAWS, ids=[str(flaw[0]) for flaw in FLAWS])
async def test_one_wrong_row_keeps_the_whole_file_out_and_is_named(
    registrar, send, entries, change, column
):
    answer = await send(registrar, xlsx(row(1), row(2, **change)))

    assert answer.status_code == 422, answer.text
    problem = answer.json()
    assert problem["type"] == "rows-refused"
    assert {(error["row"], error["column"]) for error in problem["errors"]} == {(3, column)}
    assert all(error["detail"] for error in problem["errors"])
    assert entries() == 0


@pytest.mark.parametrize("status", ["退学", "开除学籍"])
async def test_nobody_is_imported_as_withdrawn_or_expelled(registrar, send, entries, status):
    headings = [*HEADINGS, "学籍状态"]
    rows = [[*row(1), "在读"], [*row(2), status]]

    good = await send(registrar, xls(rows[0], headings=headings), "?dry_run=true")
    answer = await send(registrar, xls(*rows, headings=headings))

    assert (good.status_code, good.json()["ignored_columns"]) == (200, ["血型"])
    (error,) = answer.json()["errors"]
    assert (answer.status_code, error["row"], error["column"]) == (422, 3, "学籍状态")
    assert "第二十七条" in error["detail"]
    assert entries() == 0


async def test_the_good_rows_go_in_if_asked_for(registrar, send, entries):
    answer = await send(registrar, xlsx(row(1), row(2, sex="?"), row(1)), "?partial=true")

    report = answer.json()
    assert answer.status_code == 201
    assert [item["outcome"] for item in report["items"]] == ["enrolled", "refused", "refused"]
    assert "第 2 行" in report["items"][2]["errors"][0]["detail"]
    assert entries() == 1


async def test_a_child_on_the_roll_already_is_no_second_child(registrar, send, entries):
    known = (await enrol(registrar, 1, name="测大树"))["student_id"]

    report = (await send(registrar, xlsx(row(1, name="测大树"), row(2)))).json()

    assert [item["outcome"] for item in report["items"]] == ["changed", "enrolled"]
    assert report["items"][0]["student_id"] == known
    assert report["items"][0]["changes"] == [{"field": "id_number"}]
    assert entries() == 3


async def test_marks_guardians_and_disability_are_read(registrar, send, client):
    headings = [
        *HEADINGS[:7],
        *("成员1姓名", "成员1关系", "成员1联系电话", "是否留守儿童", "残疾类型", "残疾等级"),
    ]
    file = "\n".join(
        [
            ",".join(headings),
            ",".join([*row(1)[:7], "测大舟", "父亲", "19000000001", "是", "智力残疾", "二级"]),
        ]
    ).encode()

    report = (await send(registrar, file)).json()

    child = (
        await registrar.get(
            f"/v1/students/{report['items'][0]['student_id']}?reveal=true&reason=核对"
        )
    ).json()
    assert child["guardians"] == [{"name": "测大舟", "relation": "父亲", "phone": "19000000001"}]
    assert [group["code"] for group in child["key_groups"]] == ["disabled", "left_behind"]
    assert (child["disability"]["type"], child["disability"]["level"]) == ("5", "2")


def bomb() -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b"0" * 300_000_000)
    return file.getvalue()


def lying_bomb() -> bytes:
    """An archive that says it unpacks to one byte."""
    data = bytearray(bomb())
    size = (300_000_000).to_bytes(4, "little")
    return bytes(data.replace(size, (1).to_bytes(4, "little")))


HOSTILE = {
    "empty": b"",
    "not a table": b"\x89PNG\r\n\x1a\n" + bytes(100),
    "text without headings": "一,二\n三,四".encode(),
    "cut short": xlsx(row(1))[:-200],
    "an archive of nothing": b"PK\x05\x06" + bytes(18),
    "an OLE of nothing": b"\xd0\xcf\x11\xe0" + bytes(600),
    "NUL": csv(row(1, name="a\0b")),
    "latin": b"\xff\xfe\xfd,\xff",
    "a bomb": bomb(),
    "a bomb that lies": lying_bomb(),
}


@pytest.mark.parametrize("file", HOSTILE.values(), ids=list(HOSTILE))
async def test_what_is_no_roll_is_refused_in_plain_words(registrar, send, entries, file):
    answer = await send(registrar, file)

    assert answer.status_code == 422, answer.text
    assert answer.json()["type"] in {"unreadable-file", "malformed"}
    assert answer.json()["detail"]
    assert entries() == 0


async def test_a_file_too_large_and_a_body_that_is_no_form(registrar, send, client, entries):
    large = await send(registrar, b"x" * 31_500_000)
    no_form = await client.post(
        "/v1/students/import",
        content=b"--x\r\nrubbish",
        headers={**registrar.headers, "Content-Type": "multipart/form-data"},
    )
    no_file = await client.post("/v1/students/import", headers=registrar.headers)

    assert (large.status_code, no_form.status_code, no_file.status_code) == (413, 400, 422)
    assert no_form.json()["type"] == "unreadable-body"
    assert entries() == 0


async def test_only_those_who_keep_the_roll_import(sign_in, send, client, entries):
    teacher, auditor = await sign_in("teacher"), await sign_in("auditor")

    refused = [await send(person, xlsx(row(1))) for person in (teacher, auditor)]
    nobody = await client.post("/v1/students/import", files={"file": ("r.xlsx", xlsx(row(1)))})

    assert [answer.status_code for answer in refused] == [403, 403]
    assert nobody.status_code == 401
    assert entries() == 0


async def test_a_heading_with_what_nobody_can_print_is_named_without_it(registrar, send, entries):
    file = xls(row(1), headings=[*HEADINGS[:-1], "血\0\x07型"])

    answer = await send(registrar, file)

    assert (answer.status_code, answer.json()["ignored_columns"]) == (201, ["血型"])
    assert entries() == 1


def far_away() -> bytes:
    """A workbook of a few kilobytes with one cell at the far corner of a huge table."""
    file = io.BytesIO()
    with xlsxwriter.Workbook(file, {"in_memory": True}) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, HEADINGS)
        sheet.write(2000, 16_383, "x")
    return file.getvalue()


@pytest.mark.parametrize(
    "file",
    [far_away(), b"\n".join([b"," * 1000] * 3), csv(row(1)) + b"\r\n" + b"," * 3_000_000],
    ids=["far cell", "wide", "one wide row"],
)
async def test_a_table_no_roll_has_is_refused(registrar, send, entries, file):
    answer = await send(registrar, file)

    assert (answer.status_code, answer.json()["type"]) == (422, "unreadable-file")
    assert entries() == 0


# The access log ----------------------------------------------------------------------------------


async def test_every_import_leaves_a_line_with_its_counts_and_the_children_it_names(
    send, registrar, app
):
    key, file = str(uuid4()), xlsx(row(1), row(2))  # a workbook holds the second it was written
    first = await send(registrar, file, Idempotency_Key=key)
    await send(registrar, file, Idempotency_Key=key)
    await registrar.fresh("/v1/students", first.json()["position"])
    await send(registrar, xlsx(row(2), row(3)), "?dry_run=true")
    await send(registrar, xlsx(row(2), row(4, school=OTHER_SCHOOL)))
    await send(registrar, b"no table")

    one, two = [item["student_id"] for item in first.json()["items"]]
    columns = ("outcome", "students::text[]", "schools", "details")
    lines = [line[1:] for line in await looks(app, "action", *columns) if line[0] == "import_roll"]
    nothing = {"rows": 2, "enrolled": 0, "already_on_roll": 0, "refused": 0, "dry_run": False}
    assert lines == [
        ("recorded", [one, two], [SCHOOL, SCHOOL], {**nothing, "enrolled": 2}),
        ("shown", [one, two], [SCHOOL, SCHOOL], {**nothing, "enrolled": 2}),
        (  # the child that the file leaves out is told of too
            *("shown", [two, one], [SCHOOL, SCHOOL]),
            {**nothing, "dry_run": True, "already_on_roll": 1, "enrolled": 1, "vanished": 1},
        ),
        ("refused", [], [], {**nothing, "already_on_roll": 1, "refused": 1}),
    ]


async def test_a_long_import_is_logged_in_lines_of_500_children(send, registrar, app):
    rows = [row(serial, number="", id_number="") for serial in range(501)]
    for serial, cells in enumerate(rows):
        first17 = f"4103992014{1 + serial // 250:02d}{serial // 10 % 25 + 1:02d}{serial % 10:03d}"
        cells[4] = f"G{first17}{id_check_character(first17)}"

    report = (await send(registrar, xlsx(*rows), "?partial=true")).json()

    lines = await looks(app, "place", "outcome", "cardinality(students)", "details")
    assert report["enrolled"] == 501
    assert [line[1:3] for line in lines] == [("recorded", 500), ("recorded", 1)]
    assert lines[1][3] == {"import": lines[0][0]}
