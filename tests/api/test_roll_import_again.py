"""A roll sent again: nothing new twice, each change its own entry, whoever vanished a question."""

from datetime import UTC, datetime

import pytest

from domain.roll_papers import ROLL_CHANGE_PAPERS
from tests.api.reading import kinds, looks, record_of
from tests.api.rolls import child, table, xlsx
from tests.people import OTHER_SCHOOL, PRIMARY, SCHOOL, enrol


@pytest.fixture
def clock():
    """A Monday of November 2026."""
    return lambda: datetime(2026, 11, 23, 2, tzinfo=UTC)


@pytest.fixture
def sent(send):
    """Send rows, which must succeed; give the report."""

    async def sending(caller, *children, query=""):
        answer = await send(caller, xlsx(table(*children)), query)
        assert answer.status_code in {200, 201}, answer.text
        return answer.json()

    return sending


async def test_the_same_file_twice_records_nothing_new(registrar, sent, entries):
    first = await sent(registrar, child(1), child(2, 是否留守儿童="是", 残疾类型="智力残疾"))
    before = entries()

    again = await sent(registrar, child(1), child(2, 是否留守儿童="是", 残疾类型="智力残疾"))

    assert [item["outcome"] for item in again["items"]] == ["already_on_roll"] * 2
    assert [item["student_id"] for item in again["items"]] == [
        item["student_id"] for item in first["items"]
    ]
    assert "questions" not in again["items"][0]
    assert (again["vanished"], entries()) == ([], before)


CHANGES = {
    "the class": ({"班号": "2班"}, ["roll_changed"], {"class_name": ("1班", "2班")}),
    "a class of a higher grade": (
        {"年级": "八年级"},
        ["promoted"],
        {"grade": (7, 8)},
    ),
    "a grade skipped": ({"年级": "9"}, ["roll_changed"], {"grade": (7, 9)}),
    "grade and class": (
        {"年级": "8", "班号": "3班"},
        ["promoted", "roll_changed"],
        {"grade": (7, 8), "class_name": ("1班", "3班")},
    ),
    "the name": ({"姓名": "测新舟"}, ["corrected"], {"name": ("测小1", "测新舟")}),
    "sex and birth date": (
        {"性别": "男", "出生日期": "2014-09-16"},
        ["corrected"],
        {"sex": ("female", "male"), "birth_date": ("2014-09-15", "2014-09-16")},
    ),
    "the address": (
        {"现住址": "云溪镇二村2号院三层"},
        ["corrected"],
        {"home_address": ("晴川镇测***", "云溪镇二村***")},
    ),
    "a phone": (
        {"成员2联系电话": "19000000022"},
        ["corrected"],
        {
            "guardians": (
                [
                    {"name": "测大一", "relation": "父亲", "phone": "190****0001"},
                    {"name": "测大二", "relation": "母亲", "phone": "190****0002"},
                ],
                [
                    {"name": "测大一", "relation": "父亲", "phone": "190****0001"},
                    {"name": "测大二", "relation": "母亲", "phone": "190****0022"},
                ],
            )
        },
    ),
    "a key group": (
        {"是否孤儿": "是"},
        ["key_group_assigned"],
        {"key_groups": (None, "orphan")},
    ),
    "suspended": (
        {"学籍状态": "休学"},
        ["roll_changed"],
        {"student_status": ("01", "02")},
    ),
    "a disability": (
        {"残疾类型": "听力残疾", "残疾等级": "一级"},
        ["corrected", "key_group_assigned"],
        {"disability": (None, {"type": "2", "level": "1"}), "key_groups": (None, "disabled")},
    ),
}


@pytest.mark.parametrize(("cells", "expected", "changed"), CHANGES.values(), ids=list(CHANGES))
async def test_what_changed_is_recorded_as_the_entries_it_is(
    registrar, sent, entries, cells, expected, changed
):
    await sent(registrar, child(1), child(2))
    before = entries()
    tried = await sent(registrar, child(1, **cells), child(2), query="?dry_run=true")
    assert entries() == before

    done = await sent(registrar, child(1, **cells), child(2))

    assert [item["outcome"] for item in tried["items"]] == ["changed", "already_on_roll"]
    assert {
        change["field"]: (without_labels(change.get("before")), without_labels(change["after"]))
        for change in tried["items"][0]["changes"]
    } == changed
    assert done["changed"] == 1
    assert done["items"][0]["changes"] == [{"field": field} for field in changed]
    assert await kinds(registrar, done["items"][0]["student_id"]) == ["enrolled", *expected]
    after = entries()
    assert after == before + len(expected)
    assert (await sent(registrar, child(1, **cells), child(2)))["already_on_roll"] == 2
    assert entries() == after


def without_labels(value):
    if isinstance(value, dict):
        return {name: one for name, one in value.items() if not name.endswith("_label")}
    return value


async def test_a_blank_cell_takes_nothing_away(registrar, sent, entries):
    await sent(registrar, child(1, 是否留守儿童="是"))
    before = entries()
    blank = dict.fromkeys(
        (
            *("身份证件号", "户口所在地行政区划", "入学年月", "现住址", "联系电话", "是否留守儿童"),
            *("成员1联系电话", "成员1关系", "成员2姓名", "成员2关系", "成员2联系电话"),
        ),
        "",
    )

    report = await sent(registrar, child(1, **blank))

    assert report["items"][0]["outcome"] == "already_on_roll"
    assert entries() == before


async def test_two_ways_to_write_one_class_are_no_change(registrar, sent):
    await sent(registrar, child(1))

    for written in ("202601", "(1)班", "一班"):
        assert (await sent(registrar, child(1, 班号=written)))["already_on_roll"] == 1


async def test_a_suspension_stands_without_its_papers_and_ends_as_a_resumption(registrar, sent):
    await sent(registrar, child(1))
    await sent(registrar, child(1, 学籍状态="休学"))

    report = await sent(registrar, child(1, 学籍状态="在读"))

    student = report["items"][0]["student_id"]
    assert (await record_of(registrar, student))["student_status"] == "05"
    history = (await registrar.get(f"/v1/students/{student}/history")).json()["items"]
    suspension, resumption = (entry["data"] for entry in history[1:])
    assert (suspension["kind"], resumption["kind"]) == ("11", "12")
    assert suspension["papers"] == []
    assert suspension["papers_missing"] == [sorted(group) for group in ROLL_CHANGE_PAPERS["11"]]


async def test_where_a_rule_stands_in_the_way_somebody_is_asked(registrar, sent, entries):
    await sent(registrar, child(1, 学籍状态="休学"))

    report = await sent(registrar, child(1, 年级="8", 班号="3班"))

    assert report["items"][0]["outcome"] == "already_on_roll"
    assert "休学" in report["items"][0]["questions"][0]
    assert entries() == 2


async def test_a_mark_is_ended_only_if_an_import_made_it(registrar, teacher, sent):
    first = await sent(registrar, child(1, 是否留守儿童="是", 班号="1班"))
    student = first["items"][0]["student_id"]
    await teacher.record(student, "key-groups", code="migrant")

    report = await sent(registrar, child(1, 是否留守儿童="否", 是否进城务工人员随迁子女="否"))

    assert report["items"][0]["changes"] == [{"field": "key_groups"}]
    groups = (await record_of(registrar, student))["key_groups"]
    assert [group["code"] for group in groups] == ["migrant"]


@pytest.mark.parametrize("told", ["毕业", "转出", "死亡", "流失"])
async def test_a_status_that_needs_its_papers_is_asked_about(registrar, sent, entries, told):
    await sent(registrar, child(1))

    report = await sent(registrar, child(1, 学籍状态=told))

    assert report["items"][0]["outcome"] == "already_on_roll"
    assert told in report["items"][0]["questions"][0]
    assert entries() == 1


# Other schools --------------------------------------------------------------------------------


async def test_nobody_moves_a_child_of_another_school_by_a_file(registrar, bureau, sent, entries):
    student = (await enrol(bureau, 1, school_code=OTHER_SCHOOL, name="测不动"))["student_id"]

    report = await sent(registrar, child(1))

    (item,) = report["items"]
    assert (item["outcome"], item["student_id"]) == ("already_on_roll", student)
    assert "转学" in item["questions"][0]
    assert "测不动" not in str(item)
    assert entries() == 1


async def test_who_may_asks_for_the_transfer_once_and_the_school_answers(bureau, sent):
    student = (await enrol(bureau, 1, school_code=OTHER_SCHOOL))["student_id"]

    tried = await sent(bureau, child(1), query="?dry_run=true")
    await sent(bureau, child(1))
    again = await sent(bureau, child(1))

    assert tried["items"][0]["changes"] == [{"field": "transfer", "after": SCHOOL}]
    assert await kinds(bureau, student) == ["enrolled", "transfer_requested"]
    assert again["items"][0]["outcome"] == "already_on_roll"
    assert "答复" in again["items"][0]["questions"][0]
    assert (await record_of(bureau, student))["school_code"] == OTHER_SCHOOL


async def test_a_graduate_of_primary_is_admitted_where_the_file_shows_it(bureau, registrar, sent):
    primary = {"school_code": PRIMARY, "grade": 6}
    student = (await enrol(bureau, 1, **primary, name="测小1"))["student_id"]
    await bureau.post(f"/v1/schools/{PRIMARY}/promotions", {})

    report = await sent(registrar, child(1, 入学年月="202609"))

    assert report["items"][0]["outcome"] == "changed"
    assert (await kinds(registrar, student))[:3] == ["enrolled", "graduated", "admitted"]
    record = await record_of(registrar, student)
    assert (record["school_code"], record["grade"], record["class_name"]) == (SCHOOL, 7, "1班")
    assert (await sent(registrar, child(1, 入学年月="202609")))["already_on_roll"] == 1


async def test_a_restricted_child_is_not_compared(bureau, registrar, sent, entries):
    student = (await sent(registrar, child(1)))["items"][0]["student_id"]
    await bureau.record(student, "restriction")
    before = entries()

    report = await sent(registrar, child(1, 姓名="测新舟"), query="?dry_run=true")

    assert report["items"][0]["outcome"] == "already_on_roll"
    assert "changes" not in report["items"][0]
    assert len(report["items"][0]["questions"]) == 1
    assert entries() == before


# Vanished -------------------------------------------------------------------------------------


async def test_a_child_that_the_file_leaves_out_is_a_question_and_no_deletion(
    registrar, sent, entries, app
):
    gone = (await sent(registrar, child(1), child(2), child(3, 年级="8")))["items"][0]
    before = entries()

    report = await sent(registrar, child(2), query="?dry_run=true")

    (vanished,) = report["vanished"]  # and nobody of grade 8, of which the file says nothing
    assert "疑似辍学" in vanished.pop("question")
    assert vanished == {
        "student_id": gone["student_id"],
        "name": "测小1",
        "school_code": SCHOOL,
        "grade": 7,
        "class_name": "1班",
    }
    assert entries() == before
    lines = await looks(app, "students::text[]", "details")
    assert gone["student_id"] in lines[-1][0]
    assert lines[-1][1]["vanished"] == 1


async def test_a_grade_that_moved_up_in_the_file_is_looked_for_where_it_is_known(registrar, sent):
    first = await sent(registrar, child(1), child(2), child(3), child(4, 年级="8"))

    report = await sent(registrar, child(2, 年级="8"), child(3, 年级="8"), query="?dry_run=true")

    assert [one["student_id"] for one in report["vanished"]] == [first["items"][0]["student_id"]]


async def test_of_who_vanished_nobody_hears_but_who_may_see_them(
    registrar, bureau, send, sent, entries
):
    for serial, school in ((1, SCHOOL), (2, OTHER_SCHOOL)):
        await enrol(bureau, serial, school_code=school, grade=7)
    rows = child(3), child(4, 学校标识码=OTHER_SCHOOL)

    own = await send(registrar, xlsx(table(*rows)), "?dry_run=true")
    district = await sent(bureau, *rows, query="?dry_run=true")

    assert [one["school_code"] for one in own.json()["vanished"]] == [SCHOOL]
    assert [one["school_code"] for one in district["vanished"]] == [SCHOOL, OTHER_SCHOOL]


async def test_what_is_kept_beside_a_key_holds_no_name_and_the_answer_does(
    registrar, send, sent, connection
):
    await sent(registrar, child(1, 姓名="测不见"), child(2))
    key = "0b540000-0000-4000-8000-000000000001"
    file = xlsx(table(child(2, 姓名="测新舟")))

    first = await send(registrar, file, Idempotency_Key=key)
    again = await send(registrar, file, Idempotency_Key=key)

    assert first.json()["vanished"][0]["name"] == "测不见"
    assert again.json() == first.json()
    ((kept,),) = connection.execute("SELECT answer::text FROM log.answers").fetchall()
    assert "vanished" in kept
    assert "测" not in kept.replace(SCHOOL, "")


async def test_a_change_and_an_enrolment_are_stored_together_or_not_at_all(
    registrar, send, sent, entries
):
    await sent(registrar, child(1))
    rows = child(1, 班号="2班"), child(2), child(3, 性别="?")

    refused = await send(registrar, xlsx(table(*rows)))
    before = entries()
    part = await sent(registrar, *rows, query="?partial=true")

    assert (refused.status_code, before) == (422, 1)
    assert [item["outcome"] for item in part["items"]] == ["changed", "enrolled", "refused"]
    assert entries() == 3
