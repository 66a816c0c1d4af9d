"""Open cases over time: counted by the days things happened, each episode once."""

from datetime import date

import pytest

from tests.api.returning import Days, a_roll, done
from tests.people import OTHER_SCHOOL, SCHOOL

TREND = "/v1/case-trend"


@pytest.fixture
def clock():
    return Days(date(2026, 11, 26))


@pytest.fixture
async def cases(registrar, teacher, clock):
    """One case that relapsed, and one closed by the school as the absence was explained."""
    first, second, _ = await a_roll(registrar, clock)
    await teacher.record(first, "absence-flags", first_absent_on="2026-09-07")
    await teacher.record(first, "suspicions", occurred_on="2026-09-10")
    await teacher.record(first, "returns", seen_on="2026-10-09")
    await teacher.record(first, "absence-flags", first_absent_on="2026-10-20")
    last = await teacher.record(second, "absence-flags", first_absent_on="2026-11-03")
    return last["position"]


def told(answer):
    return [
        tuple(one[name] for name in ("month", "open", "opened", "returned", "closed"))
        for one in answer["items"][-3:]
    ]


async def test_an_episode_that_relapsed_ends_where_the_next_begins(cases, bureau):
    answer = await bureau.fresh(TREND, cases)

    assert len(answer["items"]) == 12
    assert told(answer) == [
        ("2026-09", 1, 1, 0, 0),
        ("2026-10", 1, 1, 1, 0),
        ("2026-11", 2, 1, 0, 0),
    ]
    assert answer["items"][-1]["day"] == "2026-11-26"


async def test_it_is_told_of_a_place_and_up_to_a_day(cases, bureau, principal, sign_in):
    ours = await principal.fresh(f"{TREND}?to=2026-10-15", cases)
    there = await (await sign_in("principal2")).fresh(TREND, cases)
    refused = await (await sign_in("principal2")).get(f"{TREND}?school_code={SCHOOL}")
    before = await bureau.get(f"{TREND}?as_of=2026-10-01T00:00:00%2B08:00")

    assert told(ours)[1:] == [("2026-09", 1, 1, 0, 0), ("2026-10", 1, 0, 1, 0)]
    assert {one["open"] for one in there["items"]} == {0}
    assert refused.status_code == 404
    assert [one["month"] for one in before.json()["items"]][-1] == "2026-10"
    assert {one["open"] for one in before.json()["items"]} == {0}


@pytest.mark.parametrize("query", ["?to=0001-01-01", "?as_of=9999-12-31T00:00:00Z"])
async def test_days_at_the_edges_are_answered(bureau, query):
    assert (await bureau.get(TREND + query)).status_code == 200


async def test_a_case_ends_with_one_that_went_on_at_another_school(
    cases, registrar, principal, sign_in
):
    """The relapse opened a case, with which the child went over; what it ended stays behind."""
    child = (await registrar.get("/v1/students")).json()["items"][0]["student_id"]
    offer = await registrar.record(child, "transfers", to_school=OTHER_SCHOOL)
    other = await sign_in("registrar2")
    path = f"/v1/students/{child}/transfers/{offer['entry']}/decision"
    taken = await done(other, path, {"accept": True, "grade": 7, "class_name": "2班"})

    ours = await principal.fresh(TREND, taken["position"])
    theirs = await (await sign_in("principal2")).fresh(TREND, taken["position"])

    assert told(ours)[:2] == [("2026-09", 1, 1, 0, 0), ("2026-10", 0, 0, 1, 0)]
    assert told(theirs)[:2] == [("2026-09", 0, 0, 0, 0), ("2026-10", 1, 1, 0, 0)]
