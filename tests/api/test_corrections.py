"""Corrections over HTTP: every field's form, the entry as a whole, and what is its author's own."""

import pytest

from api.corrections import adapter
from domain.entry import Entry
from tests.api.reading import items, record_of, told
from tests.people import enrol, example

KINDS = [kind for kind in Entry.__subclasses__() if kind.CORRECTABLE]


def correction(entry, **changes):
    return {"entry": entry, "changes": changes, "reason": "核对后更正"}


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_every_correctable_field_has_a_form(kind):
    for field in kind.CORRECTABLE:
        assert adapter(kind.entry_kind(), field) is not None, field


@pytest.mark.parametrize("day", ["garbage", "20260901", "2026-W36-1", 5, True, ["x"], {}])
async def test_a_day_that_no_body_of_its_kind_names_is_a_day_all_the_same(teacher, child, day):
    entry = (await teacher.record(child, "support"))["entry"]

    path = f"/v1/students/{child}/corrections"
    answer = await teacher.post(path, correction(entry, occurred_on=day))

    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == "/changes/occurred_on"
    assert (await record_of(teacher, child))["version"] == entry


async def test_what_an_entry_would_lack_as_a_whole_is_pointed_to(registrar, child):
    change = {"kind": "11", "papers": [{"kind": "approval"}]}
    entry = (await registrar.record(child, "roll-changes", **change))["entry"]

    for number, changes, pointer in (
        (1, {"school_code": None}, "/changes/school_code"),
        (1, {"grade": None}, "/changes/grade"),
        (entry, {"kind": "29", "to_class": None}, "/changes/to_class"),
    ):
        answer = await registrar.post(
            f"/v1/students/{child}/corrections", correction(number, **changes)
        )
        assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, pointer)
    assert (await record_of(registrar, child))["version"] == entry


async def test_a_relapse_that_was_none_leaves_no_line(bureau, teacher, child):
    for path in ("absence-flags", "suspicions", "returns"):
        await teacher.record(child, path)
    flag = await teacher.record(child, "absence-flags", first_absent_on="2026-10-12")
    before = await items(bureau, "/v1/ledgers/dropout-control", flag["position"])
    right = correction(flag["entry"], absence_kind="sick_leave")
    last = (await teacher.record(child, "corrections", **right))["position"]

    assert [(row["episode"], row["relapsed"]) for row in before] == [(1, True), (2, False)]
    assert before[0]["status_label"] == "已反弹"
    for name in ("dropout-control", "return-to-school"):
        (row,) = await items(bureau, f"/v1/ledgers/{name}", last)
        assert (row["episode"], row["status"], row["relapsed"]) == (1, "returned", False)
    history = (await bureau.fresh(f"/v1/students/{child}/history", last))["items"]
    assert history[4]["recorded_at"] < history[5]["recorded_at"]
    was = await bureau.get(
        f"/v1/ledgers/dropout-control?as_of={history[4]['recorded_at']}".replace("+", "%2B")
    )
    assert [row["episode"] for row in was.json()["items"]] == [1, 2]


async def test_a_decisions_note_and_what_was_said_in_counselling_are_their_authors_own(
    sign_in, teacher, bureau, child
):
    counsellor, auditor = await sign_in("counsellor"), await sign_in("auditor")
    session = (await counsellor.record(child, "counselling-sessions", notes="原话"))["entry"]
    await teacher.record(child, "absence-flags")
    papers = [{"kind": "roll_extract"}]
    await teacher.record(child, "close-out-requests", reason="C02", papers=papers)
    decision = (await bureau.record(child, "close-out-decisions", note="属实"))["entry"]
    path = f"/v1/students/{child}/corrections"

    for body in (correction(session, notes="改写"), correction(decision, note="改写")):
        assert told(await teacher.post(path, body)) == (403, "not-allowed")
    minutes = await teacher.post(path, correction(session, minutes=30))
    own = await counsellor.post(path, correction(session, notes="补记"))

    assert (minutes.status_code, own.status_code) == (201, 201)
    first = f"/v1/students/{child}/history/{session}"
    second = own.headers["location"]
    reveal = "?reveal=true&reason=审计"
    for caller, query in ((counsellor, ""), (auditor, reveal)):
        said = (await caller.get(first + query)).json()["data"]
        corrected = (await caller.get(second + query)).json()["data"]["changes"]
        assert (said["notes"], corrected["notes"]) == ("原话", "补记")
    for caller in (teacher, bureau, auditor):
        assert "原话" not in (await caller.get(first)).text
        assert "补记" not in (await caller.get(second)).text


async def test_a_stale_version_is_told_before_an_unknown_school(registrar, child):
    body = {**example("transfers"), "to_school": "3141009999"}

    stale = await registrar.post(f"/v1/students/{child}/transfers", body, If_Match='"9"')
    unknown = await registrar.post(f"/v1/students/{child}/transfers", body)

    assert told(stale) == (412, "version-moved")
    assert told(unknown) == (409, "school-unknown")


async def test_a_mark_that_expired_is_neither_shown_nor_found(bureau, registrar):
    mark = {"code": "left_behind", "source": "排查", "purpose": "关爱"}
    old = await enrol(registrar, 1, key_groups=[{**mark, "until": "2026-09-30"}])
    new = await enrol(registrar, 2, key_groups=[{**mark, "until": "2126-09-30"}])

    found = (await bureau.fresh("/v1/students?key_group=left_behind", new["position"]))["items"]
    everybody = (await bureau.fresh("/v1/students", new["position"]))["items"]

    assert [row["student_id"] for row in found] == [new["student_id"]]
    assert [row["key_groups"] for row in everybody] == [[], ["left_behind"]]
    assert (await record_of(bureau, old["student_id"]))["key_groups"] == []
    (held,) = (await record_of(bureau, new["student_id"]))["key_groups"]
    assert (held["code"], held["code_label"]) == ("left_behind", "留守")


@pytest.mark.parametrize("met", [["nobody", "guardian"], ["guardian", "guardian"]])
async def test_nobody_stands_alone_and_each_once(teacher, child, met):
    answer = await teacher.post(
        f"/v1/students/{child}/home-visits", {**example("home-visits"), "met": met}
    )

    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/met")


@pytest.mark.parametrize("value", [["3141000058"], {"a": 1}, 7, None, "3141000058"])
async def test_a_field_the_entry_has_not_is_refused_whatever_it_holds(teacher, child, value):
    entry = (await teacher.record(child, "absence-flags"))["entry"]

    answer = await teacher.post(
        f"/v1/students/{child}/corrections", correction(entry, school_code=value)
    )

    assert told(answer) == (409, "not-correctable")
