"""What no browser sends: forms put together wrongly, too large, or in letters nobody writes."""

import asyncio
from urllib.parse import quote, urlencode

import httpx
import pytest_asyncio

from api.web.visit import SESSION
from tests.people import PASSWORD, SCHOOL, enrol
from tests.web.conftest import token_of

MULTIPART = "multipart/form-data; boundary=XX"
TEXT = b'--XX\r\nContent-Disposition: form-data; name="%b"\r\n\r\n%b\r\n'
FILE = b'--XX\r\nContent-Disposition: form-data; name="file"; filename="%b"\r\n\r\n%b\r\n'
END = b"--XX--\r\n"
WHOLE = FILE % (b"a.csv", b"x") + END
SURROGATE = b"\xed\xa0\x80"  # the first of two halves of a letter, alone
MEGABYTE = 1_000_000

# What a file's form may be, and what it is answered with: 422 is for a file that is no table.
UPLOADS = {
    "whole": (MULTIPART, WHOLE, 422),
    "no boundary": ("multipart/form-data", WHOLE, 400),
    "another boundary": ("multipart/form-data; boundary=YY", WHOLE, 400),
    "a boundary of 10 kB": ("multipart/form-data; boundary=" + "b" * 10_000, WHOLE, 400),
    "cut off in the file": (MULTIPART, WHOLE[:-12], 400),
    "cut off in a header": (MULTIPART, WHOLE[:30], 400),
    "no type": ("", WHOLE, 400),
    "JSON": ("application/json", b'{"file": 1}', 400),
    "a form without files": ("application/x-www-form-urlencoded", b"file=%ED%A0%80", 400),
    "10 MB of anything": (MULTIPART, b"\0\r\n--X" * (10 * MEGABYTE // 6), 400),
    "a million parts": (MULTIPART, TEXT % (b"a", b"") * (MEGABYTE // 2), 400),
    "a million headers": (MULTIPART, b"--XX\r\n" + b"a:b\r\n" * MEGABYTE + WHOLE, 400),
    "a million fields": ("application/x-www-form-urlencoded", b"a=b&" * MEGABYTE, 400),
    "a text of 10 MB": (MULTIPART, TEXT % (b"do", b"x" * 10 * MEGABYTE) + WHOLE, 400),
    "a file of 40 MB": (MULTIPART, FILE % (b"a", b"x" * 40 * MEGABYTE) + END, 413),
    "a text for a file": (MULTIPART, TEXT % (b"file", b"x") + END, 400),
    "a file for a text": (MULTIPART, FILE.replace(b'"file"', b'"do"') % (b"a", b"x") + WHOLE, 422),
    "a file twice": (MULTIPART, FILE % (b"a", b"x") + WHOLE, 422),
    "a key of no letters": (MULTIPART, TEXT % (b"_key", "键".encode()) + WHOLE, 422),
    **{
        f"called {name[:9]!r}": (MULTIPART, FILE % (name, b"x") + END, 422)
        for name in (b"a\0.csv", b"../../a", b'a\\"b', SURROGATE, b"", b"\xff", b"a%0d%0aX: y")
    },
    "called by 10 kB": (MULTIPART, FILE % (b"a" * 10_240, b"x") + END, 400),
    **{
        f"in {charset}": (
            f"{MULTIPART}; charset={charset}",
            TEXT % (b"do", b"xn--\\ud800+2AA-" + SURROGATE) + FILE % (b"\\ud800+2AA-", b"x") + END,
            422,
        )
        for charset in (
            *("nonsense", "undefined", "punycode", "idna", "hex", "utf-16", "utf-7"),
            *("unicode_escape", "raw_unicode_escape", "x" * 5_000),
        )
    },
}


@pytest_asyncio.fixture(loop_scope="session")
async def send(app, site):
    """Post to the server itself as somebody, whatever it is."""
    async with httpx.AsyncClient(base_url=site, timeout=30) as client:

        async def sending(username, path, content, kind="application/x-www-form-urlencoded"):
            cookie = f"{SESSION}={await token_of(app, username)}" if username else ""
            headers = {"Cookie": cookie, "Sec-Fetch-Site": "same-origin", "Content-Type": kind}
            return await client.post(path, content=content, headers=headers)

        yield sending


async def test_a_file_put_together_anyhow_is_refused_in_words(send):
    answers = {
        (path, name): (await send("registrar", path, body, kind), status)
        for name, (kind, body, status) in UPLOADS.items()
        for path in ("/import", *(["/roll-call/file"] if len(body) < MEGABYTE else []))
    }
    wrong = {
        what: (answer.status_code, status)
        for what, (answer, status) in answers.items()
        if answer.status_code != status
    }
    assert wrong == {}
    assert all('role="alert"' in answer.text for answer, _ in answers.values())


async def test_a_forms_key_that_is_none_is_refused_in_words_and_records_nothing(send, call):
    child = (await enrol(await call("registrar"), 1))["student_id"]
    visit = {"occurred_on": "2026-11-20", "mode": "at_home", "visitors": "测甲", "met": "guardian"}
    for key in ("键", "\x85", "a\r\nX: y", "\0", "x" * 100_000):
        typed = {**visit, "guardian_view": "愿意配合", "_key": key}
        path = f"/children/{child}/record/home-visits"
        answer = await send("teacher", path, urlencode(typed).encode())
        assert answer.status_code == 422, key[:9]
        assert 'role="alert"' in answer.text
        assert "愿意配合" in answer.text
    history = await (await call("teacher")).get(f"/v1/students/{child}/history")
    assert len(history.json()["items"]) == 1


async def test_whatever_a_form_was_kept_as_signing_in_goes_on(send):
    for kept in ('[["a", "\\ud800"]]', '[["\\ud800", "a"]]', '{"ab": 1}', "[1]", "[" * 100_000):
        typed = {"username": "registrar", "password": PASSWORD, "kept": kept, "to": "/"}
        answer = await send(None, "/sign-in", urlencode(typed).encode())
        assert answer.status_code == 200, kept[:9]
        assert SESSION in answer.headers["set-cookie"]


async def test_a_number_past_every_number_is_refused_in_words(send, call):
    child = (await enrol(await call("registrar"), 1))["student_id"]
    days, class_name = "absence_kind=truancy&found_by=roll_call&days=", "&class_name=1班"
    place = f"school_code={SCHOOL}&date=2026-11-20"
    for number in ("9" * 5_000, "1.0e999", "NaN", "٣"):
        for username, path, typed in (
            ("teacher", f"/children/{child}/record/absence-flags", days + number),
            ("registrar", "/roll-call", f"{place}&grade={number}{class_name}"),
            ("registrar", f"/hand-over/{SCHOOL}", f"class_of={number}/1班&role=teacher"),
        ):
            answer = await send(username, path, quote(typed, safe="&=").encode())
            assert answer.status_code == 422, (path, number[:9])
            assert 'role="alert"' in answer.text


async def test_who_leaves_in_the_middle_is_no_fault_of_ours(app, site):
    port = int(site.rpartition(":")[2])
    for path in ("/sign-in", "/v1/token"):
        _, writer = await asyncio.open_connection("127.0.0.1", port)
        head = f"POST {path} HTTP/1.1\r\nHost: guixue\r\nSec-Fetch-Site: same-origin\r\n"
        writer.write(f"{head}Content-Length: 100\r\n\r\nuser".encode())
        await writer.drain()
        writer.close()
    counted = app.state.meters.requests
    async with asyncio.timeout(10):
        while sum(one.value for one in samples(counted, "400")) < 2:
            assert list(samples(counted, "500")) == []
            await asyncio.sleep(0.01)


def samples(counted, status):
    return (
        one
        for metric in counted.collect()
        for one in metric.samples
        if one.name.endswith("_total") and one.labels["status"] == status
    )
