"""Inspections over HTTP: from plan to end, heads against the roll, findings until closed."""

import asyncio
from datetime import date, timedelta
from uuid import uuid4

import pytest

from api.inspection_examples import INSPECTION_ANSWERS
from application.inspections import InspectionId
from tests.api.inspecting import (
    COUNT,
    FINDING,
    INSPECTIONS,
    body,
    finding_noted,
    numbers,
    path_of,
    planned,
    started,
)
from tests.api.reading import told
from tests.api.returning import Days, done, seen
from tests.api.test_openapi import shape
from tests.people import SCHOOL, enrol


@pytest.fixture
def clock():
    return Days(date(2026, 10, 13))


@pytest.fixture
async def inspector(sign_in):
    return await sign_in("inspector")


@pytest.fixture
async def office(sign_in):
    return await sign_in("office")


@pytest.fixture
async def roll(registrar):
    """Three children of one class and one of another, on the roll."""
    return [
        (await enrol(registrar, serial, class_name=name))["student_id"]
        for serial, name in ((1, "1班"), (2, "1班"), (3, "1班"), (4, "2班"))
    ]


async def finding_of(caller, number, n=1):
    (school,) = [
        one
        for one in (await seen(caller, path_of(number)))["schools"]
        if one["school_code"] == SCHOOL
    ]
    return school["findings"][n - 1]


# From plan to end -------------------------------------------------------------------------------


async def test_an_inspection_goes_from_plan_to_closed_findings(
    roll, bureau, inspector, sign_in, clock
):
    number = await planned(bureau)
    assert (number, (await seen(bureau, path_of(number)))["state"]) == ("2026-1", "planned")
    await done(inspector, path_of(number, "/start"))
    await done(inspector, path_of(number, "/head-counts", SCHOOL), COUNT)
    noted = await done(inspector, path_of(number, "/findings", SCHOOL), body("FindingBody"))
    assert (noted["finding"], noted["school_code"]) == (1, SCHOOL)
    await done(inspector, path_of(number, "/end"), body("InspectionEnd"))

    clock.day = date(2026, 10, 16)
    principal, inspector, bureau = [
        await sign_in(name) for name in ("principal", "inspector", "bureau2")
    ]
    at = path_of(number, FINDING, SCHOOL)
    await done(principal, f"{at}/rectifications", body("Rectification"))
    await done(inspector, f"{at}/rectification-decisions", {"approve": False, "note": "只补一次"})
    assert (await finding_of(principal, number))["state"] == "rejected"
    await done(principal, f"{at}/rectifications", body("Rectification", note="两次都补了"))
    await done(bureau, f"{at}/rectification-decisions", {"approve": True})

    whole = await seen(principal, path_of(number))
    (finding,) = whole["schools"][0]["findings"]
    assert (whole["state"], finding["state"], finding["decision"]["approve"]) == (
        *("ended", "closed"),
        True,
    )
    assert finding["rectification"]["note"] == "两次都补了"
    assert whole["ended"]["summary"] == body("InspectionEnd")["summary"]
    assert whole["findings"] == {
        **dict.fromkeys(("open", "rectified", "rejected", "overdue"), 0),
        "noted": 1,
        "closed": 1,
    }


async def test_every_answer_has_the_fields_of_its_example(roll, bureau, principal):
    number = await started(bureau)
    counted = await done(
        bureau, path_of(number, "/head-counts", SCHOOL), {**COUNT, "missing": [roll[0]]}
    )
    await done(bureau, path_of(number, "/findings", SCHOOL), body("FindingBody"))
    rectified = body("Rectification", done_on="2026-10-13")
    await done(principal, path_of(number, f"{FINDING}/rectifications", SCHOOL), rectified)

    whole = await seen(bureau, path_of(number))
    for got, name in (
        (whole, "inspection"),
        (counted, "heads_counted"),
        (await seen(bureau, INSPECTIONS), "inspections"),
        (await seen(bureau, f"{INSPECTIONS}/rectifications"), "rectifications"),
    ):
        assert shape(got) == shape(INSPECTION_ANSWERS[name]), name
    for got, example in zip(
        (whole["schools"][0]["heads"][0], whole["schools"][0]["findings"][0]),
        (
            INSPECTION_ANSWERS["inspection"]["schools"][0]["heads"][0],
            INSPECTION_ANSWERS["inspection"]["schools"][0]["findings"][0],
        ),
        strict=True,
    ):
        assert shape(got) == shape(example)


async def test_two_planned_at_once_get_two_numbers(bureau, office, head):
    found = await asyncio.gather(
        *(planned(caller, title=f"第{n}次") for n in range(3) for caller in (bureau, office))
    )

    assert sorted(found) == [f"2026-{n}" for n in range(1, 7)]
    assert await numbers(bureau) == sorted(found)
    assert await head() == 6


async def test_an_inspection_is_numbered_in_the_school_year_it_starts_in(bureau):
    days = {"starts_on": "2026-08-31", "ends_on": "2026-09-02"}
    assert await planned(bureau, **days) == "2025-1"
    assert await planned(bureau) == "2026-1"

    assert await numbers(bureau) == ["2026-1"]
    assert await numbers(bureau, "?year=2025") == ["2025-1"]


# Heads ------------------------------------------------------------------------------------------


async def test_heads_that_do_not_match_the_roll_are_questions_and_record_nothing_of_children(
    roll, bureau, inspector, teacher, connection, app, head
):
    number = await started(bureau)
    before = await head()
    counted = await done(
        inspector,
        path_of(number, "/head-counts", SCHOOL),
        {**COUNT, "explained": 1, "missing": [roll[1]]},
        Idempotency_Key=str(uuid4()),
    )

    assert (counted["on_roll"], counted["counted"], counted["unaccounted"]) == (3, 1, 1)
    question = {"school_code": SCHOOL, "grade": 7, "class_name": "1班"}
    question |= {"counted_on": "2026-10-13", "unaccounted": 1}
    assert counted["questions"] == [question]
    assert (await seen(bureau, path_of(number)))["questions"] == [question]
    assert await head() == before + 1
    ((kept,),) = connection.execute("SELECT answer::text FROM log.answers").fetchall()
    facts = (await app.state.service.inspections.one(InspectionId(2026, 1))).facts
    assert number in kept
    assert [vars(fact).get("counted") for fact in facts] == [None, None, 1]
    assert not any(roll[1] in str(told) for told in (kept, [vars(fact) for fact in facts]))

    (flag,) = counted["missing"]
    assert flag["student_id"] == roll[1]
    await done(teacher, flag["record"], flag["body"])
    history = (await seen(teacher, f"/v1/students/{roll[1]}/history"))["items"]
    (flagged,) = [one for one in history if one["kind"] == "absence_flagged"]
    assert (flagged["data"]["found_by_label"], flagged["occurred_on"]) == ("督查", "2026-10-13")


async def test_a_class_that_is_whole_leaves_no_question_and_a_second_count_stands(roll, bureau):
    number = await started(bureau)
    path = path_of(number, "/head-counts", SCHOOL)
    await done(bureau, path, COUNT)
    again = await done(bureau, path, {**COUNT, "counted": 4})

    assert (again["questions"], again["beyond_roll"], again["missing"]) == ([], 1, [])
    whole = await seen(bureau, path_of(number))
    assert whole["heads"] == {
        "classes": 1,
        "on_roll": 3,
        "counted": 4,
        "explained": 0,
        "unaccounted": 0,
    }
    assert whole["questions"] == []


async def test_only_children_of_the_class_are_missing_from_it(roll, bureau, inspector, head):
    number = await started(bureau)
    before = await head()
    path = path_of(number, "/head-counts", SCHOOL)

    for missing in ([roll[3]], [str(uuid4())], [roll[0], roll[3]]):
        answer = await inspector.post(path, {**COUNT, "missing": missing})
        assert told(answer) == (409, "missing-not-of-class")
        assert not any(child in answer.text for child in missing)
    none = await inspector.post(path, {**COUNT, "class_name": "9班"})
    assert told(none) == (409, "class-unknown")
    assert await head() == before


# Findings ---------------------------------------------------------------------------------------


async def test_findings_that_are_not_closed_are_listed_until_they_are_and_told_when_overdue(
    bureau, principal, sign_in, clock
):
    number = await started(bureau)
    path = path_of(number, "/findings", SCHOOL)
    await done(bureau, path, body("FindingBody", due_on="2026-10-20"))
    await done(bureau, path, body("FindingBody", remedy="at_once", due_on=None))
    open_ones, overdue = (f"{INSPECTIONS}/rectifications{q}" for q in ("", "?overdue=true"))

    def due(told):
        return [(one["finding"], one["due_on"], one["days_late"]) for one in told["items"]]

    assert due(await seen(principal, open_ones)) == [
        (2, "2026-10-13", 0),
        (1, "2026-10-20", 0),
    ]
    assert due(await seen(principal, overdue)) == []
    clock.day = date(2026, 10, 21)
    bureau, principal = await sign_in("bureau"), await sign_in("principal")
    assert due(await seen(bureau, overdue)) == [(2, "2026-10-13", 8), (1, "2026-10-20", 1)]
    assert (await seen(bureau, overdue))["items"][0]["owner"] == {"name": "测戊", "role": "校长"}
    await done(
        principal, path_of(number, "/findings/2/rectifications", SCHOOL), body("Rectification")
    )
    assert due(await seen(bureau, overdue)) == [(1, "2026-10-20", 1)]
    assert due(await seen(bureau, open_ones)) == [(2, "2026-10-13", 0), (1, "2026-10-20", 1)]
    clock.day += timedelta(days=340)  # the next school year
    bureau = await sign_in("bureau")
    assert [one["finding"] for one in (await seen(bureau, overdue))["items"]] == [1]
    assert (await seen(await sign_in("principal2"), open_ones))["items"] == []


async def test_the_school_does_not_close_what_it_put_right(bureau, principal, head):
    number = await finding_noted(bureau)
    at = path_of(number, FINDING, SCHOOL)
    nothing = await bureau.post(f"{at}/rectification-decisions", {"approve": True})
    await done(principal, f"{at}/rectifications", body("Rectification", done_on="2026-10-13"))
    before = await head()

    own = await principal.post(f"{at}/rectification-decisions", {"approve": True})
    twice = await principal.post(
        f"{at}/rectifications", body("Rectification", done_on="2026-10-13")
    )

    assert told(nothing) == (409, "not-rectified")
    assert told(own) == (403, "not-allowed")
    assert told(twice) == (409, "finding-awaits-decision")
    assert await head() == before


# The contract of commands -----------------------------------------------------------------------


async def test_a_version_seen_a_key_and_a_receipt_are_as_for_children(roll, bureau, head):
    number, key = await started(bureau), str(uuid4())
    path, count = path_of(number, "/head-counts", SCHOOL), {**COUNT, "missing": [roll[0]]}
    stale = await bureau.post(path, count, If_Match='"1"')
    first = await bureau.post(path, count, If_Match='"2"', Idempotency_Key=key)
    again = await bureau.post(path, count, If_Match='"2"', Idempotency_Key=key)
    other = await bureau.post(path, COUNT, Idempotency_Key=key)
    plan = body("InspectionPlan")
    twice = [await bureau.post(INSPECTIONS, plan, Idempotency_Key=str(uuid4()))]
    twice += [
        await bureau.post(
            INSPECTIONS, plan, Idempotency_Key=twice[0].request.headers["Idempotency-Key"]
        )
    ]

    assert [told(stale), told(other)] == [
        (412, "version-moved"),
        (422, "idempotency-key-reused"),
    ]
    assert (first.status_code, again.json()) == (201, first.json())
    assert first.headers["log-receipt"] == again.headers["log-receipt"]
    assert first.headers["etag"] == '"3"'
    assert first.headers["location"] == path_of(number)
    assert first.headers["log-position"] == str(first.json()["position"])
    assert (await bureau.get(path_of(number))).headers["etag"] == '"3"'
    assert twice[0].json() == twice[1].json()
    assert await numbers(bureau) == ["2026-1", "2026-2"]


async def test_what_is_no_inspection_school_or_finding_is_not_found(bureau, principal, head):
    number = await finding_noted(bureau)
    before = await head()
    for wrong in ("x", "2026-0", "2026-01", "2026-99", "0000-1", "2026-12345", "%00", "%F0%9F%98"):
        assert told(await bureau.get(path_of(wrong))) == (404, "not-found"), wrong
        assert told(await bureau.post(path_of(wrong, "/start"))) == (404, "not-found"), wrong
    for n in ("0", "2", "x", "%00", str(2**63), "１"):
        path = path_of(number, f"/findings/{n}/rectifications", SCHOOL)
        answer = await principal.post(path, body("Rectification"))
        assert told(answer) == (404, "not-found"), n
    unknown = body("InspectionPlan", schools=["3141999999"])
    assert told(await bureau.post(INSPECTIONS, unknown)) == (409, "school-unknown")
    assert await head() == before


async def test_nothing_anyone_sends_is_recorded_unless_it_is_right(bureau, principal, head):
    number = await finding_noted(bureau)
    at = path_of(number, FINDING, SCHOOL)
    before = await head()
    for caller, path, good in (
        (bureau, INSPECTIONS, body("InspectionPlan", joint_units=["卫健委"])),
        (bureau, path_of(number, "/start"), {}),
        (bureau, path_of(number, "/head-counts", SCHOOL), body("HeadCount")),
        (bureau, path_of(number, "/findings", SCHOOL), body("FindingBody")),
        (principal, f"{at}/rectifications", body("Rectification")),
        (bureau, f"{at}/rectification-decisions", body("RectificationDecision")),
        (bureau, path_of(number, "/end"), body("InspectionEnd")),
    ):
        for field in (*good, "surprise"):
            for wrong in ({"a": 1}, [[]], "\0", "\ud800", 2**63, -1, 1.5, "x" * 5000, ""):
                answer = await caller.post(path, {**good, field: wrong})
                assert answer.status_code == 422, (path, field, wrong, answer.text)
    assert await head() == before


@pytest.mark.parametrize(
    ("what", "name", "changes", "pointer"),
    [
        ("", "InspectionPlan", {"ends_on": "2026-10-12"}, "/ends_on"),
        ("", "InspectionPlan", {"kind": "joint"}, "/joint_units"),
        ("", "InspectionPlan", {"schools": []}, "/schools"),
        ("", "InspectionPlan", {"schools": [SCHOOL, SCHOOL]}, "/schools"),
        ("", "InspectionPlan", {"methods": ["heads", "heads"]}, "/methods"),
        ("", "InspectionPlan", {"starts_on": "2026-13-01"}, "/starts_on"),
        ("/findings", "FindingBody", {"due_on": None}, "/due_on"),
        (f"{FINDING}/rectifications", "Rectification", {"papers": [], "note": None}, "/papers"),
        (
            f"{FINDING}/rectification-decisions",
            "RectificationDecision",
            {"approve": False, "note": None},
            "/note",
        ),
    ],
)
async def test_what_belongs_together_is_asked_for(bureau, principal, what, name, changes, pointer):
    number = await finding_noted(bureau)
    caller = principal if name == "Rectification" else bureau
    path = path_of(number, what, SCHOOL) if what else INSPECTIONS

    answer = await caller.post(path, body(name, **changes))

    assert told(answer) == (422, "malformed")
    assert [error["pointer"] for error in answer.json()["errors"]] == [pointer]


async def test_days_out_of_all_measure_are_refused(bureau, head):
    for day in ("0001-01-01", "2021-08-31", "2027-10-15", "9999-12-31"):
        plan = body("InspectionPlan", starts_on=day, ends_on="9999-12-31")
        assert told(await bureau.post(INSPECTIONS, plan)) == (409, "inspection-days-away"), day
    for query in ("year=0", f"year={2**63}", "state=x", "as_of=x", "overdue=x"):
        path = f"{INSPECTIONS}/rectifications" if query.startswith("overdue") else INSPECTIONS
        assert (await bureau.get(f"{path}?{query}")).status_code == 422, query
    assert await head() == 0
