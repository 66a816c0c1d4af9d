"""Who signs in: the right name and password, for eight hours; neither is stored as it was given."""

import hashlib
from datetime import timedelta
from time import perf_counter

import pytest
from argon2 import PasswordHasher, extract_parameters
from argon2.low_level import Type
from psycopg_pool import AsyncConnectionPool

from application.accounts import NewAccount
from application.directory import Directory
from application.sessions import SESSION_LIFE
from tests.people import OTHER_SCHOOL, PRIMARY, SCHOOL, SCHOOLS
from tests.ways_in import NOW, WaysIn

PASSWORD = "归学 guixue 8"
TEACHER = NewAccount(
    "测老师", "测甲", "teacher", "晴川中学", school=SCHOOL, grade=7, class_name="1班"
)
OFFICE = NewAccount("office", "测乙", "township_office", "晴川镇中心校", office="晴川镇中心校")
TOWNSHIP = NewAccount("township", "测丙", "township", "晴川镇人民政府", township="晴川镇")


@pytest.fixture
async def accounts(prepared):
    """Accounts of a teacher, a township office and a township."""
    async with AsyncConnectionPool(
        prepared.service_url, min_size=1, max_size=3, open=False
    ) as pool:
        directory = Directory()
        await directory.add(pool, SCHOOLS)
        made = WaysIn(pool, directory)
        await made.accounts.create([TEACHER, OFFICE, TOWNSHIP], PASSWORD)
        yield made


async def test_the_right_name_and_password_open_a_session_of_that_person(accounts):
    token = await accounts.sign_in("测老师", PASSWORD, NOW)

    person = await accounts.whose(token, NOW)

    assert (person.username, person.name) == ("测老师", "测甲")
    (post,) = person.posts
    assert (post.role, post.unit) == ("teacher", "晴川中学")
    assert (post.schools, post.grade, post.class_name) == (frozenset([SCHOOL]), 7, "1班")


async def test_posts_reach_the_schools_that_the_directory_puts_under_them(accounts):
    posts = {}
    for name in ("office", "township"):
        person = await accounts.whose(await accounts.sign_in(name, PASSWORD, NOW), NOW)
        (posts[name],) = person.posts

    assert posts["office"].schools == {SCHOOL, PRIMARY}
    assert OTHER_SCHOOL not in posts["office"].schools
    assert (posts["township"].township, posts["township"].schools) == ("晴川镇", frozenset())


ODD = ["", "\0", "\ud800", "x" * 10_000, "' OR ''='", "%", "测" * 5_000]


async def test_a_wrong_password_opens_nothing_however_odd(accounts, connection):
    for wrong in [*ODD, PASSWORD + " ", PASSWORD + "\0", PASSWORD[:-1], PASSWORD.upper()]:
        assert await accounts.sign_in("office", wrong, NOW) is None, repr(wrong)

    assert sessions(connection) == []


async def test_a_name_that_nobody_has_opens_nothing_however_odd(accounts, connection):
    for name in [*ODD, "nobody", "of fice", "office\0", "\0office", "OFFICE", "offic%", "ｏffice"]:
        assert await accounts.sign_in(name, PASSWORD, NOW) is None, repr(name)
    for odd in ODD:
        assert await accounts.sign_in(odd, odd, NOW) is None, repr(odd)

    assert sessions(connection) == []


async def test_an_unknown_name_takes_its_time_like_a_wrong_password(accounts):
    async def seconds(name: str) -> float:
        begun = perf_counter()
        for _ in range(5):
            await accounts.sign_in(name, "wrong", NOW)
        return perf_counter() - begun

    known = await seconds("office")

    for name in ("nobody", "office\0", "\ud800"):
        assert await seconds(name) > known / 3, repr(name)  # a hash more or less is a factor of 10


async def test_a_session_ends_when_its_hours_are_over(accounts):
    token = await accounts.sign_in("office", PASSWORD, NOW)
    instant = timedelta(microseconds=1)

    assert await accounts.whose(token, NOW + SESSION_LIFE - instant) is not None
    assert await accounts.whose(token, NOW + SESSION_LIFE) is None
    assert await accounts.whose(token, NOW + SESSION_LIFE + timedelta(days=365)) is None


async def test_every_sign_in_is_a_session_of_its_own(accounts):
    first = await accounts.sign_in("office", PASSWORD, NOW)
    second = await accounts.sign_in("office", PASSWORD, NOW + timedelta(hours=1))

    assert first != second
    assert await accounts.whose(first, NOW + SESSION_LIFE) is None
    assert await accounts.whose(second, NOW + SESSION_LIFE) is not None


async def test_a_token_that_nobody_was_given_is_nobodys(accounts):
    token = await accounts.sign_in("office", PASSWORD, NOW)

    for other in [*ODD, token[:-1], token + " ", token.swapcase()]:
        assert await accounts.whose(other, NOW) is None, repr(other)


async def test_a_session_is_stored_by_its_digest_and_the_digest_opens_nothing(accounts, connection):
    token = await accounts.sign_in("office", PASSWORD, NOW)

    digest = hashlib.sha256(token.encode()).digest()
    assert sessions(connection) == [(digest, "office", NOW + SESSION_LIFE)]
    assert token not in everything(connection)
    assert await accounts.whose(digest.hex(), NOW) is None
    assert len(token) >= 43  # of 256 random bits


async def test_passwords_are_stored_as_argon2id_alone(accounts, connection):
    await accounts.accounts.create([NewAccount("own", "测丁", "auditor", "审计")], PASSWORD)

    hashes = dict(connection.execute("SELECT username, password_hash FROM access.accounts"))

    assert set(hashes) == {"测老师", "office", "township", "own"}
    for hashed in hashes.values():
        known = extract_parameters(hashed)
        assert known.type is Type.ID
        assert (known.memory_cost, known.time_cost) >= (19 * 1024, 2)  # OWASP's least
        assert PasswordHasher().verify(hashed, PASSWORD)
    assert hashes["own"] != hashes["office"]  # another salt
    assert PASSWORD not in everything(connection)


async def test_an_account_that_exists_keeps_its_password_and_post(accounts):
    again = NewAccount("office", "测乙", "bureau", "区教体局")

    await accounts.accounts.create([again], "another password")

    assert await accounts.sign_in("office", "another password", NOW) is None
    person = await accounts.whose(await accounts.sign_in("office", PASSWORD, NOW), NOW)
    assert [post.role for post in person.posts] == ["township_office"]


def sessions(connection):
    return connection.execute(
        "SELECT token, username, ends_at FROM access.sessions JOIN access.accounts USING (account)"
    ).fetchall()


def everything(connection) -> str:
    """All that the accounts keep, as text."""
    return str(
        connection.execute(
            "SELECT a::text FROM access.accounts a UNION ALL SELECT s::text FROM access.sessions s"
        ).fetchall()
    )
