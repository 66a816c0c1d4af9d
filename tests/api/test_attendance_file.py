"""A roll-call as a file: the same as one sent as JSON, and every wrong cell named."""

from urllib.parse import quote
from uuid import uuid4

import pytest

from tests.api.reading import kinds, told
from tests.api.test_attendance import DAY, PATH, kept, roll_call
from tests.api.test_roll_import import xls
from tests.people import OTHER_SCHOOL, SCHOOL, enrol, student_number

HEADINGS = "学籍号,姓名,缺勤类型"
OWN_CLASS = f"grade=7&class_name={quote('1班')}"


def table(*rows: str) -> bytes:
    return "\n".join([HEADINGS, *rows]).encode()


def row(serial: int, kind: str = "旷课") -> str:
    return f"{student_number(serial)},测小舟,{kind}"


async def send(client, caller, file: bytes, query=OWN_CLASS, school=SCHOOL, day=DAY, **headers):
    return await client.post(
        f"{PATH}/import?school_code={school}&date={day}&{query}",
        files={"file": ("点名.csv", file)},
        headers={**caller.headers, **{n.replace("_", "-"): v for n, v in headers.items()}},
    )


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
async def test_a_file_is_kept_and_screened_like_a_body(client, registrar, teacher, child, encoding):
    await enrol(registrar, 2)
    file = table(row(1), row(2, "sick_leave")).decode().encode(encoding)

    answer = await send(client, teacher, file)

    assert answer.status_code == 201, answer.text
    assert [(one["row"], one["outcome"]) for one in answer.json()["items"]] == [
        (2, "flagged"),
        (3, "excused"),
    ]
    again = await teacher.post(PATH, roll_call(1))
    assert [one["outcome"] for one in again.json()["items"]] == ["already_flagged"]
    assert await kinds(teacher, child) == ["enrolled", "absence_flagged"]


async def test_an_old_workbook_is_read_too(client, teacher, child):
    file = xls([student_number(1), "旷课"], headings=["全国学籍号", "缺勤类别"])

    answer = await send(client, teacher, file)

    assert [one["outcome"] for one in answer.json()["items"]] == ["flagged"]


async def test_headings_alone_say_that_all_were_present(client, teacher, child):
    await send(client, teacher, table(row(1)))

    answer = await send(client, teacher, table())

    assert [one["outcome"] for one in answer.json()["present_after_all"]] == ["put_right"]


async def test_every_wrong_cell_is_named_and_nothing_is_kept(app, client, teacher, child, head):
    before = await head()
    file = table(row(1), row(2, "逃学"), "G12,测小舟,旷课", ",测小舟,旷课")

    answer = await send(client, teacher, file, Accept_Language="en")

    assert told(answer) == (422, "absences-refused")
    assert [(one["row"], one["column"]) for one in answer.json()["errors"]] == [
        (3, "缺勤类型"),
        (4, "学籍号"),
        (5, "学籍号"),
    ]
    assert (await head(), await kept(app)) == (before, 0)


async def test_a_number_saved_as_a_number_is_refused_in_plain_words(client, teacher, child):
    file = xls([410399201409150020.0, "旷课"], headings=["学籍号", "缺勤类型"])

    answer = await send(client, teacher, file)

    assert told(answer) == (422, "absences-refused")
    assert "以数字保存" in answer.json()["errors"][0]["detail"]


async def test_a_number_of_another_school_is_refused_with_its_row(
    app, client, principal, bureau, child
):
    await enrol(bureau, 2, school_code=OTHER_SCHOOL)

    answer = await send(client, principal, table(row(1), row(2)), query="")

    assert told(answer) == (422, "absences-refused")
    assert [(one["row"], one["column"]) for one in answer.json()["errors"]] == [(3, "学籍号")]
    assert await kept(app) == 0


@pytest.mark.parametrize(
    "file", [b"", b"\0", b"PK\x03\x04", "姓名,年级\n测小舟,7".encode(), table(*[row(1)] * 5001)]
)
async def test_what_is_no_roll_call_is_refused(app, client, teacher, child, file):
    assert told(await send(client, teacher, file)) == (422, "unreadable-file")
    assert await kept(app) == 0


@pytest.mark.parametrize(
    ("query", "school", "day", "named"),
    [
        ("grade=7", SCHOOL, DAY, "class_name"),
        (f"class_name={quote('1班')}", SCHOOL, DAY, "grade"),
        (OWN_CLASS, "31", DAY, "school_code"),
        (OWN_CLASS, SCHOOL, "2026-13-01", "date"),
        ("grade=9223372036854775808&class_name=x", SCHOOL, DAY, "grade"),
    ],
)
async def test_a_wrong_parameter_is_named(client, teacher, child, query, school, day, named):
    answer = await send(client, teacher, table(row(1)), query=query, school=school, day=day)

    assert told(answer) == (422, "malformed")
    assert [error["parameter"] for error in answer.json()["errors"]] == [named]


@pytest.mark.parametrize(("query", "school"), [("", SCHOOL), (OWN_CLASS, OTHER_SCHOOL)])
async def test_no_file_of_another_class_or_school_is_read(
    app, client, teacher, child, query, school
):
    answer = await send(client, teacher, b"\0", query=query, school=school)

    assert told(answer) == (403, "out-of-reach")


async def test_the_same_file_and_key_give_the_same_answer(app, client, teacher, child):
    key = str(uuid4())
    first = await send(client, teacher, table(row(1)), Idempotency_Key=key)
    again = await send(client, teacher, table(row(1)), Idempotency_Key=key)
    other_file = await send(client, teacher, table(), Idempotency_Key=key)
    other_day = await send(client, teacher, table(row(1)), day="2026-09-15", Idempotency_Key=key)

    assert (first.status_code, again.json()) == (201, first.json())
    for answer in (other_file, other_day):
        assert told(answer) == (422, "idempotency-key-reused")
    assert await kept(app) == 1
