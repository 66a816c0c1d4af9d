"""A child is put on the roll, found by name, initials or number, and told with what is due."""

import asyncio
from typing import Any
from uuid import uuid4

from api.examples import EXAMPLES
from tests.api.reading import kinds, record_of, told
from tests.people import OTHER_SCHOOL, SCHOOL, Caller, enrol, student_number

NEW = {**EXAMPLES["NewStudent"], "school_code": SCHOOL, "student_number": student_number(1)}
NOT_ENROLLED = ("student_number", "school_code", "grade", "class_name")


# Enrolment ---------------------------------------------------------------------------------------


async def test_an_enrolled_child_is_told_with_everything_said_of_it(registrar):
    body = {
        **NEW,
        "id_number": student_number(1)[1:],
        "home_address": "晴川镇晴川村一组十八号",
        "registered_residence": "晴川镇",
        "key_groups": [{"code": "left_behind", "source": "排查", "purpose": "关爱"}],
        "disability": {"type": "5", "level": "2"},
    }
    answer = await registrar.post("/v1/students", body, Idempotency_Key=str(uuid4()))

    done = answer.json()
    assert answer.status_code == 201
    assert (done["entry"], done["version"]) == (1, 1)
    assert answer.headers["location"] == f"/v1/students/{done['student_id']}/history/1"
    assert answer.headers["etag"] == '"1"'
    record = await record_of(registrar, done["student_id"])
    assert {key: record[key] for key in ("name", "sex", "sex_label", "birth_date", "grade")} == {
        "name": "测小舟",
        "sex": "female",
        "sex_label": "女",
        "birth_date": "2014-09-15",
        "grade": 7,
    }
    assert (record["school"], record["township_office"]) == ("晴川中学", "晴川镇中心校")
    assert (record["township"], record["class_name"]) == ("晴川镇", "1班")
    assert (record["student_status"], record["student_status_label"]) == ("01", "在读")
    assert (record["status"], record["episode"], record["escalation_level"]) == ("none", None, None)
    assert record["id_number"] == "410399********" + student_number(1)[-4:]
    assert record["home_address"] == "晴川镇晴川***"
    assert record["key_groups"][0]["code_label"] == "留守"
    assert record["disability"] == {"type": "5", "level": "2"}
    assert set(record["counts"].values()) == {0}
    assert (record["version"], record["position"]) == (1, done["position"])


async def test_a_number_on_the_roll_leads_to_the_child_that_has_it(registrar, bureau, child):
    again = await registrar.post("/v1/students", NEW)
    elsewhere = await bureau.post("/v1/students", {**NEW, "school_code": OTHER_SCHOOL})
    number = NEW["student_number"].lower()
    lower = await registrar.post("/v1/students", {**NEW, "student_number": number})

    for answer in (again, elsewhere, lower):
        assert told(answer) == (409, "already-on-roll")
        assert answer.json()["student_id"] == child
    assert (await kinds(registrar, child)) == ["enrolled"]


async def test_of_many_enrolments_at_once_with_one_number_one_lands(registrar):
    answers = await asyncio.gather(*(registrar.post("/v1/students", NEW) for _ in range(6)))

    assert sorted(answer.status_code for answer in answers) == [201] + [409] * 5
    made = next(a.json()["student_id"] for a in answers if a.status_code == 201)
    assert {a.json()["student_id"] for a in answers} == {made}


async def test_a_corrected_number_is_free_for_another_child(registrar, child):
    changes = {"student_number": student_number(2)}
    await registrar.record(child, "corrections", entry=1, changes=changes)

    other = await enrol(registrar, 1)
    taken = await registrar.post("/v1/students", {**NEW, "student_number": student_number(2)})

    assert other["student_id"] != child
    assert (told(taken), taken.json()["student_id"]) == ((409, "already-on-roll"), child)


async def test_enrolling_twice_with_one_key_is_one_child(registrar):
    key = str(uuid4())
    one = await registrar.post("/v1/students", NEW, Idempotency_Key=key)
    again = await registrar.post("/v1/students", NEW, Idempotency_Key=key)
    other = await registrar.post("/v1/students", {**NEW, "grade": 8}, Idempotency_Key=key)

    assert (one.status_code, again.status_code) == (201, 201)
    assert one.json() == again.json()
    assert told(other) == (422, "idempotency-key-reused")


async def test_a_child_found_not_enrolled_needs_who_found_it_and_where(sign_in, bureau):
    township = await sign_in("township")
    body = {name: value for name, value in NEW.items() if name not in NOT_ENROLLED}
    nowhere = await township.post("/v1/students", {**body, "township": "晴川镇"})
    found = await township.post(
        "/v1/students", {**body, "township": "晴川镇", "found_by": "screening"}
    )

    assert nowhere.status_code == 422
    assert nowhere.json()["errors"][0]["pointer"] == "/student_number"
    record = await record_of(bureau, found.json()["student_id"])
    assert (record["student_number"], record["school"], record["grade"]) == (None, None, None)
    assert (record["student_status"], record["found_by_label"]) == ("99", "排查")


async def test_an_enrolment_no_rule_allows_is_refused_and_nothing_recorded(bureau, app):
    unknown = await bureau.post("/v1/students", {**NEW, "school_code": "3141999999"})
    unborn = await bureau.post("/v1/students", {**NEW, "birth_date": "2999-01-01"})

    assert (told(unknown), told(unborn)) == ((409, "school-unknown"), (409, "future-day"))
    assert await app.state.service.store.head() == 0


async def test_a_text_of_blanks_is_no_text_and_blanks_around_one_are_not_kept(registrar):
    blank = await registrar.post("/v1/students", {**NEW, "name": "   "})
    guardian = {"name": " 测大舟 ", "relation": "父亲", "phone": " 19000000001 "}
    padded = await enrol(registrar, 1, name=" 测小舟\u3000", guardians=[guardian])

    assert blank.json()["errors"] == [{"pointer": "/name", "detail": "不能为空。"}]
    record = await record_of(registrar, padded["student_id"])
    assert (record["name"], record["guardians"][0]["name"]) == ("测小舟", "测大舟")


# Finding -----------------------------------------------------------------------------------------

FOUND = {
    "测": {"测小舟", "测曾单", "测单雄"},
    "小舟": {"测小舟"},
    "测小舟": {"测小舟"},
    " 测 小舟 ": {"测小舟"},
    "舟小": set(),
    "cxz": {"测小舟"},
    "CXZ": {"测小舟"},
    "cx": {"测小舟"},
    "xz": set(),  # initials are typed from the first
    "czs": {"测曾单"},
    "czd": {"测曾单"},
    "czc": {"测曾单"},
    "ccd": {"测曾单"},
    "csx": {"测单雄"},
    "cdx": {"测单雄"},
    "ccx": {"测单雄"},
    "zs": {"曾善"},
    "cs": {"曾善", "测单雄"},
    "艾力": {"买买提·艾力"},
    "mmtal": {"买买提·艾力"},
    "mary": {"Mary Li"},
    "l": {"吕绿"},
    "吕": {"吕绿"},
    student_number(3): {"测单雄"},
    student_number(3).lower(): {"测单雄"},
    "G410399201409150": {"测小舟", "测曾单", "测单雄", "曾善", "买买提·艾力", "Mary Li", "吕绿"},
    student_number(2)[1:]: {"测曾单"},
    "没有这人": set(),
    "   ": {"测小舟", "测曾单", "测单雄", "曾善", "买买提·艾力", "Mary Li", "吕绿"},
    **{hostile: set() for hostile in ("'", "\\", "a' | 'b", "测:*", "!测", "&|", "%", "_", "(")},
}


async def test_a_child_is_found_by_name_by_initials_however_read_and_by_number(registrar):
    names = ("测小舟", "测曾单", "测单雄", "曾善", "买买提·艾力", "Mary Li", "吕绿")
    for serial, name in enumerate(names, start=1):
        number = {"id_number": student_number(2)[1:]} if serial == 2 else {}
        last = await enrol(registrar, serial, name=name, **number)
    await registrar.fresh("/v1/students", last["position"])
    for words, expected in FOUND.items():
        answer = await registrar._client.get(
            "/v1/students", params={"q": words}, headers=registrar.headers
        )
        assert answer.status_code == 200, (words, answer.text)
        assert {item["name"] for item in answer.json()["items"]} == expected, words


async def test_a_name_of_many_readings_is_found_and_breaks_nothing(registrar):
    name = "单曾乐重长" * 20
    done = await enrol(registrar, 1, name=name)

    page = await registrar.fresh("/v1/students?q=单曾乐重长", done["position"])

    assert [item["name"] for item in page["items"]] == [name]


async def test_a_corrected_name_is_found_and_the_wrong_one_no_more(registrar, child):
    changes = {"name": "测晓洲"}
    done = await registrar.record(child, "corrections", entry=1, changes=changes)

    right = await registrar.fresh("/v1/students?q=晓洲", done["position"])
    wrong = await registrar.fresh("/v1/students?q=小舟", done["position"])

    assert ([item["student_id"] for item in right["items"]], wrong["items"]) == ([child], [])


async def test_the_roll_is_filtered_by_place_case_mark_and_responsible_person(
    registrar, bureau, child
):
    grade8 = (await enrol(registrar, 2, grade=8))["student_id"]
    other = (await enrol(bureau, 3, school_code=OTHER_SCHOOL))["student_id"]
    await registrar.record(child, "absence-flags")
    await registrar.record(child, "responsible-persons", name="测甲老师")
    await registrar.record(child, "responsible-persons", name="测乙老师", role="mentor")
    last = (await registrar.record(grade8, "key-groups"))["position"]
    for query, expected in {
        f"school_code={SCHOOL}": {child, grade8},
        "township=云溪镇": {other},
        "grade=8": {grade8},
        "status=watched": {child},
        "status=none": {grade8, other},
        "key_group=left_behind": {grade8},
        "key_group=orphan": set(),
        "responsible=测甲老师": {child},
        "responsible=测乙老师": set(),
        "status=watched&grade=8": set(),
    }.items():
        page = await bureau.fresh(f"/v1/students?{query}", last)
        assert {item["student_id"] for item in page["items"]} == expected, query
    for query in ("grade=0", "grade=10", "grade=x", "status=x", "key_group=x", "q=" + "x" * 101):
        assert (await bureau.get(f"/v1/students?{query}")).status_code == 422, query


async def test_the_tag_of_a_read_is_the_version_an_entry_may_be_bound_to(registrar, child):
    await registrar.record(child, "absence-flags")
    seen = await registrar.get(f"/v1/students/{child}")
    past = await registrar.get(f"/v1/students/{child}?version=1")
    body = EXAMPLES["HomeVisit"]
    path = f"/v1/students/{child}/home-visits"

    assert (seen.headers["etag"], seen.json()["version"]) == ('"2"', 2)
    assert (past.headers["etag"], past.json()["version"]) == ('"1"', 1)
    stale = await registrar.post(path, body, If_Match=past.headers["etag"])
    fresh = await registrar.post(path, body, If_Match=seen.headers["etag"])
    assert (told(stale), fresh.status_code) == ((412, "version-moved"), 201)


# Duties ------------------------------------------------------------------------------------------


async def due(caller: Caller, child: str, **headers: str) -> list[dict[str, Any]]:
    answer = await caller.get(f"/v1/students/{child}/duties", **headers)
    assert (answer.status_code, answer.json()["next_cursor"]) == (200, None)
    return answer.json()["items"]


async def test_duties_follow_the_case_and_end_with_it(registrar, teacher, principal, bureau, child):
    assert await due(teacher, child) == []
    await teacher.record(child, "absence-flags")
    await teacher.record(child, "responsible-persons")
    watched = await due(teacher, child)
    await teacher.record(child, "home-visits")
    await teacher.record(child, "suspicions")
    await principal.record(child, "written-reports")
    suspected = await due(teacher, child)
    await teacher.record(child, "returns")
    returned = await due(teacher, child)
    papers = [{"kind": "roll_extract"}]
    await principal.record(child, "close-out-requests", reason="C02", papers=papers)
    asked = await due(bureau, child, Accept_Language="en")
    await bureau.record(child, "close-out-decisions")

    assert watched[0] == {
        "kind": "contact_guardian",
        "kind_label": "当日联系监护人",
        "due_on": "2026-09-14",
        "for_role": "teacher",
        "person": "测甲老师",
        "overdue": True,
        "provisional": watched[0]["provisional"],
        "entry": None,
    }
    assert [(duty["kind"], duty["due_on"]) for duty in watched[1:]] == [
        ("first_home_visit", "2026-09-15"),
        ("written_report", "2026-09-17"),
    ]
    assert [(duty["kind"], duty["due_on"]) for duty in suspected] == [
        ("principal_visit", "2026-09-23"),
        ("persuasion", "2026-09-24"),
    ]
    assert {duty["kind"] for duty in returned} == {"observation_check"}
    assert [duty["due_on"] for duty in returned][:1] == ["2026-09-28"]  # past 中秋 and a weekend
    decision = next(duty for duty in asked if duty["kind"] == "close_out_decision")
    assert (decision["kind_label"], decision["for_role"], decision["overdue"]) == (
        *("Decide the close-out", "bureau", False),
    )
    assert await due(teacher, child) == []
