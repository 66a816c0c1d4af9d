"""Who works with children may read one out of reach: for three hours, and in others' sight."""

import asyncio
from datetime import UTC, datetime, timedelta
from uuid import UUID

import psycopg
import pytest

from application.access import GLASS_HOLDS
from tests.api.reading import looks, told
from tests.people import OTHER_SCHOOL, SCHOOL, enrol

REASON = "夜间接警,核实走失儿童身份"
GLASS = "/v1/break-glass"
READING = ("", "/history", "/history/1", "/duties")


class Clock:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.ahead = timedelta()

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self.ahead


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
async def stranger(sign_in):
    """A teacher of another class."""
    return await sign_in("teacher2")


async def broken(caller, child, reason=REASON):
    answer = await caller.post(f"/v1/students/{child}/break-glass", {"reason": reason})
    assert answer.status_code == 201, answer.text
    return answer.json()


async def statuses(caller, child):
    return {(await caller.get(f"/v1/students/{child}{path}")).status_code for path in READING}


async def test_broken_glass_opens_one_child_for_reading_for_three_hours(
    stranger, registrar, child, clock
):
    twin = (await enrol(registrar, 2))["student_id"]
    assert await statuses(stranger, child) == {403}

    glass = await broken(stranger, child)

    assert (glass["number"], glass["student_id"], glass["reason"]) == (1, child, REASON)
    at, until = (datetime.fromisoformat(glass[name]) for name in ("at", "until"))
    assert until - at == timedelta(hours=3)
    assert await statuses(stranger, child) == {200}
    assert await statuses(stranger, twin) == {403}
    clock.ahead = GLASS_HOLDS - timedelta(minutes=1)
    assert await statuses(stranger, child) == {200}
    clock.ahead = GLASS_HOLDS + timedelta(seconds=1)
    assert await statuses(stranger, child) == {403}
    await broken(stranger, child)
    assert await statuses(stranger, child) == {200}


async def test_it_is_for_reading_alone_and_for_nobody_else(sign_in, stranger, child, head):
    await broken(stranger, child)
    before = await head()

    for path in ("absence-flags", "home-visits", "corrections", "key-groups/orphan/end"):
        answer = await stranger.post(f"/v1/students/{child}/{path}", {})
        assert told(answer) == (403, "out-of-reach"), path
    assert (await stranger.get("/v1/students")).json()["items"] == []
    assert await head() == before
    for username in ("principal2", "registrar2", "township"):
        assert await statuses(await sign_in(username), child) == {403}, username


async def test_what_is_masked_needs_a_reason_of_its_own_and_a_role_that_may(
    sign_in, stranger, child
):
    township = await sign_in("township")
    for caller in (stranger, township):
        await broken(caller, child)
    path = f"/v1/students/{child}"

    assert "*" in (await stranger.get(path)).json()["student_number"]
    full = (await stranger.get(f"{path}?reveal=true&reason=核对")).json()
    assert "*" not in full["student_number"]
    assert told(await stranger.get(f"{path}?reveal=true")) == (422, "malformed")
    assert told(await township.get(f"{path}?reveal=true&reason=核对")) == (403, "not-allowed")
    assert (await township.get(path)).json()["birth_date"] == "2014-**-**"


async def test_counselling_notes_stay_hidden(sign_in, stranger, child):
    counsellor = await sign_in("counsellor")
    entry = await counsellor.record(child, "counselling-sessions", notes="只告诉心理老师的话")
    await broken(stranger, child)

    for query in ("", "?reveal=true&reason=核对"):
        answer = await stranger.get(f"/v1/students/{child}/history/{entry['entry']}{query}")
        assert answer.status_code == 200
        assert "只告诉" not in answer.text


async def test_every_look_through_it_is_logged_with_its_number(stranger, teacher, child, app):
    await broken(teacher, child)  # who need not
    await broken(stranger, child)
    await stranger.get(f"/v1/students/{child}")
    await stranger.get(f"/v1/students/{child}/history/1")
    await teacher.get(f"/v1/students/{child}")

    columns = ("action", "outcome", "students::text[]", "schools", "reason", "details")
    mine = ([child], [SCHOOL])
    assert await looks(app, *columns) == [
        ("break_glass", "granted", *mine, REASON, {"break_glass": 1}),
        ("break_glass", "granted", *mine, REASON, {"break_glass": 2}),
        ("view student", "shown", *mine, None, {"break_glass": 2}),
        ("view entry", "shown", *mine, None, {"entry": 1, "break_glass": 2}),
        ("view student", "shown", *mine, None, {}),
    ]
    assert (await app.state.service.access_log.verify()).first_bad is None


async def test_bureau_auditor_and_the_childs_principal_see_it_at_once(
    sign_in, stranger, registrar, child, clock
):
    elsewhere = await sign_in("registrar2")
    other = (await enrol(elsewhere, 2, school_code=OTHER_SCHOOL))["student_id"]
    numbers = {"bureau": [3, 2, 1], "auditor": [3, 2, 1], "principal": [3, 1], "principal2": [2]}
    for one in (child, other, child):
        await broken(stranger, one)
    clock.ahead = timedelta(hours=1)

    for username, wanted in numbers.items():
        caller = await sign_in(username)
        page = (await caller.get(f"{GLASS}?limit=1")).json()
        found = page["items"]
        while page["next_cursor"]:
            page = (await caller.get(f"{GLASS}?limit=1&cursor={page['next_cursor']}")).json()
            found += page["items"]
        assert [item["number"] for item in found] == wanted, username
    (last, *_) = (await (await sign_in("principal")).get(GLASS, Accept_Language="en")).json()[
        "items"
    ]
    assert {name: last[name] for name in last if name not in {"at", "until", "account"}} == {
        "number": 3,
        "in_force": True,
        "name": "测乙",
        "role": "teacher",
        "role_label": "homeroom teacher",
        "unit": "晴川中学",
        "student_id": child,
        "school_code": SCHOOL,
        "school": "晴川中学",
        "reason": REASON,
    }
    clock.ahead = GLASS_HOLDS + timedelta(minutes=1)
    page = (await (await sign_in("bureau")).get(GLASS)).json()
    assert {item["in_force"] for item in page["items"]} == {False}


async def test_looking_at_it_is_logged(bureau, stranger, child, app):
    await broken(stranger, child)
    await bureau.get(GLASS)

    assert (await looks(app, "action", "students::text[]", "details"))[-1] == (
        *("view break-glass", [child]),
        {"rows": 1},
    )


SHORT = ["", " ", "接警", "a" * 7, " " * 20, "接警处置寻童   "]
ODD = [None, 1, 2**63, ["夜间接警寻找儿童"], {}, "\0" * 9, "夜间接警\ud800寻找儿童", "长" * 501]


@pytest.mark.parametrize("reason", [*SHORT, *ODD])
async def test_a_reason_says_something_or_nothing_is_opened(stranger, child, app, reason):
    answer = await stranger.post(f"/v1/students/{child}/break-glass", {"reason": reason})

    assert told(answer) == (422, "malformed")
    assert [error["pointer"] for error in answer.json()["errors"]] == ["/reason"]
    assert await statuses(stranger, child) == {403}
    assert ("break_glass",) not in await looks(app, "action")


async def test_the_reason_is_required_in_the_callers_words(stranger, child):
    path = f"/v1/students/{child}/break-glass"
    short = {"reason": "接警"}

    assert "8 个字" in (await stranger.post(path, short)).json()["errors"][0]["detail"]
    english = await stranger.post(path, short, Accept_Language="en")
    assert "8 characters" in english.json()["errors"][0]["detail"]
    assert told(await stranger.post(path, {})) == (422, "malformed")
    assert told(await stranger.post(path, {"reason": REASON, "hours": 9})) == (422, "malformed")


@pytest.mark.parametrize("name", ["x", "%00", str(UUID(int=9)), "9" * 99])
async def test_there_is_no_glass_before_a_child_nobody_knows(stranger, name):
    answer = await stranger.post(f"/v1/students/{name}/break-glass", {"reason": REASON})

    assert told(answer) == (404, "unknown-child")


@pytest.mark.parametrize(
    "query", ["limit=0", "limit=9999999999999999999", "cursor=%20", "cursor=é"]
)
async def test_a_query_that_makes_no_sense_is_malformed(bureau, query):
    assert told(await bureau.get(f"{GLASS}?{query}")) == (422, "malformed")


async def test_it_is_neither_changed_nor_taken_away(stranger, child, connection):
    await broken(stranger, child)
    for change in (
        "UPDATE access.glass_broken SET until = until + interval '1 year'",
        "DELETE FROM access.glass_broken",
        "TRUNCATE access.glass_broken",
    ):
        with pytest.raises(psycopg.errors.InsufficientPrivilege, match="append-only"):
            connection.execute(change.encode())


async def test_those_who_break_it_together_get_numbers_without_gaps(sign_in, child, app):
    callers = [await sign_in(name) for name in ("teacher2", "principal2", "township", "office")]

    made = await asyncio.gather(*(broken(caller, child) for caller in callers * 5))

    assert sorted(glass["number"] for glass in made) == list(range(1, 21))
    assert len(await looks(app, "place")) == 20


async def test_who_works_with_children_no_more_sees_nothing_through_it(stranger, child, connection):
    await broken(stranger, child)
    connection.execute(
        "UPDATE access.posts SET role = 'admin' FROM access.accounts a"
        " WHERE a.account = posts.account AND a.username = 'teacher2'"
    )

    assert await statuses(stranger, child) == {403}
