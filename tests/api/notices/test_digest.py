"""The daily digest: one message a school day to each who wants it, of counts and of no child."""

import asyncio
import json
from datetime import UTC, datetime, timedelta

import pytest
from standardwebhooks import Webhook

from api.digest import Counts, worded
from api.examples import ANSWERS
from application.notices.signing import drawn_secret
from tests.api.reading import account_of, told
from tests.api.receiving import mail_server, receiver
from tests.api.test_openapi import shape
from tests.clock import Clock
from tests.people import enrol, student_number

MINE = "/v1/my/notices"
ADDRESS = "ceshi@school.example"
SECRET = drawn_secret()
DAY = timedelta(days=1)


@pytest.fixture
def clock():
    return Clock(datetime(2026, 9, 14, 0, tzinfo=UTC))  # a Monday, eight in the district


@pytest.fixture
def box():
    with mail_server() as made:
        yield made


@pytest.fixture
def gateway():
    with receiver() as made:
        yield made


@pytest.fixture
def configured(box, gateway):
    return {
        "smtp_host": "127.0.0.1",
        "smtp_port": box.port,
        "smtp_security": "none",
        "smtp_from": "guixue@district.example",
        "sms_gateway_url": gateway.url,
        "sms_gateway_secret": SECRET,
        "public_url": "https://guixue.example",
    }


@pytest.fixture
def notices(app):
    return app.state.service.notices


@pytest.fixture
def look(app, head, notices):
    """Make the digests that are due and send them, with the views where the log is."""

    async def looking():
        await app.state.service.freshness.reached(await head())
        return await notices.digesting.look(), await notices.delivering.look()

    return looking


async def choose(caller, **body):
    return await caller._client.put(MINE, json=body, headers=caller.headers)


@pytest.fixture
async def wanted(teacher):
    """The teacher wants a digest by e-mail, and has a child that was flagged today."""
    answer = await choose(teacher, email=ADDRESS, digest=True)
    assert answer.status_code == 200, answer.text


@pytest.fixture
async def flagged(registrar, teacher):
    child = await enrol(registrar, 7, name="测不可见")
    await teacher.record(child["student_id"], "absence-flags", first_absent_on="2026-09-14")


# What it says -------------------------------------------------------------------------------------


async def test_it_counts_what_is_due_and_names_no_child(wanted, flagged, clock, box, look):
    assert await look() == (1, 1)
    clock.at += DAY
    assert await look() == (1, 1)

    (to, first), (_, second) = box.mail
    assert to == first["To"] == ADDRESS
    assert first["From"] == "guixue@district.example"
    assert first["Auto-Submitted"] == "auto-generated"
    assert first["Subject"] == "归学待办 2026-09-14:今日到期 1 · 1 due today"
    assert first.get_content().splitlines() == [
        "2026-09-14 待办:今日到期 1。",
        "  当日联系监护人:今日到期 1,逾期 0",
        "",
        "Worklist of 2026-09-14: 1 due today.",
        "  Contact the guardian the same day: 1 due today, 0 overdue",
        "",
        "请登录查看 Sign in to see them: https://guixue.example",
        "",
        "本邮件只含数量。 This message holds counts alone.",
    ]
    assert second["Subject"] == "归学待办 2026-09-15:今日到期 1,逾期 1 · 1 due today, 1 overdue"
    assert first["Message-ID"] != second["Message-ID"]
    for _, mail in box.mail:
        for word in ("测不可见", student_number(7), "19000000001"):
            assert word not in mail.as_string() + mail.get_content()


async def test_decisions_and_returns_that_await_somebody_are_counted(
    sign_in, registrar, teacher, principal, clock, box, look
):
    child = (await enrol(registrar, 1))["student_id"]
    await teacher.record(child, "absence-flags", first_absent_on="2026-09-14")
    await teacher.record(child, "close-out-requests", reason="C13", papers=[], note="已返校上课")
    await choose(principal, email=ADDRESS, digest=True)
    assert await look() == (1, 1)
    clock.at = datetime(2026, 9, 21, 0, tzinfo=UTC)
    assert await look() == (1, 1)

    first, second = [mail["Subject"].partition(" · ")[0] for _, mail in box.mail]
    assert first == "归学待办 2026-09-14:待您审批 1,月报待报 1"  # last month's is late
    assert second.endswith("待您审批 1,月报待报 2")  # due on the 25th


def test_a_line_says_it_all_where_only_a_line_fits():
    counts = Counts({"persuasion": (0, 2), "written_report": (3, 0)}, awaiting=4, returns=1)

    digest = worded(counts, datetime(2026, 9, 14, tzinfo=UTC).date(), None)

    assert (digest.items, digest.subject) == (
        10,
        "归学待办 2026-09-14:今日到期 3,逾期 2,待您审批 4,月报待报 1 · 3 due today, 2 overdue,"
        " 4 awaiting your decision, 1 monthly returns to submit",
    )
    assert "http" not in digest.text


async def test_with_nothing_to_tell_nothing_is_sent(wanted, teacher, clock, box, look, connection):
    assert await look() == (1, 0)
    assert await look() == (0, 0)  # and it is not counted again
    assert box.mail == []
    assert connection.execute("SELECT items FROM notices.digests").fetchall() == [(0,)]


async def test_who_wants_none_gets_none(teacher, flagged, box, look):
    await choose(teacher, email=ADDRESS)
    assert await look() == (0, 0)
    await choose(teacher, email=ADDRESS, digest=True)
    await choose(teacher)
    assert await look() == (0, 0)
    assert box.mail == []


async def test_where_there_is_no_mailbox_it_goes_to_the_gateway_as_one_line(
    teacher, flagged, box, gateway, look
):
    await choose(teacher, phone="190 0000 0001", digest=True)

    assert await look() == (1, 1)

    ((headers, body),) = gateway.requests
    assert json.loads(body) == {
        "to": "190 0000 0001",
        "text": "归学待办 2026-09-14:今日到期 1 · 1 due today",
    }
    moment = datetime.fromtimestamp(int(headers["webhook-timestamp"]), UTC)
    signature = Webhook(SECRET).sign(headers["webhook-id"], moment, body.decode())
    assert headers["webhook-signature"] == signature
    assert box.mail == []


async def test_a_number_the_gateway_refuses_is_a_dead_letter(
    teacher, flagged, gateway, look, bureau
):
    await choose(teacher, phone="19000000001", digest=True)
    gateway.answer = lambda _: 422

    assert await look() == (1, 0)
    (dead,) = (await bureau.get("/v1/notices")).json()["items"]
    assert (dead["channel"], dead["error"]) == ("phone", "answered 422")


# When ---------------------------------------------------------------------------------------------


async def test_each_gets_one_a_day_whoever_looks_and_wherever_clocks_jump(
    app, wanted, flagged, clock, box, look, connection
):
    counts = [await look() for _ in range(2)]
    for jump in (-DAY, timedelta(hours=25), timedelta(hours=-2), timedelta(hours=1)):
        clock.at += jump  # to Sunday, then Monday again
        counts.append(await look())
    assert counts == [(1, 1), *[(0, 0)] * 5]
    clock.at += DAY
    await asyncio.gather(*(app.state.service.notices.digesting.look() for _ in range(3)))
    assert await look() == (0, 1)
    clock.at += DAY
    clock.at -= DAY
    assert await look() == (0, 0)

    days = connection.execute("SELECT day::text, items FROM notices.digests ORDER BY day")
    assert days.fetchall() == [("2026-09-14", 1), ("2026-09-15", 2)]
    assert len(box.mail) == 2


async def test_it_comes_on_school_days_from_its_time_on_and_in_no_quiet_hour(
    wanted, flagged, clock, look
):
    """Half past seven, Beijing time; a digest missed in the morning comes by day, not by night."""
    moments = {
        "2026-09-15 07:29": (0, 0),
        "2026-09-19 08:00": (0, 0),  # a Saturday
        "2026-09-20 08:00": (1, 1),  # a Sunday that is a working day
        "2026-09-25 08:00": (0, 0),  # mid-autumn
        "2026-09-15 22:00": (0, 0),
        "2026-09-16 02:00": (0, 0),
        "2026-09-16 20:59": (1, 1),
        "2026-09-17 07:30": (1, 1),
    }
    for moment, expected in moments.items():
        clock.at = datetime.fromisoformat(f"{moment}+08:00").astimezone(UTC)
        assert await look() == expected, moment


async def test_what_fails_by_day_waits_for_the_end_of_the_quiet_hours(
    wanted, flagged, clock, box, notices, look
):
    box.refuses[ADDRESS] = "451 later"
    clock.at = datetime(2026, 9, 14, 12, 59, 55, tzinfo=UTC)  # 20:59:55
    assert await look() == (1, 0)
    box.refuses.clear()
    clock.at += timedelta(seconds=13)
    assert await notices.delivering.look() == 0
    clock.at = datetime(2026, 9, 14, 22, 59, tzinfo=UTC)
    assert await notices.delivering.look() == 0
    clock.at += timedelta(minutes=1)
    assert await notices.delivering.look() == 1


async def test_a_digest_the_next_one_overtakes_is_a_dead_letter(
    sign_in, wanted, flagged, clock, box, look
):
    box.refuses[ADDRESS] = "451 later"
    assert await look() == (1, 0)
    clock.at += DAY
    box.refuses.clear()
    assert await look() == (1, 1)

    assert [mail["Subject"][5:15] for _, mail in box.mail] == ["2026-09-15"]
    caller = await sign_in("admin")
    (dead,) = (await caller.get("/v1/notices")).json()["items"]
    assert (dead["error"], dead["attempts"], dead["channel"]) == ("overtaken", 1, "email")


async def test_an_address_that_is_refused_is_a_dead_letter_and_whose_it_is_admins_see_alone(
    app, sign_in, wanted, flagged, box, look, bureau
):
    box.refuses[ADDRESS] = "550 no such mailbox 测密"
    assert await look() == (1, 0)

    (seen,) = (await bureau.get("/v1/notices")).json()["items"]
    (known,) = (await (await sign_in("admin")).get("/v1/notices")).json()["items"]
    assert (seen["account_id"], known["account_id"]) == (None, await account_of(app, "teacher"))
    assert seen["error"] == "SMTP 550: the address is refused"


async def test_who_is_revoked_or_gave_up_the_address_is_sent_nothing_more(
    app, head, teacher, principal, wanted, flagged, notices, box, bureau, connection
):
    await choose(principal, email=ADDRESS, digest=True)
    await app.state.service.freshness.reached(await head())
    assert await notices.digesting.look() == 2
    await choose(teacher)
    connection.execute(
        "UPDATE access.accounts SET revoked_by = 'nobody', revoked_at = now()"
        " WHERE username = 'principal'"
    )

    assert await notices.delivering.look() == 0
    dead = (await bureau.get("/v1/notices")).json()["items"]
    assert [one["error"] for one in dead] == ["no address any more"] * 2
    assert box.mail == []


# One's own choice ---------------------------------------------------------------------------------


async def test_each_sets_and_reads_the_own_choice_alone(teacher, principal):
    assert (await teacher.get(MINE)).json() == {"email": None, "phone": None, "digest": False}
    chosen = {"email": ADDRESS, "phone": "19000000001", "digest": True}
    answer = await choose(teacher, **chosen)

    assert (answer.status_code, answer.json()) == (200, chosen)
    assert shape(answer.json()) == shape(ANSWERS["choice"])
    assert (await teacher.get(MINE)).json() == chosen
    assert (await principal.get(MINE)).json()["email"] is None


WRONG = [
    ({"email": "a@b"}, "/email"),
    ({"email": "a b@school.example"}, "/email"),
    ({"email": "a@school.example\nBcc: b@evil.example"}, "/email"),
    ({"email": "测@school.example"}, "/email"),
    ({"email": "a@school.example,b@evil.example"}, "/email"),
    ({"email": "<a@school.example>"}, "/email"),
    ({"email": "\ud800@school.example"}, "/email"),
    ({"email": f"{'a' * 64}@{'b.' * 120}example"}, "/email"),
    ({"phone": "call me"}, "/phone"),
    ({"phone": "\0"}, "/phone"),
    ({"digest": "yes"}, "/digest"),
    ({"digest": True}, "/digest"),
    ({"digest": 2**63}, "/digest"),
    ({"surprise": 1}, "/surprise"),
]


async def test_a_choice_that_will_not_do_is_pointed_to(teacher):
    for body, pointer in WRONG:
        content = json.dumps(body)
        answer = await teacher._client.put(MINE, content=content, headers=teacher.headers)

        assert told(answer) == (422, "malformed"), body
        assert answer.json()["errors"][0]["pointer"] == pointer, body
    assert (await teacher.get(MINE)).json() == {"email": None, "phone": None, "digest": False}
