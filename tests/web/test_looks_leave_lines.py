"""Every look by page leaves in the access log what the same looks at the contract would, once."""

import re

import httpx
import pytest_asyncio

from api.web.pages import routes
from api.web.visit import SESSION
from tests.people import enrol
from tests.web.conftest import token_of

NAME = "试留痕"
PART = re.compile(r"\{([^}:]*)[^}]*\}")
CHECKPOINTED = ("}/audit", "}/evidence")  # they wait for a checkpoint, of which there is none
LINES = """
SELECT place, action, outcome, students, details FROM access.access_log
WHERE place > %s ORDER BY place
"""
# The looks at the contract that a page is, beginning with the child's or with /v1.
SAME = {
    "/children/{child}": ("", "/duties", "/history?limit=200"),
    "/children/{child}/replay": ("", "/difference?from_version=2&to_version=3", "/history"),
    "/children/{child}/replay?version=1": ("?version=1", "/difference?to_version=1", "/history"),
    "/children/{child}/difference": ("", "/difference", "/history"),
    "/children/{child}/who-can-see": ("", "/v1/who-can-see/{child}"),
    "/children/{child}/record/home-visits": ("",),
    "/children/{child}/correct/2": ("", "/history/2"),
    "/children/{child}/forms/case-file": ("/forms/case-file",),
    "/children": ("/v1/students",),
    "/": ("/v1/worklist?view=mine", "/v1/worklist?view=awaiting-me", "/v1/pledges?unsigned=true"),
    "/ledgers/suspected-dropout": ("/v1/ledgers/suspected-dropout",),
    "/ledgers/suspected-dropout/file?format=csv": ("/v1/ledgers/suspected-dropout?format=csv",),
    "/ledgers/suspected-dropout/file?format=xlsx": ("/v1/ledgers/suspected-dropout?format=xlsx",),
    "/ledgers/suspected-dropout/print": ("/v1/ledgers/suspected-dropout?format=csv",),
    "/referrals": ("/v1/referrals",),
    "/audit/break-glass": ("/v1/break-glass",),
}
SENT = {
    (
        "/children/{child}/reveal",
        ("reason", "入户前核对住址"),
    ): "?reveal=true&reason=入户前核对住址",
    ("/children", ("q", NAME)): f"/v1/students?q={NAME}",
    ("/audit", ("q", NAME)): f"/v1/students?q={NAME}",
}


@pytest_asyncio.fixture(loop_scope="session")
async def child(app, call):
    """A suspected child, shown by the views."""
    child = (await enrol(await call("registrar"), 1, name=NAME))["student_id"]
    teacher = await call("teacher")
    await teacher.record(child, "absence-flags")
    done = await teacher.record(child, "suspicions")
    await app.state.service.freshness.reached(done["position"])
    return child


@pytest_asyncio.fixture(loop_scope="session")
async def look(app):
    """Look at a page, or at the contract; the answer, and the lines it left."""
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
    store = app.state.service.store
    async with httpx.AsyncClient(transport=transport, base_url="http://guixue") as client:
        tokens = {}

        async def looking(username, path, **form):
            if username not in tokens:
                tokens[username] = await token_of(app, username)
            token = tokens[username]
            headers = {"Sec-Fetch-Site": "same-origin", "Cookie": f"{SESSION}={token}"}
            if path.startswith("/v1/"):
                headers["Authorization"] = f"Bearer {token}"
            ((before,),) = await store.query(
                "SELECT coalesce(max(place), 0) FROM access.access_log", []
            )
            how = {"data": form} if form else {}
            answer = await client.request("POST" if form else "GET", path, headers=headers, **how)
            return answer, [told(*row[1:]) for row in await store.query(LINES, [before])]

        yield looking


def told(action, outcome, students, details):
    """What a line tells of a look: whom it names, and in which post or by which filter not."""
    return action, outcome, tuple(sorted(map(str, students))), details.get("rows")


async def test_a_page_leaves_the_lines_of_the_same_looks_at_the_contract(look, child):
    wrong = {}
    for page, calls in SAME.items():
        answer, lines = await look("bureau", page.format(child=child))
        assert answer.status_code == 200, page
        same = []
        for call in calls:
            path = call.format(child=child) if call[:4] == "/v1/" else f"/v1/students/{child}{call}"
            answer, left = await look("bureau", path)
            assert answer.status_code == 200, path
            same += left
        if sorted(lines, key=str) != sorted(same, key=str):
            wrong[page] = (lines, same)
    assert wrong == {}


async def test_a_form_that_looks_leaves_the_line_of_the_same_look_and_its_reason(look, child):
    for (page, (field, typed)), call in SENT.items():
        answer, lines = await look("bureau", page.format(child=child), **{field: typed})
        assert answer.status_code == 200, page
        assert typed not in str(answer.url)
        path = call if call.startswith("/v1/") else f"/v1/students/{child}{call}"
        assert lines == (await look("bureau", path))[1], page
        assert len(lines) == 1


async def test_no_page_shows_a_child_without_a_line_and_none_writes_one_twice(look, child):
    known = {"student_id": child, "kind": "documents", "name": "suspected-dropout"}
    known |= {"path": "home-visits", "month": "2026-10", "quarter": "2026-Q3", "form": "home-visit"}
    shown = set()
    for route in routes:
        if "GET" not in route.methods or route.path.endswith(CHECKPOINTED):
            continue
        path = PART.sub(lambda part: known.get(part[1], "1"), route.path)
        answer, lines = await look("bureau", path)
        if NAME in answer.text:
            shown.add(path)
            assert any(child in students for _, _, students, _ in lines), path
        looked = [line for line in lines if line[1] != "begun"]
        assert len(looked) == len(set(looked)), path
    assert len(shown) > 5
