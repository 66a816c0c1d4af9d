"""The evidence file proves a child's history to whoever holds the log's key; the key opens it."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from api.evidence import PROMISED
from api.examples import EXAMPLES
from application.store.checkpoint_checks import Asked
from application.store.evidence import Bundle
from application.store.receipts import Receipt
from application.store.signed_note import Note
from application.store.verdict import Verdict
from application.store.verifying import check
from tests.people import SCHOOL, example, student_number

KEY = "0b8f8d1e-5f0a-4c57-9d8e-0e6f3c1c9a11"
GONE = {"kind": "21", "occurred_on": "2019-07-01"}  # to be kept until 2022-07-01


def judged(app, told, since=None, receipts=()):
    keys = tuple(key.signer.key for key in app.state.service.log_keys.current())
    now = datetime.now(UTC) + timedelta(hours=1)
    asked = Asked(keys, now, since=since, receipts=tuple(map(Receipt.read, receipts)))
    return check(Bundle.read(told), asked)


@pytest.fixture
async def auditor(sign_in):
    return await sign_in("auditor")


async def test_what_every_command_promised_is_proven(
    app, child, teacher, bureau, auditor, checkpoint
):
    receipts = []
    for path in ("absence-flags", "suspicions", "home-visits"):
        answer = await teacher.post(f"/v1/students/{child}/{path}", example(path))
        receipts.append(answer.headers["Log-Receipt"])
        if path == "suspicions":
            checkpoint()
            early = Note.read((await auditor.get("/v1/log/checkpoint")).text)
    checkpoint()

    for caller in (bureau, auditor):
        answer = await caller.get(f"/v1/students/{child}/evidence?since=4")
        assert answer.headers["content-type"] == "application/json"
        report = judged(app, answer.text, early, receipts)
        assert report.verdict is Verdict.PROVEN, report
        bundle = Bundle.read(answer.text)
        assert [one.version for one in bundle.entries] == [1, 2, 3, 4]
        assert bundle.key is None


async def test_the_child_s_key_is_for_auditors_with_a_reason(
    app, child, auditor, bureau, principal, checkpoint
):
    checkpoint()
    path = f"/v1/students/{child}/evidence?reveal=true"

    assert (await auditor.get(path)).status_code == 422
    for caller in (bureau, principal):
        answer = await caller.get(f"{path}&reason=核查")
        assert (answer.status_code, answer.json()["type"]) == (403, "not-allowed")
    shown = await auditor.get(f"{path}&reason=核查")

    bundle = Bundle.read(shown.text)
    assert bundle.key is not None
    assert judged(app, shown.text).verdict is Verdict.PROVEN
    lines = await app.state.service.store.query(
        "SELECT outcome, reason FROM access.access_log WHERE action = 'reveal evidence'"
    )
    assert lines == [("shown", "核查")]


async def test_a_repeated_key_is_given_the_same_receipt(app, child, teacher):
    async def flagged():
        path = f"/v1/students/{child}/absence-flags"
        return await teacher.post(path, example("absence-flags"), Idempotency_Key=KEY)

    first, again = await flagged(), await flagged()

    assert first.status_code == again.status_code == 201
    assert first.headers["Log-Receipt"] == again.headers["Log-Receipt"]
    rows = await app.state.service.store.query(
        "SELECT leaf, recorded_at FROM log.stored_events WHERE notification_id = 2"
    )
    receipt = Receipt.read(first.headers["Log-Receipt"])
    assert (receipt.leaf, receipt.promised - PROMISED) == rows[0]
    assert receipt.check([app.state.service.log_keys.current()[0].signer.key])


async def test_evidence_waits_for_the_checkpoint_that_holds_the_last_entry(
    child, teacher, auditor, checkpoint, monkeypatch
):
    checkpoint()
    await teacher.record(child, "absence-flags")
    asked = asyncio.create_task(auditor.get(f"/v1/students/{child}/evidence"))
    await asyncio.sleep(0.3)
    assert not asked.done()

    checkpoint()

    assert len(Bundle.read((await asked).text).entries) == 2


async def test_without_a_checkpoint_in_time_it_says_so(child, auditor):
    answer = await auditor.get(f"/v1/students/{child}/evidence")

    assert (answer.status_code, answer.json()["type"]) == (503, "checkpoint-behind")
    assert answer.headers["Retry-After"]


async def test_an_erased_child_still_verifies(
    app, child, registrar, bureau, auditor, sign_in, checkpoint
):
    await registrar.record(child, "roll-changes", **GONE)
    await bureau.record(child, "restriction")
    await bureau.record(child, "erasure")
    second = await sign_in("bureau2")
    await second.record(child, "erasure-decisions")
    checkpoint()

    answer = await auditor.get(f"/v1/students/{child}/evidence?reveal=true&reason=x")

    bundle = Bundle.read(answer.text)
    assert (bundle.erased, bundle.key, len(bundle.entries)) == (True, None, 5)
    assert judged(app, answer.text).verdict is Verdict.PROVEN


@pytest.mark.parametrize("since", ["0", "x", "9223372036854775808", "-1"])
async def test_sizes_that_are_none_are_refused(child, auditor, since):
    answer = await auditor.get(f"/v1/students/{child}/evidence?since={since}")

    assert answer.status_code == 422


async def test_enrolments_promise_too(app, registrar, checkpoint, auditor):
    new = {"school_code": SCHOOL, "student_number": student_number(7)}
    body = {**EXAMPLES["NewStudent"], **new}

    answer = await registrar.post("/v1/students", body)

    checkpoint()
    evidence = await auditor.get(f"/v1/students/{answer.json()['student_id']}/evidence")
    report = judged(app, evidence.text, receipts=[answer.headers["Log-Receipt"]])
    assert report.verdict is Verdict.PROVEN
