"""Nobody passes a route without signing in, by a wrong role or out of reach; no attempt records."""

from collections.abc import Iterable, Iterator
from typing import Any
from uuid import uuid4

import pytest

from api.web import pages
from tests.api.inspecting import finding_noted
from tests.api.reading import access_log, account_of
from tests.api.who_may import (
    ALSO,
    AT_SCHOOL,
    BREAK_GLASS,
    EVERYBODY,
    OF_NOTHING,
    OPEN,
    OWN_ENTRY,
    SIGN_IN,
    WHO,
    call,
    filled,
)
from tests.people import OTHER_SCHOOL, SCHOOL, enrol, student_number

PEOPLE = tuple(sorted(EVERYBODY))
STRANGERS = ("teacher2", "registrar2", "principal2", "office", "township")
INVITE = "/v1/students/{student_id}/enrolment-notices"


def routes_of(routes: Iterable[Any]) -> Iterator[tuple[str, str]]:
    """Every method and path the app answers, however its routers nest."""
    for route in routes:
        router = getattr(route, "original_router", None) or getattr(route, "app", None)
        if getattr(router, "routes", None) is not None:
            yield from routes_of(router.routes)
        else:
            for method in route.methods:
                yield method, route.path


def test_every_route_has_a_row_and_every_row_a_route(app):
    contract = [route for route in app.routes if route not in pages.routes]

    assert set(routes_of(contract)) == OPEN | WHO.keys()


async def test_nobody_gets_in_without_signing_in(client, teacher, child, app, head):
    before = await head()
    junk = ({}, {"Authorization": "Bearer x"}, {"Authorization": teacher.headers["Authorization"]})
    await app.state.service.store.query(
        "UPDATE access.sessions SET ends_at = now() - interval '1 second' RETURNING account"
    )
    for method, path in WHO:
        for headers in junk:
            answer = await client.request(
                method, filled(path, child), content=b"{", headers=headers
            )

            assert (answer.status_code, answer.json()["type"]) == (401, "not-signed-in"), path
            assert answer.headers["content-type"] == "application/problem+json"
            assert answer.headers["www-authenticate"] == "Bearer"
    for method, path in OPEN - SIGN_IN:
        assert (await client.request(method, path)).status_code == 200, path
    assert (await client.post("/v1/token", data={})).status_code == 422
    assert await head() == before


async def test_what_is_open_to_all_shows_no_child(client, registrar):
    child = (await enrol(registrar, 77, name="测不可见"))["student_id"]
    await registrar.record(child, "absence-flags")
    for method, path in OPEN - SIGN_IN:
        told = (await client.request(method, path)).text
        assert not any(word in told for word in (child, student_number(77), "测不可见")), path


@pytest.mark.parametrize("username", PEOPLE)
async def test_a_person_takes_the_steps_of_their_role_and_no_other(
    client, sign_in, reported, bureau, app, head, checkpoint, username
):
    asked = await bureau.record(reported, "referrals", to_unit="晴川镇河湾村")
    if username == "member_unit":
        asked = await bureau.record(reported, "referrals")
    caller = await sign_in(username)
    await finding_noted(bureau)
    checkpoint()
    before = await head()
    account = await account_of(app, "teacher2")
    refused = []
    for (method, path), who in WHO.items():
        if (method, path) == OWN_ENTRY and username in {"village", "member_unit"}:
            continue
        entry = str(asked["entry"])
        answer = await call(client, caller, method, filled(path, reported, account, entry))
        if username in who:
            expected = 404 if path in OF_NOTHING else 200 if method == "GET" else 422
            assert answer.status_code == expected, (path, answer.text)
        else:
            assert answer.status_code == 403, (path, answer.text)
            assert answer.headers["content-type"] == "application/problem+json"
            assert answer.json() == {
                "type": "not-allowed",
                "title": "没有权限",
                "status": 403,
                "detail": "您的岗位不办理此项工作。",
            }
            refused.append(path)

    assert await head() == before
    assert len(await access_log(app)) == len(refused)


@pytest.mark.parametrize("username", STRANGERS)
async def test_a_named_child_out_of_reach_is_refused_and_the_attempt_logged(
    client, sign_in, registrar, app, head, username
):
    """Another class, another school, another township's office, a case not reported yet."""
    child = (await enrol(registrar, 1))["student_id"]
    if username == "office":
        elsewhere = await sign_in("registrar2")
        child = (await enrol(elsewhere, 2, school_code=OTHER_SCHOOL))["student_id"]
    caller = await sign_in(username)
    role = username.removesuffix("2")
    before = await head()
    attempts = 0
    for (method, path), who in WHO.items():
        if "{student_id}" not in path:
            continue
        answer = await call(client, caller, method, filled(path, child))

        if path == BREAK_GLASS and role in who:
            assert answer.status_code == 422  # out of reach is what it is for
            continue
        if (path, username) == (INVITE, "township"):
            assert answer.status_code == 422  # its resident, whose case it does not know
            continue
        expected = "out-of-reach" if role in who else "not-allowed"
        assert (answer.status_code, answer.json()["type"]) == (403, expected), path
        assert child not in answer.text
        attempts += 1

    assert await head() == before
    lines = await access_log(app)
    assert len(lines) == attempts
    assert {line[2] for line in lines} <= {child, None}
    assert {line[0] for line in lines} == {username}


@pytest.mark.parametrize("username", ["bureau", "principal", "auditor"])
async def test_a_child_nobody_knows_is_not_found_by_those_who_may_look(
    client, sign_in, app, head, username
):
    caller = await sign_in(username)
    for (method, path), who in WHO.items():
        if "{student_id}" in path:
            answer = await call(client, caller, method, filled(path, str(uuid4())))
            told = (answer.status_code, answer.json()["type"])
            may = username in who | ALSO.get((method, path), set())
            assert told == ((404, "unknown-child") if may else (403, "not-allowed")), path
    assert await head() == 0


async def test_steps_for_another_school_are_refused_whole(sign_in, registrar, child, head, app):
    stranger, township = await sign_in("registrar2"), await sign_in("township")
    teacher = await sign_in("teacher")
    before = await head()
    body = {
        "name": "测小溪",
        "sex": "male",
        "birth_date": "2014-09-15",
        "student_number": student_number(7),
        "school_code": SCHOOL,
        "grade": 7,
        "class_name": "1班",
    }
    found = {**body, "found_by": "screening", "township": "云溪镇"}
    for name in ("student_number", "school_code", "grade", "class_name"):
        found.pop(name)

    answers = [
        await stranger.post(f"/v1/schools/{SCHOOL}/promotions", {}),
        await stranger.post("/v1/schools/9999999999/promotions", {}),
        await stranger.post("/v1/students", body),
        await township.post("/v1/students", body),
        await township.post("/v1/students", found),
    ]

    assert {(answer.status_code, answer.json()["type"]) for answer in answers} == {
        (403, "out-of-reach")
    }
    assert (await teacher.post("/v1/students", body)).json()["type"] == "not-allowed"
    assert await head() == before
    assert len(await access_log(app)) == len(answers) + 1


@pytest.mark.parametrize(
    ("username", "query"),
    [
        ("teacher", f"school_code={OTHER_SCHOOL}"),
        ("principal2", f"school_code={SCHOOL}"),
        ("office", f"school_code={OTHER_SCHOOL}"),
        ("township", "township=云溪镇"),
    ],
)
async def test_a_list_out_of_reach_is_not_found_and_the_attempt_logged(
    sign_in, child, app, username, query
):
    caller = await sign_in(username)
    paths = ("/v1/students", "/v1/ledgers/dropout-control", "/v1/ledgers/home-visits")
    for path in paths:
        answer = await caller.get(f"{path}?{query}&limit=0")
        assert (answer.status_code, answer.json()["type"]) == (404, "not-found"), path

    assert [line[0] for line in await access_log(app)] == [username] * len(paths)


async def test_lists_and_ledgers_hold_only_children_within_reach(sign_in, registrar, reported):
    await registrar.record(reported, "home-visits")
    elsewhere = await sign_in("registrar2")
    other = (await enrol(elsewhere, 2, school_code=OTHER_SCHOOL))["student_id"]
    await elsewhere.record(other, "absence-flags")
    last = (await elsewhere.record(other, "home-visits"))["position"]
    sees = {
        **{name: {reported} for name in AT_SCHOOL | {"counsellor", "office", "township"}},
        "teacher2": set(),
        "principal2": {other},
        "registrar2": {other},
        "bureau": {reported, other},
        "auditor": {reported, other},
    }
    for username, children in sees.items():
        caller = await sign_in(username)
        for path in ("/v1/students", "/v1/ledgers/dropout-control", "/v1/ledgers/home-visits"):
            page = await caller.fresh(path, last)
            assert {item["student_id"] for item in page["items"]} == children, (username, path)


async def test_a_township_sees_no_names_before_a_case_is_reported(sign_in, teacher, child):
    flagged = await teacher.record(child, "absence-flags")
    township = await sign_in("township")

    page = await township.fresh("/v1/ledgers/dropout-control", flagged["position"])

    assert page["items"] == []
