"""Restriction and erasure over HTTP: what stops, who asks, who decides, and what is then told."""

from uuid import uuid4

import pytest

from api.ledger_forms import FORMS
from tests.api.reading import kinds, record_of, told
from tests.people import SCHOOL, enrol, example

GONE = {"kind": "21", "occurred_on": "2019-07-01"}  # to be kept until 2022-07-01


@pytest.fixture
async def bureau2(sign_in):
    return await sign_in("bureau2")


@pytest.fixture
async def gone(registrar, child) -> str:
    """A child that went out of the district long ago."""
    await registrar.record(child, "roll-changes", **GONE)
    return child


async def step(caller, child, path, **headers):
    return await caller.post(f"/v1/students/{child}/{path}", example(path), **headers)


async def test_a_record_is_restricted_asked_for_and_erased_one_entry_each(bureau, bureau2, gone):
    for number, (caller, path) in enumerate(
        [
            (bureau, "restriction"),
            (bureau, "restriction/end"),
            (bureau, "restriction"),
            (bureau, "erasure"),
            (bureau2, "erasure-decisions"),
        ],
        start=3,
    ):
        answer = await step(caller, gone, path)
        assert answer.status_code == 201, answer.text
        assert (answer.json()["entry"], answer.json()["version"]) == (number, number)
        assert answer.headers["location"] == f"/v1/students/{gone}/history/{number}"

    assert (await kinds(bureau, gone))[2:] == [
        "restricted",
        "restriction_lifted",
        "restricted",
        "erasure_requested",
        "erasure_approved",
    ]


async def test_the_history_tells_it_in_both_languages(bureau, bureau2, gone):
    await bureau.record(gone, "restriction")
    await bureau.record(gone, "erasure")
    await bureau2.record(gone, "erasure-decisions", approve=False, note="尚有诉讼")
    said = {}
    for language in ("zh", "en"):
        answer = await bureau.get(f"/v1/students/{gone}/history", Accept_Language=language)
        said[language] = [
            (entry["label"], entry["sentence"]) for entry in answer.json()["items"][2:]
        ]

    assert said["zh"] == [
        ("封存", "档案封存,依据:个人信息保护法第四十七条。监护人要求停止使用"),
        (
            "申请销毁",
            "保存期已于 2022-07-01 届满,申请销毁,依据:个人信息保护法第四十七条。保存期已满",
        ),
        ("退回销毁", "退回销毁申请。尚有诉讼"),
    ]
    assert [label for label, _ in said["en"]] == [
        "Restricted",
        "Erasure requested",
        "Erasure rejected",
    ]
    assert said["en"][1][1].startswith("Kept to 2022-07-01; erasure requested, on the basis of ")


async def test_a_record_says_whether_it_is_restricted_and_awaits_a_decision(bureau, bureau2, gone):
    def standing(record):
        return record["restricted_by"], record["pending_erasure"]

    before = standing(await record_of(bureau, gone))
    await bureau.record(gone, "restriction")
    await bureau.record(gone, "erasure")
    pending = standing(await record_of(bureau, gone))
    then = (await bureau.get(f"/v1/students/{gone}?version=3")).json()
    await bureau2.record(gone, "erasure-decisions", approve=False)

    assert before == (None, None)
    assert pending == (3, 4)
    assert standing(then) == (3, None)
    assert standing(await record_of(bureau, gone)) == (3, None)


async def test_while_restricted_nobody_records_anything(bureau, teacher, registrar, child, head):
    await teacher.record(child, "absence-flags")
    await bureau.record(child, "restriction")
    before = await head()
    mark = f"/v1/students/{child}/key-groups/left_behind/end"

    answers = [
        await step(teacher, child, "suspicions"),
        await step(teacher, child, "home-visits"),
        await step(registrar, child, "roll-changes"),
        await step(registrar, child, "corrections"),
        await step(bureau, child, "placements"),
        await bureau.post(mark, {}),
    ]

    assert {told(answer) for answer in answers} == {(409, "record-restricted")}
    assert "第 3 条" in answers[0].json()["detail"]
    assert await head() == before
    duties = await bureau.get(f"/v1/students/{child}/duties")
    assert duties.json()["items"] == []
    await bureau.record(child, "restriction/end")
    await teacher.record(child, "suspicions")


async def test_a_school_is_promoted_past_a_restricted_child(bureau, registrar, child):
    other = (await enrol(registrar, 2))["student_id"]
    await bureau.record(child, "restriction")
    path = f"/v1/schools/{SCHOOL}/promotions"

    done = await registrar.post(path, {})
    again = await registrar.post(path, {})

    assert (done.status_code, done.json()["promoted"]) == (201, 1)
    assert (await record_of(registrar, other))["grade"] == 8
    assert (await kinds(bureau, child))[-1] == "restricted"
    assert again.json()["type"] in {"already-promoted", "record-restricted"}


async def test_a_school_of_none_but_restricted_children_has_nobody_to_promote(
    bureau, registrar, child, head
):
    await bureau.record(child, "restriction")
    before = await head()

    answer = await registrar.post(f"/v1/schools/{SCHOOL}/promotions", {})

    assert (answer.status_code, answer.json()["promoted"]) == (201, 0)
    assert await head() == before


async def lists_of(caller, position) -> dict[str, list]:
    """What every list tells a person, as of a position at least."""
    found = {}
    for path in ("students", *(f"ledgers/{name}" for name in FORMS)):
        found[path] = (await caller.fresh(f"/v1/{path}", position))["items"]
    return found


async def test_a_restricted_record_is_in_no_list_and_read_only_above(
    bureau, teacher, registrar, child, sign_in
):
    auditor = await sign_in("auditor")
    await teacher.record(child, "absence-flags")
    visited = await teacher.record(child, "home-visits")
    before = await lists_of(bureau, visited["position"])
    assert {path for path, items in before.items() if items} == {
        *("students", "ledgers/dropout-control", "ledgers/home-visits", "ledgers/mobility")
    }
    restricted = await bureau.record(child, "restriction")

    for caller in (bureau, registrar, teacher):
        told_of = await lists_of(caller, restricted["position"])
        assert not any(told_of.values())
    for caller in (registrar, teacher):
        assert told(await caller.get(f"/v1/students/{child}")) == (403, "out-of-reach")
        assert told(await caller.get(f"/v1/students/{child}/history")) == (403, "out-of-reach")
    for caller in (bureau, auditor):
        assert (await caller.get(f"/v1/students/{child}")).status_code == 200
        assert (await kinds(caller, child))[-1] == "restricted"
    lifted = await bureau.record(child, "restriction/end")
    after = await lists_of(bureau, lifted["position"])
    assert {path: len(items) for path, items in after.items()} == {
        path: len(items) for path, items in before.items()
    }
    assert (await teacher.get(f"/v1/students/{child}")).status_code == 200


async def test_of_an_erased_record_kinds_and_dates_are_left(bureau, bureau2, gone, sign_in, client):
    auditor = await sign_in("auditor")
    number = (await record_of(bureau, gone))["student_number"]
    await bureau.record(gone, "restriction")
    await bureau.record(gone, "erasure")
    key = str(uuid4())
    done = await step(bureau2, gone, "erasure-decisions", Idempotency_Key=key)
    assert done.status_code == 201, done.text
    position = done.json()["position"]

    record = await auditor.fresh(f"/v1/students/{gone}", position)
    history = (await auditor.fresh(f"/v1/students/{gone}/history", position))["items"]
    entry = (await auditor.get(f"/v1/students/{gone}/history/1")).json()

    assert (record["erased"], record["label"], record["version"]) == (True, "已依法销毁", 5)
    assert set(record) == {"student_id", "erased", "label", "erased_at", "version", "position"}
    assert [item["kind"] for item in history] == [
        *("enrolled", "roll_changed", "restricted", "erasure_requested", "erasure_approved")
    ]
    assert {item["sentence"] for item in history} == {"已依法销毁。"}
    assert all(item["recorded_at"] and item["occurred_on"] is None for item in history)
    assert {str(item[name]) for item in history for name in ("data", "recorded_by")} == {"{}"}
    assert entry == history[0]
    assert not any((await lists_of(bureau, position)).values())
    assert number not in str([record, history])
    # what comes after
    again = await step(bureau2, gone, "erasure-decisions", Idempotency_Key=key)
    assert (again.status_code, again.json()) == (201, done.json())
    assert told(await step(bureau, gone, "restriction")) == (409, "record-erased")
    assert told(await step(bureau, gone, "home-visits")) == (409, "record-erased")
    assert told(await step(bureau, gone, "home-visits", If_Match='"3"')) == (412, "version-moved")
    assert (await bureau.get(f"/v1/students/{gone}/duties")).json()["items"] == []
    assert (await bureau.get(f"/v1/who-can-see/{gone}")).status_code == 200
    as_of = await auditor.get(f"/v1/students/{gone}/history?happened_by=2026-01-01")
    assert as_of.status_code == 200


async def test_the_number_of_an_erased_child_is_free(bureau, bureau2, registrar, gone):
    await bureau.record(gone, "restriction")
    await bureau.record(gone, "erasure")
    await bureau2.record(gone, "erasure-decisions")

    enrolled = await enrol(registrar, 1)  # the same number

    assert enrolled["student_id"] != gone


async def test_rules_are_told_by_their_names(bureau, bureau2, registrar, gone):
    here = (await enrol(registrar, 2))["student_id"]
    fresh = (await enrol(registrar, 3))["student_id"]
    await registrar.record(fresh, "roll-changes", kind="21")
    open_case = (await enrol(registrar, 4))["student_id"]
    await registrar.record(open_case, "absence-flags")
    for child in (here, fresh, open_case):
        await bureau.record(child, "restriction")

    assert told(await step(bureau, gone, "restriction/end")) == (409, "not-restricted")
    assert told(await step(bureau, gone, "erasure")) == (409, "not-restricted")
    assert told(await step(bureau, here, "restriction")) == (409, "already-restricted")
    assert told(await step(bureau, here, "erasure")) == (409, "retention-not-begun")
    assert told(await step(bureau, open_case, "erasure")) == (409, "case-still-open")
    assert told(await step(bureau, here, "erasure-decisions")) == (409, "no-erasure-pending")
    early = await step(bureau, fresh, "erasure", Accept_Language="en")
    assert told(early) == (409, "retention-not-over")
    assert "must be kept to 2029-09-14" in early.json()["detail"]
    await bureau.record(gone, "restriction")
    await bureau.record(gone, "erasure")
    assert told(await step(bureau2, gone, "erasure")) == (409, "erasure-pending")
    assert told(await step(bureau, gone, "erasure-decisions")) == (409, "same-person")
    await bureau2.record(gone, "erasure-decisions")
    for path in ("restriction", "restriction/end", "erasure", "erasure-decisions", "home-visits"):
        assert told(await step(bureau, gone, path)) == (409, "record-erased"), path


@pytest.mark.parametrize("path", ["restriction", "restriction/end", "erasure"])
@pytest.mark.parametrize("words", ["", " \n", 5, None, "长" * 4001, "a\x00"])
async def test_a_reason_is_a_text_of_its_own(bureau, gone, head, path, words):
    before = await head()

    for field in {"reason", "legal_basis"} & example(path).keys():
        body = {**example(path), field: words}
        answer = await bureau.post(f"/v1/students/{gone}/{path}", body)
        assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, f"/{field}")
    assert await head() == before


async def test_a_restriction_sent_again_is_one_and_a_stale_one_is_refused(bureau, gone):
    key = str(uuid4())
    first = await step(bureau, gone, "restriction", Idempotency_Key=key, If_Match='"2"')
    again = await step(bureau, gone, "restriction", Idempotency_Key=key)
    stale = await step(bureau, gone, "erasure", If_Match='"2"')

    assert first.json() == again.json()
    assert told(stale) == (412, "version-moved")
    assert (await record_of(bureau, gone))["version"] == 3


async def test_a_restriction_of_the_past_shows_in_what_had_happened_by_then(bureau, gone):
    await bureau.record(gone, "restriction", occurred_on="2024-05-06")

    day_before = await bureau.get(f"/v1/students/{gone}?happened_by=2024-05-05")
    that_day = await bureau.get(f"/v1/students/{gone}?happened_by=2024-05-06")

    assert day_before.json()["restricted_by"] is None
    assert that_day.json()["restricted_by"] == 3


async def test_what_was_restricted_is_not_corrected(bureau, gone):
    await bureau.record(gone, "restriction")
    await bureau.record(gone, "restriction/end")

    for entry in (3, 4):
        body = {"entry": entry, "changes": {"reason": "其他"}, "reason": "笔误"}
        answer = await bureau.post(f"/v1/students/{gone}/corrections", body)
        assert told(answer) == (409, "not-correctable")
