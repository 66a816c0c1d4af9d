"""Webhooks: machines of the district hear of every change, at least once, of a child in order."""

import asyncio
import threading
from datetime import UTC, datetime, timedelta

import pytest
from cloudevents.core.bindings.http import HTTPMessage, from_structured_event
from standardwebhooks import Webhook

from api.examples import ANSWERS
from application.notices.notifying import Notifying
from application.store.store import StoreUnavailable
from tests.api.reading import told
from tests.api.receiving import events, kinds, standing, subscribe
from tests.api.test_openapi import shape
from tests.people import OTHER_SCHOOL, SCHOOL, enrol, student_number


class Everybody:
    """What lets whoever asks lead, as where two processes believe for a moment that they do."""

    async def of(self, _job):
        return True


class Paging(Notifying):
    stretch, most = 3, 2


# What is told -------------------------------------------------------------------------------------


async def test_a_machine_hears_of_a_change_signed_and_without_a_word_of_it(
    sign_in, machine, clock, notices, enter
):
    clock.at = datetime.now(UTC).replace(microsecond=0)  # a signature is good for five minutes
    admin, registrar = await sign_in("admin"), await sign_in("registrar")
    made = await subscribe(admin, machine)
    child = await enrol(registrar, 7, name="测不可见")

    assert (await enter(), await notices.delivering.look()) == (1, 1)

    ((headers, body),) = machine.requests
    Webhook(made["secret"]).verify(body, headers)
    event = from_structured_event(HTTPMessage(headers, body))
    assert headers["content-type"] == "application/cloudevents+json"
    assert event.get_id() == str(child["position"])
    assert event.get_source() == "https://guixue.example"
    assert event.get_type() == "guixue.enrolled"
    assert event.get_subject() == child["student_id"]
    assert event.get_datacontenttype() == "application/json"
    assert event.get_data() == {
        "position": child["position"],
        "kind": "enrolled",
        "student_id": child["student_id"],
        "school_code": SCHOOL,
        "township": "晴川镇",
    }
    for word in ("测不可见", student_number(7), "19000000001"):
        assert word not in body.decode()
    with pytest.raises(Exception, match="No matching signature"):
        Webhook(made["secret"]).verify(body + b" ", headers)


async def test_each_is_told_of_its_place_and_its_kinds_alone(
    admin, registrar, principal, teacher, sign_in, machine, connection, enter
):
    """A township hears of a case once it is reported to it."""
    first = (await enrol(registrar, 1))["student_id"]
    await enrol(await sign_in("registrar2"), 2, school_code=OTHER_SCHOOL)
    whose = {}
    for name, narrowed in {
        "district": {},
        "school": {"school_code": SCHOOL},
        "other school": {"school_code": OTHER_SCHOOL},
        "township": {"township": "晴川镇"},
        "kind": {"kinds": ["dropout_suspected"]},
    }.items():
        whose[(await subscribe(admin, machine, **narrowed))["id"]] = name
    await teacher.record(first, "absence-flags")
    await teacher.record(first, "suspicions")
    await enter()
    await principal.record(first, "written-reports")
    await enter()

    rows = connection.execute(
        "SELECT subscription::text, content->>'kind' FROM notices.outbox ORDER BY place"
    ).fetchall()
    heard: dict[str, list[str]] = {}
    for subscription, kind in rows:
        heard.setdefault(whose[subscription], []).append(kind)
    assert heard == {
        "district": ["absence_flagged", "dropout_suspected", "written_report_filed"],
        "school": ["absence_flagged", "dropout_suspected", "written_report_filed"],
        "township": ["written_report_filed"],
        "kind": ["dropout_suspected"],
    }


async def test_each_change_enters_the_outbox_once_whoever_looks(
    app, admin, registrar, machine, connection, clock, notices, enter
):
    await subscribe(admin, machine)
    positions = [(await enrol(registrar, serial))["position"] for serial in range(7)]
    await app.state.service.freshness.reached(positions[-1])
    parts = (app.state.service.store, Everybody(), app.state.service.freshness.position, clock)
    counts = await asyncio.gather(*(Paging(*parts).look() for _ in range(4)))

    assert sum(counts) == 7
    rows = connection.execute("SELECT position FROM notices.outbox ORDER BY place").fetchall()
    assert [position for (position,) in rows] == positions
    assert await enter() == 0


async def test_of_a_restricted_child_nothing_is_told(
    admin, registrar, bureau, machine, notices, enter
):
    await subscribe(admin, machine)
    hidden, other = [(await enrol(registrar, serial))["student_id"] for serial in (1, 2)]
    await bureau.record(hidden, "restriction")

    assert (await enter(), await notices.delivering.look()) == (1, 1)
    assert [event["subject"] for event in events(machine)] == [other]


# Failing ------------------------------------------------------------------------------------------


async def test_of_one_child_changes_come_in_order_and_another_is_not_held_up(
    admin, registrar, teacher, machine, clock, notices, enter
):
    await subscribe(admin, machine, kinds=["absence_flagged", "home_visited", "support_given"])
    first, second = [(await enrol(registrar, serial))["student_id"] for serial in (1, 2)]
    for path in ("absence-flags", "home-visits", "support"):
        await teacher.record(first, path)
    await teacher.record(second, "absence-flags")
    await enter()
    machine.answer = lambda body: 500 if first.encode() in body else 204

    assert await notices.delivering.look() == 1
    assert sorted(kinds(machine)) == ["absence_flagged", "absence_flagged"]
    machine.requests.clear()
    machine.answer = lambda _: 204
    clock.at += timedelta(seconds=30)
    assert await notices.delivering.look() == 3
    assert kinds(machine) == ["absence_flagged", "home_visited", "support_given"]


async def test_it_is_tried_again_later_and_later_under_one_id_then_it_is_a_dead_letter(
    admin, bureau, registrar, teacher, machine, clock, notices, enter
):
    await subscribe(admin, machine, kinds=["absence_flagged", "home_visited"])
    child = (await enrol(registrar, 1))["student_id"]
    await teacher.record(child, "absence-flags")
    await teacher.record(child, "home-visits")
    await enter()
    machine.answer = lambda body: 503 if b"absence" in body else 204
    waits = []
    for _ in range(2):
        await notices.delivering.look()
        (waiting,) = [one for one in await standing(admin, "waiting") if one["attempts"]]
        waits.append(datetime.fromisoformat(waiting["next_at"]) - clock.at)
        assert (waiting["error"], await standing(admin, "dead")) == ("answered 503", [])
        assert await notices.delivering.look() == 0  # not before
        clock.at += waits[-1]

    await notices.delivering.look()

    assert [10 <= waits[0].total_seconds() <= 12.5, 20 <= waits[1].total_seconds() <= 25] == [
        True,
        True,
    ]
    assert len({headers["webhook-id"] for headers, body in machine.requests}) == 1
    (dead,) = await standing(bureau, "dead")
    assert shape(dead) == shape(ANSWERS["notices"]["items"][0])
    assert (dead["attempts"], dead["error"]) == (3, "answered 503")
    clock.at += timedelta(seconds=10)
    assert await notices.delivering.look() == 1  # it blocks no later change of the child
    assert kinds(machine) == [*["absence_flagged"] * 3, "home_visited"]

    machine.answer = lambda _: 204
    path = f"/v1/notices/{dead['id']}/retry"
    again = await admin.post(path)
    assert (again.status_code, again.json()) == (201, {"id": dead["id"], "state": "waiting"})
    assert await notices.delivering.look() == 1
    assert machine.requests[-1][0]["webhook-id"] == dead["id"]
    assert told(await admin.post(path)) == (409, "notice-not-dead")
    assert await standing(bureau, "dead") == []


async def test_who_is_gone_is_not_tried_again_and_nobody_is_followed_elsewhere(
    admin, registrar, machine, notices, enter
):
    await subscribe(admin, machine)
    await enrol(registrar, 1)
    await enrol(registrar, 2)
    await enter()
    answers = iter([410, 302])
    machine.answer = lambda _: next(answers)

    assert await notices.delivering.look() == 0

    assert len(machine.requests) == 2  # the redirect, to the machine itself, was not followed
    assert [one["error"] for one in await standing(admin, "dead")] == ["answered 410"]
    assert [one["error"] for one in await standing(admin, "waiting")] == ["answered 302"]


async def test_one_that_does_not_answer_rests_and_holds_up_no_other(
    admin, registrar, machine, healthy, clock, notices, enter
):
    notices.posting.patience = 1.5
    hanging = threading.Event()
    machine.answer = lambda body: 204 if b"dropout" in body else 200 + 0 * hanging.wait(5)
    await subscribe(admin, machine)
    await subscribe(admin, healthy)
    for serial in range(3):
        await enrol(registrar, serial)
    await enter()

    assert await notices.delivering.look() == 3
    await enrol(registrar, 3)
    await enter()
    assert await notices.delivering.look() == 1

    assert len(healthy.requests) == 4
    assert len(machine.requests) == 3  # the fourth waits until it has rested
    hooks = (await admin.get("/v1/webhooks")).json()["items"]
    rests = clock.at + timedelta(seconds=10)
    until = hooks[0]["resting_until"]
    assert (datetime.fromisoformat(until), hooks[1]["resting_until"]) == (rests, None)
    hanging.set()
    clock.at += timedelta(seconds=13)
    assert await notices.delivering.look() == 4


async def test_a_killed_deliverer_is_replaced_and_what_it_was_sending_is_sent_again(
    admin, registrar, machine, notices, beside, enter, connection
):
    another = await beside()
    await subscribe(admin, machine)
    await enrol(registrar, 1)
    await enter()
    hanging = threading.Event()
    machine.answer = lambda _: 200 + 0 * hanging.wait(5)
    dying = asyncio.create_task(notices.delivering.look())
    while not machine.requests:
        await asyncio.sleep(0.01)
    machine.answer = lambda _: 204

    assert await another.delivering.look() == 0  # one leads
    dying.cancel()
    notices.lead._session.pgconn.finish()  # as its process ends
    while not (sent := await another.delivering.look()):
        await asyncio.sleep(0.01)
    hanging.set()

    assert sent == 1
    first, second = machine.requests
    assert first[0]["webhook-id"] == second[0]["webhook-id"]
    assert first[1] == second[1]
    assert connection.execute("SELECT state, attempts FROM notices.outbox").fetchall() == [
        ("sent", 1)
    ]
    assert await another.delivering.look() == 0
    with pytest.raises(StoreUnavailable):
        await notices.delivering.look()
    assert await notices.delivering.look() == 0  # it comes back, and no longer leads


async def test_a_clock_that_is_put_back_keeps_nothing_waiting(
    admin, sign_in, registrar, machine, clock, notices, enter
):
    await subscribe(admin, machine)
    await enrol(registrar, 1)
    await enter()
    clock.at -= timedelta(days=3)

    assert await notices.delivering.look() == 1


async def test_what_was_sent_is_forgotten_after_its_time_and_what_waits_is_not(
    admin, registrar, machine, clock, notices, enter, connection, sign_in
):
    made = await subscribe(admin, machine)
    await enrol(registrar, 1)
    await enter()
    await notices.delivering.look()
    await enrol(registrar, 2)
    await enter()
    clock.at += timedelta(days=181)
    machine.answer = lambda _: 500
    await notices.delivering.look()

    rows = connection.execute("SELECT state FROM notices.outbox").fetchall()
    assert (made["waiting"], rows) == (0, [("waiting",)])
