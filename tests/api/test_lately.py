"""Who may record for a child is judged on the child as it is, whatever this process knew of it."""

from uuid import UUID

import pytest
from psycopg_pool import AsyncConnectionPool

from application.store.store import Store
from application.tracking import Ask
from tests.api.reading import access_log, kinds, told
from tests.lives import BUREAU, TODAY, commands
from tests.people import example

PLACE = {"kind": "29", "occurred_on": TODAY, "papers": []}


@pytest.fixture
async def elsewhere(app):
    """Another process of the service, on the same database."""
    service = app.state.service
    async with AsyncConnectionPool(service.pool.conninfo, min_size=1, open=False) as pool:
        made = commands(Store(pool, service.store._vault))
        assert made.store is not service.store
        yield made


async def by_others(elsewhere, child, step, **facts):
    await getattr(elsewhere, step)(Ask(BUREAU, await elsewhere.child(UUID(child))), **facts)


@pytest.mark.parametrize("path", ["home-visits", "absence-flags"])
async def test_a_child_moved_by_another_process_is_out_of_reach_at_once(
    app, elsewhere, teacher, bureau, child, path
):
    await teacher.record(child, "home-visits")
    await by_others(elsewhere, child, "change_roll", to_class="9班", **PLACE)

    refused = await teacher.post(f"/v1/students/{child}/{path}", example(path))

    assert told(refused) == (403, "out-of-reach")
    assert await kinds(bureau, child) == ["enrolled", "home_visited", "roll_changed"]
    step = {"home-visits": "visit_home", "absence-flags": "flag_absence"}[path]
    assert await access_log(app) == [("teacher", step, child)]


async def test_a_child_moved_by_another_process_is_within_reach_at_once(
    elsewhere, teacher, bureau, child
):
    await by_others(elsewhere, child, "change_roll", to_class="9班", **PLACE)
    await bureau.record(child, "home-visits")  # known here as one of class 9
    back = (await bureau.get(f"/v1/students/{child}")).json()["class_name"]
    assert back == "9班"
    await by_others(elsewhere, child, "change_roll", to_class="1班", **PLACE)

    assert (await teacher.record(child, "home-visits"))["version"] == 5


async def test_a_correction_is_judged_on_the_child_as_it_is(app, elsewhere, teacher, bureau, child):
    await teacher.record(child, "home-visits")
    await by_others(elsewhere, child, "change_roll", to_class="9班", **PLACE)

    changes = {"entry": 2, "changes": {"purpose": "复核"}, "reason": "录错"}
    refused = await teacher.post(f"/v1/students/{child}/corrections", changes)

    assert told(refused) == (403, "out-of-reach")
    assert await access_log(app) == [("teacher", "correct", child)]
    assert "corrected" not in await kinds(bureau, child)


async def test_whoever_reads_sees_what_another_process_recorded(elsewhere, teacher, child):
    recorded = await teacher.record(child, "home-visits")
    visit = {"occurred_on": TODAY, "mode": "phone", "visitors": ["测甲"], "met": ["guardian"]}
    await by_others(elsewhere, child, "visit_home", **visit)

    read = await teacher.get(f"/v1/students/{child}")

    assert read.json()["version"] == recorded["version"] + 1


async def test_a_refused_body_costs_the_next_command_nothing_but_a_load(teacher, child):
    await teacher.record(child, "home-visits")
    wrong = await teacher.post(f"/v1/students/{child}/home-visits", {"mode": "no such"})
    assert wrong.status_code == 422

    assert (await teacher.record(child, "home-visits"))["version"] == 3


async def test_a_refusal_is_told_of_the_child_as_it_is(elsewhere, teacher, child):
    await teacher.record(child, "home-visits")
    flag = {"first_absent_on": TODAY, "absence_kind": "truancy", "found_by": "roll_call"}
    await by_others(elsewhere, child, "flag_absence", **flag)

    suspected = {**example("suspicions"), "occurred_on": TODAY.isoformat()}
    answer = await teacher.post(f"/v1/students/{child}/suspicions", suspected)

    assert (answer.status_code, answer.json().get("version")) == (201, 4)
