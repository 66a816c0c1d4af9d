"""What was not done by its day is on record once, beside the child's stream, with who was told."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from application.missed_duties import MissedDuties
from domain.rules import RuleBook
from tests.clock import Clock
from tests.people import SCHOOL, enrol


@pytest.fixture
def clock():
    return Clock(datetime(2026, 9, 14, 4, tzinfo=UTC))  # a Monday


@pytest.fixture
async def child(registrar):
    """Flagged today."""
    enrolled = await enrol(registrar, 1)
    await registrar.record(enrolled["student_id"], "absence-flags", first_absent_on="2026-09-14")
    return enrolled["student_id"]


@pytest.fixture
def look(app, head):
    """Look for missed duties, with the views where the log is."""

    async def looking(worker=None):
        service = app.state.service
        await service.freshness.reached(await head(), views=("duties",))
        return await (worker or service.missed_duties).look()

    return looking


async def missed(sign_in, child):
    bureau = await sign_in("bureau")  # days go by: whoever was signed in no longer is
    answer = (await bureau.get(f"/v1/students/{child}/duties")).json()
    return [(one["kind"], one["due_on"], one["for_role"], one["told"]) for one in answer["missed"]]


DAY = "2026-09-14"
CONTACT = ("contact_guardian", "2026-09-14", "teacher", "principal")
VISIT = ("first_home_visit", "2026-09-15", "teacher", "principal")
REPORT = ("written_report", "2026-09-17", "principal", "township_office")


async def test_a_duty_is_missed_when_its_day_is_over_and_not_before(sign_in, child, clock, look):
    assert await look() == 0
    clock.at += timedelta(days=1)
    assert await look() == 1
    clock.at += timedelta(days=3)
    assert await look() == 2

    assert await missed(sign_in, child) == [CONTACT, VISIT, REPORT]


async def test_it_is_on_record_once_whoever_looks_and_wherever_clocks_jump(
    app, sign_in, child, clock, look
):
    clock.at += timedelta(days=1)
    another = MissedDuties(
        app.state.service.tracking, app.state.service.sessions
    )  # as in another process
    counts = await asyncio.gather(look(), look(another), look())
    clock.at -= timedelta(minutes=10)
    counts += [
        await look(),
        await look(MissedDuties(app.state.service.tracking, app.state.service.sessions)),
    ]

    assert sum(counts) == 1
    assert await missed(sign_in, child) == [CONTACT]


async def test_what_was_done_in_time_is_not_missed(sign_in, teacher, child, clock, look):
    await teacher.record(child, "home-visits", occurred_on="2026-09-14")
    clock.at += timedelta(days=8)

    assert await look() == 1
    assert await missed(sign_in, child) == [REPORT]


async def test_it_never_moves_the_version_somebody_saw_and_names_who_was_responsible(
    sign_in, registrar, child, clock, look
):
    named = await registrar.record(child, "responsible-persons", name="测甲", **{"from": DAY})
    clock.at += timedelta(days=1)
    await look()

    bureau = await sign_in("bureau")
    told = (await bureau.get(f"/v1/students/{child}/duties")).json()["missed"]
    assert [(one["person"], one["entry"], one["episode"]) for one in told] == [("测甲", 2, 1)]
    assert told[0]["under"] == "2021-09-01"
    seen = (await bureau.get(f"/v1/students/{child}")).headers["ETag"]
    assert seen == f'"{named["version"]}"'


async def test_nothing_is_missed_after_the_case_ended(registrar, bureau, child, clock, look):
    await registrar.record(child, "close-out-requests", reason="C13", papers=[], note="已返校上课")
    answer = await bureau.post(f"/v1/students/{child}/close-out-decisions", {"approve": True})
    assert answer.status_code == 201, answer.text
    clock.at += timedelta(days=30)

    assert await look() == 0


async def test_a_view_that_is_behind_makes_nothing_missed(app, sign_in, child, clock, look):
    """The view names whom to look at; the child's stream decides."""
    await look()
    clock.at += timedelta(days=1)
    teacher = await sign_in("teacher")
    await teacher.record(child, "home-visits", occurred_on="2026-09-14")

    assert await app.state.service.missed_duties.look() == 0
    assert await missed(sign_in, child) == []


async def test_each_month_taught_too_little_is_missed(bureau, registrar, sign_in, clock, look):
    child = (await enrol(registrar, 1))["student_id"]
    await bureau.record(
        child,
        "home-teaching-plans",
        **{"from": "2026-08-20"},
        occurred_on="2026-09-01",
        school_code=SCHOOL,
        planned_hours_per_month=2,
    )
    await registrar.record(child, "home-teaching-sessions", occurred_on="2026-09-10", minutes=119)
    clock.at = datetime(2026, 9, 30, 4, tzinfo=UTC)
    assert await look() == 0

    clock.at = datetime(2026, 10, 1, 4, tzinfo=UTC)
    assert await look() == 1
    assert await look() == 0
    assert (await missed(sign_in, child))[0][:2] == ("home_teaching_hours", "2026-09-30")


async def test_with_the_child_what_it_missed_is_erased(
    sign_in, registrar, bureau, connection, child, clock, look
):
    await registrar.record(
        child, "close-out-requests", reason="C02", papers=[{"kind": "roll_extract"}]
    )
    clock.at += timedelta(days=1)
    assert await look() == 1
    bureau = await sign_in("bureau")
    await bureau.post(f"/v1/students/{child}/close-out-decisions", {"approve": True})
    letter = [{"kind": "host_school_letter"}]
    await bureau.record(child, "roll-changes", kind="21", occurred_on=DAY, papers=letter)
    clock.at = clock.at.replace(year=2040)
    bureau, other = await sign_in("bureau"), await sign_in("bureau2")
    await bureau.record(child, "restriction")
    await bureau.record(child, "erasure")
    await other.record(child, "erasure-decisions")

    gone = connection.execute("SELECT count(*) FROM keys.children WHERE destroyed_at IS NOT NULL")
    assert gone.fetchone() == (2,)
    assert await missed(sign_in, child) == []


async def test_a_term_in_which_nobody_looked_is_missed_once_however_its_end_is_known(
    app, sign_in, teacher, child, clock, look
):
    await teacher.record(child, "suspicions", occurred_on=DAY)
    await teacher.record(child, "contact-losses", occurred_on=DAY)
    clock.at = datetime(2027, 7, 9, 4, tzinfo=UTC)  # the last day of the next term
    await look()
    clock.at += timedelta(days=1)
    assert await look() == 1
    told = [one for one in await missed(sign_in, child) if one[0] == "recheck"]
    assert told == [("recheck", "2027-07-09", "teacher", "principal")]

    tracking = app.state.service.tracking
    rules = tracking.rule_book.editions[0]
    terms = {**rules.calendar.terms, 2026: ("2026-09-01", "2027-01-29", "2027-02-22", "2027-07-05")}
    known = replace(rules, calendar=replace(rules.calendar, terms=terms))
    tracking.rule_book = RuleBook((known,))
    assert await look(MissedDuties(tracking, app.state.service.sessions)) == 0


async def test_the_worklist_tells_by_when_a_child_is_looked_into(
    teacher, bureau, child, clock, head
):
    await teacher.record(child, "suspicions", occurred_on=DAY)
    await teacher.record(child, "contact-losses", occurred_on=DAY)
    [item] = (await bureau.fresh("/v1/worklist?view=all&kind=recheck", await head()))["items"]
    due = (await bureau.get(f"/v1/students/{child}/duties")).json()["items"]
    assert [item["due_on"]] == [one["due_on"] for one in due] == ["2027-07-09"]
