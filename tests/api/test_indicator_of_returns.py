"""The on-time rate counts monthly returns, and what is behind it are returns and no child."""

from datetime import date

import pytest

from tests.api.returning import OCTOBER, Days, done, path_of
from tests.people import OTHER_SCHOOL, PRIMARY, SCHOOL, enrol

UNCHECKED = {"unchecked_reason": "试"}


@pytest.fixture
def clock():
    return Days(date(2026, 9, 28))  # after the cut-off of September


async def rate(caller, position, query=""):
    body = await caller.fresh(f"/v1/indicators{query}", position)
    (one,) = (item for item in body["items"] if item["name"] == "on_time_rate")
    return one["numerator"], one["denominator"], one["value"]


async def test_a_return_is_on_time_by_the_day_it_first_came(clock, sign_in):
    enrolled = await enrol(await sign_in("registrar"), 1)
    bureau = await sign_in("bureau")
    assert await rate(bureau, enrolled["position"]) == (0, 0, None)

    clock.day = date(2026, 10, 23)  # due: the 25th is a Sunday
    principal = await sign_in("principal")
    submitted = await done(principal, path_of(OCTOBER, "/submission"), UNCHECKED)
    clock.day = date(2026, 10, 26)
    bureau = await sign_in("bureau")
    assert await rate(bureau, submitted["position"]) == (1, 3, 0.3333)
    await done(bureau, path_of(OCTOBER, "/return"), {"reason": "请核对"})
    late = await sign_in("principal2")
    path = path_of(OCTOBER, "/submission", OTHER_SCHOOL)
    last = (await done(late, path, UNCHECKED))["position"]

    assert await rate(bureau, last) == (1, 3, 0.3333)
    assert await rate(bureau, last, f"?school_code={OTHER_SCHOOL}") == (0, 1, 0.0)
    assert await rate(bureau, last, "?from=2026-10-24") == (0, 0, None)
    behind = "/v1/indicators/on_time_rate/cases?part=denominator&limit=2"
    first = (await bureau.get(behind)).json()
    rest = (await bureau.get(f"{behind}&cursor={first['next_cursor']}")).json()
    assert [
        (one["school_code"], one["submitted_on"], one["on_time"])
        for one in first["items"] + rest["items"]
    ] == [
        (PRIMARY, None, False),
        (SCHOOL, "2026-10-23", True),
        (OTHER_SCHOOL, "2026-10-26", False),
    ]
    assert rest["next_cursor"] is None
    in_time = (await bureau.get("/v1/indicators/on_time_rate/cases")).json()["items"]
    assert [one["school_code"] for one in in_time] == [SCHOOL]


async def test_small_counts_of_returns_are_published_as_they_tell_of_no_child(clock, sign_in):
    enrolled = await enrol(await sign_in("registrar"), 1)
    clock.day = date(2026, 10, 26)
    bureau = await sign_in("bureau")

    body = await bureau.fresh("/v1/indicators?by=school&public=true", enrolled["position"])
    told = [
        (one["numerator"], one["denominator"], one["suppressed"])
        for group in body["groups"]
        for one in group["indicators"]
        if one["name"] == "on_time_rate"
    ]
    assert told == [(0, 1, False)] * 3
