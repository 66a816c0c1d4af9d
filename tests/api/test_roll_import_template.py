"""The whole national template, in any order and format: each heading has its place, or is named."""

from datetime import UTC, date, datetime

import pytest

from tests.api.reading import record_of
from tests.api.rolls import NO_PLACE, child, csv, table, xls, xlsx
from tests.people import PRIMARY, SCHOOL, student_number


@pytest.fixture
def clock():
    """A Monday of November 2026."""
    return lambda: datetime(2026, 11, 23, 2, tzinfo=UTC)


ROWS = table(child(1), child(2), shuffle=True)


@pytest.mark.parametrize(
    "file",
    [xlsx(ROWS), xls(ROWS), csv(ROWS), csv(ROWS, "utf-8-sig"), csv(ROWS, "gb18030")],
    ids=["xlsx", "xls", "utf-8", "utf-8 with BOM", "gb18030"],
)
async def test_every_heading_of_the_template_has_its_place_or_is_named(registrar, send, file):
    report = (await send(registrar, file)).json()

    assert (report["rows"], report["enrolled"], report["refused"]) == (2, 2, 0), report
    assert sorted(report["ignored_columns"]) == sorted(NO_PLACE)
    told = await registrar.get(
        f"/v1/students/{report['items'][0]['student_id']}?reveal=true&reason=核对"
    )
    record, number = told.json(), student_number(1)
    assert {
        name: record[name]
        for name in (
            *("name", "sex", "birth_date", "student_number", "id_number", "school_code"),
            *("grade", "class_name", "registered_residence", "home_address", "township"),
            *("guardians", "key_groups"),
        )
    } == {
        "name": "测小1",
        "sex": "female",
        "birth_date": "2014-09-15",
        "student_number": number,
        "id_number": number[1:],
        "school_code": SCHOOL,
        "grade": 7,
        "class_name": "1班",
        "registered_residence": "410399",
        "home_address": "晴川镇测一村1号",
        "township": "晴川镇",
        "guardians": [
            {"name": "测大一", "relation": "父亲", "phone": "19000000001"},
            {"name": "测大二", "relation": "母亲", "phone": "19000000002"},
        ],
        "key_groups": [],
    }
    history = await registrar.get(f"/v1/students/{report['items'][0]['student_id']}/history")
    assert history.json()["items"][0]["occurred_on"] == "2023-09-01"


async def enrolled(registrar, send, *children):
    """Import some rows; give the records of the children, and what was named as ignored."""
    report = (await send(registrar, xlsx(table(*children)))).json()
    assert report.get("enrolled") == len(children), report
    ids = [item["student_id"] for item in report["items"]]
    left_out = [heading for heading in report["ignored_columns"] if heading not in NO_PLACE]
    return [await record_of(registrar, one) for one in ids], left_out


async def test_what_does_not_fit_the_record_is_left_out_and_its_heading_named(registrar, send):
    (foreign, friend, phone), left_out = await enrolled(
        registrar,
        send,
        child(1, 身份证件类型="护照", 身份证件号="E12345678"),
        child(2, 成员2是否监护人="否"),
        child(3, 联系电话="19000000009"),
    )

    assert foreign["id_number"] is None
    assert [guardian["name"] for guardian in friend["guardians"]] == ["测大一"]
    assert len(phone["guardians"]) == 2
    assert set(left_out) == {
        *("身份证件类型", "身份证件号", "联系电话"),
        *("成员2姓名", "成员2关系", "成员2联系电话"),
    }


async def test_a_phone_of_no_column_of_its_own_is_the_first_guardians(registrar, send):
    one = child(1)
    del one["成员1联系电话"]

    (record,), left_out = await enrolled(registrar, send, one)

    assert record["guardians"][0]["phone"] == "190****0001"
    assert left_out == []


async def test_a_disability_without_its_level_marks_the_child_alone(registrar, send):
    (alone, whole), left_out = await enrolled(
        registrar,
        send,
        child(1, 残疾类型="智力残疾"),
        child(2, 残疾类型="智力残疾", 残疾证号=f"{student_number(2)[1:]}52"),
    )

    assert [group["code"] for group in alone["key_groups"]] == ["disabled"]
    assert alone["disability"] is None
    assert (whole["disability"]["type"], whole["disability"]["level"]) == ("5", "2")
    assert left_out == ["残疾类型"]


@pytest.mark.parametrize(
    ("school", "class_number", "grade"),
    [(SCHOOL, "202501", 8), (PRIMARY, "202501", 2), (SCHOOL, "202407", 9)],
)
async def test_a_grade_that_is_missing_follows_from_the_class_number(
    bureau, send, school, class_number, grade
):
    (record,), _ = await enrolled(
        bureau, send, child(1, 学校标识码=school, 年级="", 班号=class_number, 入学年月="")
    )

    assert (record["grade"], record["class_name"]) == (grade, class_number)


@pytest.mark.parametrize("class_number", ["202201", "202701", "1班", "20251"])
async def test_a_class_number_that_says_no_grade_is_refused(registrar, send, class_number):
    answer = await send(registrar, xlsx(table(child(1, 年级="", 班号=class_number))))

    (error,) = answer.json()["errors"]
    assert (error["column"], "年级" in error["detail"]) == ("班号", True)


@pytest.mark.parametrize(
    "born",
    [
        *("2014/9/15", "2014.09.15", "2014年9月15日", "20140915", "2014-09-15 00:00:00", 20140915),
        date(2014, 9, 15),
        datetime(2014, 9, 15, 8),  # noqa: DTZ001  # a workbook knows no zone
    ],
)
async def test_days_are_read_as_people_write_them(registrar, send, born):
    (record,), _ = await enrolled(registrar, send, child(1, 出生日期=born, 入学年月="2026.9"))

    assert record["birth_date"] == "2014-09-15"


async def test_rare_names_and_numbers_with_spaces_are_read(registrar, send):
    number = student_number(1)
    (rare, far, spaced), _ = await enrolled(
        registrar,
        send,
        child(2, 姓名="测㐂𠮷"),
        child(3, 姓名="阿依测·买买提测"),
        child(1, 学籍号=f"' {number[:7]} {number[7:]} ", 身份证件号=f" {number[1:]}"),
    )

    assert (rare["name"], far["name"]) == ("测㐂𠮷", "阿依测·买买提测")
    assert spaced["student_number"][:7] == number[:7]


WRONG = [
    ({"入学年月": "202313"}, "入学年月"),
    ({"入学年月": "9223372036854775808"}, "入学年月"),
    ({"入学年月": "202701"}, ""),  # not yet
    ({"户口所在地行政区划": "4103"}, "户口所在地行政区划"),
    ({"是否孤儿": "也许"}, "是否孤儿"),
    ({"成员1是否监护人": "?"}, "成员1是否监护人"),
    ({"成员1联系电话": "没有"}, "成员1联系电话"),
    ({"学籍状态": "毕业"}, "学籍状态"),
    ({"学籍状态": "退学"}, "学籍状态"),
    ({"出生日期": "2014-13-01"}, "出生日期"),
    ({"年级": 2**63}, "年级"),
    ({"班号": "x" * 201}, "班号"),
    ({"姓名": "测\x07"}, "姓名"),
    ({"学籍号": 410399201409150019}, "学籍号"),
]


@pytest.mark.parametrize(("change", "column"), WRONG, ids=[str(wrong) for wrong in WRONG])
async def test_a_wrong_cell_is_named_by_its_heading(registrar, send, entries, change, column):
    answer = await send(registrar, xlsx(table(child(1, **change))))

    assert answer.status_code == 422, answer.text
    assert [error["column"] for error in answer.json()["errors"]] == [column]
    assert entries() == 0


async def test_a_lone_surrogate_in_a_cell_is_no_fault_of_the_service(registrar, send):
    whole = xls(table(child(1, 姓名="测\ue000")))
    answer = await send(registrar, whole.replace("\ue000".encode("utf-16-le"), b"\x3d\xd8"))

    assert answer.status_code in {201, 422}, answer.text


async def test_a_child_suspended_in_the_file_is_enrolled_and_suspended(registrar, send):
    (record,), _ = await enrolled(registrar, send, child(1, 学籍状态="休学"))

    assert record["student_status"] == "02"
    assert record["version"] == 2
