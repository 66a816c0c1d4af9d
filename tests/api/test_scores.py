"""Scores over HTTP: given by bureau and inspectors, each sees the own schools', and no ranking."""

import io
from datetime import date

import openpyxl
import pytest

from api.examples import ANSWERS
from tests.api.inspecting import started
from tests.api.reading import access_log, looks, told
from tests.api.returning import Days
from tests.api.supervising import HOSTILE, SCORES, body, made, rubric, score
from tests.api.test_openapi import listed_for, shape
from tests.people import OTHER_SCHOOL, PRIMARY, SCHOOL, student_number


@pytest.fixture
def clock():
    return Days(date(2026, 10, 13))


@pytest.fixture
async def ruled(bureau):
    return await rubric(bureau)


FULL = [{"code": "A1", "points": 10}, {"code": "A2", "points": 5}]
EVERY = [PRIMARY, SCHOOL, OTHER_SCHOOL]
SEES = {
    "principal": [SCHOOL],
    "inspector": [SCHOOL],
    "principal2": [OTHER_SCHOOL],
    "office": [PRIMARY, SCHOOL],
    "township": [PRIMARY, SCHOOL],
    **dict.fromkeys(("bureau", "task_force", "auditor"), EVERY),
}


async def schools(caller, query=""):
    answer = await caller.get(f"{SCORES}{query}")
    assert answer.status_code == 200, answer.text
    return [item["school_code"] for item in answer.json()["items"]]


async def test_each_sees_the_scores_of_their_schools_by_school_code_and_without_rank(
    app, bureau, sign_in, ruled
):
    paths = {
        code: await score(bureau, school_code=code, points=points)
        for code, points in ((OTHER_SCHOOL, FULL), (SCHOOL, None), (PRIMARY, FULL))
        for points in [points or body("ScoreBody")["points"]]
    }
    refused = 0
    for username, seen in SEES.items():
        caller = await sign_in(username)
        assert await schools(caller) == seen, username
        for code, path in paths.items():
            answer = await caller.get(path)
            assert answer.status_code == (200 if code in seen else 403), (username, answer.text)
            refused += code not in seen
    assert [line[1] for line in await access_log(app)] == ["read_scores"] * refused
    one = (await bureau.get(paths[SCHOOL])).json()
    assert shape({**one, "commendation": ANSWERS["score"]["commendation"]}) == (
        shape(ANSWERS["score"])
    )
    assert not {"rank", "place", "position", "mean"} & one.keys()
    first = (await bureau.get(f"{SCORES}?limit=2")).json()
    assert [item["school_code"] for item in first["items"]] == EVERY[:2]
    assert await schools(bureau, f"?limit=2&cursor={first['next_cursor']}") == EVERY[2:]
    assert await schools(bureau, f"?township=晴川镇&school_code={SCHOOL}") == [SCHOOL]
    assert await schools(bureau, "?period=2025-2026") == []
    principal = await sign_in("principal")
    away = await principal.get(f"{SCORES}?school_code={OTHER_SCHOOL}")
    assert told(away) == (404, "not-found")


async def test_an_inspector_scores_while_an_inspection_of_the_school_runs(
    app, bureau, sign_in, ruled, head
):
    inspector = await sign_in("inspector")
    sent = body("ScoreBody")
    before = await head()
    for named in (None, "2026-1", "2026-99"):
        answer = await inspector.post(SCORES, {**sent, **({"inspection": named} if named else {})})
        assert answer.status_code == 409, answer.text
    away = await inspector.post(SCORES, {**sent, "school_code": OTHER_SCHOOL})
    assert told(away) == (403, "out-of-reach")
    assert await head() == before
    number = await started(bureau)

    path = await score(inspector, inspection=number)

    assert (await inspector.get(path)).json()["inspection"] == number
    other = body("ScoreBody", school_code=OTHER_SCHOOL, inspection=number)
    assert told(await bureau.post(SCORES, other)) == (409, "inspection-elsewhere")
    proved = [{**sent["points"][0], "inspection": "2026-77"}, sent["points"][1]]
    answer = await bureau.post(SCORES, {**sent, "points": proved})
    assert told(answer) == (409, "inspection-elsewhere")
    await made(bureau, f"/v1/inspections/{number}/end", {"summary": "完毕"})
    ended = await inspector.post(SCORES, {**sent, "inspection": number})
    assert told(ended) == (409, "not-inspecting")


async def test_a_score_is_corrected_beside_itself_and_commended_by_the_bureau(
    bureau, sign_in, ruled
):
    path = await score(bureau)
    corrected = await made(bureau, f"{path}/corrections", body("ScoreCorrection"))
    decided = await made(bureau, f"{path}/commendation", body("ScoreCommendation"))

    assert shape(corrected) == shape(ANSWERS["score_corrected"])
    assert shape(decided) == shape(ANSWERS["score_commended"])
    one = await bureau.get(path)
    assert one.headers["ETag"] == '"3"'
    shown = one.json()
    assert [version["reason"] for version in shown["versions"]] == [None, "复核后少扣一分"]
    assert (shown["total"], shown["out_of"], shown["commended"]) == (14.0, 15.0, True)
    assert await schools(bureau, "?commended=true") == [SCHOOL]
    assert await schools(bureau, "?commended=false") == []
    moment = shown["recorded_at"].replace("+", "%2B")
    then = (await bureau.get(f"{path}?as_of={moment}")).json()
    assert (then["total"], then["commended"]) == (13.0, False)
    inspector = await sign_in("inspector")
    answer = await inspector.post(f"{path}/commendation", body("ScoreCommendation"))
    assert told(answer) == (403, "not-allowed")


async def test_the_register_is_printed_and_the_taking_logged(app, bureau, ruled):
    path = await score(bureau, note="=1+1")
    await made(bureau, f"{path}/commendation", body("ScoreCommendation"))

    answer = await bureau.get(f"{SCORES}?format=xlsx")

    sheet = openpyxl.load_workbook(io.BytesIO(answer.content)).active
    rows = [[cell.value for cell in row] for row in sheet.iter_rows()]
    assert rows[0][0] == "考评登记表 2026-2027"
    [line] = [row for row in rows if row[0] == 1]
    assert line[1:3] + line[5:11] == [
        *("晴川中学", "晴川镇", "控辍保学考评细则", 15, 13, "A1 -2 两次家访未登记", "是", "=1+1"),
    ]
    assert (await bureau.get(f"{SCORES}?format=csv")).text.startswith("\ufeff序号,学校,乡镇")
    assert [tuple(row) for row in (await looks(app, "action", "outcome"))[-2:]] == [
        ("export scores", "taken")
    ] * 2


async def test_rules_say_no_as_listed(bureau, ruled, head):
    path = await score(bureau)
    await rubric(bureau, in_force_from="2027-09-01")
    before = await head()
    for changes, slug in (
        ({"rubric": 9}, "no-such-rubric"),
        ({"rubric": 2}, "rubric-not-in-force"),
        ({"occurred_on": "2026-08-31"}, "scored-before-period"),
        ({"occurred_on": "2026-10-14"}, "future-day"),
        ({"points": FULL[:1]}, "items-differ"),
        ({"points": [{"code": "A1", "points": 11}, FULL[1]]}, "points-beyond-item"),
        ({"points": [{"code": "A1", "points": 9}, FULL[1]]}, "deduction-unproven"),
        ({"school_code": "3141999999"}, "school-unknown"),
    ):
        assert told(await bureau.post(SCORES, body("ScoreBody", **changes))) == (409, slug)
        assert slug in listed_for(SCORES, 409)
    same = await bureau.post(
        f"{path}/corrections", {**body("ScoreCorrection"), "points": body("ScoreBody")["points"],
                                "note": "现场查看"}
    )  # fmt: skip
    assert told(same) == (409, "nothing-changed")
    assert await head() == before


async def test_nothing_hostile_is_recorded_or_breaks_the_service(bureau, ruled, head):
    path = await score(bureau)
    before = await head()
    for field in (*body("ScoreBody"), "inspection"):
        for wrong in HOSTILE:
            if field == "note" and wrong == "2026-13-01":
                continue  # a text like any other
            answer = await bureau.post(SCORES, {**body("ScoreBody"), field: wrong})
            assert answer.status_code == 422, (field, wrong, answer.text)
    for item in (
        *({"points": "9"}, {"points": 0.1}, {"evidence": f"{student_number(1)}未登记"}),
        *({"inspection": "x"}, {"entry": 2**63}, {"entry": 0}, {"code": "\0"}),
    ):
        sent = [{**body("ScoreBody")["points"][0], **item}, FULL[1]]
        answer = await bureau.post(f"{path}/corrections", {"points": sent, "reason": "复核"})
        assert answer.status_code == 422, (item, answer.text)
    for query in ("period=2026", "commended=maybe", "cursor=x", "format=pdf", "limit=501"):
        assert (await bureau.get(f"{SCORES}?{query}")).status_code == 422, query
    for unknown in ("x", "W10", "é", "a" * 900):
        assert told(await bureau.get(f"{SCORES}/{unknown}")) == (404, "not-found")
    assert await head() == before
