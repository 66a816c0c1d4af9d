"""Who can see a child is told by the check itself: exactly those who are let in, and no other."""

import pytest

from tests.api.reading import looks, told
from tests.people import ACCOUNTS, OTHER_SCHOOL, SCHOOL, enrol

RULES = {
    "teacher": "own_class",
    "registrar": "own_school",
    "counsellor": "own_school",
    "principal": "own_school",
    "office": "township_office",
    "bureau": "district",
    "bureau2": "district",
    "auditor": "district",
    "inspector": "inspection",
}
NAMES = {account.username: account.name for account in ACCOUNTS}


async def seers(caller, child):
    answer = await caller.get(f"/v1/who-can-see/{child}")
    assert answer.status_code == 200, answer.text
    return {(item["name"], item["rule"]) for item in answer.json()["items"]}


def by_name(rules):
    return {(NAMES[username], rule) for username, rule in rules.items()}


@pytest.fixture
async def found(sign_in):
    """A child found at no school, of the township."""
    township = await sign_in("township")
    body = {
        "name": "测小溪",
        "sex": "male",
        "birth_date": "2014-09-15",
        "found_by": "screening",
        "township": "晴川镇",
    }
    answer = await township.post("/v1/students", body)
    assert answer.status_code == 201, answer.text
    return answer.json()["student_id"]


@pytest.fixture
async def children(sign_in, registrar, teacher, principal, found):
    """One of the class, one reported, one of another school, one at none."""
    elsewhere = await sign_in("registrar2")
    reported = (await enrol(registrar, 1))["student_id"]
    for caller, path in (
        (teacher, "absence-flags"),
        (teacher, "suspicions"),
        (principal, "written-reports"),
    ):
        await caller.record(reported, path)
    return {
        "of the class": (await enrol(registrar, 2))["student_id"],
        "reported": reported,
        "elsewhere": (await enrol(elsewhere, 3, school_code=OTHER_SCHOOL))["student_id"],
        "at no school": found,
    }


async def test_those_named_are_exactly_those_let_in(sign_in, bureau, children):
    stranger = await sign_in("teacher2")
    for name in ("of the class", "elsewhere"):
        await stranger.post(
            f"/v1/students/{children[name]}/break-glass", {"reason": "夜间接警,核实走失儿童"}
        )
    for what, child in children.items():
        named = {name for name, _ in await seers(bureau, child)}
        for account in ACCOUNTS:
            caller = await sign_in(account.username)
            answer = await caller.get(f"/v1/students/{child}")
            assert (answer.status_code == 200) == (account.name in named), (what, account.username)


async def test_each_is_named_with_the_rule_by_which_they_see(bureau, children):
    district = dict.fromkeys(("bureau", "bureau2", "auditor"), "district")
    assert await seers(bureau, children["of the class"]) == by_name(RULES)
    assert await seers(bureau, children["reported"]) == by_name(
        {**RULES, "township": "reported_to_township"}
    )
    assert await seers(bureau, children["elsewhere"]) == by_name(
        {**district, "principal2": "own_school", "registrar2": "own_school"}
    )
    await bureau.record(children["reported"], "referrals")  # to 民政
    assert await seers(bureau, children["reported"]) == by_name(
        {
            **RULES,
            "township": "reported_to_township",
            "task_force": "referred",
            "member_unit": "asked",
        }
    )
    assert await seers(bureau, children["at no school"]) == by_name(
        {**district, "township": "no_school"}
    )


async def test_rules_and_roles_are_told_in_the_callers_language(bureau, child):
    zh = (await bureau.get(f"/v1/who-can-see/{child}")).json()["items"][0]
    en = (await bureau.get(f"/v1/who-can-see/{child}", Accept_Language="en")).json()["items"][0]

    assert {name: zh[name] for name in zh if name != "account"} == {
        "name": "测甲",
        "role": "teacher",
        "role_label": "班主任",
        "unit": "晴川中学",
        "rule": "own_class",
        "rule_label": "本班学生",
        "until": None,
    }
    assert (en["role_label"], en["rule_label"]) == ("homeroom teacher", "Own class")


async def test_who_broke_the_glass_is_named_until_it_is_whole_again(sign_in, principal, child):
    stranger = await sign_in("teacher2")
    ends = []
    for _ in range(2):
        glass = await stranger.post(
            f"/v1/students/{child}/break-glass", {"reason": "夜间接警,核实走失儿童"}
        )
        ends.append(glass.json()["until"])

    items = (await principal.get(f"/v1/who-can-see/{child}")).json()["items"]

    through = [item for item in items if item["rule"] == "break_glass"]
    assert [(item["name"], item["until"]) for item in through] == [("测乙", ends[1])]


async def test_asking_is_logged_and_only_the_childs_own_principal_may(sign_in, child, app):
    principal, stranger = await sign_in("principal"), await sign_in("principal2")
    await principal.get(f"/v1/who-can-see/{child}")
    refused = await stranger.get(f"/v1/who-can-see/{child}")

    assert told(refused) == (403, "out-of-reach")
    assert await looks(app, "action", "outcome", "students::text[]", "schools") == [
        ("view who-can-see", "shown", [child], [SCHOOL]),
        ("tell_who_sees", "refused", [child], [SCHOOL]),
    ]


@pytest.mark.parametrize("name", ["x", "%00", "9" * 99, "%F0%9F%A6%8A"])
async def test_a_child_nobody_knows_is_seen_by_nobody(bureau, name):
    assert told(await bureau.get(f"/v1/who-can-see/{name}")) == (404, "unknown-child")
