"""Signing in through an OpenID provider: the real flow over HTTP, and everything that must fail."""

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from urllib.parse import parse_qsl, urlsplit

import httpx
import pytest
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from joserfc.jwk import RSAKey

from api.oidc import COOKIE
from application.provider_sign_ins import LIFE, Begun
from tests.api.reading import told
from tests.people import Caller
from tests.provider import BACK, CLIENT, Clock, at_provider, begin, browser_of, free_port, serving


@pytest.fixture(scope="module")
def issuer() -> Iterator[str]:
    """A provider on loopback that signs in whoever says who they are."""
    port = free_port()
    process = subprocess.Popen(
        [sys.executable, "-m", "oidc_provider_mock", "-p", str(port)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    place = f"http://127.0.0.1:{port}"
    try:
        for _ in range(200):
            try:
                httpx.get(f"{place}/jwks", trust_env=False).raise_for_status()
                break
            except httpx.HTTPError:
                time.sleep(0.05)
        yield place
    finally:
        process.terminate()
        process.wait(10)


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
async def served(database_url, tmp_path, issuer, clock):
    async with serving(database_url, tmp_path, issuer, clock=clock) as both:
        yield both


@pytest.fixture
def browser(served):
    return served[1]


async def sign_in(browser, subject, claims=None, **changes):
    return await browser.get(await at_provider(await begin(browser), subject, claims, **changes))


FAILED = (401, "provider-sign-in-failed")


async def test_whom_the_provider_signs_in_is_signed_in_here(browser):
    answer = await sign_in(browser, "s-township")

    assert answer.status_code == 200, answer.text
    assert answer.json().keys() == {"access_token", "token_type", "expires_in"}
    assert answer.headers["cache-control"] == "no-store"
    assert COOKIE not in browser.cookies
    caller = Caller(browser, answer.json()["access_token"])
    assert (await caller.get("/v1/students")).status_code == 200


async def test_a_browser_goes_on_to_the_pages_signed_in(browser):
    back = await at_provider(await begin(browser), "s-township")
    answer = await browser.get(back, headers={"Accept": "text/html,*/*"})

    assert answer.status_code == 303
    assert answer.headers["location"] == "/"
    assert (await browser.get("/")).status_code == 200
    assert (await browser.get("/sign-in")).status_code == 303


async def test_a_browser_nobody_vouches_for_is_told_so_on_the_page(browser):
    back = await at_provider(await begin(browser), "stranger")
    answer = await browser.get(back, headers={"Accept": "text/html,*/*"})

    assert answer.headers["location"] == "/sign-in?provider=failed"
    assert "统一身份认证未能完成登录" in (await browser.get("/sign-in?provider=failed")).text
    assert (await browser.get("/")).status_code == 303


async def test_the_way_there_carries_challenge_nonce_and_state_and_the_cookie_is_the_browsers(
    served, issuer
):
    app, browser = served
    answer = await browser.get("/v1/oidc/start")
    query = dict(parse_qsl(urlsplit(answer.headers["location"]).query))
    begun = Begun(browser.cookies[COOKIE], query["state"])

    assert answer.headers["location"].startswith(f"{issuer}/oauth2/authorize?")
    assert query == {
        "response_type": "code",
        "client_id": CLIENT,
        "redirect_uri": BACK,
        "scope": "openid",
        "state": begun.state,
        "nonce": begun.nonce,
        "code_challenge": create_s256_code_challenge(begun.verifier),
        "code_challenge_method": "S256",
    }
    cookie = answer.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=lax" in cookie
    assert "max-age=600" in cookie
    assert "secure" not in cookie
    kept = str(
        await app.state.service.store.query("SELECT p::text FROM access.provider_sign_ins p")
    )
    for secret in (begun.state, begun.browser, begun.nonce, begun.verifier):
        assert secret not in kept


async def test_over_https_the_cookie_is_secure(database_url, tmp_path, issuer):
    back = "https://guixue.example/v1/oidc/callback"
    async with serving(database_url, tmp_path, issuer, back) as (_, browser):
        answer = await browser.get("/v1/oidc/start")

    assert "; secure" in answer.headers["set-cookie"].lower()


async def test_nobody_is_made_an_account_and_no_name_or_mail_is_looked_at(served):
    app, browser = served
    before = await app.state.service.store.query("SELECT count(*) FROM access.accounts")
    claims = {"email": "测s-township", "name": "测s-township", "preferred_username": "测s-township"}

    for subject in ("stranger", "测s-township", "s-over"):
        assert told(await sign_in(browser, subject, claims)) == FAILED

    assert await app.state.service.store.query("SELECT count(*) FROM access.accounts") == before


async def test_a_revoked_account_stays_out(served):
    app, browser = served
    await app.state.service.store.query(
        "UPDATE access.accounts SET revoked_at = now() WHERE subject = 's-township' RETURNING 1"
    )

    assert told(await sign_in(browser, "s-township")) == FAILED


@pytest.mark.parametrize(
    ("amr", "let_in"),
    [
        *((["pwd", "otp"], True), (["mfa"], True), (["hwk"], True)),
        *((None, False), (["pwd"], False), ([], False), ([["otp"]], False)),
    ],
)
async def test_the_bureau_is_let_in_with_a_second_factor_alone(browser, amr, let_in):
    answer = await sign_in(browser, "s-bureau", {} if amr is None else {"amr": amr})

    if let_in:
        assert answer.status_code == 200
        caller = Caller(browser, answer.json()["access_token"])
        assert (await caller.get("/v1/students")).status_code == 200
    else:
        assert told(answer) == (401, "second-factor-required")


@pytest.mark.parametrize(
    "claims",
    [
        *(
            {"aud": "other"},
            {"aud": ["other"]},
            {"aud": [CLIENT, "other"]},
            {"aud": 7},
            {"aud": []},
            {"aud": "other", "azp": CLIENT},
        ),
        *({"iss": "https://other.example"}, {"exp": 1}, {"exp": "soon"}, {"iat": 2**40}),
        *({"nonce": "other"}, {"nonce": None}, {"azp": "other"}, {"amr": "otp"}, {"at_hash": "x"}),
    ],
)
async def test_an_id_token_that_is_not_for_us_here_and_now_is_not_believed(browser, claims):
    answer = await sign_in(browser, "s-township", claims)

    assert told(answer) == FAILED


async def test_a_sign_in_that_was_begun_with_another_nonce_fails(browser):
    assert told(await sign_in(browser, "s-township", nonce="another")) == FAILED


async def test_a_state_is_the_browsers_that_began_and_is_used_once(served):
    app, browser = served
    place = await begin(browser)
    back, again = [await at_provider(place, "s-township") for _ in range(2)]  # two codes
    cookie = {"Cookie": f"{COOKIE}={browser.cookies[COOKIE]}"}
    async with browser_of(app) as other:
        assert told(await other.get(back)) == FAILED
        await begin(other)
        assert told(await other.get(back)) == FAILED

    assert told(await browser.get(back.replace("state=", "state=x"))) == FAILED
    assert (await browser.get(back)).status_code == 200
    assert told(await browser.get(again, headers=cookie)) == FAILED


async def test_a_state_lives_for_ten_minutes(browser, clock):
    back = await at_provider(await begin(browser), "s-township")
    clock.ahead = LIFE - timedelta(seconds=20)
    assert (await browser.get(back)).status_code == 200

    back = await at_provider(await begin(browser), "s-township")
    clock.ahead += LIFE + timedelta(seconds=1)
    assert told(await browser.get(back)) == FAILED


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        *(("", FAILED), ("code=x", FAILED), ("state=x", FAILED), ("code=x&state=x", FAILED)),
        *(("error=access_denied&state=x", FAILED), ("code=%00&state=x", (400, "unreadable-query"))),
        *(("code=%FF&state=x", (400, "unreadable-query")), ("token=x", (400, "token-in-url"))),
        (f"code=x&state={'x' * 5000}", (422, "malformed")),
    ],
)
async def test_no_query_breaks_the_way_back(browser, query, expected):
    for cookie in ("", "x", "x" * 150, "é"):
        headers = {"Cookie": f"{COOKIE}={cookie}".encode("latin-1")}
        assert told(await browser.get(f"/v1/oidc/callback?{query}", headers=headers)) == expected


async def test_a_code_the_provider_never_gave_opens_nothing(browser):
    state = dict(parse_qsl(urlsplit(await begin(browser)).query))["state"]

    answer = await browser.get(f"/v1/oidc/callback?code=invented&state={state}")

    assert told(answer) == FAILED


async def test_without_a_provider_there_are_no_such_routes(client):
    for path in ("start", "callback", "callback?code=x&state=x"):
        assert told(await client.get(f"/v1/oidc/{path}")) == (404, "not-found")


# A provider that is away, or talks nonsense -------------------------------------------------------


async def test_a_provider_that_is_away_is_said(database_url, tmp_path):
    away = f"http://127.0.0.1:{free_port()}"
    async with serving(database_url, tmp_path, away) as (_, browser):
        answer = await browser.get("/v1/oidc/start")

    assert told(answer) == (503, "provider-away")
    assert int(answer.headers["retry-after"]) > 0


@pytest.fixture
def nonsense() -> Iterator[tuple[str, dict[str, tuple[int, bytes]]]]:
    """A server that says what it is told to, by path."""
    says: dict[str, tuple[int, bytes]] = {}

    class Saying(BaseHTTPRequestHandler):
        def do_GET(self):
            self.rfile.read(int(self.headers.get("content-length", 0)))
            status, body = says.get(self.path, (404, b"no"))
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_POST = do_GET  # noqa: N815

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Saying)
    thread = Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}", says
    server.shutdown()
    thread.join()
    server.server_close()


DISCOVERY = "/.well-known/openid-configuration"


async def test_whatever_a_provider_says_is_no_500(database_url, tmp_path, nonsense):
    issuer, says = nonsense
    good = {
        "issuer": issuer,
        "authorization_endpoint": f"{issuer}/authorize?x=1",
        "token_endpoint": f"{issuer}/token",
        "jwks_uri": f"{issuer}/jwks",
    }
    junk = (b"", b"x", b"\xff", b"[]", b"null", b"7", b"{}", b"[" * 100_000, b'{"issuer": 7}')
    async with serving(database_url, tmp_path, issuer) as (_, browser):
        for status, body in (*((200, body) for body in junk), (500, b"{}"), (302, b"")):
            says[DISCOVERY] = (status, body)
            assert told(await browser.get("/v1/oidc/start")) == (503, "provider-away"), body
        for name in ("authorization_endpoint", "issuer"):
            for wrong in (
                7,
                None,
                "javascript:x",
                "http://[",
                "file:///etc/passwd",
                "http://\ud800",
                "http://a\nb",
                "https://",
            ):
                says[DISCOVERY] = (200, json.dumps({**good, name: wrong}).encode())
                answer = await browser.get("/v1/oidc/start")
                assert answer.status_code in {302, 503}, (name, wrong)
        key = json.dumps({"keys": [RSAKey.generate_key(2048).as_dict(private=False)]}).encode()
        odd = [
            *(b'{"id_token": 7}', b'{"id_token": "a.b.c"}', b'{"id_token": ""}', *junk),
            *(b'{"id_token": "\\ud800"}', b'{"id_token": "' + b"." * 50_000 + b'"}'),
        ]
        odd_keys = [b'{"keys": 7}', b'{"keys": [7]}', b'{"keys": [{"kty": "RSA", "n": 7}]}', *junk]
        told_so = [
            *((200, body, key) for body in odd),
            *((200, b'{"id_token": "a.b.c"}', keys) for keys in odd_keys),
            *((status, b"{}", key) for status in (400, 401, 404, 500, 503)),
        ]
        says[DISCOVERY] = (200, json.dumps(good).encode())
        for status, tokens, keys in told_so:
            place = await begin(browser)
            assert place.startswith(f"{issuer}/authorize?x=1&response_type=code")
            says["/token"], says["/jwks"] = (status, tokens), (200, keys)
            state = dict(parse_qsl(urlsplit(place).query))["state"]

            answer = await browser.get(f"/v1/oidc/callback?code=x&state={state}")

            expected = {FAILED, (503, "provider-away")}
            assert told(answer) in expected, (status, tokens[:50], keys[:50], answer.text)
        for name in ("token_endpoint", "jwks_uri"):
            for wrong in (7, "http://[", "x"):
                says[DISCOVERY] = (200, json.dumps({**good, name: wrong}).encode())
                state = dict(parse_qsl(urlsplit(await begin(browser)).query))["state"]
                says["/token"], says["/jwks"] = (200, b"{}"), (200, key)
                answer = await browser.get(f"/v1/oidc/callback?code=x&state={state}")
                assert told(answer) == (503, "provider-away"), (name, wrong)
