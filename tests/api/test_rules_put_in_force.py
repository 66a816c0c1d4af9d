"""Rules put in force over HTTP: on record, told to all, and heeded by what is due."""

from datetime import date, timedelta
from uuid import uuid4

import pytest

from api.examples import ANSWERS
from api.rule_examples import RULE_BODIES
from tests.api.reading import told
from tests.api.returning import Days, done, seen
from tests.api.supervising import HOSTILE
from tests.api.test_openapi import listed_for, shape
from tests.people import enrol

TODAY = date(2026, 11, 30)
RULES = "/v1/rules"
CLOSED = {
    "year": 2026,
    "text": "停课:12月1日(周二)至3日(周四)放假,共3天。12月6日(周日)上班。",
    "source": "区教体局停课通知",
    "accept_missing": True,
}
AWAY = {"year": 2032, "text": "国庆节:10月1日至7日放假,共7天。"}


@pytest.fixture
def clock():
    return Days(TODAY)


def body(name, **changes):
    """The example body of a step, changed as given; ``None`` leaves a field out."""
    whole = {**RULE_BODIES[name], **changes}
    return {field: value for field, value in whole.items() if value is not None}


async def absent(registrar, teacher, serial, since):
    child = (await enrol(registrar, serial))["student_id"]
    flag = {"first_absent_on": since, "absence_kind": "truancy", "found_by": "roll_call"}
    await done(teacher, f"/v1/students/{child}/absence-flags", flag)
    return child


async def first_visit(caller, child):
    due = (await seen(caller, f"/v1/students/{child}/duties"))["items"]
    return next(one["due_on"] for one in due if one["kind"] == "first_home_visit")


async def test_a_holiday_put_in_force_moves_what_is_due(registrar, teacher, bureau):
    child = await absent(registrar, teacher, 1, "2026-11-30")
    assert await first_visit(teacher, child) == "2026-12-01"

    answer = await done(bureau, f"{RULES}/holidays", CLOSED)

    assert shape(answer) == shape(ANSWERS["rules_put"])
    assert await first_visit(teacher, child) == "2026-12-04"
    listed = (await teacher.fresh("/v1/worklist?limit=100", answer["position"]))["items"]
    assert "2026-12-04" in {one["due_on"] for one in listed if one["kind"] == "first_home_visit"}
    rules = await seen(teacher, RULES)
    assert {"2026-12-01", "2026-12-02", "2026-12-03"}.isdisjoint(rules["school_days"])
    assert "2026-12-06" in rules["made_up"]
    [change] = rules["changes"]
    assert (change["kind_label"], change["year"], change["why"]) == (
        *("施行放假通知", 2026, "区教体局停课通知"),
    )
    assert (change["recorded_by"]["role"], change["number"]) == ("bureau", 1)


async def test_deadlines_hold_for_cases_that_begin_when_they_do(
    registrar, teacher, bureau, sign_in, clock
):
    before = await absent(registrar, teacher, 1, "2026-11-30")
    put = body("DeadlinesBody", in_force_from="2026-12-01")
    await done(bureau, f"{RULES}/deadlines", put)

    rules = await seen(bureau, RULES)
    values = {one["name"]: one["value"] for one in rules["deadlines"]}
    assert (rules["in_force_from"], values["first_visit_school_days"]) == ("2021-09-01", 1)
    [coming] = rules["coming"]
    assert (coming["in_force_from"], [one["value"] for one in coming["deadlines"]]) == (
        *("2026-12-01", [3]),
    )

    clock.day = TODAY + timedelta(days=1)
    registrar, teacher = await sign_in("registrar"), await sign_in("teacher")
    after = await absent(registrar, teacher, 2, "2026-12-01")
    assert await first_visit(teacher, before) == "2026-12-01"
    assert await first_visit(teacher, after) == "2026-12-04"
    rules = await seen(teacher, RULES)
    assert (rules["in_force_from"], rules["coming"]) == ("2026-12-01", [])


async def test_terms_are_put_in_force_and_told(bureau):
    await done(bureau, f"{RULES}/terms", body("TermsBody"))

    rules = await seen(bureau, f"{RULES}?school_year=2027")
    assert [(term["from"], term["to"], term["provisional"]) for term in rules["terms"]] == [
        ("2027-09-01", "2028-01-21", False),
        ("2028-02-21", "2028-07-07", False),
    ]
    assert rules["changes"][0]["terms"][0] == "2027-09-01"


async def test_days_closed_and_opened_move_what_is_due(registrar, teacher, bureau):
    child = await absent(registrar, teacher, 1, "2026-11-30")
    put = {"closed": ["2026-12-01", "2026-12-02"], "opened": ["2026-12-05"], "source": "停课通知"}

    await done(bureau, f"{RULES}/days", put)

    assert await first_visit(teacher, child) == "2026-12-03"
    rules = await seen(teacher, RULES)
    assert rules["changes"][0]["closed"] == put["closed"]
    assert "2026-12-05" in rules["made_up"]


async def test_every_answer_has_the_fields_of_its_example(bureau):
    await done(bureau, f"{RULES}/deadlines", body("DeadlinesBody"))

    assert shape(await seen(bureau, RULES)) == shape(ANSWERS["rules"])


async def test_the_same_key_puts_in_force_once_and_another_version_is_refused(bureau, head):
    put, key = body("DeadlinesBody"), str(uuid4())
    first = await done(bureau, f"{RULES}/deadlines", put, Idempotency_Key=key)
    again = await done(bureau, f"{RULES}/deadlines", put, Idempotency_Key=key)
    assert (again, await head()) == (first, first["position"])
    moved = await bureau.post(f"{RULES}/terms", body("TermsBody"), If_Match='"7"')
    assert told(moved) == (412, "version-moved")
    assert (await bureau.get(RULES)).headers["ETag"] == '"1"'


async def test_what_cannot_be_put_in_force_is_refused_as_listed(bureau, head):
    await done(bureau, f"{RULES}/deadlines", body("DeadlinesBody"))
    await done(bureau, f"{RULES}/terms", body("TermsBody"))
    before = await head()
    for path, name, changes, slug in (
        ("deadlines", "DeadlinesBody", {"in_force_from": "2026-11-30"}, "rules-too-early"),
        ("deadlines", "DeadlinesBody", {"in_force_from": "2029-01-01"}, "rules-too-far"),
        ("deadlines", "DeadlinesBody", {}, "rules-as-before"),
        ("holidays", "HolidaysBody", {"accept_missing": None}, "festivals-missing"),
        ("holidays", "HolidaysBody", AWAY, "calendar-year-away"),
        ("days", "DaysBody", {"closed": ["2026-11-30"]}, "day-over"),
        ("days", "DaysBody", {"closed": ["2027-02-02"]}, "day-outside-terms"),
        ("days", "DaysBody", {"closed": [], "opened": ["2027-06-10"]}, "rules-as-before"),
        ("terms", "TermsBody", {}, "rules-as-before"),
        (
            *("terms", "TermsBody"),
            {
                "school_year": 2026,
                "autumn_from": "2026-09-02",
                "autumn_to": "2027-01-29",
                "spring_from": "2027-02-22",
                "spring_to": "2027-07-09",
            },
            "term-begun",
        ),
    ):
        answer = await bureau.post(f"{RULES}/{path}", body(name, **changes))
        assert told(answer) == (409, slug)
        assert slug in listed_for(f"{RULES}/{path}", 409)
    assert await head() == before


@pytest.mark.parametrize("name", ["DeadlinesBody", "HolidaysBody", "DaysBody", "TermsBody"])
async def test_nothing_hostile_is_put_in_force(bureau, head, name):
    before = await head()
    path = f"{RULES}/{name.removesuffix('Body').lower()}"
    for field in (*RULE_BODIES[name], "observation_ladder", "screening_school_days", "unheard_of"):
        for wrong in (*HOSTILE, -1, 0, [0], [7, 1], 10**9):
            if field in {"reason", "source", "text"} and wrong == "2026-13-01":
                continue  # a text like any other, but for a notice
            if (field, wrong) == ("first_visit_school_days", 0):
                continue  # the same day
            answer = await bureau.post(path, body(name, **{field: wrong}))
            assert answer.status_code == 422, (field, wrong, answer.text)
    for sent in ({}, {"in_force_from": "2027-03-01", "reason": "修订"}):
        assert (await bureau.post(path, sent)).status_code == 422, sent
    twice = {"closed": ["2027-06-10"], "opened": ["2027-06-10"], "source": "停课"}
    for sent in (twice, {"source": "停课"}):
        assert (await bureau.post(f"{RULES}/days", sent)).status_code == 422, sent
    swapped = body("TermsBody", autumn_to="2027-08-30")
    assert (await bureau.post(f"{RULES}/terms", swapped)).status_code == 422
    assert await head() == before
