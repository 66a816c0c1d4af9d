"""Nothing a caller can send is a 500, and nothing malformed is recorded."""

import json
import random
from typing import Any

import pytest

from api.entries import COMMANDS
from api.examples import EXAMPLES
from tests.people import example

ROUTES = {command.path.replace("{entry}", "1"): command.body.__name__ for command in COMMANDS}
WHOLE = {"NewStudent": "/v1/students", "Promotion": "/v1/schools/3141000058/promotions"}


def routes_for(child: str) -> dict[str, str]:
    """Every path that takes a body, with the name of the body."""
    named = {f"/v1/students/{child}/{path}": body for path, body in ROUTES.items()}
    named[f"/v1/students/{child}/key-groups/left_behind/end"] = "KeyGroupEnd"
    return {**named, **{path: body for body, path in WHOLE.items()}}


async def send(client, caller, path: str, content: bytes, **headers: str):
    return await client.post(
        path,
        content=content,
        headers={**caller.headers, "Content-Type": "application/json", **headers},
    )


async def who_may(sign_in, path: str):
    """Somebody whose role takes the step, so that the body is what is refused."""
    if "legal-actions" in path:
        return await sign_in("township")
    if any(
        word in path
        for word in (
            *("plans", "placements", "confirmations", "orders", "referrals", "transfers/1"),
            *("restriction", "erasure"),
        )
    ):
        return await sign_in("bureau")
    return await sign_in("principal")


UNREADABLE = {
    "not JSON": b"{",
    "not UTF-8": b'{"a": "\xff\xfe"}',
    "half a word": b"tru",
    "NaN": b'{"amount": NaN}',
    "infinite": b'{"amount": -Infinity}',
    "nested without end": b"[" * 100_000,
    "a number of 5,000 digits": b'{"days": ' + b"9" * 5_000 + b"}",
}
WRONG_SHAPE = {
    "a list": b"[]",
    "a text": b'"text"',
    "nothing": b"null",
    "a number": b"7",
}


async def test_unreadable_and_misshapen_bodies_are_refused_by_every_route(
    client, sign_in, reported, app
):
    head = await app.state.service.store.head()
    for path in routes_for(reported):
        caller = await who_may(sign_in, path)
        for why, content in UNREADABLE.items():
            answer = await send(client, caller, path, content)
            assert (answer.status_code, answer.json()["type"]) == (400, "not-json"), (path, why)
        for why, content in WRONG_SHAPE.items():
            answer = await send(client, caller, path, content)
            assert answer.status_code == 422, (path, why, answer.text)
    assert await app.state.service.store.head() == head


async def test_each_field_that_is_missing_unknown_or_of_the_wrong_kind_is_pointed_to(
    sign_in, reported, app
):
    head = await app.state.service.store.head()
    for path, name in routes_for(reported).items():
        caller = await who_may(sign_in, path)
        unknown = await caller.post(path, {**EXAMPLES[name], "surprise": 1})
        assert unknown.status_code == 422, (path, unknown.text)
        assert {"pointer": "/surprise"}.items() <= unknown.json()["errors"][0].items()
        for field in EXAMPLES[name]:
            for wrong in ({"a": 1}, [[]], "\0", "\ud800", 2**63, -1, 1.5, "2026-13-01"):
                answer = await caller.post(path, {**EXAMPLES[name], field: wrong})
                if answer.status_code == 422:
                    pointers = [error["pointer"] for error in answer.json()["errors"]]
                    assert all(p.startswith(f"/{field}") for p in pointers), (path, field, wrong)
                else:
                    assert may_be_good(field, wrong, answer), (path, field, wrong, answer.text)
    assert await app.state.service.store.head() == head + written.pop("entries", 0)


written: dict[str, int] = {}


def may_be_good(field: str, wrong: Any, answer: Any) -> bool:
    """Some of the wrong values are right for some fields: a text may say anything printable."""
    if answer.status_code == 201:
        written["entries"] = written.get("entries", 0) + 1
        return wrong == "2026-13-01" or (field == "amount" and wrong == 1.5)
    return answer.status_code in {404, 409}


async def test_every_required_field_is_asked_for(sign_in, reported):
    bodies = {command.path.replace("{entry}", "1"): command.body for command in COMMANDS}
    for path, body in bodies.items():
        caller = await who_may(sign_in, path)
        required = {
            info.alias or name for name, info in body.model_fields.items() if info.is_required()
        }

        answer = await caller.post(f"/v1/students/{reported}/{path}", {})

        assert answer.status_code == 422, path
        assert {error["pointer"] for error in answer.json()["errors"]} == {
            f"/{name}" for name in required
        }, path


@pytest.mark.parametrize("megabytes", [2, 10, 40])
async def test_a_body_too_large_is_refused_whatever_it_holds(client, teacher, child, megabytes):
    answer = await send(
        client, teacher, f"/v1/students/{child}/absence-flags", b"x" * megabytes * 1_000_000
    )

    assert (answer.status_code, answer.json()["type"]) == (413, "too-large")


@pytest.mark.parametrize(
    "headers",
    [
        {"Content-Type": "text/plain"},
        {"Content-Type": "application/x-www-form-urlencoded"},
        {"Content-Type": ""},
        {"Accept-Language": "\x7f;;q=,,"},
    ],
)
async def test_json_is_read_whatever_its_type_is_said_to_be(client, teacher, child, headers):
    body = json.dumps(example("absence-flags")).encode()

    answer = await send(client, teacher, f"/v1/students/{child}/absence-flags", body, **headers)

    assert answer.status_code == 201


@pytest.mark.parametrize(
    "headers",
    [
        {"If-Match": "\x80\xff"},
        {"Idempotency-Key": "\x80"},
        {"Min-Log-Position": "9" * 40},
        {"Min-Log-Position": "-1"},
        {"Authorization": "Bearer \xff"},
        {"Authorization": "Bearer " + "x" * 5000},
        {"Authorization": "Basic eDp5"},
        {"Authorization": ""},
    ],
)
async def test_no_header_breaks_the_service(client, teacher, child, headers):
    encoded = {name: value.encode("latin-1") for name, value in headers.items()}
    for method, path in (("GET", "/v1/students"), ("POST", f"/v1/students/{child}/absence-flags")):
        answer = await client.request(
            method,
            path,
            json=example("absence-flags") if method == "POST" else None,
            headers={**teacher.headers, **encoded},
        )
        assert answer.status_code in {200, 201, 401, 412, 422}, (headers, answer.text)


@pytest.mark.parametrize(
    "path",
    [
        *("/v1/students/x", "/v1/students/%00", "/v1/students/%FF", "/v1/students/../x"),
        *("/v1/ledgers/x", "/v1/ledgers/%00", "/v1/nothing", "/v1/students/x/history/1"),
        "/v1/students/00000000-0000-0000-0000-000000000000",
    ],
)
async def test_what_does_not_exist_is_not_found(bureau, path):
    assert (await bureau.get(path)).status_code == 404


@pytest.mark.parametrize("entry", ["0", "-1", "99", "x", "9" * 30, "%00", "１"])
async def test_an_entry_that_does_not_exist_is_not_found(bureau, child, entry):
    history = await bureau.get(f"/v1/students/{child}/history/{entry}")
    service = await bureau.post(
        f"/v1/students/{child}/orders/{entry}/service", EXAMPLES["OrderService"]
    )

    assert (history.status_code, service.status_code) == (404, 404)


@pytest.mark.parametrize(
    "form",
    [
        {},
        {"username": "teacher"},
        {"username": "x" * 1000, "password": "y"},
        {"username": "a\0b", "password": "y"},
        {"username": "teacher", "password": "\0"},
        {"username": "教师", "password": "密码"},
        {"username": "\ufffd", "password": "x" * 200},
    ],
)
async def test_a_sign_in_that_is_wrong_in_any_way_is_no_500(client, form):
    answer = await client.post("/v1/token", data=form)

    assert answer.status_code in {401, 422}


@pytest.mark.parametrize("content", [b"username=%FF&password=%00", b"\xff\xfe", b"x" * 10_000_000])
async def test_a_sign_in_form_of_junk_is_no_500(client, content):
    answer = await client.post(
        "/v1/token",
        content=content,
        headers={"Content-Type": "application/x-www-form-urlencoded"},
    )

    assert answer.status_code in {400, 401, 413, 422}


VALUES: list[Any] = [
    *(None, True, 0, -1, 2**63, 1e308, "", " ", "\0", "\ud800", "𠮷㐂·", "x" * 5000),
    *("2026-11-24", "9999-12-31", "0001-01-01", "2026-02-30", [], {}, [None], [[]], {"kind": 1}),
    *([{"kind": "other"}], ["student"], ["R02"], {"_type_": "x", "_data_": "y"}),
]


async def test_a_few_hundred_random_bodies_meet_no_500(sign_in, reported):
    chance = random.Random(11)
    paths = list(routes_for(reported).items())
    people = {path: await who_may(sign_in, path) for path, _ in paths}
    for _ in range(400):
        path, name = chance.choice(paths)
        body = dict(EXAMPLES[name])
        for field in chance.sample(list(body), k=min(len(body), chance.randrange(1, 3))):
            body[field] = chance.choice(VALUES)

        answer = await people[path].post(path, body)

        assert answer.status_code in {201, 403, 404, 409, 422}, (path, body, answer.text)
