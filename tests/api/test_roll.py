"""A child's place on the roll changes, moves up, is passed on and marked, by those who may."""

from uuid import uuid4

import pytest

from api.examples import EXAMPLES
from tests.api.reading import kinds, record_of, told
from tests.people import OTHER_SCHOOL, PRIMARY, SCHOOL, enrol

# Roll changes ------------------------------------------------------------------------------------


async def test_a_suspension_and_a_resumption_change_the_roll_status_and_no_case(registrar, child):
    await registrar.record(child, "roll-changes")
    suspended = await record_of(registrar, child)
    papers = [{"kind": "medical_proof"}, {"kind": "guardian_application"}]
    await registrar.record(child, "roll-changes", kind="12", papers=papers, reason="病愈")
    resumed = await record_of(registrar, child)

    assert (suspended["student_status"], suspended["student_status_label"]) == ("02", "休学")
    assert (resumed["student_status"], resumed["status"]) == ("05", "none")
    again = await registrar.post(
        f"/v1/students/{child}/roll-changes", {**EXAMPLES["RollChange"], "kind": "12"}
    )
    assert told(again) == (409, "not-on-roll")


async def test_a_roll_change_without_papers_shows_as_incomplete_until_they_come(registrar, child):
    change = await registrar.record(child, "roll-changes", papers=[])
    path = f"/v1/students/{child}/history/{change['entry']}"
    incomplete = (await registrar.get(path)).json()["data"]

    assert incomplete["kind_label"] == "休学"
    assert incomplete["papers"] == []
    assert all(incomplete["papers_missing"])


async def test_a_class_change_moves_the_child_out_of_the_teachers_reach(registrar, teacher, child):
    nameless = await registrar.post(
        f"/v1/students/{child}/roll-changes",
        {"kind": "29", "occurred_on": "2026-09-14", "papers": []},
    )
    assert nameless.json()["errors"][0]["pointer"] == "/to_class"

    moved = await registrar.record(child, "roll-changes", kind="29", papers=[], to_class="2班")

    assert (await record_of(registrar, child))["class_name"] == "2班"
    assert told(await teacher.get(f"/v1/students/{child}")) == (403, "out-of-reach")
    assert (await teacher.fresh("/v1/students", moved["position"]))["items"] == []


async def test_a_child_leaves_the_district_and_comes_back_to_the_school_that_enters_it(
    sign_in, registrar, bureau, child
):
    await registrar.record(child, "roll-changes", kind="21", reason="外地就读")
    gone = await record_of(registrar, child)
    back = {"kind": "22", "papers": [], "to_grade": 8, "to_class": "3班"}
    await registrar.record(child, "roll-changes", **back)
    record = await record_of(registrar, child)

    assert (gone["student_status"], gone["school"]) == ("10", "晴川中学")
    assert [record[k] for k in ("student_status", "school", "grade", "class_name")] == [
        *("01", "晴川中学", 8, "3班")
    ]
    twice = await registrar.post(
        f"/v1/students/{child}/roll-changes", {**EXAMPLES["RollChange"], "kind": "22"}
    )
    assert told(twice) == (409, "not-on-roll")


async def test_expulsion_and_withdrawal_are_not_offered(registrar, child):
    for kind in ("31", "32", "41", "42", "退学", "开除", ""):
        answer = await registrar.post(
            f"/v1/students/{child}/roll-changes", {**EXAMPLES["RollChange"], "kind": kind}
        )
        assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/kind")
        assert ("第二十七条" in answer.json()["errors"][0]["detail"]) == (kind != "")


async def test_no_correction_makes_a_roll_change_a_withdrawal(registrar, child):
    change = await registrar.record(child, "roll-changes")

    body = {"entry": change["entry"], "changes": {"kind": "退学"}, "reason": "改为退学"}
    answer = await registrar.post(f"/v1/students/{child}/corrections", body)

    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/changes/kind")
    assert "第二十七条" in answer.json()["errors"][0]["detail"]


async def test_after_a_death_nothing_more_is_asked_of_the_family(registrar, child):
    papers, day = [{"kind": "death_certificate"}], "2026-09-10"
    await registrar.record(
        child, "roll-changes", kind="51", occurred_on=day, papers=papers, reason="病逝"
    )

    for path, body in (("absence-flags", "AbsenceFlag"), ("home-visits", "HomeVisit")):
        answer = await registrar.post(f"/v1/students/{child}/{path}", EXAMPLES[body])
        assert told(answer) == (409, "child-died")
    assert (await record_of(registrar, child))["student_status_label"] == "死亡"


# Promotions --------------------------------------------------------------------------------------


async def test_a_school_is_promoted_once_a_year_one_entry_each(registrar, bureau):
    grades = {
        (await enrol(registrar, serial, grade=grade))["student_id"]: grade
        for serial, grade in enumerate((7, 8, 9, 9), start=1)
    }
    away = (await enrol(registrar, 5))["student_id"]
    await registrar.record(away, "roll-changes")
    other = (await enrol(bureau, 6, school_code=OTHER_SCHOOL))["student_id"]
    path, key = f"/v1/schools/{SCHOOL}/promotions", str(uuid4())

    done = await registrar.post(path, EXAMPLES["Promotion"], Idempotency_Key=key)
    same = await registrar.post(path, EXAMPLES["Promotion"], Idempotency_Key=key)
    again = await registrar.post(path, EXAMPLES["Promotion"])

    assert done.status_code == 201
    body = done.json()
    assert body == {
        "school_code": SCHOOL,
        "promoted": 2,
        "graduated": 2,
        "position": body["position"],
    }
    assert done.headers["log-position"] == str(body["position"])
    assert (same.status_code, same.json()) == (201, body)
    assert told(again) == (409, "already-promoted")
    for student_id, grade in grades.items():
        record = await record_of(bureau, student_id)
        expected = ("07", 9, "graduated") if grade == 9 else ("01", grade + 1, "promoted")
        last = (await kinds(bureau, student_id))[1:]
        assert (record["student_status"], record["grade"], *last) == expected
    assert await kinds(bureau, other) == ["enrolled"]
    assert "promoted" not in await kinds(bureau, away)


async def test_a_school_without_children_is_promoted_by_doing_nothing(bureau, app):
    answer = await bureau.post(f"/v1/schools/{PRIMARY}/promotions", {})

    assert (answer.status_code, answer.json()["promoted"]) == (201, 0)
    assert await app.state.service.store.head() == 0
    unknown = await bureau.post("/v1/schools/3141999999/promotions", {})
    assert told(unknown) == (404, "not-found")


async def test_a_promotion_on_a_day_to_come_is_refused_for_all(registrar, child):
    answer = await registrar.post(f"/v1/schools/{SCHOOL}/promotions", {"occurred_on": "2999-09-01"})

    assert told(answer) == (409, "future-day")
    assert await kinds(registrar, child) == ["enrolled"]


# Transfers ---------------------------------------------------------------------------------------

ACCEPT = {"accept": True, "grade": 7, "class_name": "3班"}


@pytest.fixture
async def receiving(sign_in):
    """The roll registrar of the school the child is offered to."""
    return await sign_in("registrar2")


@pytest.fixture
async def offered(registrar, child):
    """Where the answer to a transfer goes."""
    entry = (await registrar.record(child, "transfers"))["entry"]
    return f"/v1/students/{child}/transfers/{entry}/decision"


async def test_an_offered_child_stays_where_it_is_until_the_other_school_answers(
    registrar, child, offered
):
    record = await record_of(registrar, child)
    duty = (await registrar.get(f"/v1/students/{child}/duties")).json()["items"][0]
    second = await registrar.post(f"/v1/students/{child}/transfers", EXAMPLES["Transfer"])

    assert (record["school_code"], record["pending_transfer"]) == (SCHOOL, 2)
    assert (duty["kind"], duty["for_role"]) == ("transfer_answer", "registrar")
    assert told(second) == (409, "transfer-pending")


async def test_an_accepted_child_goes_over_with_its_case_and_history(
    registrar, teacher, receiving, child, offered
):
    await teacher.record(child, "absence-flags")
    accepted = await receiving.post(offered, ACCEPT)

    assert accepted.status_code == 201
    record = await record_of(receiving, child)
    assert [record[k] for k in ("school_code", "class_name", "status", "pending_transfer")] == [
        *(OTHER_SCHOOL, "3班", "watched", None)
    ]
    assert await kinds(receiving, child) == [
        *("enrolled", "transfer_requested", "absence_flagged", "transfer_accepted")
    ]
    position = accepted.json()["position"]
    for path in ("/v1/students", "/v1/ledgers/dropout-control"):
        there = (await receiving.fresh(path, position))["items"]
        assert [item["student_id"] for item in there] == [child], path
        assert (await registrar.fresh(path, position))["items"] == [], path
    assert told(await registrar.get(f"/v1/students/{child}")) == (403, "out-of-reach")
    assert told(await receiving.post(offered, ACCEPT)) == (409, "transfer-decided")


async def test_a_rejected_child_stays_and_may_be_offered_again(
    registrar, receiving, child, offered
):
    rejected = await receiving.post(offered, {"accept": False, "note": "学位已满"})

    assert rejected.status_code == 201
    record = await record_of(registrar, child)
    assert (record["school_code"], record["pending_transfer"]) == (SCHOOL, None)
    assert told(await receiving.post(offered, ACCEPT)) == (409, "transfer-decided")
    assert told(await registrar.post(offered, ACCEPT)) == (403, "out-of-reach")
    again = await registrar.record(child, "transfers")
    assert again["entry"] == 4


async def test_the_school_that_offers_a_child_does_not_answer_for_the_other(
    registrar, principal, child, offered
):
    for caller in (registrar, principal):
        for body in (ACCEPT, {"accept": False}):
            assert told(await caller.post(offered, body)) == (403, "out-of-reach")
    assert (await record_of(registrar, child))["pending_transfer"] == 2


async def test_the_bureau_may_answer_a_transfer_and_acceptance_names_the_class(
    bureau, child, offered
):
    nameless = await bureau.post(offered, {"accept": True})
    accepted = await bureau.post(offered, ACCEPT)

    assert (nameless.status_code, nameless.json()["errors"][0]["pointer"]) == (422, "/grade")
    assert accepted.status_code == 201


async def test_a_transfer_to_nowhere_or_to_the_same_school_is_refused(registrar, child):
    path = f"/v1/students/{child}/transfers"
    nowhere = await registrar.post(path, {**EXAMPLES["Transfer"], "to_school": "3141999999"})
    here = await registrar.post(path, {**EXAMPLES["Transfer"], "to_school": SCHOOL})
    no_transfer = await registrar.post(f"{path}/1/decision", ACCEPT)

    assert told(nowhere) == (409, "school-unknown")
    assert told(here) == (409, "same-school")
    assert told(no_transfer) == (404, "no-such-entry")
    assert await kinds(registrar, child) == ["enrolled"]


# Key groups --------------------------------------------------------------------------------------


async def test_a_mark_carries_source_purpose_and_expiry_and_ends(registrar, child):
    await registrar.record(child, "key-groups", until="2027-08-31")
    marked = await record_of(registrar, child)
    end = f"/v1/students/{child}/key-groups/left_behind/end"
    ended = await registrar.post(end, EXAMPLES["KeyGroupEnd"])
    again = await registrar.post(end, EXAMPLES["KeyGroupEnd"])

    assert marked["key_groups"] == [
        {
            "code": "left_behind",
            "code_label": "留守",
            "source": "班主任排查",
            "purpose": "重点关注",
            "until": "2027-08-31",
        }
    ]
    assert ended.status_code == 201
    page = await registrar.fresh("/v1/students", ended.json()["position"])
    assert page["items"][0]["key_groups"] == []
    assert told(again) == (409, "key-group-not-held")
    unknown = await registrar.post(f"/v1/students/{child}/key-groups/rich/end", {})
    assert told(unknown) == (404, "not-found")


async def test_a_mark_that_ends_before_it_starts_or_says_not_why_is_refused(registrar, child):
    path, mark = f"/v1/students/{child}/key-groups", EXAMPLES["KeyGroupMark"]
    backwards = await registrar.post(path, {**mark, "until": "2026-08-31"})
    purposeless = await registrar.post(path, {**mark, "purpose": " \u3000"})

    assert told(backwards) == (409, "end-before-start")
    assert purposeless.status_code == 422
    assert purposeless.json()["errors"] == [{"pointer": "/purpose", "detail": "不能为空。"}]
    assert await kinds(registrar, child) == ["enrolled"]


async def test_the_promotion_of_an_empty_school_is_remembered_by_its_key(bureau, registrar):
    key, path = str(uuid4()), f"/v1/schools/{SCHOOL}/promotions"
    first = await bureau.post(path, {}, Idempotency_Key=key)
    await enrol(registrar, 1)

    again = await bureau.post(path, {}, Idempotency_Key=key)

    assert (first.status_code, first.json()["promoted"]) == (201, 0)
    assert again.json() == first.json()
