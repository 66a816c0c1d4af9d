"""Vetoes over HTTP: the evidence by the indicators' conditions, the cases behind, the decision."""

from datetime import date

import pytest

from api.examples import ANSWERS
from tests.api.reading import looks, told
from tests.api.returning import Days
from tests.api.supervising import HOSTILE, VETOES, body
from tests.api.test_openapi import listed_for, shape
from tests.people import OTHER_SCHOOL, PRIMARY, SCHOOL, enrol


@pytest.fixture
def clock():
    return Days(date(2026, 11, 24))


@pytest.fixture
async def rebound(registrar, principal, bureau):
    """One confirmed dropout and one relapse at a school; the children, and the last position."""
    dropped = (await enrol(registrar, 1))["student_id"]
    relapsed = (await enrol(registrar, 2))["student_id"]
    for child in (dropped, relapsed):
        await principal.record(child, "absence-flags", first_absent_on="2026-09-14")
        await principal.record(child, "suspicions", occurred_on="2026-09-17")
    await principal.record(dropped, "persuasion-attempts", occurred_on="2026-09-20")
    await principal.record(dropped, "dropout-marks", occurred_on="2026-10-20")
    await bureau.record(dropped, "dropout-confirmations", occurred_on="2026-10-21")
    await principal.record(relapsed, "returns", seen_on="2026-09-28")
    done = await principal.record(relapsed, "absence-flags", first_absent_on="2026-10-12")
    return dropped, relapsed, done["position"]


async def test_the_evidence_counts_what_the_indicators_count_with_the_cases_behind(
    app, bureau, sign_in, rebound
):
    dropped, relapsed, position = rebound

    [one] = (await bureau.fresh(f"{VETOES}?period=2026-2027", position))["items"]

    assert shape({**one, "decisions": []}) == shape({**ANSWERS["vetoes"]["items"][0]})
    counts = ("dropouts", "relapses", "dropouts_before", "relapses_before")
    assert [one[name] for name in counts] == [1, 1, 0, 0]
    assert (one["school_code"], one["rebounded"], one["state"]) == (SCHOOL, True, "evidence")
    assert {(case["counts_as"], case["student_id"]) for case in one["cases"]} == {
        ("dropout", dropped),
        ("relapse", relapsed),
    }
    rates = (await bureau.get(f"/v1/indicators?school_code={SCHOOL}")).json()["items"]
    numerators = {rate["name"]: rate["numerator"] for rate in rates}
    assert (numerators["dropout_rate"], numerators["relapse_rate"]) == (1, 1)
    [(_, shown)] = [line for line in await looks(app, "action", "students") if "veto" in line[0]]
    assert {str(child) for child in shown} == {dropped, relapsed}
    [quarter] = (await bureau.get(f"{VETOES}?period=2026-Q4")).json()["items"]
    assert [quarter[name] for name in counts] == [1, 0, 0, 1]  # returned in the third quarter
    every = (await bureau.get(f"{VETOES}?all=true")).json()["items"]
    assert [item["school_code"] for item in every] == [PRIMARY, SCHOOL, OTHER_SCHOOL]
    assert (await bureau.get(f"{VETOES}?period=2025-2026")).json()["items"] == []
    seen = {}
    for username in ("principal", "principal2", "township", "task_force", "auditor"):
        items = (await (await sign_in(username)).get(VETOES)).json()["items"]
        seen[username] = [len(item["cases"]) for item in items]
    assert seen == {
        "principal": [2],
        "auditor": [2],
        "principal2": [],
        "township": [0],  # counts, and the cases reported to it
        "task_force": [0],
    }


async def test_a_person_decides_and_restates_and_the_figures_stand_with_it(bureau, rebound):
    position = str(rebound[2])
    first = await bureau.post(VETOES, body("VetoDecision"), Min_Log_Position=position)
    assert first.status_code == 201, first.text
    assert shape(first.json()) == shape(ANSWERS["veto_decided"])
    again = await bureau.post(VETOES, body("VetoDecision"))
    assert told(again) == (409, "veto-decided")
    stated = await bureau.post(VETOES, body("VetoDecision", veto=True, reason="复议", restates=1))
    assert stated.status_code == 201, stated.text

    [one] = (await bureau.get(stated.headers["Location"])).json()["items"]

    assert (one["state"], one["state_label"]) == ("vetoed", "已否决")
    assert [(said["veto"], said["restates"]) for said in one["decisions"]] == [
        (False, None),
        (True, 1),
    ]
    evidence = one["decisions"][0]["evidence"]
    assert evidence == {"dropouts": 1, "relapses": 1, "dropouts_before": 0, "relapses_before": 0}
    assert one["decisions"][0]["position"] >= rebound[2]


async def test_rules_and_hostile_input_record_nothing(bureau, head):
    before = await head()
    for changes, slug in (
        ({"period": "2027-2028"}, "period-not-begun"),
        ({"school_code": "3141999999"}, "school-unknown"),
        ({"restates": 7}, "no-such-entry"),
    ):
        answer = await bureau.post(VETOES, body("VetoDecision", **changes))
        assert told(answer) == ({"no-such-entry": 404}.get(slug, 409), slug)
        assert slug in listed_for(VETOES, answer.status_code)
    for field in body("VetoDecision", restates=1):
        for wrong in HOSTILE:
            if field == "reason" and wrong == "2026-13-01":
                continue  # a text like any other
            answer = await bureau.post(VETOES, body("VetoDecision", **{field: wrong}))
            assert answer.status_code == 422, (field, wrong, answer.text)
    for query in ("period=x", "all=maybe", "cursor=x", "limit=0"):
        assert (await bureau.get(f"{VETOES}?{query}")).status_code == 422, query
    assert await head() == before
