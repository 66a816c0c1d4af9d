"""Webhooks: machines of the district hear of every change, at least once, of a child in order."""

import asyncio
import json
import threading
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta

import pytest
from cloudevents.core.bindings.http import HTTPMessage, from_structured_event
from psycopg_pool import AsyncConnectionPool
from standardwebhooks import Webhook

from api.examples import ANSWERS
from api.notice_service import Notices
from api.service import tracking_on
from application.notices.notifying import Notifying
from application.store.rotation import WEBHOOK_SECRET
from application.store.store import Store, StoreUnavailable
from tests.api.reading import looks, told
from tests.api.receiving import receiver
from tests.api.test_openapi import shape
from tests.keys import RING, vault
from tests.people import OTHER_SCHOOL, SCHOOL, enrol, student_number


class Clock:
    def __init__(self) -> None:
        self.at = datetime(2026, 9, 21, 4, tzinfo=UTC)  # a Monday, noon in the district

    def __call__(self) -> datetime:
        return self.at


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def machine():
    with receiver() as received:
        yield received


@pytest.fixture
def healthy():
    with receiver() as received:
        yield received


@pytest.fixture
def configured(machine, healthy):
    return {
        "webhook_origins": [one.url.removesuffix("/in") for one in (machine, healthy)],
        "notice_attempts": 3,
        "public_url": "https://guixue.example",
    }


@pytest.fixture
async def admin(sign_in):
    return await sign_in("admin")


@pytest.fixture
def notices(app):
    return app.state.service.notices


@pytest.fixture
def enter(app, head, notices):
    """Enter what was recorded into the outbox."""

    async def entering(by=notices):
        await app.state.service.freshness.reached(await head())
        return await by.notifying.look()

    return entering


@pytest.fixture
async def beside(app, prepared):
    """Make what another process beside this one would do, under settings of its own."""
    service = app.state.service
    async with AsyncExitStack() as stack:
        pool = AsyncConnectionPool(prepared.service_url, min_size=1, open=False)
        store = Store(await stack.enter_async_context(pool), vault())
        stack.push_async_callback(store.close)

        async def making(**changes):
            settings = service.settings.model_copy(update=changes)
            tracking = tracking_on(store, settings, service.tracking.now)
            parts = (tracking, service.sessions, service.freshness, service.returns)
            made = Notices.of(settings, prepared.service_url, RING, *parts)
            await stack.enter_async_context(made.working(jobs=False))
            return made

        yield making


class Everybody:
    """What lets whoever asks lead, as where two processes believe for a moment that they do."""

    async def of(self, _job):
        return True


class Paging(Notifying):
    stretch, most = 3, 2


async def subscribe(admin, machine, **changes):
    answer = await admin.post("/v1/webhooks", {"url": machine.url, **changes})
    assert answer.status_code == 201, answer.text
    return answer.json()


def events(machine):
    return [json.loads(body) for _, body in machine.requests]


def kinds(machine):
    return [event["data"]["kind"] for event in events(machine)]


async def standing(admin, state):
    return (await admin.get(f"/v1/notices?state={state}")).json()["items"]


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


# Who may be subscribed ----------------------------------------------------------------------------

ELSEWHERE = (
    "http://127.0.0.1:1/in",  # another port
    "https://{host}/in",  # another scheme
    "http://169.254.169.254/latest/meta-data",
    "http://localhost:{port}/in",
    "http://{host}.evil.example/in",
    "http://{host}@evil.example/in",
    "http://evil.example\\@{host}/in",
    "http://evil.example#@{host}/in",
    "http://user:password@{host}/in",
    "http://0x7f000001:{port}/in",
    "//{host}/in",
    "file:///etc/passwd",
    "gopher://{host}/",
    "http://{host}:99999/",
    "http://{host}/\x7f",
    "http://[::1/",
    "测试",
    "",
    "http://{host}/\r\nX: y",
)


async def test_no_other_place_is_told_anything(admin, machine, connection):
    host = machine.url.removeprefix("http://").removesuffix("/in")
    for place in ELSEWHERE:
        url = place.format(host=host, port=host.partition(":")[2])
        answer = await admin.post("/v1/webhooks", {"url": url})

        assert told(answer) == (422, "malformed"), place
        assert [error["pointer"] for error in answer.json()["errors"]] == ["/url"], place
    assert connection.execute("SELECT count(*) FROM notices.subscriptions").fetchone() == (0,)


async def test_a_place_no_longer_allowed_is_not_told_of_what_waits(
    admin, registrar, machine, beside, enter
):
    await subscribe(admin, machine)
    await enrol(registrar, 1)
    await enter()
    narrower = await beside(webhook_origins=("https://oa.example",))

    assert await narrower.delivering.look() == 0
    assert machine.requests == []


WRONG = [
    ({"school_code": SCHOOL, "township": "晴川镇"}, "/township"),
    ({"township": "没有镇"}, "/township"),
    ({"kinds": ["rich"]}, "/kinds/0"),
    ({"kinds": []}, "/kinds"),
    ({"school_code": "\ud800"}, "/school_code"),
    ({"township": "\0"}, "/township"),
    ({"url": 2**63}, "/url"),
    ({"surprise": 1}, "/surprise"),
]


async def test_a_subscription_that_will_not_do_is_pointed_to(admin, machine):
    for body, pointer in WRONG:
        answer = await admin.post("/v1/webhooks", {"url": machine.url, **body})

        assert told(answer) == (422, "malformed"), body
        assert answer.json()["errors"][0]["pointer"] == pointer, body


async def test_a_school_nobody_knows_has_no_subscription(admin, machine):
    answer = await admin.post("/v1/webhooks", {"url": machine.url, "school_code": "3141999999"})

    assert told(answer) == (409, "school-unknown")


async def test_a_subscription_is_shown_without_its_secret_and_ended_for_good(
    app, admin, registrar, machine, notices, enter, connection
):
    made = await subscribe(admin, machine, school_code=SCHOOL)
    await enrol(registrar, 1)
    await enter()
    (listed,) = (await admin.get("/v1/webhooks")).json()["items"]
    assert shape(made) == shape(ANSWERS["webhook_made"])
    assert shape(listed) == shape(ANSWERS["webhook"])
    assert (listed["waiting"], listed["id"]) == (1, made["id"])
    ((sealed,),) = connection.execute("SELECT secret FROM notices.subscriptions").fetchall()
    assert RING.open(sealed, WEBHOOK_SECRET).decode() == made["secret"]

    ended = await admin.post(f"/v1/webhooks/{made['id']}/end")
    assert (ended.status_code, ended.json()["waiting"]) == (201, 0)
    again = (await admin.post(f"/v1/webhooks/{made['id']}/end")).json()
    assert again["ended_at"] == ended.json()["ended_at"] is not None
    await enrol(registrar, 2)
    assert (await enter(), await notices.delivering.look(), machine.requests) == (0, 0, [])
    assert told(await admin.post("/v1/webhooks/x/end")) == (404, "unknown-webhook")
    actions = [action for (action,) in await looks(app, "action")]
    assert [action for action in actions if "webhook" in action] == [
        f"subscribe webhook {made['id']}",
        *[f"end webhook {made['id']}"] * 2,
    ]


# How it stands ------------------------------------------------------------------------------------


async def test_the_metrics_say_how_the_outbox_stands(
    client, admin, registrar, machine, clock, notices, enter
):
    async def shown():
        lines = (await client.get("/metrics")).text.splitlines()
        return dict(line.split() for line in lines if line.startswith("guixue_notices"))

    await subscribe(admin, machine)
    await enrol(registrar, 1)
    await enter()
    clock.at += timedelta(seconds=90)
    assert await shown() == {
        "guixue_notices_waiting": "1.0",
        "guixue_notices_oldest_seconds": "90.0",
        "guixue_notices_dead": "0.0",
    }

    await notices.delivering.look()
    after = [await shown(), await shown()][1]
    assert after["guixue_notices_waiting"] == "0.0"
    assert after["guixue_notices_oldest_seconds"] == "0.0"
    assert after['guixue_notices_sent_total{channel="webhook"}'] == "1.0"


async def test_pages_of_the_outbox_follow_one_another(admin, registrar, machine, enter):
    await subscribe(admin, machine)
    positions = [(await enrol(registrar, serial))["position"] for serial in range(5)]
    await enter()
    found, cursor = [], ""
    while cursor is not None:
        page = (await admin.get(f"/v1/notices?state=waiting&limit=2{cursor}")).json()
        found += [item["position"] for item in page["items"]]
        cursor = page["next_cursor"] and f"&cursor={page['next_cursor']}"

    assert found == positions[::-1]
