"""Live counts per school: a township watches every school of its area, and sees no child."""

import pytest

from tests.people import OTHER_SCHOOL, PRIMARY, SCHOOL, enrol

FOUND = {"name": "测小溪", "sex": "male", "birth_date": "2014-09-15", "found_by": "screening"}


@pytest.fixture
async def cases(sign_in, registrar, bureau):
    """Two cases here, one there, none in the primary school, one at no school."""
    elsewhere, township = await sign_in("registrar2"), await sign_in("township")
    for caller, serial, school, paths in (
        (registrar, 1, SCHOOL, ("absence-flags",)),
        (registrar, 2, SCHOOL, ("absence-flags", "suspicions")),
        (registrar, 3, SCHOOL, ()),
        (elsewhere, 4, OTHER_SCHOOL, ("absence-flags",)),
    ):
        child = (await enrol(caller, serial, school_code=school))["student_id"]
        for path in paths:
            await caller.record(child, path)
    found = await township.post("/v1/students", {**FOUND, "township": "晴川镇"})
    return (await township.record(found.json()["student_id"], "absence-flags"))["position"]


def counts(answer):
    return [
        (
            *(item["school_code"], item["township"], item["open"]),
            *((count["status"], count["cases"]) for count in item["counts"]),
        )
        for item in answer["items"]
    ]


HERE = (SCHOOL, "晴川镇", 2, ("watched", 1), ("suspected", 1))
THERE = (OTHER_SCHOOL, "云溪镇", 1, ("watched", 1))
NONE_YET = (PRIMARY, "晴川镇", 0)
AT_NO_SCHOOL = (None, "晴川镇", 1, ("watched", 1))


@pytest.mark.parametrize(
    ("username", "expected"),
    [
        ("township", [NONE_YET, HERE, AT_NO_SCHOOL]),
        ("office", [NONE_YET, HERE]),
        ("principal", [HERE]),
        ("registrar2", [THERE]),
        ("inspector", [HERE]),
        ("task_force", [NONE_YET, HERE, THERE, AT_NO_SCHOOL]),
        ("bureau", [NONE_YET, HERE, THERE, AT_NO_SCHOOL]),
        ("auditor", [NONE_YET, HERE, THERE, AT_NO_SCHOOL]),
    ],
)
async def test_each_counts_the_open_cases_of_its_area(sign_in, cases, username, expected):
    caller = await sign_in(username)
    assert counts(await caller.fresh("/v1/live-counts", cases)) == expected


async def test_counts_name_no_child_and_speak_the_callers_language(sign_in, cases):
    township = await sign_in("township")
    zh = await township.fresh("/v1/live-counts", cases)
    en = (await township.get("/v1/live-counts", Accept_Language="en")).json()

    assert zh["items"][1] == {
        "school_code": SCHOOL,
        "school": "晴川中学",
        "township": "晴川镇",
        "open": 2,
        "counts": [
            {"status": "watched", "status_label": "缺勤预警", "cases": 1},
            {"status": "suspected", "status_label": "疑似辍学", "cases": 1},
        ],
    }
    assert en["items"][1]["counts"][0]["status_label"] == "Watched"


async def test_a_closed_case_is_counted_no_more(sign_in, cases, bureau, teacher):
    children = (await bureau.fresh("/v1/students?status=suspected", cases))["items"]
    (child,) = [item["student_id"] for item in children]
    await teacher.record(
        child, "close-out-requests", reason="C02", papers=[{"kind": "roll_extract"}]
    )
    done = await bureau.record(child, "close-out-decisions")

    assert counts(await bureau.fresh("/v1/live-counts", done["position"]))[1] == (
        *(SCHOOL, "晴川镇", 1),
        ("watched", 1),
    )
