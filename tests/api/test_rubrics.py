"""Rubrics over HTTP: issued by the bureau in versions, read by everybody at work."""

import pytest

from api.examples import ANSWERS
from tests.api.reading import told
from tests.api.supervising import HOSTILE, RUBRICS, body, made, rubric
from tests.api.test_openapi import listed_for, shape
from tests.people import student_number


async def test_versions_stand_side_by_side_and_are_read_by_those_at_work(bureau, sign_in):
    assert [await rubric(bureau), await rubric(bureau, in_force_from="2099-09-01", replaces=1)] == [
        *("1", "2"),
    ]

    teacher = await sign_in("teacher")
    listed = (await teacher.get(RUBRICS)).json()
    assert [(one["id"], one["state"], one["replaced_by"]) for one in listed["items"]] == [
        ("1", "in_force", 2),
        ("2", "to_come", None),
    ]
    first = (await teacher.get(f"{RUBRICS}?limit=1")).json()
    rest = (await teacher.get(f"{RUBRICS}?limit=1&cursor={first['next_cursor']}")).json()
    assert [*first["items"], *rest["items"]] == listed["items"]
    assert rest["next_cursor"] is None
    one = await teacher.get(f"{RUBRICS}/1")
    assert (one.json(), one.headers["ETag"]) == (listed["items"][0], '"2"')
    assert shape(one.json()) == shape(ANSWERS["rubric"])
    moment = listed["items"][0]["recorded_at"].replace("+", "%2B")
    then = (await teacher.get(f"{RUBRICS}?as_of={moment}")).json()["items"]
    assert [one["replaced_by"] for one in then] == [None]


async def test_what_the_rules_refuse_is_listed_and_not_recorded(bureau, head):
    await rubric(bureau)
    await rubric(bureau, in_force_from="2027-09-01", replaces=1)
    before = await head()
    for changes, slug in (
        ({"replaces": 9}, "no-such-rubric"),
        ({"replaces": 1, "in_force_from": "2028-09-01"}, "rubric-replaced"),
        ({"replaces": 2}, "rubric-too-early"),
    ):
        assert told(await bureau.post(RUBRICS, body("RubricBody", **changes))) == (409, slug)
        assert slug in listed_for(RUBRICS, 409)
    moved = await bureau.post(RUBRICS, body("RubricBody"), If_Match='"1"')
    assert told(moved) == (412, "version-moved")
    assert await head() == before


@pytest.mark.parametrize("field", ["title", "in_force_from", "items", "replaces"])
async def test_nothing_hostile_is_recorded_or_breaks_the_service(bureau, head, field):
    before = await head()
    for wrong in HOSTILE:
        if field == "title" and wrong == "2026-13-01":
            continue  # a text like any other
        answer = await bureau.post(RUBRICS, body("RubricBody", **{field: wrong}))
        assert answer.status_code == 422, (field, wrong, answer.text)
    [item] = body("RubricBody")["items"][:1]
    for changes in (
        *({"points": -1}, {"points": 0.3}, {"points": "5"}, {"points": 1e400}, {"points": True}),
        *({"code": "甲"}, {"code": ""}, {"title": f"{student_number(1)}返校"}, {"evidence": "\0"}),
    ):
        sent = body("RubricBody", items=[{**item, **changes}])
        assert (await bureau.post(RUBRICS, sent)).status_code in {400, 422}, changes
    assert (await bureau.post(RUBRICS, body("RubricBody", items=[item] * 2))).status_code == 422
    for path in ("x", "0", "99", "1.0", "é", "9" * 40, "%00"):
        assert (await bureau.get(f"{RUBRICS}/{path}")).status_code in {400, 404}, path
    for query in ("cursor=x", "cursor=WyJ4Il0", "limit=0", "as_of=now"):
        assert (await bureau.get(f"{RUBRICS}?{query}")).status_code == 422, query
    assert await head() == before


async def test_a_repeated_request_issues_one_rubric(bureau, head):
    key = "6f1d4e0c-5a2b-4a3c-9d53-0a4f6c8b1e22"
    first = await bureau.post(RUBRICS, body("RubricBody"), Idempotency_Key=key)
    before = await head()
    again = await bureau.post(RUBRICS, body("RubricBody"), Idempotency_Key=key)
    assert (again.status_code, again.json()) == (201, first.json())
    assert shape(first.json()) == shape(ANSWERS["rubric_issued"])
    assert await head() == before
    assert (await made(bureau, RUBRICS, body("RubricBody")))["id"] == "2"
