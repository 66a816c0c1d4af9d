"""Every school's return at a glance: states, reminders, whose schools, and what was known then."""

from datetime import date

import pytest

from tests.api.reading import told
from tests.api.returning import (
    NOVEMBER,
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
from tests.people import OTHER_SCHOOL, PRIMARY, SCHOOL

PAPERS = {"papers": [{"kind": "approval"}]}
OUT = {"kind": "21", "occurred_on": "2026-11-05", **PAPERS}


@pytest.fixture
def clock():
    return Days(date(2026, 11, 26))


@pytest.fixture
async def roll(registrar, clock):
    return await a_roll(registrar, clock)


async def test_the_overview_tells_what_is_due_submitted_late_zero_frozen_and_restated(
    roll, registrar, principal, sign_in, bureau, clock
):
    other = await sign_in("principal2")
    await frozen(bureau, principal, NOVEMBER)
    await done(other, path_of(NOVEMBER, "/submission", OTHER_SCHOOL), {"zero": True})

    overview = await seen(bureau, f"/v1/monthly-returns/{NOVEMBER}")
    states = {one["school_code"]: one["state"] for one in overview["items"]}
    late = await seen(bureau, f"/v1/monthly-returns/{NOVEMBER}?state=late")
    there = await seen(bureau, f"/v1/monthly-returns/{NOVEMBER}?township=云溪镇")

    assert states == {PRIMARY: "late", SCHOOL: "frozen", OTHER_SCHOOL: "zero"}
    assert {k: n for k, n in overview["counts"].items() if n} == {"late": 1, "zero": 1, "frozen": 1}
    assert (overview["schools"], overview["on_time"]) == (3, 0)
    assert [one["school_code"] for one in late["items"]] == [PRIMARY]
    assert [one["school_code"] for one in there["items"]] == [OTHER_SCHOOL]
    assert (await bureau.get(f"/v1/monthly-returns/{NOVEMBER}?state=x")).status_code == 422
    await registrar.record(roll[0], "roll-changes", **OUT)
    await done(bureau, path_of(NOVEMBER, "/restatements"), {"reason": "补登"})
    overview = await seen(bureau, f"/v1/monthly-returns/{NOVEMBER}")
    assert overview["counts"]["restated"] == 1


async def test_reminders_name_the_principal_and_what_is_missing(
    roll, teacher, principal, sign_in, bureau
):
    await checked(teacher, NOVEMBER, (7, "1班"))
    other = await sign_in("principal2")
    await done(other, path_of(NOVEMBER, "/submission", OTHER_SCHOOL), {"zero": True})

    items = (await seen(bureau, f"/v1/monthly-returns/{NOVEMBER}/reminders"))["items"]

    assert [(one["school_code"], one["principals"]) for one in items] == [
        (PRIMARY, []),
        (SCHOOL, ["测戊"]),
    ]
    assert items[1]["unchecked"] == [{"grade": 7, "class_name": "2班"}]
    assert items[1]["days_late"] == 1


async def test_everybody_watches_the_schools_of_their_area_alone(sign_in, roll):
    areas = {
        "principal": {SCHOOL},
        "registrar2": {OTHER_SCHOOL},
        "inspector": {SCHOOL},
        "office": {SCHOOL, PRIMARY},
        "township": {SCHOOL, PRIMARY},
        "task_force": {SCHOOL, PRIMARY, OTHER_SCHOOL},
        "auditor": {SCHOOL, PRIMARY, OTHER_SCHOOL},
    }
    for username, schools in areas.items():
        caller = await sign_in(username)
        overview = await seen(caller, f"/v1/monthly-returns/{NOVEMBER}")
        assert {one["school_code"] for one in overview["items"]} == schools, username
        for school in (SCHOOL, PRIMARY, OTHER_SCHOOL):
            answer = await caller.get(path_of(NOVEMBER, "", school))
            assert answer.status_code == (200 if school in schools else 403), (username, school)
        if OTHER_SCHOOL not in schools:
            elsewhere = await caller.get(f"/v1/monthly-returns/{NOVEMBER}?township=云溪镇")
            assert told(elsewhere) == (404, "not-found"), username


async def test_no_counts_reader_sees_a_name_and_the_rows_behind_leave_their_line(
    sign_in, roll, registrar, bureau, app
):
    await registrar.record(roll[0], "roll-changes", **OUT)
    for username in ("township", "task_force", "teacher"):
        caller = await sign_in(username)
        assert roll[0] not in (await caller.get(path_of(NOVEMBER))).text
        assert told(await caller.get(path_of(NOVEMBER, "/mobility"))) == (403, "not-allowed")

    office = await sign_in("office")
    rows = await seen(office, path_of(NOVEMBER, "/mobility"))

    assert [row["student_number"][7:15] for row in rows["items"]] == ["*" * 8]
    lines = await app.state.service.store.query(
        "SELECT action, students::text[] FROM access.access_log WHERE outcome = 'shown'"
        " AND action LIKE '%%monthly%%'"
    )
    assert lines == [("view monthly-return rows", [roll[0]])]


async def test_a_homeroom_teacher_reads_the_state_and_the_own_class_alone(roll, teacher, app):
    whole = await seen(teacher, path_of(NOVEMBER))

    assert (whole["state"], whole["return"]) == ("late", None)
    assert [(one["grade"], one["class_name"]) for one in whole["classes"]] == [(7, "1班")]
    for query in ("draft=true", "version=1", "format=csv", "format=xlsx"):
        answer = await teacher.get(f"{path_of(NOVEMBER)}?{query}")
        assert told(answer) == (403, "not-allowed"), query


async def test_as_of_a_moment_a_return_is_what_was_known_then(
    roll, registrar, principal, bureau, app
):
    ((moment,),) = await app.state.service.store.query("SELECT clock_timestamp()")
    then = moment.isoformat().replace("+", "%2B")
    await registrar.record(roll[0], "roll-changes", **OUT)
    await frozen(bureau, principal, NOVEMBER)

    before = await told_of(bureau, query=f"?as_of={then}")
    overview = await seen(bureau, f"/v1/monthly-returns/{NOVEMBER}?as_of={then}")

    assert (before["state"], before["return"]["kind"]) == ("late", "draft")
    assert line(before) == {"opening": 3, "closing": 3}
    assert overview["counts"]["frozen"] == 0
    assert line(await told_of(bureau, query="?draft=true"))["transferred_out"] == 1
