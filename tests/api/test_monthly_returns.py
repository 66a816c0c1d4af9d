"""A month's return from draft to restatement: who does what, what it says, what is refused."""

from datetime import date
from uuid import uuid4

import pytest

from api.return_examples import RETURN_ANSWERS
from tests.api.reading import told
from tests.api.returning import (
    NOVEMBER,
    OCTOBER,
    Days,
    a_roll,
    checked,
    done,
    frozen,
    line,
    path_of,
    seen,
    told_of,
)
from tests.api.test_openapi import shape
from tests.people import SCHOOL, enrol

PAPERS = {"papers": [{"kind": "approval"}]}
OUT = {"kind": "21", "occurred_on": "2026-11-05", **PAPERS}
ILL = {"kind": "11", "occurred_on": "2026-11-06", "papers": [{"kind": "medical_proof"}]}


@pytest.fixture
def clock():
    return Days(date(2026, 11, 26))


@pytest.fixture
async def roll(registrar, clock):
    return await a_roll(registrar, clock)


# A return and its figures -----------------------------------------------------------------------


async def test_a_draft_adds_up_what_was_recorded_of_the_month(
    roll, registrar, teacher, principal, clock
):
    await registrar.record(roll[0], "roll-changes", **OUT)
    await registrar.record(roll[1], "roll-changes", **ILL)
    today, clock.day = clock.day, date(2026, 11, 10)
    await enrol(registrar, 4, grade=8)
    clock.day = today
    await teacher.record(roll[1], "absence-flags", first_absent_on="2026-11-02")
    await teacher.record(roll[1], "suspicions", occurred_on="2026-11-05")
    await teacher.record(roll[1], "home-visits", occurred_on="2026-11-03", mode="phone")
    await teacher.record(roll[1], "home-visits", occurred_on="2026-11-03", mode="at_home")
    last = await teacher.record(roll[1], "returns", seen_on="2026-11-20")

    whole = await told_of(principal, position=last["position"])
    behind = {
        column: await seen(principal, path_of(NOVEMBER, f"/cases?column={column}&grade=7"))
        for column in ("suspected", "returned", "visits")
    }

    assert {
        column: [(row["student_id"], row["happened_on"]) for row in rows["items"]]
        for column, rows in behind.items()
    } == {
        "suspected": [(roll[1], "2026-11-05")],
        "returned": [(roll[1], "2026-11-20")],
        "visits": [(roll[1], "2026-11-03")],
    }
    assert behind["visits"]["items"][0].keys() == RETURN_ANSWERS["return_cases"]["items"][0].keys()
    assert (await seen(principal, path_of(NOVEMBER, "/cases?column=visits&grade=8")))["items"] == []
    assert line(whole) == {
        "opening": 3,
        "transferred_out": 1,
        "suspended": 1,
        "closing": 1,
        "suspected": 1,
        "returned": 1,
        "visits": 1,
    }
    assert line(whole, 8) == {"enrolled": 1, "closing": 1}
    assert whole["return"]["check"] == {
        "opening": 3,
        "increases": 1,
        "decreases": 2,
        "closing": 2,
        "balances": True,
    }
    assert (whole["state"], whole["days_late"]) == ("late", 1)
    assert (whole["return"]["kind"], whole["return"]["opening_from"]) == ("draft", None)
    assert [one["children"] for one in whole["classes"]] == [1, 1]


async def test_every_answer_has_the_fields_of_its_example(roll, registrar, principal, bureau):
    await registrar.record(roll[0], "roll-changes", **OUT)
    await frozen(bureau, principal, NOVEMBER, note="试")

    whole = await told_of(bureau)
    rows = await seen(bureau, path_of(NOVEMBER, "/mobility"))
    overview = await seen(bureau, f"/v1/monthly-returns/{NOVEMBER}")
    reminders = await seen(bureau, f"/v1/monthly-returns/{NOVEMBER}/reminders")

    assert whole["return"].keys() == RETURN_ANSWERS["return"]["return"].keys()
    assert shape({**whole, "frozen": None, "return": None}) == shape(
        {**RETURN_ANSWERS["return"], "return": None}
    )
    assert overview.keys() == RETURN_ANSWERS["returns"].keys()
    for got, name in ((overview, "returns"), (rows, "return_rows"), (reminders, "reminders")):
        assert got["items"][0].keys() == RETURN_ANSWERS[name]["items"][0].keys(), name


async def test_what_is_recorded_late_is_adjusted_in_the_next_return_and_shown(
    roll, registrar, principal, bureau
):
    await frozen(bureau, principal, OCTOBER)
    late = await registrar.record(roll[0], "roll-changes", **{**OUT, "occurred_on": "2026-10-20"})

    whole = await told_of(principal, position=late["position"])

    assert line(whole) == {"opening": 3, "transferred_out": 1, "closing": 2}
    assert [
        (one["grade"], one["column"], one["count"]) for one in whole["return"]["adjustments"]
    ] == [(7, "transferred_out", 1)]
    assert whole["return"]["opening_from"] == {"month": OCTOBER, "version": 1}
    rows = await seen(principal, path_of(NOVEMBER, "/mobility"))
    assert [(row["student_id"], row["kind"], row["adjustment"]) for row in rows["items"]] == [
        (roll[0], "transferred_out", 1)
    ]
    of_figure = path_of(NOVEMBER, "/mobility?column={}&grade={}")
    assert await seen(principal, of_figure.format("transferred_out", 7)) == rows
    for column, grade in (("suspended", 7), ("transferred_out", 8)):
        assert (await seen(principal, of_figure.format(column, grade)))["items"] == []
    assert (await principal.get(of_figure.format("visits", 7))).status_code == 422


async def test_what_is_corrected_away_leaves_the_next_return_with_less(
    roll, registrar, principal, bureau
):
    change = await registrar.record(roll[0], "roll-changes", **{**OUT, "occurred_on": "2026-10-20"})
    await frozen(bureau, principal, OCTOBER)
    moved = {"entry": change["entry"], "changes": {"occurred_on": "2026-11-20"}, "reason": "日期误"}
    last = await registrar.record(roll[0], "corrections", **moved)

    whole = await told_of(principal, position=last["position"])

    # one less of October, one more of November: the line says none, and the row says why
    assert line(whole) == {"opening": 2, "closing": 2}
    assert whole["return"]["adjustments"][0]["count"] == -1
    assert not whole["return"]["zero"]
    rows = await seen(principal, path_of(NOVEMBER, "/mobility"))
    assert [(r["happened_on"], r["adjustment"]) for r in rows["items"]] == [
        ("2026-10-20", -1),
        ("2026-11-20", 0),
    ]
    first = await seen(principal, path_of(NOVEMBER, "/mobility?limit=1"))
    then = await seen(
        principal, path_of(NOVEMBER, f"/mobility?limit=1&cursor={first['next_cursor']}")
    )
    assert [*first["items"], *then["items"]] == rows["items"]
    assert then["next_cursor"] is None


# Checked, submitted, sent back, frozen, restated ------------------------------------------------


async def test_a_return_goes_from_class_to_class_to_the_principal_and_the_bureau(
    roll, teacher, sign_in, principal, bureau
):
    second = await sign_in("teacher2")
    await checked(teacher, NOVEMBER, (7, "1班"))
    early = await principal.post(path_of(NOVEMBER, "/submission"))
    await checked(second, NOVEMBER, (7, "2班"))

    recorded = await done(principal, path_of(NOVEMBER, "/submission"), {"note": "已核实"})

    assert told(early) == (409, "classes-unchecked")
    assert "7年级2班" in early.json()["detail"]
    assert {k: recorded[k] for k in ("month", "school_code", "entry", "version")} == {
        "month": NOVEMBER,
        "school_code": SCHOOL,
        "entry": 3,
        "version": 3,
    }
    whole = await told_of(bureau)
    assert (whole["state"], whole["zero"], whole["submitted_by"]) == ("zero", True, "测戊")
    assert [one["checked_by"] for one in whole["classes"]] == ["测甲", "测乙"]
    assert (await bureau.get(path_of(NOVEMBER))).headers["etag"] == '"3"'

    await done(bureau, path_of(NOVEMBER, "/return"), {"reason": "请复核"})
    awaited = await told_of(principal)
    assert (awaited["state"], awaited["sent_back"]["reason"]) == ("returned", "请复核")
    assert awaited["return"]["kind"] == "draft"
    await done(principal, path_of(NOVEMBER, "/submission"))
    await done(bureau, path_of(NOVEMBER, "/freeze"))
    assert [v["kind"] for v in (await told_of(bureau))["versions"]] == ["submitted", "submitted"]
    for caller, what, body in (
        (principal, "/submission", {}),
        (bureau, "/return", {"reason": "再复核"}),
        (bureau, "/freeze", {}),
        (teacher, "/classes", {"grade": 7, "class_name": "1班"}),
    ):
        assert told(await caller.post(path_of(NOVEMBER, what), body)) == (409, "return-frozen")


async def test_a_zero_return_is_one_step_and_refused_where_something_moved(
    roll, registrar, principal, bureau
):
    await done(principal, path_of(NOVEMBER, "/submission"), {"zero": True})
    await registrar.record(roll[0], "roll-changes", **{**OUT, "occurred_on": "2026-10-20"})
    refused = await principal.post(path_of(OCTOBER, "/submission"), {"zero": True})

    assert (await told_of(bureau))["state"] == "zero"
    assert told(refused) == (409, "return-not-zero")
    assert "转出 1" in refused.json()["detail"]


async def test_a_month_without_a_school_day_is_drafted_as_zero_and_submitted(
    roll, principal, bureau, clock
):
    await done(principal, path_of("2026-08", "/submission"), {"zero": True})

    whole = await told_of(bureau, "2026-08")
    assert (whole["state"], whole["days_late"], whole["return"]["lines"]) == ("zero", 93, [])


async def test_a_restatement_stands_beside_what_is_frozen_and_names_its_causes(
    roll, registrar, principal, bureau
):
    await frozen(bureau, principal, NOVEMBER)
    nothing = await bureau.post(path_of(NOVEMBER, "/restatements"), {"reason": "核对"})
    unrelated = await registrar.record(roll[1], "home-visits", occurred_on="2026-11-26")
    cause = await registrar.record(roll[0], "roll-changes", **OUT)
    before = await bureau.get(path_of(NOVEMBER, "?version=1"))

    await done(bureau, path_of(NOVEMBER, "/restatements"), {"reason": "补登转出一人"})

    assert told(nothing) == (409, "nothing-to-restate")
    whole = await told_of(principal)
    assert (whole["state"], whole["frozen"]["version"], whole["zero"]) == ("restated", 1, False)
    second = whole["return"]
    assert (second["version"], second["reason"]) == (2, "补登转出一人")
    assert second["causes"] == [cause["position"]]
    assert unrelated["position"] not in second["causes"]
    assert line(whole) == {"opening": 3, "transferred_out": 1, "closing": 2}
    assert (await bureau.get(path_of(NOVEMBER, "?version=1"))).content == before.content
    following = await told_of(principal, "2026-12")
    assert following["return"]["opening_from"] == {"month": NOVEMBER, "version": 2}
    assert (line(following), following["return"]["adjustments"]) == (
        {"opening": 2, "closing": 2, "visits": 1},
        [],
    )


async def test_before_it_is_due_a_return_is_a_draft_and_what_has_not_begun_is_none(
    roll, principal, clock
):
    clock.day = date(2026, 11, 24)
    early = await principal.post(path_of(NOVEMBER, "/submission"), {"zero": True})
    assert told(early) == (409, "return-not-due-yet")
    assert (await told_of(principal))["state"] == "due"
    assert told(await principal.get(path_of("2026-12"))) == (404, "not-found")
    clock.day = date(2026, 11, 25)
    await done(principal, path_of(NOVEMBER, "/submission"), {"zero": True})
    assert (await told_of(principal))["days_late"] == 0


@pytest.mark.parametrize("month", ["2026-13", "2026-1", "x", "0001-01", "9999-12", "%00"])
async def test_what_is_no_month_is_malformed(principal, month):
    for path in (f"/v1/monthly-returns/{month}", path_of(month)):
        answer = await principal.get(path)
        assert told(answer) == (422, "malformed"), path
        assert answer.json()["errors"][0]["parameter"] == "month"


async def test_months_before_all_rules_and_schools_of_nowhere_are_not_found(principal, bureau):
    assert told(await bureau.get(path_of("2021-08"))) == (404, "not-found")
    for school in ("9999999999", "x", "%00", "%F0%9F%98%80"):
        assert told(await bureau.get(path_of(NOVEMBER, "", school))) == (404, "not-found")
        assert told(await principal.get(path_of(NOVEMBER, "", school))) == (403, "out-of-reach")
    assert told(await bureau.get(path_of(NOVEMBER, "?version=1"))) == (404, "not-found")
    assert (await bureau.get(path_of(NOVEMBER, f"?version={2**63}"))).status_code == 422


# The contract of commands ------------------------------------------------------------------------


async def test_a_version_seen_a_key_and_a_receipt_are_as_for_children(roll, principal, head):
    path, key = path_of(NOVEMBER, "/submission"), str(uuid4())
    stale = await principal.post(path, {"zero": True}, If_Match='"4"')
    first = await principal.post(path, {"zero": True}, If_Match='"0"', Idempotency_Key=key)
    count = await head()
    again = await principal.post(path, {"zero": True}, If_Match='"0"', Idempotency_Key=key)
    other = await principal.post(path, {"zero": False}, Idempotency_Key=key)
    twice = await principal.post(path, {"zero": True})

    assert [told(stale), told(other), told(twice)] == [
        (412, "version-moved"),
        (422, "idempotency-key-reused"),
        (409, "return-submitted"),
    ]
    assert (first.status_code, again.json()) == (201, first.json())
    assert again.headers["log-receipt"] == first.headers["log-receipt"]
    assert first.headers["etag"] == '"1"'
    assert first.headers["location"] == path_of(NOVEMBER)
    assert await head() == count == first.json()["position"]


async def test_nothing_anyone_sends_is_recorded_unless_it_is_right(
    roll, principal, bureau, teacher, head
):
    before = await head()
    for caller, what, good in (
        (principal, "/submission", {"zero": False, "unchecked_reason": "x", "note": "x"}),
        (teacher, "/classes", {"grade": 7, "class_name": "1班", "note": "x"}),
        (bureau, "/return", {"reason": "x"}),
        (bureau, "/restatements", {"reason": "x"}),
        (bureau, "/freeze", {}),
    ):
        for field in (*good, "surprise"):
            for wrong in ({"a": 1}, [[]], "\0", "\ud800", 2**63, -1, 1.5, "x" * 5000, ""):
                answer = await caller.post(path_of(NOVEMBER, what), {**good, field: wrong})
                assert answer.status_code in {422, 403}, (what, field, wrong, answer.text)
    assert await head() == before


async def test_only_its_own_teacher_checks_a_class_off_and_only_a_class_there_is(
    roll, teacher, principal, head
):
    before = await head()
    other = await teacher.post(path_of(NOVEMBER, "/classes"), {"grade": 7, "class_name": "2班"})
    none = await principal.post(path_of(NOVEMBER, "/classes"), {"grade": 9, "class_name": "2班"})

    assert [told(other), told(none)] == [(403, "out-of-reach"), (409, "class-unknown")]
    assert await head() == before


@pytest.mark.parametrize("username", ["principal2", "registrar2"])
async def test_another_schools_return_is_out_of_reach(sign_in, roll, username):
    stranger = await sign_in(username)

    for what in ("", "/mobility"):
        assert told(await stranger.get(path_of(NOVEMBER, what))) == (403, "out-of-reach")
    if username == "principal2":
        refused = await stranger.post(path_of(NOVEMBER, "/submission"), {"zero": True})
        assert told(refused) == (403, "out-of-reach")
