"""Formal talks over HTTP: held by bureau and township, overdue promises shown, the register."""

import io
from datetime import date

import openpyxl
import pytest

from api.examples import ANSWERS
from tests.api.reading import access_log, told
from tests.api.returning import Days
from tests.api.supervising import HOSTILE, TALKS, body, made
from tests.api.test_openapi import listed_for, shape
from tests.people import OTHER_SCHOOL, SCHOOL, student_number


@pytest.fixture
def clock():
    return Days(date(2026, 9, 14))


async def talk(caller, unit=None, **changes):
    sent = body("TalkBody", **({"unit": unit, "school_code": None} if unit else {}), **changes)
    return f"{TALKS}/{(await made(caller, TALKS, sent))['id']}"


async def units(caller, query=""):
    answer = await caller.get(f"{TALKS}{query}")
    assert answer.status_code == 200, answer.text
    return [item["unit"] for item in answer.json()["items"]]


SEES = {
    "principal": [SCHOOL],
    "principal2": [OTHER_SCHOOL],
    "office": [SCHOOL],
    "township": [SCHOOL, "晴川镇"],
    "bureau": [SCHOOL, OTHER_SCHOOL, "晴川镇"],
    "auditor": [SCHOOL, OTHER_SCHOOL, "晴川镇"],
}


async def test_each_reads_of_talks_with_their_units_and_a_township_talks_with_its_schools(
    app, bureau, sign_in, head
):
    township = await sign_in("township")
    paths = {
        SCHOOL: await talk(township),
        OTHER_SCHOOL: await talk(bureau, school_code=OTHER_SCHOOL, held_on="2026-09-10"),
        "晴川镇": await talk(bureau, "晴川镇", held_on="2025-09-10"),
    }
    before = await head()
    for sent in (
        body("TalkBody", school_code=OTHER_SCHOOL),
        body("TalkBody", school_code=None, unit="晴川镇"),
        body("TalkBody", school_code=None, unit="云溪镇"),
    ):
        assert told(await township.post(TALKS, sent)) == (403, "out-of-reach")
    follow = body("TalkFollowUp")
    away = await township.post(f"{paths['晴川镇']}/follow-ups", follow)
    assert told(away) == (403, "out-of-reach")
    assert await head() == before
    refused = 4
    for username, seen in SEES.items():
        caller = await sign_in(username)
        assert await units(caller) == seen, username
        for unit, path in paths.items():
            answer = await caller.get(path)
            assert answer.status_code == (200 if unit in seen else 403), (username, unit)
            refused += unit not in seen
    assert len(await access_log(app)) == refused
    page = (await bureau.get(f"{TALKS}?limit=2")).json()
    assert await units(bureau, f"?limit=2&cursor={page['next_cursor']}") == ["晴川镇"]
    assert await units(bureau, f"?unit={SCHOOL}") == [SCHOOL]
    principal = await sign_in("principal")
    assert told(await principal.get(f"{TALKS}?unit={OTHER_SCHOOL}")) == (404, "not-found")


async def test_promises_are_followed_up_and_overdue_ones_listed_and_printed(bureau, sign_in, clock):
    first = await talk(bureau)
    second = await talk(bureau, school_code=OTHER_SCHOOL)
    done = await made(bureau, f"{first}/follow-ups", body("TalkFollowUp"))
    assert shape(done) == shape(ANSWERS["talk_followed_up"])
    assert await units(bureau, "?overdue=true") == []
    one = await bureau.get(first)
    assert (one.headers["ETag"], shape(one.json())) == ('"2"', shape(ANSWERS["talk"]))
    assert [shape(said) for said in one.json()["commitments"]] == [
        shape(said) for said in ANSWERS["talk"]["commitments"]
    ]

    clock.day = date(2026, 9, 22)
    bureau = await sign_in("bureau")
    [late] = (await bureau.get(f"{TALKS}?overdue=true")).json()["items"]
    assert f"{TALKS}/{late['id']}" == second
    assert (late["overdue"], late["commitments"][0]["state_label"]) == (1, "逾期")
    answer = await bureau.get(f"{TALKS}?format=xlsx")
    sheet = openpyxl.load_workbook(io.BytesIO(answer.content)).active
    rows = [[cell.value for cell in row] for row in sheet.iter_rows()]
    printed = {row[1]: row[5:10] for row in rows if row[0] in {1, 2}}
    assert printed["晴川中学"][0] == "一周内补齐家访登记"
    assert [row[3:] for row in printed.values()] == [["已落实", "家访登记表已补齐"], ["逾期", None]]
    assert "约谈登记表" in rows[0][0]


async def test_rules_say_no_as_listed_and_nothing_hostile_is_recorded(bureau, head):
    path = await talk(bureau)
    await made(bureau, f"{path}/follow-ups", body("TalkFollowUp"))
    before = await head()
    for changes, slug in (
        ({"held_on": "2026-09-15"}, "future-day"),
        ({"school_code": "3141999999"}, "school-unknown"),
        ({"school_code": None, "unit": "无此单位"}, "unit-unknown"),
        ({"commitments": [{**body("TalkBody")["commitments"][0], "due_on": "2026-09-01"}]},
         "commitment-due-early"),
    ):  # fmt: skip
        assert told(await bureau.post(TALKS, body("TalkBody", **changes))) == (409, slug)
        assert slug in listed_for(TALKS, 409)
    for changes, slug in (
        ({}, "commitment-done"),
        ({"commitment": 2}, "no-such-commitment"),
    ):
        answer = await bureau.post(f"{path}/follow-ups", body("TalkFollowUp", **changes))
        assert told(answer) == (409, slug)
        assert slug in listed_for(f"{TALKS}/{{talk_id}}/follow-ups", 409)
    for name, where in (("TalkBody", TALKS), ("TalkFollowUp", f"{path}/follow-ups")):
        for field in body(name):
            for wrong in HOSTILE:
                if field == "evidence" and wrong == "2026-13-01":
                    continue  # a text like any other
                answer = await bureau.post(where, body(name, **{field: wrong}))
                assert answer.status_code == 422, (field, wrong, answer.text)
    for changes in (
        *({"unit": "晴川镇"}, {"school_code": None}, {"reasons": []}),
        {"reasons": [f"{student_number(1)}辍学"]},
    ):
        assert (await bureau.post(TALKS, body("TalkBody", **changes))).status_code == 422
    for query in ("overdue=maybe", "cursor=WyJ4Il0", "format=pdf", f"unit={'x' * 300}"):
        assert (await bureau.get(f"{TALKS}?{query}")).status_code == 422, query
    for unknown in ("x", "W10", "é", "a" * 900):
        assert told(await bureau.get(f"{TALKS}/{unknown}")) == (404, "not-found")
    assert await head() == before
