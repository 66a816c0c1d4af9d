"""The list of what awaits somebody tells of returns and referrals too, to whom it concerns."""

from datetime import date

import pytest

from tests.api.returning import OCTOBER, Days, done, path_of
from tests.people import SCHOOL, enrol

QUERY = "/v1/worklist?view=awaiting-me"


@pytest.fixture
def clock():
    return Days(date(2026, 10, 26))


async def awaited(caller, position=0):
    answer = await caller.fresh(QUERY, position)
    returns = [(one["month"], one["school_code"], one["state"]) for one in answer["returns"]]
    return returns, [(one["to_unit"], one["overdue"]) for one in answer["referrals"]]


async def test_a_return_awaits_the_principal_then_the_bureau_and_then_nobody(
    principal, teacher, bureau, registrar
):
    await enrol(registrar, 1)
    late = [("2026-09", SCHOOL, "late"), (OCTOBER, SCHOOL, "late")]
    assert await awaited(principal) == (late, [])
    assert await awaited(teacher) == await awaited(bureau) == ([], [])

    path = path_of(OCTOBER, "/submission")
    await done(principal, path, {"unchecked_reason": "试"})
    [submitted] = (await awaited(bureau))[0]
    assert submitted[:2] == (OCTOBER, SCHOOL)
    assert (await awaited(principal))[0] == late[:1]

    await done(bureau, path_of(OCTOBER, "/return"), {"reason": "数不对"})
    back = (OCTOBER, SCHOOL, "returned")
    assert (await awaited(principal))[0] == [late[0], back]
    assert (await awaited(bureau))[0] == [back]

    await done(principal, path, {"unchecked_reason": "试"})
    await done(bureau, path_of(OCTOBER, "/freeze"))
    assert (await awaited(bureau))[0] == []


async def test_a_month_that_is_not_due_yet_awaits_nobody(sign_in, clock):
    clock.day = date(2026, 10, 20)
    principal = await sign_in("principal")

    months = {month for month, *_ in (await awaited(principal))[0]}
    assert months == {"2026-08", "2026-09"}


async def test_a_referral_awaits_its_unit_at_once_and_the_others_when_it_is_overdue(
    sign_in, reported_on, bureau, clock, registrar
):
    child, position = reported_on
    assert (await awaited(bureau, position))[1] == [("区教体局", False)]
    assert (await awaited(registrar, position))[1] == []

    clock.day = date(2026, 11, 10)
    later, township = await sign_in("bureau"), await sign_in("township")
    overdue = [("区教体局", True), ("民政", True)]
    assert sorted((await awaited(later))[1]) == sorted(overdue)
    assert sorted((await awaited(township))[1]) == sorted(overdue)
    page = (await later.get("/v1/worklist?view=all")).json()
    assert page["referrals"] == page["returns"] == []

    answer = {"occurred_on": "2026-11-10", "answer": "已落实"}
    entry = (await later.get(QUERY)).json()["referrals"][0]["entry"]
    await done(later, f"/v1/students/{child}/referrals/{entry}/answer", answer)
    assert len((await awaited(later, position + 1))[1]) == 1


@pytest.fixture
async def reported_on(registrar, teacher, principal, bureau):
    """A child with one referral to the bureau itself and one to the civil affairs office."""
    child = (await enrol(registrar, 1))["student_id"]
    await teacher.record(child, "absence-flags", first_absent_on="2026-10-12")
    await teacher.record(child, "suspicions", occurred_on="2026-10-15")
    await principal.record(child, "written-reports", occurred_on="2026-10-19")
    await bureau.record(child, "referrals", occurred_on="2026-10-22", to_unit="区教体局")
    last = await bureau.record(child, "referrals", occurred_on="2026-10-22", to_unit="民政")
    return child, last["position"]
