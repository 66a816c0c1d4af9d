"""Children at no school, between schools, or taught by another: somebody may always act."""

from uuid import uuid4

import pytest

from tests.api.reading import items, kinds, record_of, told
from tests.people import OTHER_SCHOOL, SCHOOL, enrol, example, student_number

FOUND = {
    "name": "测小溪",
    "sex": "male",
    "birth_date": "2014-03-15",
    "found_by": "screening",
    "township": "晴川镇",
}
ACCEPT = {"accept": True, "grade": 7, "class_name": "3班"}
CLOSE = {"reason": "C05", "papers": [{"kind": "village_statement"}]}


@pytest.fixture
async def township(sign_in):
    return await sign_in("township")


@pytest.fixture
async def receiving(sign_in):
    return await sign_in("registrar2")


@pytest.fixture
async def found(township) -> str:
    """A child its township found at no school."""
    answer = await township.post("/v1/students", FOUND)
    assert answer.status_code == 201, answer.text
    assert (await township.get(answer.headers["location"])).status_code == 200
    return answer.json()["student_id"]


async def test_a_township_works_for_the_child_it_found_until_the_case_is_closed(
    township, bureau, found
):
    await township.record(found, "absence-flags", absence_kind="not_reported")
    await township.record(found, "suspicions")
    await township.record(found, "home-visits")
    await township.record(found, "persuasion-attempts", outcome="whereabouts_unknown")
    await township.record(found, "contact-losses", papers=[{"kind": "police_letter"}])
    await township.record(found, "close-out-requests", **CLOSE)
    last = (await bureau.record(found, "close-out-decisions"))["position"]

    record = await record_of(township, found)
    assert (record["status"], record["close_reason"]) == ("closed", "C05")
    rows = (await township.fresh("/v1/students", last))["items"]
    assert [row["student_id"] for row in rows] == [found]


async def test_a_child_at_no_school_is_offered_to_one_and_is_the_schools_from_then_on(
    township, receiving, found
):
    await township.record(found, "absence-flags", absence_kind="not_reported")
    offer = await township.record(found, "transfers", to_school=OTHER_SCHOOL)
    path = f"/v1/students/{found}/transfers/{offer['entry']}/decision"
    assert (await receiving.post(path, ACCEPT)).status_code == 201
    number = {"entry": 1, "changes": {"student_number": student_number(9)}, "reason": "补录"}
    await receiving.record(found, "corrections", **number)

    assert told(await township.get(f"/v1/students/{found}")) == (403, "out-of-reach")
    await receiving.record(found, "suspicions")
    assert (await record_of(receiving, found))["student_number"].startswith("G")


async def test_a_schools_own_steps_are_not_the_townships_while_there_is_a_school(
    township, registrar, teacher, principal
):
    child = (await enrol(registrar, 1))["student_id"]
    await teacher.record(child, "absence-flags")
    await teacher.record(child, "suspicions")
    await principal.record(child, "written-reports")

    for path in ("suspicions", "contact-losses", "dropout-marks", "close-out-requests"):
        answer = await township.post(f"/v1/students/{child}/{path}", example(path))
        assert told(answer) == (403, "not-allowed"), path


async def test_a_case_that_failed_its_audit_is_reopened_by_anybody_at_work(
    sign_in, teacher, bureau, child
):
    await teacher.record(child, "absence-flags")
    papers = [{"kind": "roll_extract"}]
    await teacher.record(child, "close-out-requests", reason="C02", papers=papers)
    await bureau.record(child, "close-out-decisions")
    counsellor = await sign_in("counsellor")

    await counsellor.record(child, "suspicions")

    record = await record_of(counsellor, child)
    assert (record["status"], record["episode"]) == ("suspected", 2)


# Between schools ---------------------------------------------------------------------------------


async def test_a_child_that_left_the_district_is_taken_in_by_another_school(
    registrar, receiving, child
):
    letter = [{"kind": "host_school_letter"}]
    await registrar.record(child, "roll-changes", kind="21", papers=letter)
    path = f"/v1/students/{child}/roll-changes"
    other = {**example("roll-changes"), "kind": "51", "papers": []}
    back = {"kind": "22", "papers": letter, "to_grade": 8, "to_class": "1班"}

    assert told(await receiving.post(path, other)) == (403, "out-of-reach")
    await receiving.record(child, "roll-changes", **back)

    record = await record_of(receiving, child)
    place = ("school_code", "grade", "class_name", "student_status")
    assert [record[name] for name in place] == [OTHER_SCHOOL, 8, "1班", "01"]
    assert told(await registrar.get(f"/v1/students/{child}")) == (403, "out-of-reach")


async def test_a_child_just_enrolled_came_from_outside_with_its_papers(registrar, child):
    change = {"kind": "22", "papers": [{"kind": "roll_extract"}]}

    await registrar.record(child, "roll-changes", **change)

    again = await registrar.post(
        f"/v1/students/{child}/roll-changes", {**example("roll-changes"), **change}
    )
    assert told(again) == (409, "not-on-roll")
    assert (await record_of(registrar, child))["school_code"] == SCHOOL


async def test_a_rejection_sent_again_is_answered_as_before_and_may_be_read(
    registrar, receiving, child
):
    offer = await registrar.record(child, "transfers", to_school=OTHER_SCHOOL)
    path, key = f"/v1/students/{child}/transfers/{offer['entry']}/decision", str(uuid4())
    body = {"accept": False, "note": "学位已满"}

    first = await receiving.post(path, body, Idempotency_Key=key)
    again = await receiving.post(path, body, Idempotency_Key=key)

    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json() == again.json()
    assert told(await receiving.post(path, body)) == (409, "transfer-decided")
    own = await receiving.get(first.headers["location"])
    assert (own.status_code, own.json()["data"]["note"]) == (200, "学位已满")
    assert told(await receiving.get(f"/v1/students/{child}/history/1")) == (403, "out-of-reach")


async def test_a_school_keeps_the_lines_of_a_child_that_moved_on(
    registrar, teacher, bureau, receiving, child
):
    await teacher.record(child, "absence-flags")
    await teacher.record(child, "home-visits")
    papers = [{"kind": "roll_extract"}]
    await teacher.record(child, "close-out-requests", reason="C02", papers=papers)
    await bureau.record(child, "close-out-decisions")
    offer = await registrar.record(child, "transfers", to_school=OTHER_SCHOOL)
    path = f"/v1/students/{child}/transfers/{offer['entry']}/decision"
    last = (await receiving.post(path, ACCEPT)).json()["position"]

    for ledger in ("dropout-control", "home-visits"):
        for caller, query in ((registrar, f"?school_code={SCHOOL}"), (receiving, "")):
            rows = await items(caller, f"/v1/ledgers/{ledger}{query}", last)
            assert [row["school_code"] for row in rows] == [SCHOOL], ledger
        assert await items(teacher, f"/v1/ledgers/{ledger}", last) == []


# Taught by another -------------------------------------------------------------------------------


async def test_the_school_that_teaches_at_home_keeps_the_ledger_and_corrects_its_sessions(
    bureau, teacher, receiving, child
):
    await teacher.record(child, "absence-flags")
    await bureau.record(child, "home-teaching-plans", school_code=OTHER_SCHOOL)
    session = (await receiving.record(child, "home-teaching-sessions"))["entry"]
    right = {"entry": session, "changes": {"minutes": 45}, "reason": "笔误"}
    last = (await receiving.record(child, "corrections", **right))["position"]

    (row,) = await items(receiving, f"/v1/ledgers/home-teaching?school_code={OTHER_SCHOOL}", last)
    assert (row["status"], row["delivered_hours"]) == ("home_taught", 0.8)
    wrong = {"entry": 2, "changes": {"note": "x"}, "reason": "笔误"}
    refused = await receiving.post(f"/v1/students/{child}/corrections", wrong)
    assert told(refused) == (403, "out-of-reach")
    assert (await kinds(bureau, child))[-1] == "corrected"
    papers = [{"kind": "medical_proof"}]
    await teacher.record(child, "close-out-requests", reason="C09", papers=papers)
    last = (await bureau.record(child, "close-out-decisions"))["position"]
    for status, count in (("closed", 1), ("home_taught", 0)):
        rows = await items(bureau, f"/v1/ledgers/home-teaching?status={status}", last)
        assert len(rows) == count
