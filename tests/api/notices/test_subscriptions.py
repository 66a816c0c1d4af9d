"""Subscriptions of machines: where they may be, what is shown, and how the outbox stands."""

from datetime import timedelta

from api.examples import ANSWERS
from application.store.rotation import WEBHOOK_SECRET
from tests.api.reading import looks, told
from tests.api.receiving import subscribe
from tests.api.test_openapi import shape
from tests.keys import RING
from tests.people import SCHOOL, enrol

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
