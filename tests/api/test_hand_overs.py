"""Whoever follows a teacher answers for all of the teacher's children, and their open duties."""

import pytest

from tests.api.reading import told
from tests.people import OTHER_SCHOOL, SCHOOL, enrol

PATH = f"/v1/schools/{SCHOOL}/hand-overs"
BODY = {"from_name": "测甲", "to_name": "测乙", "from": "2026-09-21"}
NAMED = {"name": "测甲", "from": "2026-09-01"}


async def looked_after(registrar, serial, role="responsible", **changes):
    child = (await enrol(registrar, serial, **changes))["student_id"]
    await registrar.record(child, "responsible-persons", **{**NAMED, "role": role})
    return child


async def handed(caller, **changes):
    answer = await caller.post(PATH, {**BODY, **changes})
    assert answer.status_code == 201, answer.text
    done = answer.json()
    return done["handed_over"], done["entries"], done["left_out"], done["position"]


async def test_every_child_of_the_teacher_is_handed_over_with_what_is_due_for_it(
    registrar, principal, bureau
):
    own = await looked_after(registrar, 1)
    mentored = await looked_after(registrar, 2, role="mentor")
    await registrar.record(own, "responsible-persons", **NAMED, role="mentor")
    await registrar.record(own, "absence-flags", first_absent_on="2026-09-14")
    other = (await enrol(registrar, 3))["student_id"]
    await registrar.record(other, "responsible-persons", name="测丁", role="responsible")

    count, entries, left_out, position = await handed(principal, phone="13800005678")

    assert (count, entries, left_out) == (2, 3, [])
    items = (await bureau.fresh("/v1/worklist?view=all&responsible=测乙", position))["items"]
    assert {one["student_id"] for one in items} == {own}
    history = (await bureau.get(f"/v1/students/{mentored}/history")).json()["items"]
    assert [one["data"].get("name") for one in history][1:] == ["测甲", "测乙"]
    assert history[2]["recorded_by"]["name"] == "测戊"
    untouched = (await bureau.get(f"/v1/students/{other}/history")).json()["items"]
    assert len(untouched) == 2


async def test_it_is_done_once_however_often_it_is_sent(registrar, entries):
    await looked_after(registrar, 1)
    key = "3f0d5a52-0a1b-4c3d-8e4f-5a6b7c8d9e0f"
    first = await registrar.post(PATH, BODY, Idempotency_Key=key)
    stood = entries()

    assert (await registrar.post(PATH, BODY, Idempotency_Key=key)).json() == first.json()
    assert (await handed(registrar))[:3] == (0, 0, [])
    assert entries() == stood


async def test_one_role_or_one_class_alone_is_handed_over(registrar):
    await looked_after(registrar, 1, class_name="1班")
    await looked_after(registrar, 2, class_name="2班", role="mentor")

    assert (await handed(registrar, grade=7, class_name="1班", role="mentor"))[:2] == (0, 0)
    assert (await handed(registrar, class_name="2班"))[:2] == (1, 1)
    assert (await handed(registrar, grade=8))[:2] == (0, 0)
    assert (await handed(registrar, role="responsible"))[:2] == (1, 1)


async def test_whom_it_leaves_out_it_tells_with_the_reason(registrar, bureau):
    restricted, later = await looked_after(registrar, 1), await looked_after(registrar, 2)
    await registrar.record(later, "responsible-persons", name="测甲", **{"from": "2026-10-01"})
    gone = await looked_after(registrar, 3)
    papers = [{"kind": "death_certificate"}]
    await registrar.record(gone, "roll-changes", kind="51", papers=papers)
    await bureau.record(restricted, "restriction")

    count, entries, left_out, _ = await handed(bureau)

    assert (count, entries) == (0, 0)
    assert {(one["student_id"], one["why"]) for one in left_out} >= {
        (later, "named-later"),
        (gone, "child-died"),
    }
    assert restricted not in {one["student_id"] for one in left_out if one["why"] != RESTRICTED}


RESTRICTED = "record-restricted"


@pytest.mark.parametrize(
    "changes",
    [
        {"to_name": "测甲"},
        {"from": "2026-13-01"},
        {"role": "none"},
        {"from_name": "a\ud800"},
        {"x": 1},
    ],
)
async def test_what_is_not_understood_is_refused(registrar, changes):
    status, _ = told(await registrar.post(PATH, {**BODY, **changes}))
    assert status in {400, 422}


async def test_a_day_to_come_is_refused_and_another_school_is_out_of_reach(registrar, principal):
    assert told(await registrar.post(PATH, {**BODY, "from": "2999-01-01"})) == (409, "future-day")
    there = f"/v1/schools/{OTHER_SCHOOL}/hand-overs"
    assert told(await principal.post(there, BODY)) == (403, "out-of-reach")
