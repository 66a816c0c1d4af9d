"""Inspections over HTTP before they start: changed and cancelled with a reason, listed by page."""

from datetime import date

import pytest

from application.inspections import AT_ONCE
from tests.api.inspecting import (
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
from tests.api.supervising import HOSTILE
from tests.api.test_openapi import listed_for
from tests.people import OTHER_SCHOOL, PRIMARY, SCHOOL


@pytest.fixture
def clock():
    return Days(date(2026, 10, 13))


async def test_a_plan_is_changed_and_cancelled_before_it_starts(bureau, sign_in, principal):
    number = await planned(bureau, kind="routine")
    change = {"ends_on": "2026-10-16", "schools": [SCHOOL, OTHER_SCHOOL], "reason": "学校较多"}

    answer = await done(bureau, path_of(number, "/changes"), change)

    assert (answer["inspection"], answer["version"]) == (number, 2)
    one = await seen(bureau, path_of(number))
    assert (one["ends_on"], len(one["schools"])) == ("2026-10-16", 2)
    [said] = one["changes"]
    assert (said["reason"], said["changes"]["ends_on"]) == ("学校较多", "2026-10-16")
    office = await sign_in("office")
    away = await office.post(path_of(number, "/cancellation"), body("InspectionCancellation"))
    assert told(away) == (403, "out-of-reach")
    await done(bureau, path_of(number, "/cancellation"), body("InspectionCancellation"))
    one = await seen(principal, path_of(number))
    assert (one["state_label"], one["cancelled"]["reason"]) == ("已取消", "与期中考试冲突")
    assert await numbers(bureau, "?state=cancelled") == [number]
    assert told(await bureau.post(path_of(number, "/start"))) == (409, "inspection-cancelled")


async def test_a_cancelled_surprise_check_is_never_seen_by_its_school(bureau, principal):
    number = await planned(bureau)
    await done(bureau, path_of(number, "/cancellation"), body("InspectionCancellation"))
    assert told(await principal.get(path_of(number))) == (404, "not-found")
    assert await numbers(principal) == []


async def test_an_office_changes_no_plan_to_schools_that_are_not_its_own(sign_in, head):
    office = await sign_in("office")
    number = await planned(office, schools=[SCHOOL])
    before = await head()
    for schools, status in (([OTHER_SCHOOL], 403), (["3141999999"], 403), ([PRIMARY], 201)):
        change = {"schools": schools, "reason": "换校"}
        answer = await office.post(path_of(number, "/changes"), change)
        assert answer.status_code == status, answer.text
        assert await head() == before + (status == 201)


async def test_lists_are_read_page_by_page(bureau):
    every = [await planned(bureau, kind="routine") for _ in range(3)]
    first = await seen(bureau, f"{INSPECTIONS}?limit=2")
    rest = await seen(bureau, f"{INSPECTIONS}?limit=2&cursor={first['next_cursor']}")
    assert [one["inspection"] for one in (*first["items"], *rest["items"])] == every
    assert rest["next_cursor"] is None
    await done(bureau, path_of(every[0], "/start"))
    for day in ("2026-10-20", "2026-10-19", "2026-10-20"):
        found = body("FindingBody", due_on=day)
        await done(bureau, path_of(every[0], "/findings", SCHOOL), found)
    path, days, cursor = f"{INSPECTIONS}/rectifications?limit=1", [], ""
    while cursor is not None:
        page = await seen(bureau, path + (f"&cursor={cursor}" if cursor else ""))
        days += [(one["due_on"], one["finding"]) for one in page["items"]]
        cursor = page["next_cursor"]
    assert days == [("2026-10-19", 2), ("2026-10-20", 1), ("2026-10-20", 3)]


async def test_rules_say_no_as_listed_and_nothing_hostile_is_recorded(bureau, head):
    number = await planned(bureau, kind="routine")
    before = await head()
    at = path_of(number, "/changes")
    for changes, slug in (
        ({"starts_on": "2026-10-13"}, "nothing-changed"),
        ({"starts_on": "2026-10-20"}, "end-before-start"),
        ({"starts_on": "2029-10-20", "ends_on": "2029-10-21"}, "inspection-days-away"),
        ({"starts_on": "2027-09-02", "ends_on": "2027-09-03"}, "inspection-in-another-year"),
        ({"schools": ["3141999999"]}, "school-unknown"),
    ):
        assert told(await bureau.post(at, {**changes, "reason": "改"})) == (409, slug)
        assert slug in listed_for(f"{INSPECTIONS}/{{inspection}}/changes", 409)
    for field in ("starts_on", "schools", "methods", "inspectors", "joint_units", "reason"):
        for wrong in HOSTILE:
            if field == "reason" and wrong == "2026-13-01":
                continue  # a text like any other
            answer = await bureau.post(at, {"title": "改", "reason": "改", field: wrong})
            assert answer.status_code == 422, (field, wrong, answer.text)
    for sent in ({}, {"reason": "改"}, {"title": "改"}, {"kind": "joint", "reason": "改"}):
        assert (await bureau.post(at, sent)).status_code == 422, sent
    for query in ("cursor=x", "cursor=WyJ4Il0", "limit=0"):
        for path in (INSPECTIONS, f"{INSPECTIONS}/rectifications"):
            assert (await bureau.get(f"{path}?{query}")).status_code == 422, query
    assert await head() == before


async def test_a_year_of_more_than_are_read_at_once_is_read_to_its_end(bureau, sign_in, clock):
    for _ in range(AT_ONCE):
        await planned(bureau, kind="routine")
    last = await finding_noted(bureau)
    clock.day = date(2027, 10, 13)
    bureau = await sign_in("bureau2")
    following = await started(bureau, starts_on="2027-10-13", ends_on="2027-10-14")
    found = body("FindingBody", due_on="2099-10-20")
    await done(bureau, path_of(following, "/findings", SCHOOL), found)

    assert (last, following) == (f"2026-{AT_ONCE + 1}", "2027-1")
    assert len(await numbers(bureau, "?year=2026&limit=500")) == AT_ONCE + 1
    open_ones = (await seen(bureau, f"{INSPECTIONS}/rectifications"))["items"]
    assert [one["inspection"] for one in open_ones] == [last, following]
