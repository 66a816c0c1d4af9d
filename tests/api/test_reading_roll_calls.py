"""Roll-calls read back: as they were taken, those that stand, and only whom one may see."""

from uuid import UUID

import pytest

from api.examples import ANSWERS
from tests.api.reading import access_log, looks, told
from tests.api.test_attendance import DAY, PATH, SECOND, WHOLE, roll_call
from tests.people import OTHER_SCHOOL, SCHOOL, enrol, student_number

OURS = f"{PATH}?school_code={SCHOOL}"


@pytest.fixture
async def second(registrar):
    """A child of the second class."""
    return (await enrol(registrar, 2, class_name="2班"))["student_id"]


async def read(caller, path):
    answer = await caller.get(path)
    assert answer.status_code == 200, answer.text
    return answer.json()["items"]


def seen(calls):
    return [
        (one["stands"], one["absent"], [(a["student_id"], a["stands"]) for a in one["absences"]])
        for one in calls
    ]


async def test_a_roll_call_is_read_as_it_was_taken_and_a_later_one_stands(
    registrar, teacher, child, second, app
):
    await teacher.post(PATH, roll_call(1))
    done = await registrar.post(PATH, roll_call(1, 2, place=WHOLE, kind="sick_leave"))
    await app.state.service.freshness.reached(done.json()["position"])

    calls = await read(registrar, f"{OURS}&date={DAY}")

    assert seen(calls) == [(False, 1, [(child, False)]), (True, 2, [(child, True), (second, True)])]
    first = calls[0]
    assert first.keys() == ANSWERS["roll_calls"]["items"][0].keys()
    assert first["absences"][0] | {"student_id": child} == {
        "student_id": child,
        "student_name": "测小舟",
        "student_number": f"G410399********{student_number(1)[-4:]}",
        "grade": 7,
        "class_name": "1班",
        "absence_kind": "truancy",
        "absence_kind_label": "旷课",
        "stands": False,
    }
    assert first["taken_by"] == {"role": "teacher", "role_label": "班主任", "unit": "晴川中学"}
    line = (await looks(app, "action", "students", "outcome"))[-1]
    assert (line[0], set(line[1]), line[2]) == (
        *("view attendance", {UUID(child), UUID(second)}, "shown"),
    )


async def test_a_teacher_reads_the_own_class_and_is_told_of_no_other_child(
    registrar, teacher, child, second, app
):
    await registrar.post(PATH, roll_call(2, place=SECOND))
    done = await registrar.post(PATH, roll_call(1, 2, place=WHOLE, kind="sick_leave"))
    await app.state.service.freshness.reached(done.json()["position"])

    assert seen(await read(teacher, OURS)) == [(True, 2, [(child, True)])]
    other_class = await teacher.get(f"{OURS}&grade=7&class_name=2班")
    assert told(other_class) == (404, "not-found")
    assert seen(await read(registrar, f"{OURS}&grade=7&class_name=2班")) == [
        (False, 1, [(second, False)]),
        (True, 2, [(second, True)]),
    ]


async def test_another_school_is_not_found_and_another_child_refused(
    registrar, principal, sign_in, child, app
):
    stranger = await sign_in("principal2")

    assert told(await stranger.get(OURS)) == (404, "not-found")
    assert told(await stranger.get(f"{PATH}?student_id={child}")) == (403, "out-of-reach")
    assert told(await (await sign_in("township")).get(OURS)) == (403, "not-allowed")
    assert [line[:2] for line in await access_log(app)] == [
        *(("principal2", "list"), ("principal2", "read_attendance")),
        ("township", "read_attendance"),
    ]


async def test_of_one_child_every_roll_call_that_names_it_is_read(
    registrar, teacher, child, second, app
):
    await teacher.post(PATH, roll_call(1))
    await registrar.post(PATH, roll_call(2, place=SECOND))
    done = await registrar.post(PATH, roll_call(1, 2, place=WHOLE, date="2026-09-15"))
    await app.state.service.freshness.reached(done.json()["position"])

    calls = await read(teacher, f"{PATH}?student_id={child}")

    assert seen(calls) == [(True, 1, [(child, True)]), (True, 2, [(child, True)])]


async def test_roll_calls_are_paged(registrar, child):
    for day in ("2026-09-14", "2026-09-15", "2026-09-16"):
        await registrar.post(PATH, roll_call(date=day))
    first = (await registrar.get(f"{OURS}&limit=2")).json()
    rest = (await registrar.get(f"{OURS}&limit=2&cursor={first['next_cursor']}")).json()

    assert [one["date"] for one in first["items"] + rest["items"]] == [
        *("2026-09-14", "2026-09-15", "2026-09-16"),
    ]
    assert rest["next_cursor"] is None


async def test_a_number_is_shown_in_full_for_a_reason(registrar, child, app):
    done = await registrar.post(PATH, roll_call(1))
    await app.state.service.freshness.reached(done.json()["position"])

    (call,) = await read(registrar, f"{OURS}&reveal=true&reason=核对")

    assert call["absences"][0]["student_number"] == student_number(1)
    (last,) = (await looks(app, "action", "reason"))[-1:]
    assert last == ("reveal attendance", "核对")


async def test_of_a_restricted_child_nothing_is_told(registrar, bureau, child, app):
    await registrar.post(PATH, roll_call(1, kind="sick_leave"))
    basis = {"reason": "监护人要求停止使用", "legal_basis": "个人信息保护法第四十七条"}
    done = await bureau.record(child, "restriction", **basis)
    await app.state.service.freshness.reached(done["position"])

    assert seen(await read(registrar, OURS)) == [(True, 1, [])]
    assert (await registrar.get(f"{PATH}?student_id={child}")).status_code == 403


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("", 422),
        (f"?school_code={SCHOOL}&grade=7", 422),
        (f"?school_code={SCHOOL}&date=2026-13-01", 422),
        (f"?school_code={SCHOOL}&limit=501", 422),
        (f"?school_code={SCHOOL}&cursor=zz", 422),
        ("?school_code=%00", 400),
        ("?school_code=%ff", 400),
        ("?student_id=x", 404),
        (f"?student_id={UUID(int=1)}", 404),
        (f"?school_code={OTHER_SCHOOL}", 404),
        (f"?school_code={'9' * 21}", 422),
    ],
)
async def test_what_cannot_be_asked_is_refused(registrar, query, status):
    assert (await registrar.get(f"{PATH}{query}")).status_code == status


# By class and by month ----------------------------------------------------------------------------

CLASSES = f"/v1/schools/{SCHOOL}/classes"


async def called(caller, day=DAY):
    return [
        (one["class_name"], one["children"], one["called"] and one["called"]["absent"])
        for one in await read(caller, f"{CLASSES}?date={day}")
    ]


async def test_every_class_is_told_with_the_roll_call_that_stands_for_it(
    registrar, teacher, child, second, sign_in, app
):
    await app.state.service.freshness.reached(await app.state.service.store.head())
    await teacher.post(PATH, roll_call(1))
    assert await called(registrar) == [("1班", 1, 1), ("2班", 1, None)]
    assert await called(teacher) == [("1班", 1, 1)]
    assert await called(await sign_in("teacher2")) == [("2班", 1, None)]
    await registrar.post(PATH, roll_call(2, place=WHOLE))

    assert await called(registrar) == [("1班", 1, 0), ("2班", 1, 1)]
    assert await called(registrar, "2026-09-15") == [("1班", 1, None), ("2班", 1, None)]
    first = (await registrar.get(f"{CLASSES}?date={DAY}")).json()
    assert first["items"][0].keys() == ANSWERS["classes"]["items"][0].keys()
    assert first["items"][0]["called"]["taken_by"]["role_label"] == "学籍管理员"


async def test_another_schools_classes_are_not_found(registrar):
    answer = await registrar.get(f"/v1/schools/{OTHER_SCHOOL}/classes")

    assert (answer.status_code, answer.json()["type"]) == (404, "not-found")


async def test_roll_calls_are_read_from_one_day_to_another(teacher, child):
    for day in ("2026-09-08", "2026-09-09", "2026-09-10"):
        await teacher.post(PATH, roll_call(date=day))

    calls = await read(teacher, f"{OURS}&from=2026-09-09&to=2026-09-10")

    assert [one["date"] for one in calls] == ["2026-09-09", "2026-09-10"]


async def test_children_are_listed_by_class(registrar, child, second, app):
    await app.state.service.freshness.reached(await app.state.service.store.head())

    found = await read(registrar, f"/v1/students?school_code={SCHOOL}&grade=7&class_name=2班")

    assert [one["student_id"] for one in found] == [second]
