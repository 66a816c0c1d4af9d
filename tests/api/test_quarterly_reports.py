"""Quarterly reports: townships and units tell theirs with figures drawn from the log, pinned."""

from datetime import date
from urllib.parse import quote
from uuid import uuid4

import pytest

from api.return_examples import RETURN_ANSWERS
from tests.api.reading import told
from tests.api.returning import Days, seen
from tests.people import enrol

QUARTER = "/v1/quarterly-reports/2026-Q4"
BODY = {"narrative": "本季度劝返复学 1 人,辖区零辍学。"}
OUT = {"kind": "21", "occurred_on": "2026-10-08", "papers": [{"kind": "approval"}]}


@pytest.fixture
def clock():
    return Days(date(2026, 12, 28))


@pytest.fixture
async def worked(registrar, teacher, principal, bureau, clock):
    """A quarter's work for two children: one left, one was brought back; a unit was asked."""
    clock.day = date(2026, 9, 1)
    children = [(await enrol(registrar, serial))["student_id"] for serial in (1, 2)]
    clock.day = date(2026, 12, 28)
    await registrar.record(children[0], "roll-changes", **OUT)
    child = children[1]
    await teacher.record(child, "absence-flags", first_absent_on="2026-10-09")
    await teacher.record(child, "home-visits", occurred_on="2026-10-10")
    await teacher.record(child, "suspicions", occurred_on="2026-10-13")
    await teacher.record(child, "persuasion-attempts", occurred_on="2026-10-14")
    asked = await bureau.record(child, "referrals", to_unit="民政", occurred_on="2026-10-15")
    await bureau.record(child, "referrals", to_unit="民政", occurred_on="2026-12-01")
    answer = {"occurred_on": "2026-10-20", "answer": "已落实"}
    answered = await bureau.post(f"/v1/students/{child}/referrals/{asked['entry']}/answer", answer)
    assert answered.status_code == 201, answered.text
    await teacher.record(child, "returns", seen_on="2026-10-16")
    return child


async def of_unit(caller, unit, query=""):
    (item,) = (await seen(caller, f"{QUARTER}?unit={quote(unit)}{query}"))["items"]
    return item


async def test_a_township_reports_with_the_figures_of_its_schools_pinned(
    worked, sign_in, registrar, bureau
):
    township = await sign_in("township")
    recorded = (await township.post(QUARTER, BODY)).json()
    assert recorded.keys() == RETURN_ANSWERS["report_recorded"].keys()

    item = await of_unit(bureau, "晴川镇")
    figures = {name: count for name, count in item["report"]["figures"].items() if count}
    assert figures == {
        "schools": 2,
        "opening": 2,
        "transferred_out": 1,
        "closing": 1,
        "suspected": 1,
        "returned": 1,
        "visits": 1,
        "persuasion_attempts": 1,
        "open_cases": 1,
    }
    assert (item["state"], item["version"], item["by"]["name"]) == ("reported", 1, "测壬")
    assert item["report"]["position"] == recorded["position"] - 1
    await registrar.record(worked, "roll-changes", **{**OUT, "occurred_on": "2026-12-02"})
    assert await of_unit(bureau, "晴川镇") == item


async def test_a_member_unit_reports_how_it_answered(worked, sign_in, bureau):
    unit = await sign_in("member_unit")
    assert (await unit.post(QUARTER, BODY)).status_code == 201

    report = (await of_unit(unit, "民政"))["report"]

    assert report["figures"] == {
        "referrals_asked": 2,
        "referrals_answered": 1,
        "answered_in_time": 1,
        "answered_late": 0,
        "referrals_waiting": 1,
        "waiting_overdue": 1,
    }
    assert report["narrative"] == BODY["narrative"]


async def test_again_is_another_version_with_a_reason_by_government_or_school_office(
    worked, sign_in, bureau
):
    township, office = await sign_in("township"), await sign_in("office")
    await township.post(QUARTER, BODY)
    refused = await office.post(QUARTER, BODY)
    again = await office.post(QUARTER, {"narrative": "补充", "reason": "补充联合家访情况"})

    assert told(refused) == (409, "revision-reason-missing")
    assert (again.status_code, again.json()["version"]) == (201, 2)
    assert (await of_unit(bureau, "晴川镇"))["report"]["reason"] == "补充联合家访情况"
    first = (await of_unit(bureau, "晴川镇", "&version=1"))["report"]
    assert first["narrative"] == BODY["narrative"]
    assert told(await bureau.get(f"{QUARTER}?unit={quote('晴川镇')}&version=3"))[0] == 404


async def test_the_task_force_watches_all_units_and_reports_the_district(worked, sign_in):
    office = await sign_in("task_force")
    overview = await seen(office, QUARTER)

    assert [(one["kind"], one["unit"], one["state"]) for one in overview["items"]] == [
        ("township", "云溪镇", "due"),
        ("township", "晴川镇", "due"),
        ("member_unit", "民政", "due"),
        ("task_force", "区控辍保学专班办公室", "due"),
    ]
    assert overview.keys() == RETURN_ANSWERS["quarter"].keys()
    assert overview["items"][0].keys() == RETURN_ANSWERS["quarter"]["items"][0].keys()
    draft = (await of_unit(office, "区控辍保学专班办公室"))["report"]
    assert (draft["kind"], draft["figures"]["schools"]) == ("draft", 3)
    await office.post(QUARTER, BODY)
    last = await seen(office, QUARTER)
    assert [one["state"] for one in last["items"]] == ["due", "due", "due", "reported"]


async def test_nobody_reads_or_reports_for_another_unit(sign_in, worked, head):
    before = await head()
    for username, own in (("township", "晴川镇"), ("office", "晴川镇"), ("member_unit", "民政")):
        caller = await sign_in(username)
        assert [one["unit"] for one in (await seen(caller, QUARTER))["items"]] == [own]
        assert told(await caller.get(f"{QUARTER}?unit={quote('云溪镇')}")) == (404, "not-found")
        refused = await caller.post(QUARTER, {**BODY, "unit": "云溪镇"})
        assert told(refused) == (403, "out-of-reach")
    assert await head() == before


async def test_too_early_malformed_and_not_begun_are_refused(sign_in, clock, head):
    township = await sign_in("township")
    clock.day = date(2026, 12, 24)
    assert told(await township.post(QUARTER, BODY)) == (409, "return-not-due-yet")
    assert told(await township.get("/v1/quarterly-reports/2027-Q1")) == (404, "not-found")
    for quarter in ("2026-Q5", "2026-12", "%00", "0001-Q1"):
        answer = await township.get(f"/v1/quarterly-reports/{quarter}")
        assert told(answer) == (422, "malformed")
        assert answer.json()["errors"][0]["parameter"] == "quarter"
    for wrong in ("", "\0", "\ud800", "x" * 5000, 1, None):
        for field in ("narrative", "reason", "unit"):
            answer = await township.post(QUARTER, {**BODY, field: wrong})
            assert answer.status_code in (
                {422} if wrong is not None or field == "narrative" else {409}
            )
    assert await head() == 0


async def test_a_key_makes_it_one_report(sign_in, worked, head):
    township, key = await sign_in("township"), str(uuid4())
    first = await township.post(QUARTER, BODY, Idempotency_Key=key)
    count = await head()
    again = await township.post(QUARTER, BODY, Idempotency_Key=key, If_Match='"0"')
    stale = await township.post(QUARTER, {**BODY, "reason": "x"}, If_Match='"0"')

    assert (first.status_code, again.json()) == (201, first.json())
    assert told(stale) == (412, "version-moved")
    assert await head() == count
