"""The worklist tells everybody what is due from them, and of nobody who is not theirs."""

from datetime import UTC, date, datetime

import pytest

from api.examples import EXAMPLES
from tests.api.reading import told
from tests.people import OTHER_SCHOOL, SCHOOL, enrol

NOW = datetime(2026, 9, 18, 4, tzinfo=UTC)  # a Friday
FLAG = {"first_absent_on": "2026-09-14"}


@pytest.fixture
def clock():
    return lambda: NOW


async def due(caller, position, query="view=mine"):
    """Child's serial in the class, kind and day of everything on a list."""
    answer = await caller.fresh(f"/v1/worklist?{query}", position)
    return [(one["name"], one["kind"], one["due_on"]) for one in answer["items"]]


async def flagged(caller, serial, name, **changes):
    child = (await enrol(caller, serial, name=name, **changes))["student_id"]
    done = await caller.record(child, "absence-flags", **FLAG)
    return child, done["position"]


async def test_a_teacher_is_told_what_is_overdue_first_and_a_visit_takes_it_off(teacher, registrar):
    child, position = await flagged(registrar, 1, "测一")

    assert await due(teacher, position) == [
        ("测一", "contact_guardian", "2026-09-14"),
        ("测一", "first_home_visit", "2026-09-15"),
    ]
    [first, _] = (await teacher.get("/v1/worklist")).json()["items"]
    assert (first["overdue"], first["days_overdue"], first["entry"]) == (True, 4, 2)
    assert (first["kind_label"], first["for_role_label"]) == ("当日联系监护人", "班主任")

    visited = await teacher.record(child, "home-visits", occurred_on="2026-09-18")
    assert await due(teacher, visited["position"]) == []


async def test_the_principal_is_told_of_the_report_and_of_nobody_elses_school(sign_in, registrar):
    _, position = await flagged(registrar, 1, "测一")
    principal, other = await sign_in("principal"), await sign_in("principal2")

    assert await due(principal, position) == [("测一", "written_report", "2026-09-17")]
    assert await due(other, position, "view=all") == []


async def test_who_is_named_as_responsible_finds_it_among_their_own(sign_in, registrar, bureau):
    child, _ = await flagged(registrar, 1, "测一")
    counsellor = await sign_in("counsellor")
    me = "测丁"
    named = await registrar.record(child, "responsible-persons", name=me)

    assert len(await due(counsellor, named["position"])) == 3
    assert len(await due(bureau, named["position"], f"view=all&responsible={me}")) == 3


async def test_overdue_leaves_out_what_still_has_time(registrar, bureau):
    child = (await enrol(registrar, 1, name="测一"))["student_id"]
    done = await registrar.record(child, "absence-flags", first_absent_on="2026-09-17")

    assert await due(bureau, done["position"], "view=overdue") == [
        ("测一", "contact_guardian", "2026-09-17")
    ]


async def test_a_transfer_awaits_the_school_it_is_offered_to(sign_in, registrar):
    child = (await enrol(registrar, 1, name="测一"))["student_id"]
    done = await registrar.record(
        child, "transfers", to_school=OTHER_SCHOOL, occurred_on="2026-09-18"
    )
    there = await sign_in("registrar2")

    wanted = [("测一", "transfer_answer", "2026-09-24")]
    assert await due(there, done["position"], "view=awaiting-me") == wanted
    assert await due(registrar, done["position"], "view=awaiting-me") == []
    assert await due(there, done["position"]) == wanted
    rejected = await there.post(
        f"/v1/students/{child}/transfers/{done['entry']}/decision", {"accept": False}
    )
    assert await due(there, rejected.json()["position"], "view=awaiting-me") == []


async def test_a_close_out_awaits_who_may_decide_it(sign_in, registrar, bureau):
    child, _ = await flagged(registrar, 1, "测一")
    await registrar.record(child, "suspicions", occurred_on="2026-09-17")
    asked = await registrar.record(
        child, "close-out-requests", reason="C02", papers=[{"kind": "roll_extract"}]
    )
    office, principal = await sign_in("office"), await sign_in("principal")

    for above in (bureau, office):
        found = await due(above, asked["position"], "view=awaiting-me")
        assert [kind for _, kind, _ in found] == ["close_out_decision"]
    assert await due(principal, asked["position"], "view=awaiting-me") == []


async def test_a_follow_up_of_any_kind_takes_a_child_off_the_list_of_the_forgotten(
    teacher, registrar, bureau
):
    forgotten, _ = await flagged(registrar, 1, "测一")
    helped, position = await flagged(registrar, 2, "测二")
    both = await due(bureau, position, "view=no-follow-up")
    assert [name for name, *_ in both] == ["测一", "测二"]

    done = await teacher.record(
        helped,
        "counselling-sessions",
        **{**EXAMPLES["CounsellingSession"], "occurred_on": "2026-09-18"},
    )

    left = await due(bureau, done["position"], "view=no-follow-up")
    assert [name for name, *_ in left] == ["测一"]
    assert forgotten


async def test_a_case_is_unassigned_until_somebody_is_named_as_responsible(registrar, bureau):
    child, position = await flagged(registrar, 1, "测一")
    assert len(await due(bureau, position, "view=unassigned")) == 3

    named = await registrar.record(child, "responsible-persons", name="测甲")

    assert await due(bureau, named["position"], "view=unassigned") == []


async def test_what_comes_each_month_is_due_at_its_end_with_what_was_taught(bureau, registrar):
    child = (await enrol(registrar, 1, name="测一"))["student_id"]
    await bureau.record(
        child,
        "home-teaching-plans",
        school_code=SCHOOL,
        **{"from": "2026-09-01"},
        occurred_on="2026-09-01",
        planned_hours_per_month=4,
    )
    done = await registrar.record(
        child, "home-teaching-sessions", occurred_on="2026-09-10", minutes=90
    )

    [item] = (await bureau.fresh("/v1/worklist?view=all", done["position"]))["items"]
    assert (item["kind"], item["due_on"]) == ("home_teaching_hours", "2026-09-30")
    assert (item["planned_minutes"], item["taught_minutes"]) == (240, 90)


async def test_pages_follow_on_one_another_in_order(registrar, bureau):
    for serial in range(1, 5):
        _, position = await flagged(registrar, serial, f"测{serial}")
    whole = (await bureau.fresh("/v1/worklist?view=all&limit=500", position))["items"]
    assert len(whole) == 12

    found, cursor = [], ""
    while cursor is not None:
        page = (await bureau.get(f"/v1/worklist?view=all&limit=5{cursor}")).json()
        found += page["items"]
        cursor = page["next_cursor"] and f"&cursor={page['next_cursor']}"
    assert found == whole
    days = [date.fromisoformat(one["due_on"]) for one in whole]
    assert days == sorted(days)


@pytest.mark.parametrize(
    "query",
    ["view=nobodys", "cursor=MTI=", "cursor=x", "kind=none", "limit=501", "cursor=" + "9" * 90],
)
async def test_what_is_not_understood_is_refused(teacher, query):
    assert told(await teacher.get(f"/v1/worklist?{query}")) == (422, "malformed")


async def test_a_list_of_elsewhere_is_not_found(teacher):
    answer = await teacher.get(f"/v1/worklist?school_code={OTHER_SCHOOL}")
    assert told(answer) == (404, "not-found")
