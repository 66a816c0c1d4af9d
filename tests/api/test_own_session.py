"""Signing in and out over HTTP, one's own password, too many tries, and no token in any URL."""

import httpx
import pytest

from api.tokens_in_urls import NAMES
from tests.api.reading import told
from tests.api.test_access import OPEN, WHO, filled
from tests.people import PASSWORD, Caller

NEW = "晴川河畔的柳树2026"


async def token(client, password=PASSWORD, username="teacher", **headers):
    form = {"username": username, "password": password}
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return await client.post("/v1/token", data=form, headers=named)


async def alive(caller):
    return (await caller.get("/v1/students")).status_code == 200


async def test_signing_out_ends_this_session_or_all_of_ones_own(sign_in):
    first, second, third = [await sign_in("teacher") for _ in range(3)]
    other = await sign_in("teacher2")

    out = await first.post("/v1/sign-out")
    assert (out.status_code, out.json()) == (200, {"signed_out": True, "everywhere": False})
    assert [await alive(caller) for caller in (first, second, third)] == [False, True, True]
    assert told(await first.post("/v1/sign-out")) == (401, "not-signed-in")

    out = await second.post("/v1/sign-out", {"everywhere": True})
    assert out.json() == {"signed_out": True, "everywhere": True}
    assert [await alive(caller) for caller in (second, third, other)] == [False, False, True]


async def test_a_changed_password_ends_the_other_sessions(client, sign_in):
    mine, elsewhere = await sign_in("teacher"), await sign_in("teacher")

    changed = await mine.post("/v1/password", {"current": PASSWORD, "new": NEW})

    assert (changed.status_code, changed.json()) == (200, {"changed": True})
    assert (await alive(mine), await alive(elsewhere)) == (True, False)
    assert told(await token(client)) == (401, "wrong-credentials")
    assert (await token(client, NEW)).status_code == 200


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"current": "wrong", "new": NEW}, "/current"),
        ({"current": "\ud800", "new": NEW}, "/current"),
        ({"current": PASSWORD, "new": "九个字符不够长的"}, "/new"),
        ({"current": PASSWORD, "new": "x" * 201}, "/new"),
        ({"current": PASSWORD, "new": "0123456789\0"}, "/new"),
        ({"current": PASSWORD, "new": "0123456789\ud800"}, "/new"),
        ({"current": PASSWORD, "new": 10**12}, "/new"),
        ({"current": PASSWORD}, "/new"),
    ],
)
async def test_a_password_that_will_not_do_is_pointed_to(client, teacher, body, pointer):
    answer = await teacher.post("/v1/password", body)

    assert told(answer) == (422, "malformed")
    assert [error["pointer"] for error in answer.json()["errors"]] == [pointer]
    assert (await token(client)).status_code == 200


async def test_a_username_is_no_password(client, app):
    account = {"username": "Ceshi-Laoshi", "name": "测"}
    await app.state.service.store.query(
        "UPDATE access.accounts SET username = %s WHERE username = 'teacher' RETURNING account",
        [account["username"]],
    )
    signed_in = (await token(client, username="Ceshi-Laoshi")).json()["access_token"]

    answer = await Caller(client, signed_in).post(
        "/v1/password", {"current": PASSWORD, "new": "ceshi-laoshi"}
    )

    assert answer.json()["errors"][0]["pointer"] == "/new"


# Too many tries ----------------------------------------------------------------------------------


async def test_too_many_failed_tries_are_told_how_long_to_wait(client):
    for _ in range(10):
        assert told(await token(client, "wrong")) == (401, "wrong-credentials")

    zh, en = await token(client), await token(client, Accept_Language="en")

    assert told(zh) == told(en) == (429, "too-many-tries")
    assert 880 <= int(zh.headers["retry-after"]) <= 900
    assert zh.json()["detail"] == "登录失败次数过多。请在 15 分钟后再试。"
    assert en.json()["detail"] == "Too many tries to sign in have failed. Try again in 15 minutes."
    assert (await token(client, username="teacher2")).status_code == 200


async def test_the_present_password_cannot_be_guessed_from_a_session_either(teacher):
    for _ in range(10):
        answer = await teacher.post("/v1/password", {"current": "wrong", "new": NEW})
        assert told(answer) == (422, "malformed")

    answer = await teacher.post("/v1/password", {"current": PASSWORD, "new": NEW})

    assert told(answer) == (429, "too-many-tries")
    assert int(answer.headers["retry-after"]) > 0


async def test_tries_are_counted_by_the_address_they_come_from(app):
    async def try_from(address, password):
        transport = httpx.ASGITransport(app=app, client=(address, 4000))
        async with httpx.AsyncClient(transport=transport, base_url="http://guixue") as client:
            return (await token(client, password)).status_code

    for _ in range(10):
        await try_from("203.0.113.9", "wrong")

    assert await try_from("203.0.113.9", PASSWORD) == 429
    assert await try_from("203.0.113.8", PASSWORD) == 200


# No token in a URL -------------------------------------------------------------------------------


async def test_a_token_in_a_url_is_refused_on_every_route(client, teacher):
    for method, path in [*sorted(OPEN | WHO.keys()), ("GET", "/v1/nothing"), ("PUT", "/")]:
        for name in NAMES:
            answer = await client.request(
                method, f"{filled(path, 'x')}?limit=1&{name}=x", headers=teacher.headers
            )
            assert answer.status_code == 400, path
            if method != "HEAD":
                assert told(answer) == (400, "token-in-url"), path


@pytest.mark.parametrize(
    ("query", "refused"),
    [
        *(("token", True), ("a=1&token=", True), ("ACCESS_TOKEN=x", True), ("%74oken=x", True)),
        *(("q=token", False), ("tokens=1", False), ("&&==", False), ("%ff%zz=1", False)),
    ],
)
async def test_a_token_is_known_by_its_name(client, query, refused):
    answer = await client.get(f"/healthz?{query}")

    assert answer.status_code == (400 if refused else 200)
