"""Enrolment notices over HTTP: issued, answered, listed, and who did not come is flagged."""

from datetime import UTC, datetime
from uuid import uuid4

import pytest

from api.examples import EXAMPLES
from tests.api.reading import items, kinds, looks, table, told
from tests.people import OTHER_SCHOOL, PRIMARY, SCHOOL, enrol

LEDGER = "/v1/ledgers/enrolment-notices"
NOWHERE = {
    **dict.fromkeys(("student_number", "school_code", "grade", "class_name")),
    "found_by": "screening",
    "township": "晴川镇",
}
NOW = datetime(2026, 9, 8, 4, tzinfo=UTC)  # the sixth school day
NOTICE = {key: EXAMPLES["SchoolNotices"][key] for key in ("grade", "report_by", "occurred_on")}


@pytest.fixture
def clock():
    return lambda: NOW


@pytest.fixture
async def nowhere(bureau):
    return (await enrol(bureau, 1, **NOWHERE))["student_id"]


async def states(caller, position):
    return [row["notice_state_label"] for row in await items(caller, LEDGER, position)]


async def test_a_child_that_reports_answers_its_notice(registrar, nowhere):
    issued = await registrar.record(nowhere, "enrolment-notices", report_by="2026-09-08")
    before = await states(registrar, issued["position"])

    done = await registrar.record(nowhere, "admissions", occurred_on="2026-09-07")

    assert before == ["未到期"]
    _, line = await table(registrar, f"{LEDGER}?format=csv", done["position"])
    assert line == [
        *("1", "晴川中学", "测小舟", "", "7", "示例入学〔2026〕1号", "2026-08-20", "测大舟"),
        *("2026-09-08", "2026-09-07", "已报到"),
    ]


async def test_who_did_not_come_is_flagged_once_and_told_why(bureau, principal, nowhere, app):
    issued = await principal.record(nowhere, "enrolment-notices")
    overdue = await states(principal, issued["position"])
    wait = {"Min_Log_Position": str(issued["position"])}

    answer = await principal.post("/v1/screening/no-shows", {}, **wait)
    done = answer.json()
    wait = {"Min_Log_Position": str(done["position"])}
    again = await bureau.post("/v1/screening/no-shows", {"school_code": SCHOOL}, **wait)

    assert overdue == ["逾期未报到"]
    assert answer.status_code == 201
    assert done["items"] == [
        {
            "student_id": nowhere,
            "school_code": SCHOOL,
            "outcome": "flagged",
            "outcome_label": "已预警",
            "entry": 3,
        }
    ]
    assert (again.json()["looked_at"], again.json()["flagged"]) == (0, 0)
    history = (await bureau.get(f"/v1/students/{nowhere}/history")).json()["items"]
    assert [entry["kind"] for entry in history] == [
        *("enrolled", "enrolment_notice_issued", "absence_flagged"),
    ]
    assert history[2]["recorded_by"]["account"] == "guixue-screening"
    assert "第 2 条入学通知书" in history[2]["data"]["note"]
    assert await states(principal, done["position"]) == ["已预警"]
    ours = [line for line in await looks(app, "action", "outcome") if "no_shows" in line[0]]
    assert ours == [("screen_no_shows", "recorded")] * 2


async def test_a_ledger_as_of_a_moment_tells_how_notices_stood_then(bureau, nowhere):
    issued = await bureau.record(nowhere, "enrolment-notices", report_by="2026-09-07")
    history = (await bureau.get(f"/v1/students/{nowhere}/history")).json()["items"]
    moment = history[1]["recorded_at"].replace("+", "%2B")

    rows = await bureau.fresh(f"{LEDGER}?as_of={moment}", issued["position"])

    assert len(rows["items"]) == 1


@pytest.mark.parametrize("kind", ["deferred", "special_school"])
async def test_who_is_placed_is_not_flagged(bureau, nowhere, kind):
    await bureau.record(nowhere, "enrolment-notices")
    papers = [{"kind": "approval"}]
    done = await bureau.record(nowhere, "placements", kind=kind, papers=papers)

    wait = {"Min_Log_Position": str(done["position"])}
    answer = await bureau.post("/v1/screening/no-shows", {}, **wait)

    assert [item["outcome"] for item in answer.json()["items"]] == ["not_expected"]


async def test_notices_go_out_for_a_whole_school_once(registrar, bureau):
    primary = {"school_code": PRIMARY, "grade": 6}
    pupils = [(await enrol(bureau, serial, **primary))["student_id"] for serial in (1, 2)]
    path, key = f"/v1/schools/{SCHOOL}/enrolment-notices", str(uuid4())
    body = {**NOTICE, "student_ids": [*pupils, pupils[0]], "document_number": "示例入学〔2026〕"}

    done = await registrar.post(path, body, Idempotency_Key=key)
    same = await registrar.post(path, body, Idempotency_Key=key)

    assert done.status_code == 201, done.text
    assert same.json() == done.json()
    assert done.json()["items"] == [{"student_id": child, "entry": 2} for child in pupils]
    rows = await items(registrar, LEDGER, done.json()["position"])
    assert [(row["student_id"], row["document_number"]) for row in rows] == [
        (pupils[0], "示例入学〔2026〕-1"),
        (pupils[1], "示例入学〔2026〕-2"),
    ]


async def test_notices_go_out_to_all_or_to_none(registrar, bureau, nowhere, child):
    path = f"/v1/schools/{SCHOOL}/enrolment-notices"
    other = (await enrol(bureau, 3, school_code=OTHER_SCHOOL))["student_id"]
    await bureau.record(child, "roll-changes", kind="51", papers=[], occurred_on="2026-09-01")
    for ids, wanted in (
        ([nowhere, other], (403, "out-of-reach")),
        ([nowhere, str(uuid4())], (404, "unknown-child")),
        ([nowhere, child], (409, "child-died")),
    ):
        answer = await registrar.post(path, {**NOTICE, "student_ids": ids})
        assert told(answer) == wanted
        assert await kinds(bureau, nowhere) == ["enrolled"]


async def test_a_school_invites_to_itself_and_a_township_its_residents(sign_in, registrar, nowhere):
    elsewhere = {**EXAMPLES["EnrolmentNotice"], "school_code": OTHER_SCHOOL}
    path = f"/v1/students/{nowhere}/enrolment-notices"
    assert told(await registrar.post(path, elsewhere)) == (403, "out-of-reach")

    assert (await (await sign_in("township")).post(path, elsewhere)).status_code == 201

    unknown = {**EXAMPLES["EnrolmentNotice"], "school_code": "3141999999"}
    assert told(await (await sign_in("bureau")).post(path, unknown)) == (409, "school-unknown")


async def test_a_principal_screens_no_other_school(sign_in, principal, bureau, nowhere):
    issued = await bureau.record(nowhere, "enrolment-notices", school_code=OTHER_SCHOOL)
    wait = {"Min_Log_Position": str(issued["position"])}

    theirs = await principal.post("/v1/screening/no-shows", {"school_code": OTHER_SCHOOL}, **wait)
    ours = await principal.post("/v1/screening/no-shows", {}, **wait)

    assert told(theirs) == (403, "out-of-reach")
    assert ours.json()["items"] == []


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("report_by", "2026-13-01"),
        ("report_by", "0000-01-01"),
        ("grade", 0),
        ("grade", 2**63),
        ("grade", True),
        ("student_ids", []),
        ("student_ids", ["x"]),
        ("student_ids", ["\ud800"]),
        ("student_ids", [str(uuid4())] * 501),
        ("document_number", "\x00"),
        ("document_number", "x" * 191),
        ("surprise", 1),
    ],
)
async def test_malformed_notices_are_told_where(registrar, field, value):
    body = {**NOTICE, "student_ids": [str(uuid4())], field: value}

    answer = await registrar.post(f"/v1/schools/{SCHOOL}/enrolment-notices", body)

    assert answer.status_code == 422, answer.text


@pytest.mark.parametrize("report_by", ["9999-12-31", "2026-08-20"])
async def test_any_day_to_report_by_is_screened_without_a_fault(bureau, nowhere, report_by):
    issued = await bureau.record(nowhere, "enrolment-notices", report_by=report_by)
    wait = {"Min_Log_Position": str(issued["position"])}

    assert (await bureau.post("/v1/screening/no-shows", {}, **wait)).status_code == 201
