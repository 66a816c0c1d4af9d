"""
A missed duty that stays open goes up the line, once to each level, to somebody by name.

The days lie ahead of the database's clock, which says when each child was told of.
"""

import asyncio
from datetime import UTC, datetime
from urllib.parse import quote

import pytest

from application.missed_duties import MissedDuties
from tests.api.paper import printed
from tests.clock import Clock
from tests.people import enrol


@pytest.fixture
def clock():
    return Clock(datetime(2093, 9, 14, 4, tzinfo=UTC))  # a Monday


@pytest.fixture
async def child(registrar):
    """Flagged on the 14th; visited by telephone, so that the visit and the report are left."""
    enrolled = await enrol(registrar, 1, name="测一")
    await registrar.record(enrolled["student_id"], "absence-flags", first_absent_on="2093-09-14")
    await registrar.record(
        enrolled["student_id"], "home-visits", occurred_on="2093-09-14", mode="phone"
    )
    return enrolled["student_id"]


@pytest.fixture
def look(app, head, clock):
    """Look on a day, with the views where the log is."""

    async def looking(month, day, worker=None, hour=4):
        clock.at = datetime(2093, month, day, hour, tzinfo=UTC)
        service = app.state.service
        await service.freshness.reached(await head(), views=("duties",))
        return await (worker or service.missed_duties).look()

    return looking


async def risen(sign_in, child):
    """Kind and level of every missed duty, with the person it rose to."""
    bureau = await sign_in("bureau")
    missed = (await bureau.get(f"/v1/students/{child}/duties")).json()["missed"]
    return {
        one["kind"]: one["level"] and (one["level"], *map(one["escalated_to"].get, SHOWN))
        for one in missed
    }


SHOWN = ("role", "person", "since", "under")
RULES = "2021-09-01"


async def test_it_rises_every_three_school_days_to_somebody_by_name(sign_in, child, look):
    assert [await look(9, 16), await look(9, 18)] == [1, 1]
    assert await risen(sign_in, child) == {"first_home_visit": None, "written_report": None}

    await look(9, 20)
    assert await risen(sign_in, child) == {
        "first_home_visit": ("school", "principal", "测戊", "2093-09-20", RULES),
        "written_report": None,
    }
    await look(9, 24)
    assert await risen(sign_in, child) == {
        "first_home_visit": ("township", "township_office", "测辛", "2093-09-24", RULES),
        "written_report": ("township", "township_office", "测辛", "2093-09-24", RULES),
    }
    await look(10, 12)
    assert set((await risen(sign_in, child)).values()) == {
        ("bureau", "bureau", "测癸", "2093-10-12", RULES)
    }
    assert await look(12, 30) == 0


async def test_it_is_on_record_once_whoever_looks_and_wherever_clocks_jump(
    app, child, look, entries
):
    service = app.state.service

    def another():
        return MissedDuties(service.tracking, service.sessions)

    await look(9, 18)
    assert await look(9, 18, hour=15) == 0  # before midnight here, and after
    counts = await asyncio.gather(
        *(look(9, 18, worker, hour=16) for worker in (None, another(), another()))
    )
    stood = entries()
    for hour, worker in ((15, None), (16, None), (15, another()), (16, another())):
        counts.append(await look(9, 18, worker, hour=hour))

    assert sum(counts) == 1
    assert entries() == stood


async def test_it_ends_with_the_duty_and_never_moves_the_version_somebody_saw(sign_in, child, look):
    await look(9, 20)
    teacher = await sign_in("teacher")
    assert (await teacher.get(f"/v1/students/{child}")).headers["ETag"] == '"3"'
    await teacher.record(child, "home-visits", occurred_on="2093-09-20", mode="at_home")
    await look(10, 12)

    bureau = await sign_in("bureau")
    missed = (await bureau.get(f"/v1/students/{child}/duties")).json()["missed"]
    assert [(one["kind"], one["open"], one["level"]) for one in missed] == [
        ("first_home_visit", False, "school"),
        ("written_report", True, "bureau"),
    ]


async def test_where_nobody_holds_the_post_no_name_is_told(sign_in, child, look, connection):
    connection.execute(
        "UPDATE access.posts SET ended_at = now() WHERE role IN ('principal', 'bureau')"
    )
    await look(9, 20)

    auditor = await sign_in("auditor")
    [visit, _] = (await auditor.get(f"/v1/students/{child}/duties")).json()["missed"]
    assert (visit["escalated_to"]["role"], visit["escalated_to"]["person"]) == ("principal", None)


async def test_the_history_tells_of_it_beside_the_entries_in_both_languages(sign_in, child, look):
    await look(9, 16)
    await look(9, 20)
    bureau = await sign_in("bureau")
    path = f"/v1/students/{child}/history"
    told = (await bureau.get(path)).json()["duties"]
    english = (await bureau.get(path, Accept_Language="en")).json()["duties"]

    assert [one["sentence"] for one in told[:2]] == [
        "首次家访应于2093-09-15前由班主任完成,未完成,告知校长。",
        "首次家访应于2093-09-15前完成,仍未完成,升级至学校一级,由校长测戊负责。",
    ]
    assert english[0]["sentence"] == (
        "First home visit: due on 2093-09-15 from the homeroom teacher, not done;"
        " the principal is told."
    )
    assert english[1]["sentence"] == (
        "First home visit: due on 2093-09-15, still not done;"
        " up to level School, to the principal 测戊."
    )

    async def kinds(query):
        answer = (await bureau.get(f"{path}?{query}")).json()
        return [one["kind"] for one in answer["duties"]]

    paper = await printed(bureau, child, "case-file")
    assert all(one["sentence"] in paper for one in told)
    first = quote(told[0]["recorded_at"])
    assert await kinds(f"as_of={first}") == ["missed"]
    assert await kinds(f"from={first}") == ["escalated", "missed"]
    assert await kinds("happened_by=2093-09-19") == ["missed"]
    assert await kinds("version=2") == []
    page = (await bureau.get(f"{path}?limit=1")).json()
    later = (await bureau.get(f"{path}?limit=1&cursor={page['next_cursor']}")).json()
    assert (len(page["duties"]), later["duties"]) == (3, [])


async def test_the_worklist_of_whoever_it_rose_to_has_it_highest_first(
    app, sign_in, registrar, child, look, clock, head
):
    later = (await enrol(registrar, 2, name="测二"))["student_id"]
    await registrar.record(later, "absence-flags", first_absent_on="2093-09-10", days=1)
    await look(9, 18)

    async def mine(username, query="view=mine"):
        caller = await sign_in(username)
        items = (await caller.fresh(f"/v1/worklist?{query}", await head()))["items"]
        return [(one["name"], one["kind"], one["level"], one["escalated_to"]) for one in items]

    assert await mine("office") == []
    await look(9, 23)
    up = ("township", "township_office")
    risen = [
        ("测二", "contact_guardian", *up),
        ("测二", "first_home_visit", *up),
        ("测二", "written_report", *up),
        ("测一", "written_report", *up),
    ]
    assert await mine("office") == risen
    below = ("测一", "first_home_visit", "school", "principal")
    assert await mine("principal") == [*risen, below]
    assert await mine("bureau") == await mine("township") == await mine("principal2") == []
    await look(9, 29)
    assert {level for *_, level, _ in await mine("bureau")} == {"bureau"}
    assert await mine("bureau", "view=overdue") == await mine("bureau") != []

    found, cursor = [], ""
    bureau = await sign_in("bureau")
    while cursor is not None:
        page = (await bureau.get(f"/v1/worklist?view=overdue&limit=2{cursor}")).json()
        found += [(one["name"], one["kind"]) for one in page["items"]]
        cursor = page["next_cursor"] and f"&cursor={page['next_cursor']}"
    assert found == [one[:2] for one in await mine("bureau")]


async def test_the_worklist_and_the_record_tell_the_same_level(
    sign_in, registrar, child, look, head
):
    for serial, day in enumerate(("2093-08-03", "2093-09-04", "2093-09-11"), start=2):
        other = (await enrol(registrar, serial))["student_id"]
        await registrar.record(other, "absence-flags", first_absent_on=day)
    for month, day in ((9, 19), (9, 23), (9, 29)):
        await look(month, day)
        bureau = await sign_in("bureau")
        items = (await bureau.fresh("/v1/worklist?view=overdue", await head()))["items"]
        for student in {one["student_id"] for one in items}:
            missed = (await bureau.get(f"/v1/students/{student}/duties")).json()["missed"]
            shown = sorted(
                (one["kind"], one["due_on"], one["level"])
                for one in items
                if one["student_id"] == student
            )
            assert shown == sorted((one["kind"], one["due_on"], one["level"]) for one in missed)
