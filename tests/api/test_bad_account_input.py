"""No body about accounts is a 500; whatever is wrong with one is pointed to."""

import random

from tests.api.reading import account_of
from tests.people import SCHOOL
from tests.ways_in import POSTS, TEACHER

VALUES = [
    *(None, True, 0, -1, 2**63, 1e308, 1.5, "", " ", "\0", "a\0b", "\ud800", "\u200b", "x" * 5000),
    *("2026-13-01", "0001-01-01", "9999-12-31", [], {}, [None], [[]], [{}], [SCHOOL, SCHOOL]),
]


async def test_no_body_about_accounts_is_a_500(sign_in, app):
    admin = await sign_in("admin")
    chance = random.Random(7)
    account = await account_of(app, "teacher2")
    wholes = [
        (
            "/v1/accounts",
            {"username": "x", "name": "x", "posts": [TEACHER], "issuer": "i", "subject": "s"},
        ),
        *((f"/v1/accounts/{account}/posts", post) for post in POSTS.values()),
        (f"/v1/accounts/{account}/posts/1/end", {"on": "2999-01-01"}),
        (f"/v1/accounts/{account}/credentials", {"reason": "x"}),
        ("/v1/password", {"current": "x", "new": "x" * 12}),
    ]
    for _ in range(250):
        path, whole = chance.choice(wholes)
        body = {**whole}
        field = chance.choice(sorted(body))
        body[field] = chance.choice(VALUES)
        if path == "/v1/accounts" and chance.random() < 0.7:
            body = {**whole, "posts": [{**TEACHER, chance.choice(sorted(TEACHER)): body[field]}]}
        answer = await admin.post(path, body)
        assert answer.status_code in {201, 409, 422, 429}, (path, body, answer.text)
        if answer.status_code == 422:
            assert all("pointer" in error for error in answer.json()["errors"])
    for value in VALUES:
        if not isinstance(value, bool):
            answer = await admin.post("/v1/sign-out", {"everywhere": value})
            assert answer.json()["errors"][0]["pointer"] == "/everywhere"
