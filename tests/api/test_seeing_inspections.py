"""Who sees an inspection: a surprise check stays hidden, and nobody inspects the own school."""

from datetime import date

import pytest

from application.accounts import NewAccount
from tests.api.inspecting import (
    COUNT,
    FINDING,
    INSPECTIONS,
    body,
    numbers,
    path_of,
    planned,
    started,
)
from tests.api.reading import access_log, told
from tests.api.returning import Days, done, seen
from tests.people import OTHER_SCHOOL, PASSWORD, PRIMARY, SCHOOL

OVER_ALL = [SCHOOL, OTHER_SCHOOL]


@pytest.fixture
def clock():
    return Days(date(2026, 10, 13))


@pytest.fixture
async def inspector(sign_in):
    return await sign_in("inspector")


@pytest.fixture
async def office(sign_in):
    return await sign_in("office")


async def test_a_surprise_check_is_hidden_from_its_school_until_it_starts(
    bureau, principal, sign_in, app, head
):
    number = await planned(bureau)
    await planned(bureau, kind="routine")
    before = await head()

    for path in (path_of(number), path_of("2026-9")):
        assert told(await principal.get(path)) == (404, "not-found")
    hidden = await principal.post(
        path_of(number, f"{FINDING}/rectifications", SCHOOL), body("Rectification")
    )
    assert told(hidden) == (404, "not-found")
    assert await numbers(principal) == ["2026-2"]
    assert await numbers(principal, "?state=planned") == ["2026-2"]
    for name in ("auditor", "task_force", "inspector", "office", "bureau2"):
        assert await numbers(await sign_in(name)) == [number, "2026-2"], name
    assert await head() == before
    assert [line[0] for line in await access_log(app)] == ["principal"] * 3

    await done(bureau, path_of(number, "/start"))
    assert await numbers(principal) == [number, "2026-2"]
    assert (await seen(principal, path_of(number)))["state"] == "running"


async def test_who_holds_a_post_at_the_school_inspects_it_in_no_other_post(
    bureau, sign_in, app, head
):
    service = app.state.service
    posts = NewAccount(
        "both", "测未", "inspector", "区督查组", schools=(SCHOOL,), until_day=date(2099, 1, 1)
    )
    await service.accounts.create([posts], PASSWORD)
    both = await sign_in("both")
    admin, teacher_post = await sign_in("admin"), {
        "role": "teacher", "unit": "晴川中学", "school_code": SCHOOL,
        "grade": 7, "class_name": "3班",
    }  # fmt: skip
    ((account,),) = await service.store.query(
        "SELECT account FROM access.accounts WHERE username = 'both'"
    )
    await done(admin, f"/v1/accounts/{account}/posts", teacher_post)
    surprise, running = await planned(bureau), await started(bureau)
    before = await head()

    assert told(await both.get(path_of(surprise))) == (404, "not-found")
    for what, school, name in (
        ("/findings", SCHOOL, "FindingBody"),
        ("/end", None, "InspectionEnd"),
    ):
        answer = await both.post(path_of(running, what, school), body(name))
        assert told(answer) == (409, "own-school"), what
    assert await head() == before


async def test_others_schools_part_is_not_seen_and_not_inspected(
    bureau, principal, sign_in, inspector, office, app, head
):
    principal2 = await sign_in("principal2")
    number = await started(bureau, schools=OVER_ALL)
    finding = body("FindingBody")
    await done(bureau, path_of(number, "/findings", OTHER_SCHOOL), finding)
    alone = await started(bureau)
    before = await head()

    assert [one["school_code"] for one in (await seen(principal, path_of(number)))["schools"]] == [
        SCHOOL
    ]
    assert (await seen(principal, INSPECTIONS))["items"][0]["findings"]["noted"] == 0
    assert (await seen(principal2, INSPECTIONS))["items"][0]["findings"]["noted"] == 1
    assert told(await principal2.get(path_of(alone))) == (404, "not-found")
    for caller, path, what in (
        (inspector, path_of(number, "/findings", OTHER_SCHOOL), finding),
        (office, path_of(number, "/head-counts", OTHER_SCHOOL), COUNT),
        (inspector, path_of(number, "/end"), body("InspectionEnd")),
        (
            principal,
            path_of(number, f"{FINDING}/rectifications", OTHER_SCHOOL),
            body("Rectification"),
        ),
        (office, INSPECTIONS, body("InspectionPlan", schools=OVER_ALL)),
    ):
        assert told(await caller.post(path, what)) == (403, "out-of-reach"), path
    assert told(await bureau.post(path_of(number, "/findings", PRIMARY), finding)) == (
        *(404, "not-found"),
    )
    assert await head() == before
    assert len(await access_log(app)) == 6


async def test_lists_are_asked_for_by_place_and_state(bureau, office, principal):
    both = await started(bureau, schools=OVER_ALL)
    other = await planned(bureau, schools=[OTHER_SCHOOL])
    primary = await planned(office, schools=[PRIMARY])

    assert await numbers(bureau) == [both, other, primary]
    assert await numbers(bureau, f"?school_code={SCHOOL}") == [both]
    assert await numbers(bureau, "?township=云溪镇") == [both, other]
    assert await numbers(bureau, "?state=planned") == [other, primary]
    assert await numbers(office) == [both, primary]
    for caller, query in (
        (principal, f"school_code={OTHER_SCHOOL}"),
        (principal, "township=云溪镇"),
        (bureau, "school_code=9999999999"),
    ):
        for path in (INSPECTIONS, f"{INSPECTIONS}/rectifications"):
            assert told(await caller.get(f"{path}?{query}")) == (404, "not-found"), query


async def test_an_inspection_is_read_as_it_was_known_then(bureau, principal, connection):
    number = await planned(bureau)
    ((between,),) = connection.execute("SELECT clock_timestamp()").fetchall()
    then, before_all = (
        f"?as_of={moment}" for moment in (between.isoformat(), "2020-01-01T00:00:00+08:00")
    )
    await done(bureau, path_of(number, "/start"))

    assert (await seen(bureau, path_of(number, then)))["state"] == "planned"
    assert (await seen(bureau, path_of(number)))["state"] == "running"
    assert told(await bureau.get(path_of(number, before_all))) == (404, "not-found")
    assert told(await principal.get(path_of(number, then))) == (404, "not-found")
    assert await numbers(bureau, then) == [number]
    assert await numbers(bureau, before_all) == []
    assert (await numbers(principal), await numbers(principal, then)) == ([number], [])
