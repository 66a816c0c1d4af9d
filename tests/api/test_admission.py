"""A school takes onto its roll who is on none, and nobody else's school does it for it."""

from api.examples import EXAMPLES
from tests.api.reading import kinds, record_of, told
from tests.people import OTHER_SCHOOL, PRIMARY, SCHOOL, enrol, student_number

PUPIL = {"school_code": PRIMARY, "grade": 6, "class_name": "1班"}


async def a_graduate(bureau, serial=7):
    child = (await enrol(bureau, serial, **PUPIL))["student_id"]
    await bureau.post(f"/v1/schools/{PRIMARY}/promotions", {})
    return child


async def test_a_graduate_of_primary_is_taken_onto_the_roll_by_the_school_it_reports_at(
    bureau, registrar
):
    child = await a_graduate(bureau)

    await registrar.record(child, "admissions", school_code=SCHOOL)

    record = await record_of(registrar, child)
    assert (record["school_code"], record["grade"], record["student_status"]) == (SCHOOL, 7, "01")
    assert await kinds(registrar, child) == ["enrolled", "graduated", "admitted"]
    again = await registrar.post(f"/v1/students/{child}/admissions", EXAMPLES["Admission"])
    assert told(again) == (409, "not-on-roll")


async def test_no_school_takes_a_child_onto_another_ones_roll(bureau, registrar):
    child = await a_graduate(bureau)
    elsewhere = {**EXAMPLES["Admission"], "school_code": OTHER_SCHOOL}

    refused = await registrar.post(f"/v1/students/{child}/admissions", elsewhere)

    assert told(refused) == (403, "out-of-reach")
    assert await kinds(bureau, child) == ["enrolled", "graduated"]


async def test_a_child_at_another_school_is_out_of_reach(bureau, registrar):
    child = (await enrol(bureau, 8, **PUPIL))["student_id"]

    refused = await registrar.post(f"/v1/students/{child}/admissions", EXAMPLES["Admission"])

    assert told(refused) == (403, "out-of-reach")


async def test_a_number_that_is_another_childs_is_not_given_again(bureau, registrar):
    child = await a_graduate(bureau)
    taken = (await enrol(registrar, 10))["student_id"]

    body = {**EXAMPLES["Admission"], "school_code": SCHOOL, "student_number": student_number(10)}
    refused = await registrar.post(f"/v1/students/{child}/admissions", body)

    assert told(refused) == (409, "already-on-roll")
    assert refused.json()["student_id"] == taken
