"""A roll-call over HTTP: who may call which, what is refused, what is answered and read after."""

from uuid import uuid4

import pytest

from api.examples import ANSWERS
from tests.api.reading import kinds, looks, record_of, told
from tests.lives import number
from tests.people import OTHER_SCHOOL, PRIMARY, SCHOOL, enrol, student_number

PATH = "/v1/attendance"
DAY = "2026-09-14"
CLASS = {"grade": 7, "class_name": "1班"}
SECOND = {"grade": 7, "class_name": "2班"}
WHOLE = {}
BASIS = {"reason": "监护人要求停止使用", "legal_basis": "个人信息保护法第四十七条"}


def roll_call(*serials, place=CLASS, school=SCHOOL, kind="truancy", **changes):
    absences = [{"student_number": student_number(n), "absence_kind": kind} for n in serials]
    return {"school_code": school, "date": DAY, **place, "absences": absences, **changes}


async def kept(app) -> int:
    rows = await app.state.service.store.query("SELECT count(*) FROM attendance.roll_calls")
    return rows[0][0]


async def test_a_roll_call_is_screened_and_its_flag_is_read_by_whoever_reads_the_child(
    teacher, child
):
    answer = await teacher.post(PATH, roll_call(1))

    assert answer.status_code == 201, answer.text
    body = answer.json()
    (item,) = body["items"]
    assert (item["student_id"], item["outcome"], item["outcome_label"], item["entry"]) == (
        *(child, "flagged", "已预警"),
        2,
    )
    assert answer.headers["log-position"] == str(body["position"])
    record = await record_of(teacher, child)
    assert record["status"] == "watched"
    entry = (await teacher.get(f"/v1/students/{child}/history/2")).json()
    assert (entry["data"]["found_by"], entry["data"]["found_by_label"]) == ("screening", "排查")
    assert "点名记为旷课" in entry["data"]["note"]
    assert (entry["recorded_by"]["account"], entry["recorded_by"]["name"]) == (
        "guixue-screening",
        "考勤排查",
    )
    ledger = await teacher.fresh("/v1/ledgers/dropout-control", body["position"])
    assert [row["found_by"] for row in ledger["items"]] == ["screening"]


async def test_a_corrected_roll_call_shows_in_the_history_and_deletes_nothing(teacher, child):
    await teacher.post(PATH, roll_call(1))

    answer = (await teacher.post(PATH, roll_call())).json()

    (present,) = answer["present_after_all"]
    assert (present["student_id"], present["outcome"]) == (child, "put_right")
    assert await kinds(teacher, child) == ["enrolled", "absence_flagged", "corrected"]
    correction = (await teacher.get(f"/v1/students/{child}/history/3")).json()
    assert "当日到校" in correction["data"]["changes"]["note"]


async def test_the_answer_has_the_fields_of_its_example(teacher, child, registrar):
    await enrol(registrar, 2)
    await teacher.post(PATH, roll_call(1))

    answer = (await teacher.post(PATH, roll_call(2))).json()

    example = ANSWERS["screened"]
    assert answer.keys() == example.keys()
    for name in ("items", "present_after_all"):
        assert [one.keys() for one in answer[name]] == [example[name][0].keys()]


async def test_labels_are_in_the_callers_language(teacher, child):
    answer = await teacher.post(PATH, roll_call(1), Accept_Language="en")

    (item,) = answer.json()["items"]
    assert (item["absence_kind_label"], item["outcome_label"]) == ("Truancy", "Flagged")


# Who may ------------------------------------------------------------------------------------------

HERE = {"own class": (SCHOOL, CLASS), "second class": (SCHOOL, SECOND), "school": (SCHOOL, WHOLE)}
THERE = {"other school": (OTHER_SCHOOL, WHOLE), "other class": (OTHER_SCHOOL, CLASS)}
PLACES = {**HERE, **THERE, "primary school": (PRIMARY, WHOLE)}
CALLS = {
    "teacher": {"own class"},
    "teacher2": {"second class"},
    **dict.fromkeys(("registrar", "principal"), HERE.keys()),
    **dict.fromkeys(("registrar2", "principal2"), THERE.keys()),
}


@pytest.mark.parametrize("username", sorted(CALLS))
async def test_each_calls_the_roll_of_their_own_and_no_other(app, sign_in, head, username):
    caller = await sign_in(username)
    before = await head()
    refused = 0
    for name, (school, place) in PLACES.items():
        answer = await caller.post(PATH, roll_call(place=place, school=school))
        if name in CALLS[username]:
            assert answer.status_code == 201, (name, answer.text)
        else:
            assert told(answer) == (403, "out-of-reach"), name
            refused += 1
    assert await kept(app) == len(CALLS[username])
    lines = await looks(app, "action", "outcome")
    assert lines.count(("call_roll", "refused")) == refused
    assert await head() == before


async def test_a_line_of_the_access_log_names_whose_absence_was_told(app, teacher, child):
    await teacher.post(PATH, roll_call(1))

    ((action, outcome, children, details),) = await looks(
        app, "action", "outcome", "students::text[]", "details"
    )
    assert (action, outcome, children) == ("call_roll", "recorded", [child])
    assert details == {"roll_call": 1, "absent": 1, "flagged": 1, "put_right": 0}


# What is refused ----------------------------------------------------------------------------------


async def test_wrong_rows_are_all_named_and_nothing_is_recorded(
    app, bureau, principal, child, head
):
    await enrol(bureau, 2, school_code=OTHER_SCHOOL)
    before = await head()

    answer = await principal.post(PATH, roll_call(1, 2, 99, 1, place=WHOLE), Accept_Language="en")

    assert told(answer) == (422, "absences-refused")
    elsewhere = "No such child was of this class or school that day."
    assert [(one["row"], one["pointer"], one["detail"]) for one in answer.json()["errors"]] == [
        (2, "/absences/1/student_number", elsewhere),
        (3, "/absences/2/student_number", elsewhere),
        (4, "/absences/3/student_number", "This child is named more than once."),
    ]
    assert (await head(), await kept(app)) == (before, 0)


@pytest.mark.parametrize("wrong", ["\0", "\ud800", 2**63, 2026, None, "", " ", [], {}, 1.5, True])
@pytest.mark.parametrize(
    "field", ["school_code", "date", "grade", "class_name", "student_number", "absence_kind"]
)
async def test_a_malformed_field_is_pointed_to_and_nothing_is_recorded(
    app, principal, child, head, field, wrong
):
    before = await head()
    body = roll_call(1)
    of = body["absences"][0] if field in {"student_number", "absence_kind"} else body
    of[field] = wrong

    answer = await principal.post(PATH, body)

    assert told(answer) == (422, "malformed"), answer.text
    assert answer.json()["errors"][0]["pointer"].rpartition("/")[2] == field
    assert (await head(), await kept(app)) == (before, 0)


@pytest.mark.parametrize(
    ("changes", "status", "slug"),
    [
        ({"date": "2026-13-01"}, 422, "malformed"),
        ({"date": "2026-02-30"}, 422, "malformed"),
        ({"date": "2999-01-01"}, 409, "future-day"),
        ({"absences": [{}] * 5001}, 422, "malformed"),
        ({"absences": "all"}, 422, "malformed"),
        ({"grade": 10}, 422, "malformed"),
        ({"surprise": 1}, 422, "malformed"),
        ({"absences": [{"student_number": "G1", "absence_kind": "truancy"}]}, 422, "malformed"),
    ],
)
async def test_what_cannot_be_is_refused_and_not_kept(app, principal, child, changes, status, slug):
    assert told(await principal.post(PATH, roll_call(1, **changes))) == (status, slug)
    assert await kept(app) == 0


@pytest.mark.parametrize("missing", ["grade", "class_name"])
async def test_half_a_class_is_no_class(principal, child, missing):
    body = roll_call(1)
    del body[missing]

    answer = await principal.post(PATH, body)

    assert told(answer) == (422, "malformed")
    assert [error["pointer"] for error in answer.json()["errors"]] == [f"/{missing}"]


async def test_a_day_long_before_anybody_was_born_is_kept_and_flags_nobody(teacher, child):
    answer = await teacher.post(PATH, roll_call(1, date="0001-01-01"))

    assert [item["outcome"] for item in answer.json()["items"]] == ["no_school_day"]
    assert await kinds(teacher, child) == ["enrolled"]


# Keys ---------------------------------------------------------------------------------------------


async def test_the_same_key_gives_the_same_answer_and_another_body_is_refused(app, teacher, child):
    key = str(uuid4())
    first = await teacher.post(PATH, roll_call(1), Idempotency_Key=key)

    again = await teacher.post(PATH, roll_call(1), Idempotency_Key=key)
    other = await teacher.post(PATH, roll_call(), Idempotency_Key=key)

    assert (again.status_code, again.json()) == (201, first.json())
    assert told(other) == (422, "idempotency-key-reused")
    assert await kept(app) == 1


async def test_a_refused_roll_call_leaves_its_key_free(teacher, registrar, child):
    key = str(uuid4())
    refused = await teacher.post(PATH, roll_call(1, 2), Idempotency_Key=key)
    await enrol(registrar, 2)

    done = await teacher.post(PATH, roll_call(1, 2), Idempotency_Key=key)

    assert (refused.status_code, done.status_code) == (422, 201)


# Restricted and erased ----------------------------------------------------------------------------


async def test_of_a_restricted_child_nothing_is_kept(app, teacher, bureau, child):
    await bureau.record(child, "restriction", **BASIS)

    answer = await teacher.post(PATH, roll_call(1))

    assert [item["outcome"] for item in answer.json()["items"]] == ["restricted"]
    rows = await app.state.service.store.query("SELECT count(*) FROM attendance.absences")
    assert rows == [(0,)]


async def test_the_number_of_an_erased_child_names_nobody(teacher, district):
    erased = number(list(district.names).index(district.id_of("erased")))
    body = roll_call(absences=[{"student_number": erased, "absence_kind": "truancy"}])

    assert told(await teacher.post(PATH, body)) == (422, "absences-refused")


# By id --------------------------------------------------------------------------------------------


async def test_a_child_is_named_by_id_as_well_as_by_number(teacher, child):
    named = {"student_id": child, "absence_kind": "truancy"}

    (item,) = (await teacher.post(PATH, roll_call(absences=[named]))).json()["items"]

    assert (item["student_id"], item["outcome"]) == (child, "flagged")
    assert await kinds(teacher, child) == ["enrolled", "absence_flagged"]


async def test_an_id_is_refused_that_is_nobodys_anothers_or_named_before(
    teacher, registrar, child, app
):
    other = (await enrol(registrar, 2, class_name="2班"))["student_id"]
    named = [{"student_id": one, "absence_kind": "truancy"} for one in (child, str(uuid4()), other)]
    named.append({"student_number": student_number(1), "absence_kind": "truancy"})

    answer = await teacher.post(PATH, roll_call(absences=named))

    assert answer.status_code == 422
    assert [one["pointer"] for one in answer.json()["errors"]] == [
        *("/absences/1/student_id", "/absences/2/student_id", "/absences/3/student_number")
    ]
    assert await kept(app) == 0


@pytest.mark.parametrize("name", [{}, {"student_id": "x"}, {"student_id": None}, "both"])
async def test_a_child_named_in_no_way_or_in_two_is_malformed(teacher, child, name):
    both = {"student_id": child, "student_number": student_number(1)}
    named = {"absence_kind": "truancy", **(both if name == "both" else name)}

    answer = await teacher.post(PATH, roll_call(absences=[named]))

    assert (answer.status_code, answer.json()["type"]) == (422, "malformed")
