"""What every page promises whoever opens it: no other host, no cross-site post, nothing huge."""

import gzip
import re

import httpx
import pytest
import pytest_asyncio

from api.web.pages import routes
from api.web.visit import SESSION
from tests.people import enrol
from tests.settings import quiet
from tests.web.conftest import KEY, token_of

LIMIT = 60 * 1024  # bytes, compressed, of a first page with its style and scripts
ADDRESS = re.compile(r'(?:src|href|action)="([^"]*)"')


@pytest_asyncio.fixture(loop_scope="session")
async def reader(app):
    """A teacher's browser without a window, and one child of the class."""
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
    cookies = {SESSION: await token_of(app, "teacher")}
    async with httpx.AsyncClient(
        transport=transport, base_url="http://guixue", cookies=cookies
    ) as client:
        yield client


@pytest_asyncio.fixture(loop_scope="session")
async def child(app, call):
    return (await enrol(await call("registrar"), 1))["student_id"]


def visit_form(**changes):
    return {"occurred_on": "2026-11-20", "mode": "at_home", "visitors": "测甲", "met": "guardian"}


OURS = {"origin": "http://guixue"}


async def test_a_first_page_is_small_and_asks_no_other_host(reader):
    page = await reader.get("/")
    assert page.status_code == 200
    addresses = ADDRESS.findall(page.text)
    assert all(re.match(r"#|/(?!/)", address) for address in addresses)
    files = [address for address in addresses if address.startswith("/static/")]
    answers = [page, *[await reader.get(address) for address in files]]
    assert len(answers) > 4
    assert sum(len(gzip.compress(answer.content)) for answer in answers) < LIMIT


async def test_scripts_and_styles_come_from_files_alone(reader, child):
    for path in ("/", "/children", f"/children/{child}", f"/children/{child}/record/home-visits"):
        page = await reader.get(path)
        policy = page.headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert not re.search(r"<style|\sstyle=|\son\w+=|javascript:", page.text)
        assert all(
            "src=" in tag or "application/json" in tag
            for tag in re.findall("<script[^>]*>", page.text)
        )


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        (OURS, 303),
        ({"sec-fetch-site": "same-origin"}, 303),
        ({"sec-fetch-site": "cross-site", **OURS}, 403),
        ({"sec-fetch-site": "same-site", **OURS}, 403),
        ({"origin": "http://elsewhere"}, 403),
        ({"origin": "null"}, 403),
        ({}, 403),
    ],
)
async def test_only_our_own_pages_may_record(reader, call, child, headers, status):
    answer = await reader.post(
        f"/children/{child}/record/home-visits", data=visit_form(), headers=headers
    )
    assert answer.status_code == status
    history = await (await call("teacher")).get(f"/v1/students/{child}/history")
    assert len(history.json()["items"]) == (2 if status == 303 else 1)


@pytest.mark.parametrize("to", ["//evil.example", "https://evil.example", "/\\evil", "x", "/\n/x"])
async def test_nobody_is_sent_to_another_host(reader, to):
    answer = await reader.post("/language", data={"language": "en", "to": to}, headers=OURS)
    assert answer.headers["location"] == "/"


@pytest.mark.parametrize(
    "sent",
    [
        b"occurred_on=2026-13-45&mode=at_home&visitors=x&met=guardian",
        b"occurred_on=%00&mode=%00&visitors=%00&met=%00",
        b"occurred_on=2026-11-20&mode=at_home&visitors=x&met=guardian&purpose=%ED%A0%80",
        b"occurred_on=2026-11-20&mode=at_home&visitors=" + b"x" * 900_000 + b"&met=guardian",
        b"occurred_on=2026-11-20&mode=nowhere&visitors=x&met=guardian&met=nobody",
        b"x=" * 5000,
        b"\xff\xfe",
        b"papers-0-kind=x&" + b"a" * 10_000_000,
        b"_key=none&occurred_on=2026-11-20&mode=at_home&visitors=x&met=guardian",
    ],
)
async def test_a_form_filled_with_anything_is_answered_in_words(reader, call, child, sent):
    answer = await reader.post(
        f"/children/{child}/record/home-visits",
        content=sent,
        headers={**OURS, "content-type": "application/x-www-form-urlencoded"},
    )
    assert 400 <= answer.status_code < 500
    assert 'role="alert"' in answer.text
    history = await (await call("teacher")).get(f"/v1/students/{child}/history")
    assert len(history.json()["items"]) == 1


@pytest.mark.parametrize(
    "days", ["9223372036854775808", "-1", "1e9", "１２", "1.5", "999999999999999999999"]
)
async def test_a_number_that_is_none_is_named(reader, child, days):
    answer = await reader.post(
        f"/children/{child}/record/absence-flags",
        data={
            "first_absent_on": "2026-11-20",
            "absence_kind": "truancy",
            "found_by": "roll_call",
            "days": days,
        },
        headers=OURS,
    )
    assert answer.status_code == 422
    assert 'id="days-error"' in answer.text


@pytest.mark.parametrize(
    "path",
    [
        "/children/x",
        "/children/x/record/home-visits",
        "/children?cursor=x",
        "/children?limit=x&grade=%00",
        "/children?at=99999999999999999999",
        "/static/..",
        "/static/nothing.js",
    ],
)
async def test_an_address_of_nothing_is_answered_in_words(reader, path):
    assert (await reader.get(path)).status_code in {200, 400, 404, 422}


async def test_nobody_signed_in_is_asked_to_sign_in_on_every_page_but_that(app):
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
    open_to_all = {"/sign-in", "/language", "/password", "/static/{name}", "/sw.js"}
    async with httpx.AsyncClient(transport=transport, base_url="http://guixue") as nobody:
        for route in routes:
            path = re.sub(r"\{[^}]*\}", "x", route.path)
            if route.path in open_to_all or "GET" not in route.methods:
                continue
            answer = await nobody.get(path)
            assert answer.status_code == 303, path
            assert answer.headers["location"].startswith("/sign-in"), path


@pytest.mark.parametrize("settings", [{"offline_drafts": False}], indirect=True)
async def test_an_administrator_switches_writing_without_signal_off(reader):
    assert (await reader.get("/offline")).status_code == 404
    assert (await reader.get("/sw.js")).status_code == 404
    assert 'data-offline="off"' in (await reader.get("/")).text


@pytest.fixture
def settings(request, tmp_path):
    return quiet(tmp_path, sealing_key=KEY, **getattr(request, "param", {}))
