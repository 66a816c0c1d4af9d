"""Bulletins over HTTP: no child gets in, small counts are withheld, published they never change."""

import io
from datetime import date

import openpyxl
import pytest

from api.examples import ANSWERS
from tests.api.inspecting import body as inspection_body
from tests.api.inspecting import path_of, started
from tests.api.paper import Paper
from tests.api.reading import access_log, looks, told
from tests.api.returning import Days, done
from tests.api.supervising import BULLETINS, HOSTILE, bulletin_body, made, rubric, score
from tests.api.test_openapi import listed_for, shape
from tests.people import OTHER_SCHOOL, SCHOOL, enrol, student_number


@pytest.fixture
def clock():
    return Days(date(2026, 10, 13))


@pytest.fixture
async def ended(registrar, bureau):
    """An ended inspection of two schools, with a class of two counted, one missing, at one."""
    await enrol(registrar, 1, name="测小舟")
    await enrol(registrar, 2, name="高山")
    number = await started(bureau, schools=[SCHOOL, OTHER_SCHOOL], kind="routine")
    count = {"grade": 7, "class_name": "1班", "counted": 1}
    await done(bureau, path_of(number, "/head-counts", SCHOOL), count)
    await done(bureau, path_of(number, "/findings", SCHOOL), inspection_body("FindingBody"))
    await done(bureau, path_of(number, "/end"), {"summary": "完毕"})
    return number


@pytest.fixture
async def commended(bureau):
    await rubric(bureau)
    path = await score(bureau)
    await made(bureau, f"{path}/commendation", {"commended": True, "reason": "家访扎实"})
    return path.rpartition("/")[2]


def draft_of(number, **changes):
    return bulletin_body("BulletinBody", **{"inspections": [number], "scores": None, **changes})


async def drafted(caller, sent):
    return f"{BULLETINS}/{(await made(caller, BULLETINS, sent))['id']}"


async def test_a_published_bulletin_is_read_by_everybody_and_never_changes(
    app, bureau, sign_in, ended, commended, principal
):
    path = await drafted(bureau, draft_of(ended, scores=[commended]))
    teacher = await sign_in("teacher")
    assert told(await teacher.get(path)) == (403, "out-of-reach")
    assert (await teacher.get(BULLETINS)).json()["items"] == []
    assert [one["state"] for one in (await bureau.get(BULLETINS)).json()["items"]] == ["draft"]
    assert "公告" in Paper(await bureau.get(f"{path}?format=pdf"))
    answer = await made(bureau, f"{path}/publication", {})
    assert shape(answer) == shape(ANSWERS["bulletin_published"])

    first = {form: await teacher.get(f"{path}?format={form}") for form in ("json", "xlsx", "pdf")}
    findings = path_of(ended, "/findings/1/rectifications", SCHOOL)
    await done(principal, findings, {"done_on": "2026-10-13", "note": "已整改"})
    member = await sign_in("member_unit")
    for form, before in first.items():
        again = await member.get(f"{path}?format={form}")
        assert again.status_code == 200, again.text
        assert again.content == before.content, form
    one = first["json"].json()
    assert shape(one) == shape({**ANSWERS["bulletin"]})
    assert [school["school_code"] for school in one["schools"]] == [SCHOOL, OTHER_SCHOOL]
    assert [school["school_code"] for school in one["commended"]] == [SCHOOL]
    assert one["schools"][0]["findings"]["open"] == one["total"]["findings"]["open"] == 1
    # two on the roll of the only class counted: neither the school's heads nor the sum are told
    assert [school["heads_withheld"] for school in one["schools"]] == [True, False]
    assert (one["schools"][0]["heads"], one["total"]["heads"]) == (None, None)
    page = Paper(first["pdf"])
    for words in ("秋季学期督查结果公告", "晴川中学", "表扬学校", "不足5人", "2026年10月13日"):
        assert words in page, words
    sheet = openpyxl.load_workbook(io.BytesIO(first["xlsx"].content)).active
    rows = [[cell.value for cell in row] for row in sheet.iter_rows()]
    [line] = [row for row in rows if row[0] == 1]
    assert line[1:7] == ["晴川中学", "晴川镇", "是", 1, 0, 1]
    assert [tuple(row) for row in await looks(app, "action", "outcome")].count(
        ("export bulletin", "taken")
    ) == 5
    assert {line[1] for line in await access_log(app)} == {"read_bulletins"}
    assert told(await bureau.post(f"{path}/publication", {})) == (409, "already-published")


async def test_no_child_gets_in_and_the_refusal_names_the_field_alone(bureau, ended, head):
    before = await head()
    summary = draft_of(ended)["summaries"][0]
    for changes, slug, field in (
        ({"title": "测 小舟返校"}, "names-child", "/title"),
        ({"text": "请致电13800138000"}, "names-child", "/text"),
        ({"text": "学校地处高山"}, "may-name-child", "/text"),
        ({"summaries": [{**summary, "text": "测小舟"}]}, "names-child", "/summaries/0/text"),
        ({"summaries": [{**summary, "text": "辍学2人"}]}, "tells-few-children", "/summaries/0"),
    ):
        answer = await bureau.post(BULLETINS, draft_of(ended, **changes))
        assert told(answer) == (409, slug), answer.text
        assert field in answer.json()["detail"]
        assert not any(name in answer.text for name in ("测小舟", "高山"))
        assert slug in listed_for(BULLETINS, 409)
    number = await bureau.post(BULLETINS, draft_of(ended, text=f"{student_number(1)}返校"))
    assert number.status_code == 422
    assert await head() == before
    sent = draft_of(ended, text="学校地处高山", confirmed=["/text"])
    assert (await bureau.post(BULLETINS, sent)).status_code == 201


async def test_a_child_that_came_since_is_found_when_it_is_published(
    bureau, registrar, ended, head
):
    path = await drafted(bureau, draft_of(ended, text="表扬测明月"))
    await enrol(registrar, 3, name="测明月")
    before = await head()

    answer = await bureau.post(f"{path}/publication", {})

    assert told(answer) == (409, "names-child")
    assert await head() == before
    assert (await bureau.get(path)).json()["state"] == "draft"


async def test_rules_say_no_as_listed_and_nothing_hostile_is_recorded(bureau, ended, head):
    running = await started(bureau)
    path = await drafted(bureau, draft_of(ended))
    before = await head()
    for changes, slug in (
        ({"inspections": ["2026-99"]}, "source-unknown"),
        ({"inspections": ["0000-1"]}, "source-unknown"),
        ({"scores": ["WyJ4IiwieSIsMV0"]}, "source-unknown"),
        ({"scores": ["é"]}, "source-unknown"),
        ({"inspections": [running]}, "source-not-over"),
        (
            {"summaries": [{"school_code": "2141000001", "text": "好"}]},
            "school-not-concerned",
        ),
    ):
        assert told(await bureau.post(BULLETINS, draft_of(ended, **changes))) == (409, slug)
        assert slug in listed_for(BULLETINS, 409)
    for field in (*draft_of(ended), "scores", "confirmed"):
        for wrong in HOSTILE:
            if field in {"title", "text"} and wrong == "2026-13-01":
                continue  # a text like any other
            answer = await bureau.post(BULLETINS, {**draft_of(ended), field: wrong})
            assert answer.status_code == 422, (field, wrong, answer.text)
    for changes in (
        *({"inspections": None}, {"inspections": [], "scores": []}),
        *({"confirmed": ["/nothing"]}, {"inspections": ["2026-0"]}),
    ):
        assert (await bureau.post(BULLETINS, draft_of(ended, **changes))).status_code == 422
    for query in ("cursor=WyJ4Il0", "limit=0", "as_of=now"):
        assert (await bureau.get(f"{BULLETINS}?{query}")).status_code == 422, query
    assert (await bureau.get(f"{path}?format=csv")).status_code == 422
    for unknown in ("x", "W10", "é", "a" * 900):
        assert told(await bureau.get(f"{BULLETINS}/{unknown}")) == (404, "not-found")
    assert await head() == before
