"""A referral sends a unit the agreed fields of one child, until the unit has answered."""

import pytest

from tests.api.reading import looks, told
from tests.people import example

GIVEN = {
    "kind": "hardship",
    "kind_label": "困难救助",
    "to_unit": "民政",
    "question": "请核实家庭困难情况。",
    "answered_by": None,
    "answered_on": None,
    "answer": None,
    "referred_on": "2026-09-22",
}


@pytest.fixture
async def referred(reported, bureau):
    """A child whose case was referred to 民政; the entry is 5."""
    done = await bureau.record(reported, "referrals")
    assert done["entry"] == 5
    return reported, done["position"]


async def listed(caller, position, query=""):
    return (await caller.fresh(f"/v1/referrals{query}", position))["items"]


async def test_the_unit_sees_the_agreed_fields_masked_and_nothing_else(referred, sign_in):
    child, _ = referred
    unit = await sign_in("member_unit")

    answer = await unit.get(f"/v1/students/{child}/referrals/5")

    assert answer.headers["cache-control"] == "no-store"
    assert answer.json() == {
        **GIVEN,
        "student_id": child,
        "entry": 5,
        "child": {
            "name": "测小舟",
            "sex": "female",
            "sex_label": "女",
            "school": "晴川中学",
            "guardians": [{"name": "测大舟", "relation": "父亲", "phone": "190****0001"}],
            "home_address": None,
            "registered_residence": None,
        },
    }
    for path in ("", "/history", "/history/5", "/history/1", "/duties"):
        refused = await unit.get(f"/v1/students/{child}{path}")
        assert refused.status_code == 403, path


async def test_a_field_in_full_needs_a_reason_that_the_log_keeps(referred, sign_in, app):
    child, _ = referred
    unit = await sign_in("member_unit")

    bare = await unit.get(f"/v1/students/{child}/referrals/5?reveal=true")
    full = await unit.get(f"/v1/students/{child}/referrals/5?reveal=true&reason=上门核实")

    assert told(bare) == (422, "malformed")
    assert full.json()["child"]["guardians"][0]["phone"] == "19000000001"
    assert await looks(app, "action", "role", "reason", "students::text[]") == [
        ("reveal referral", "member_unit", "上门核实", [child])
    ]


async def test_it_lists_what_it_is_asked_and_others_what_they_reach(referred, sign_in, bureau):
    child, position = referred
    line = {**GIVEN, "student_id": child, "entry": 5, "name": "测小舟"}
    sees = {"member_unit", "teacher", "principal", "inspector", "office", "township", "task_force"}
    for username in sorted(sees | {"village", "teacher2", "principal2"}):
        caller = await sign_in(username)
        assert await listed(caller, position) == ([line] if username in sees else []), username
    assert await listed(bureau, position, "?answered=true") == []
    assert await listed(bureau, position, "?answered=false&to_unit=民政") == [line]
    assert await listed(bureau, position, "?to_unit=公安") == []


async def test_once_it_has_answered_the_child_is_closed_to_the_unit(referred, sign_in, teacher):
    child, _ = referred
    unit = await sign_in("member_unit")
    path = f"/v1/students/{child}/referrals/5"

    answer = await unit.post(f"{path}/answer", example_answer())

    assert answer.status_code == 201, answer.text
    entry = await unit.get(answer.headers["Location"])  # its own
    assert (entry.json()["kind"], entry.json()["data"]["answer"]) == (
        "referral_answered",
        "已纳入临时救助。",
    )
    assert told(await unit.get(path)) == (403, "out-of-reach")
    assert told(await unit.post(f"{path}/answer", example_answer())) == (403, "out-of-reach")
    line = {
        **GIVEN,
        "student_id": child,
        "entry": 5,
        "answered_by": 6,
        "answered_on": "2026-09-25",
        "answer": "已纳入临时救助。",
    }
    position = answer.json()["position"]
    assert await listed(unit, position) == [line]
    assert await listed(teacher, position) == [{**line, "name": "测小舟"}]
    assert (await teacher.get(path)).json()["child"]["name"] == "测小舟"


def example_answer():
    return {"occurred_on": "2026-09-25", "answer": "已纳入临时救助。"}


async def test_a_village_confirms_where_a_child_is_and_may_persuade(reported, bureau, sign_in):
    await bureau.record(reported, "referrals", kind="whereabouts", to_unit="晴川镇河湾村")
    village, unit = await sign_in("village"), await sign_in("member_unit")

    shown = (await village.get(f"/v1/students/{reported}/referrals/5")).json()["child"]
    foreign = await unit.get(f"/v1/students/{reported}/referrals/5")
    attempt = await village.record(reported, "persuasion-attempts")
    other = await village.post(f"/v1/students/{reported}/home-visits", example("home-visits"))
    await village.post(f"/v1/students/{reported}/referrals/5/answer", example_answer())
    late = await village.post(
        f"/v1/students/{reported}/persuasion-attempts", example("persuasion-attempts")
    )

    assert set(shown) - {"sex_label"} == {
        *("name", "sex", "school", "grade", "class_name", "guardians", "home_address")
    }
    assert told(foreign) == (403, "out-of-reach")
    assert attempt["entry"] == 6
    assert told(other) == (403, "not-allowed")
    assert told(late) == (403, "out-of-reach")


async def test_a_restricted_child_is_closed_to_the_unit_too(referred, sign_in, bureau):
    child, _ = referred
    done = await bureau.record(child, "restriction")
    unit = await sign_in("member_unit")

    assert told(await unit.get(f"/v1/students/{child}/referrals/5")) == (403, "out-of-reach")
    assert await listed(unit, done["position"]) == []
    assert (await bureau.get(f"/v1/students/{child}/referrals/5")).status_code == 200


@pytest.mark.parametrize("entry", ["0", "4", "6", "99999999999", "x", "%00", "%F0%9F%A6%8A"])
async def test_an_entry_that_is_no_referral_is_not_found(referred, bureau, entry):
    child, _ = referred
    answer = await bureau.get(f"/v1/students/{child}/referrals/{entry}")
    assert told(answer) == (404, "no-such-entry")


async def test_an_unknown_kind_is_refused_and_none_is_other(reported, bureau):
    body = {**example("referrals"), "kind": "gossip"}
    refused = await bureau.post(f"/v1/students/{reported}/referrals", body)
    body.pop("kind")
    await bureau.post(f"/v1/students/{reported}/referrals", body)

    assert [error["pointer"] for error in refused.json()["errors"]] == ["/kind"]
    shown = (await bureau.get(f"/v1/students/{reported}/referrals/5")).json()
    assert (shown["kind"], shown["child"]) == ("other", {"name": "测小舟"})
