"""A session is its owner's alone, ends when it should, and no answer of ours is kept or framed."""

import re
from urllib.parse import urlencode

import httpx
import pytest_asyncio

from api.web.pages import routes
from api.web.visit import SESSION
from tests.people import PASSWORD, enrol

ANSWERS = {
    *("/", "/nothing", "/children/x", "/?%ff", "/sign-in", "/sign-in?to=/x", "/static/nothing"),
    *("/static/guixue.css", "/static/icon.svg", "/sw.js", "/docs", "/import", "/children"),
}
HEADERS = (
    *("content-security-policy", "referrer-policy", "x-content-type-options", "cache-control"),
    *("permissions-policy", "cross-origin-opener-policy", "cross-origin-resource-policy"),
)
KEPT = re.compile("/static/[a-z]+\\.")  # what names nobody
FORM = {"content-type": "application/x-www-form-urlencoded"}
NEW = "another-password"
LONG = ("/audit", "/evidence", "/forms/1")  # they wait for a checkpoint, or print


@pytest_asyncio.fixture(loop_scope="session")
async def browser_of(site):
    """A browser without a window, of its own cookies; signed in by password, or not."""
    opened = []

    async def opening(username=None, password=PASSWORD, **headers):
        headers = {"Origin": site, "Accept": "text/html", **headers}
        opened.append(httpx.AsyncClient(base_url=site, headers=headers))
        if username:
            form = {"username": username, "password": password, "to": "/"}
            answer = await opened[-1].post("/sign-in", data=form)
            assert answer.status_code == 303, answer.text
        return opened[-1]

    yield opening
    for one in opened:
        await one.aclose()


async def lives(browser_of, token):
    nobody = await browser_of()
    answer = await nobody.get("/", headers={"Cookie": f"{SESSION}={token}"})
    return answer.status_code == 200


async def test_a_cookie_is_of_its_browser_and_goes_over_tls_alone_where_there_is_tls(browser_of):
    plain, behind_tls = await browser_of(), await browser_of()
    behind_tls.headers["X-Forwarded-Proto"] = "https"
    form = {"username": "teacher", "password": PASSWORD, "to": "/"}
    for one, secure in ((plain, False), (behind_tls, True)):
        one.cookies.set(SESSION, "x" * 43)  # somebody else's wish
        (cookie,) = (await one.post("/sign-in", data=form)).headers.get_list("set-cookie")
        value, *flags = cookie.split("; ")
        assert set(flags) == {"HttpOnly", "Path=/", "SameSite=lax"} | (
            {"Secure"} if secure else set()
        )
        assert value.removeprefix(f"{SESSION}=") != "x" * 43


async def test_a_session_ends_with_its_browsers_next_one_its_password_or_signing_out(browser_of):
    first = await browser_of("teacher")
    before = first.cookies[SESSION]
    await first.post("/sign-in", data={"username": "registrar", "password": PASSWORD})
    assert not await lives(browser_of, before)
    mine, elsewhere = await browser_of("principal"), await browser_of("principal")
    changed = await mine.post("/password", data={"current": PASSWORD, "new": NEW})
    assert changed.status_code == 303
    assert await lives(browser_of, mine.cookies[SESSION])
    assert not await lives(browser_of, elsewhere.cookies[SESSION])
    token = mine.cookies[SESSION]
    await mine.post("/sign-out")
    assert not await lives(browser_of, token)


async def test_nothing_tells_whether_a_username_exists(browser_of):
    browser = await browser_of()
    seen = []
    for username in ("teacher", "nobody-here"):
        for _ in range(11):
            form = {"username": username, "password": "wrong", "to": "/"}
            answer = await browser.post("/sign-in", data=form)
            seen.append((answer.status_code, answer.text.replace(username, "?")))
    assert seen[:11] == seen[11:]
    assert [status for status, _ in seen[:11]] == [401] * 10 + [429]


async def test_no_other_site_signs_anybody_in_and_none_is_gone_to(browser_of):
    form = {"username": "teacher", "password": PASSWORD, "to": "/"}
    for headers in ({"Origin": "http://evil.example"}, {"Sec-Fetch-Site": "cross-site"}):
        stranger = await browser_of()
        answer = await stranger.post("/sign-in", data=form, headers=headers)
        assert answer.status_code == 403
        assert "set-cookie" not in answer.headers
    for to in (
        "//evil",
        "/\\evil",
        "https:evil",
        "/\t/evil",
        "\t//evil",
        "/\n/evil",
        " //evil",
        "",
    ):
        browser = await browser_of()
        answer = await browser.post("/sign-in", content=urlencode({**form, "to": to}), headers=FORM)
        assert answer.headers["location"] == "/", to


async def test_every_answer_to_a_browser_says_how_it_may_be_used(browser_of):
    for browser in (await browser_of(), await browser_of("bureau2"), await browser_of("teacher")):
        for path in ANSWERS:
            answer = await browser.get(path)
            assert [name for name in HEADERS if name not in answer.headers] == [], path
            assert "frame-ancestors 'none'" in answer.headers["content-security-policy"], path
            kept = answer.headers["cache-control"] not in {"no-store", "no-cache"}
            assert kept == bool(KEPT.match(path)), path


async def test_after_signing_out_the_way_back_shows_nobody(open_as, app, call):
    done = await enrol(await call("registrar"), 1, name="试返回")
    await app.state.service.freshness.reached(done["position"])
    page = await open_as("teacher")
    await page.goto(f"/children/{done['student_id']}")
    assert "试返回" in await page.content()
    await page.get_by_text("测甲").first.click()
    await page.get_by_role("button", name="退出登录").click()
    await page.wait_for_url("**/sign-in")
    await page.go_back()
    await page.wait_for_load_state()
    assert "试返回" not in await page.content()


async def test_a_form_from_another_site_is_refused_on_every_page_that_takes_one(browser_of):
    browser = await browser_of("bureau2")
    for route in routes:
        if "POST" not in (route.methods or ()):
            continue
        path = re.sub(r"\{[^}]*\}", "1", route.path)
        for headers in ({"Sec-Fetch-Site": "cross-site"}, {"Origin": "http://evil.example"}):
            answer = await browser.post(path, data={"x": "1"}, headers=headers)
            assert answer.status_code == 403, path
            assert 'role="alert"' in answer.text


async def test_reading_a_page_records_nothing(app, browser_of, call):
    child = (await enrol(await call("registrar"), 1))["student_id"]
    known = {"student_id": child, "kind": "documents", "name": "suspected-dropout"}
    known |= {"path": "home-visits", "month": "2026-10", "quarter": "2026-Q3"}
    store = app.state.service.store
    before = await store.head()
    for username in ("bureau2", "registrar"):
        browser = await browser_of(username)
        for route in routes:
            path = re.sub(r"\{([^}:]*)[^}]*\}", lambda one: known.get(one[1], "1"), route.path)
            if "GET" in (route.methods or ()) and not path.endswith(LONG):
                await browser.get(path)
    assert await store.head() == before
