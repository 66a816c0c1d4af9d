"""Administrators make accounts, give and end posts, reset and revoke; never for themselves."""

import asyncio
from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from api.account_examples import ACCOUNT_ANSWERS
from application.access import Person
from application.account_refusals import LastAdministrator
from application.accounts import NewAccount
from application.roles import ROLES
from tests.api.reading import account_of, told
from tests.people import ACCOUNTS, OTHER_SCHOOL, PASSWORD, SCHOOL, Caller
from tests.ways_in import BUREAU, POSTS, TEACHER, VILLAGE, code_of


@pytest.fixture
async def admin(sign_in):
    return await sign_in("admin")


async def make(admin, username="测新", *posts, **more):
    body = {"username": username, "name": "测新", "posts": posts or [VILLAGE], **more}
    answer = await admin.post("/v1/accounts", body)
    assert answer.status_code == 201, answer.text
    return answer.json()


async def sign_in_as(client, username, password, otp=None):
    form = {"username": username, "password": password, **({"otp": otp} if otp else {})}
    return await client.post("/v1/token", data=form)


async def caller_of(client, made, new="一二三四五六七八九十", otp=None):
    """Somebody who has signed in with a first password and changed it."""
    first = await sign_in_as(client, made["username"], made["first_password"], otp)
    assert first.status_code == 200, first.text
    caller = Caller(client, first.json()["access_token"])
    changed = await caller.post("/v1/password", {"current": made["first_password"], "new": new})
    assert changed.status_code == 200, changed.text
    return caller


async def test_one_account_is_told_as_the_list_tells_it(admin, app):
    made = await make(admin)
    path = f"/v1/accounts/{made['account_id']}"
    (listed,) = (await admin.get("/v1/accounts?q=测新")).json()["items"]

    answer = await admin.get(path)

    assert answer.json() == listed
    assert told(await admin.get("/v1/accounts/nobody")) == (404, "unknown-account")
    assert (f"read account {made['account_id']}", "shown", None) in await lines(app)


async def lines(app):
    return await app.state.service.store.query(
        "SELECT action, outcome, reason FROM access.access_log ORDER BY place"
    )


# Making ------------------------------------------------------------------------------------------


async def test_a_made_account_signs_in_once_its_first_password_is_changed(client, admin, child):
    made = await make(admin, " 测新\u3000", TEACHER)
    first = await sign_in_as(client, "测新", made["first_password"])
    fresh = Caller(client, first.json()["access_token"])

    for method, path in (
        ("GET", "/v1/students"),
        ("GET", "/v1/accounts"),
    ):
        held = await client.request(method, path, headers=fresh.headers)
        assert told(held) == (403, "password-change-required")
    assert (await fresh.post("/v1/sign-out")).status_code == 200
    again = await sign_in_as(client, "测新", made["first_password"])
    fresh = Caller(client, again.json()["access_token"])
    body = {"current": made["first_password"], "new": "一二三四五六七八九十"}
    assert (await fresh.post("/v1/password", body)).json() == {"changed": True}

    assert (await fresh.get(f"/v1/students/{child}")).status_code == 200
    assert told(await sign_in_as(client, "测新", made["first_password"]))[0] == 401
    assert (await sign_in_as(client, "测新", "一二三四五六七八九十")).status_code == 200
    assert made["username"] == "测新"
    assert made["otpauth_uri"] is None
    (post,) = made["posts"]
    assert (post["n"], post["role_label"], post["in_force"]) == (1, "班主任", True)


async def test_a_post_that_needs_a_second_factor_comes_with_its_secret_once(client, admin, app):
    made = await make(admin, "局", BUREAU)
    code = code_of(made["otpauth_uri"], app.state.service.tracking.now())

    without = await sign_in_as(client, "局", made["first_password"])
    wrong = await sign_in_as(client, "局", made["first_password"], "000000")
    bureau = await caller_of(client, made, otp=code)
    replayed = await sign_in_as(client, "局", "一二三四五六七八九十", code)

    assert told(without) == (401, "totp-required")
    assert (told(wrong), told(replayed)) == ((401, "wrong-credentials"),) * 2
    assert (await bureau.get("/v1/students")).status_code == 200
    listed = (await admin.get("/v1/accounts?q=局&limit=500")).text
    for secret in (made["first_password"], made["otpauth_uri"], "argon2", "secret="):
        assert secret not in listed


async def test_what_is_answered_has_the_fields_of_its_example(admin):
    made = await make(admin, "局", BUREAU)
    page = (await admin.get("/v1/accounts?q=局")).json()

    given, account = ACCOUNT_ANSWERS["account_given"], ACCOUNT_ANSWERS["account"]
    assert list(made) == list(given)
    assert list(page["items"][0]) == list(account)
    assert list(made["posts"][0]) == list(account["posts"][0])


async def test_a_post_says_what_its_role_reaches_and_nothing_else(admin):
    assert POSTS.keys() == ROLES.keys()
    every = {name: value for post in POSTS.values() for name, value in post.items()}
    for role, post in POSTS.items():
        await make(admin, f"测{role}", post)
        needed = post.keys() - {"role", "unit"}
        for name in every.keys() - {"role", "unit", "until"}:
            changed = {**post, name: every[name]}
            if name in needed:
                changed.pop(name)
            answer = await admin.post(
                "/v1/accounts", {"username": "x", "name": "x", "posts": [VILLAGE, changed]}
            )
            assert told(answer) == (422, "malformed"), (role, name)
            assert [e["pointer"] for e in answer.json()["errors"]] == [f"/posts/1/{name}"]
    lasting = {name: value for name, value in POSTS["inspector"].items() if name != "until"}
    answer = await admin.post("/v1/accounts", {"username": "x", "name": "x", "posts": [lasting]})
    assert answer.json()["errors"][0]["pointer"] == "/posts/0/until"


@pytest.mark.parametrize(
    ("post", "slug"),
    [
        ({**TEACHER, "school_code": "3141999999"}, "school-unknown"),
        ({**POSTS["inspector"], "schools": [SCHOOL, "3141999999"]}, "school-unknown"),
        ({**POSTS["township_office"], "office": "无此中心校"}, "office-unknown"),
    ],
)
async def test_a_post_at_a_place_the_directory_has_not_is_refused(admin, app, post, slug):
    account = await account_of(app, "teacher2")
    for path, body in (
        ("/v1/accounts", {"username": "x", "name": "x", "posts": [post]}),
        (f"/v1/accounts/{account}/posts", post),
    ):
        answer = await admin.post(path, body)
        assert told(answer) == (409, slug)
    assert (await admin.get("/v1/accounts?q=x")).json()["items"] == []


async def test_a_name_and_a_subject_are_had_once(admin):
    await make(admin, "Zoe\u0301", issuer="https://id.example", subject="7")
    body = {"username": "Zo\u00e9", "name": "x", "posts": [VILLAGE]}
    same_subject = {**body, "username": "y", "issuer": "https://id.example", "subject": "7"}

    assert told(await admin.post("/v1/accounts", body)) == (409, "username-taken")
    assert told(await admin.post("/v1/accounts", same_subject)) == (409, "subject-taken")
    half = await admin.post("/v1/accounts", {**body, "subject": "7"})
    assert half.json()["errors"][0]["pointer"] == "/issuer"


async def test_an_account_of_a_provider_has_no_password_until_it_is_given_one(client, admin):
    made = await make(admin, "外", BUREAU, issuer="https://id.example", subject="7")
    assert (made["first_password"], made["otpauth_uri"]) == (None, None)
    assert told(await sign_in_as(client, "外", "")) == (422, "malformed")

    given = await admin.post(f"/v1/accounts/{made['account_id']}/credentials")

    assert given.status_code == 201
    assert given.json()["otpauth_uri"].startswith("otpauth://totp/Guixue:%E5%A4%96?secret=")
    answer = await sign_in_as(client, "外", given.json()["first_password"])
    assert told(answer) == (401, "totp-required")


# Listing -----------------------------------------------------------------------------------------


async def test_the_list_is_filtered_and_paged(admin):
    await make(admin, "两岗", TEACHER, {**TEACHER, "class_name": "2班", "from": "2999-01-01"})

    async def names(query):
        found, cursor = [], ""
        while True:
            page = (await admin.get(f"/v1/accounts?limit=2&{query}{cursor}")).json()
            found += [item["username"] for item in page["items"]]
            if page["next_cursor"] is None:
                return found
            cursor = f"&cursor={page['next_cursor']}"

    everybody = await names("")
    assert everybody[:2] == ["teacher", "teacher2"]
    assert len(everybody) == len(set(everybody)) == len(ACCOUNTS) + 1
    assert await names("role=bureau") == ["bureau", "bureau2"]
    assert await names(f"role=principal&school_code={OTHER_SCHOOL}") == ["principal2"]
    assert set(await names(f"school_code={OTHER_SCHOOL}")) == {"principal2", "registrar2"}
    assert await names("q=TEACHER") == ["teacher", "teacher2"]
    assert await names("q=测子") == ["bureau2"]
    assert await names("q=%25") == []
    assert await names("role=teacher&q=两") == ["两岗"]


@pytest.mark.parametrize(
    ("query", "status"),
    [
        *(
            ("limit=0", 422),
            ("limit=501", 422),
            ("cursor=x", 422),
            ("cursor=OTk5OTk5OTk5OTk5", 200),
        ),
        *(
            ("role=king", 422),
            ("role=", 422),
            ("school_code=1", 422),
            ("school_code=%EF%BC%91", 422),
        ),
        *((f"limit={2**63}", 422), ("q=" + "x" * 101, 422), ("q=%00", 400), ("q=%ED%A0%80", 400)),
        ("cursor=OTIyMzM3MjAzNjg1NDc3NTgwNw==", 422),
    ],
)
async def test_a_query_is_read_or_refused(admin, query, status):
    assert (await admin.get(f"/v1/accounts?{query}")).status_code == status


# Changing ----------------------------------------------------------------------------------------


async def test_a_further_post_counts_at_once_and_an_ended_one_no_more(client, admin, app, child):
    made = await make(admin)
    account = f"/v1/accounts/{made['account_id']}"
    caller = await caller_of(client, made)
    assert (await caller.get(f"/v1/students/{child}")).status_code == 403

    given = await admin.post(f"{account}/posts", TEACHER)
    assert (await caller.get(f"/v1/students/{child}")).status_code == 200
    ended = await admin.post(f"{account}/posts/2/end")
    assert (await caller.get(f"/v1/students/{child}")).status_code == 403
    last = await admin.post(f"{account}/posts/1/end")
    assert (await caller.get(f"/v1/students/{child}")).status_code == 401

    assert (given.status_code, ended.status_code, last.status_code) == (201, 201, 201)
    assert [post["in_force"] for post in last.json()["posts"]] == [False, False]
    assert ended.json()["posts"][1]["ended_at"].endswith("+08:00")
    assert told(await admin.post(f"{account}/posts/2/end")) == (409, "post-over")
    assert told(await sign_in_as(client, "测新", "一二三四五六七八九十"))[0] == 401


async def test_a_post_may_end_with_a_day_that_is_not_past(admin, app):
    today = app.state.service.tracking.today()
    made = await make(admin, "测新", {**VILLAGE, "until": str(today + timedelta(days=9))})
    path = f"/v1/accounts/{made['account_id']}/posts/1/end"

    past = await admin.post(path, {"on": str(today - timedelta(days=1))})
    later = await admin.post(path, {"on": str(today + timedelta(days=10))})
    good = await admin.post(path, {"on": str(today)})

    assert past.json()["errors"][0]["pointer"] == "/on"
    assert told(later) == (409, "post-over")
    assert good.json()["posts"][0]["until"] == str(today)
    assert good.json()["posts"][0]["in_force"] is True


async def test_revoked_is_out_at_once_and_for_good(client, admin, teacher, app):
    account = f"/v1/accounts/{await account_of(app, 'teacher')}"

    answer = await admin.post(f"{account}/revocation", {"reason": "调离本区"})

    assert answer.json()["revoked_at"] is not None
    assert (await teacher.get("/v1/students")).status_code == 401
    assert told(await sign_in_as(client, "teacher", PASSWORD)) == (401, "wrong-credentials")
    for path, body in (
        ("revocation", {}),
        ("credentials", {}),
        ("posts", VILLAGE),
        ("posts/1/end", {}),
    ):
        assert told(await admin.post(f"{account}/{path}", body)) == (409, "account-revoked")
    taken = {"username": "teacher", "name": "x", "posts": [VILLAGE]}
    assert told(await admin.post("/v1/accounts", taken)) == (409, "username-taken")


async def test_new_credentials_end_what_the_old_ones_opened(client, admin, teacher, app):
    account = f"/v1/accounts/{await account_of(app, 'teacher')}"

    given = await admin.post(f"{account}/credentials", {"reason": "忘记密码"})

    assert given.json()["must_change_password"] is True
    assert (await teacher.get("/v1/students")).status_code == 401
    assert told(await sign_in_as(client, "teacher", PASSWORD)) == (401, "wrong-credentials")
    assert (await caller_of(client, given.json())) is not None


async def test_administrators_leave_their_own_account_alone(admin, app):
    account = f"/v1/accounts/{await account_of(app, 'admin')}"
    for path, body in (
        ("posts", VILLAGE),
        ("posts/1/end", {}),
        ("revocation", {}),
        ("credentials", {}),
    ):
        answer = await admin.post(f"{account}/{path}", body)
        assert told(answer) == (409, "own-account"), path


async def test_two_administrators_cannot_revoke_each_other_at_once(app):
    service = app.state.service
    await service.accounts.create(
        [NewAccount("admin2", "测", "admin", "区")], PASSWORD, second_factor=False
    )
    one, other = [await account_of(app, name) for name in ("admin", "admin2")]

    async def change(by, whom, how):
        now, today = service.tracking.now(), service.tracking.today()
        person = Person(by, by, by, ())
        if how == "revoke":
            await service.accounts.revoke(UUID(whom), person, now, today)
        else:
            await service.accounts.end_post(UUID(whom), 1, person, now, today)

    done = await asyncio.gather(
        change(one, other, "revoke"), change(other, one, "end"), return_exceptions=True
    )

    assert [type(outcome) for outcome in done].count(LastAdministrator) == 1
    assert done.count(None) == 1


async def test_what_does_not_exist_is_not_found(admin, app):
    account = await account_of(app, "teacher")
    for other in (str(uuid4()), "x", "%00", "1" * 999):
        for path in ("posts", "posts/1/end", "revocation", "credentials"):
            answer = await admin.post(f"/v1/accounts/{other}/{path}", {"surprise": 1})
            assert told(answer) == (404, "unknown-account"), (other, path)
    for n in ("0", "2", "x", "01", "-1", "%00", str(2**63), "１"):
        answer = await admin.post(f"/v1/accounts/{account}/posts/{n}/end", {"surprise": 1})
        assert told(answer) == (404, "unknown-post"), n


async def test_all_that_administrators_do_leaves_a_line(admin, app):
    made = await make(admin)
    account, path = made["account_id"], f"/v1/accounts/{made['account_id']}"
    await admin.get("/v1/accounts")
    await admin.post(f"{path}/posts", VILLAGE)
    await admin.post(f"{path}/posts/2/end")
    await admin.post(f"{path}/posts/2/end")
    await admin.post(f"{path}/credentials")
    await admin.post(f"{path}/revocation", {"reason": "调离"})

    assert await lines(app) == [
        ("make account 测新", "done", None),
        ("list accounts", "shown", None),
        (f"give post to account {account}", "done", None),
        (f"end post 2 of account {account}", "done", None),
        (f"end post 2 of account {account}", "refused", None),
        (f"reset account {account}", "done", None),
        (f"revoke account {account}", "done", "调离"),
    ]
