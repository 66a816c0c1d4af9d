"""Who gets in: with a code where one is needed, in a post in force, and not by guessing."""

import asyncio
from datetime import date, timedelta
from time import perf_counter

import pytest
from psycopg_pool import AsyncConnectionPool

from application.accounts import NewAccount, NewPost
from application.directory import Directory
from application.sign_in import CodeRequired, SecondFactorRequired, WrongCredentials
from application.sign_in_tries import MOST, WINDOW, TooManyTries
from tests.people import SCHOOLS
from tests.ways_in import ADMIN, NOW, TODAY, WaysIn, code_of, secret_of

PASSWORD = "归学 guixue 8"
OFFICE = NewAccount("office", "测乙", "township_office", "晴川镇中心校", office="晴川镇中心校")
BUREAU = NewPost("bureau", "区教体局")
HOME = "203.0.113.9"
WRONG = "wrong"


@pytest.fixture
async def ways(prepared):
    """The ways in, and an account of a township office."""
    url = prepared.service_url
    async with AsyncConnectionPool(url, min_size=1, max_size=8, open=False) as pool:
        directory = Directory()
        await directory.add(pool, SCHOOLS)
        made = WaysIn(pool, directory)
        await made.accounts.create([OFFICE], PASSWORD)
        yield made


@pytest.fixture
async def bureau(ways):
    """An account of the bureau, as an administrator makes it."""
    return await ways.accounts.open("bureau", "测癸", [BUREAU], ADMIN, NOW)


async def office_of(ways):
    return await ways.listed.named("office")


# The second factor ------------------------------------------------------------------------------


async def test_a_code_is_asked_for_once_the_password_is_right_and_not_before(ways, bureau):
    with pytest.raises(CodeRequired):
        await ways.sign_in("bureau", bureau.first_password)
    with pytest.raises(CodeRequired):
        await ways.sign_in("bureau", bureau.first_password, otp="")
    code = code_of(bureau.otpauth_uri)
    assert await ways.sign_in("bureau", "wrong", otp=code) is None
    assert await ways.sign_in("bureau", bureau.first_password, otp=code) is not None


@pytest.mark.parametrize(
    ("steps", "taken"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)]
)
async def test_a_code_may_be_one_step_off(ways, bureau, steps, taken):
    code = code_of(bureau.otpauth_uri, steps=steps)

    token = await ways.sign_in("bureau", bureau.first_password, otp=f" {code[:3]} {code[3:]} ")

    assert (token is not None) is taken


async def test_a_code_is_taken_once_even_of_two_at_a_time(ways, bureau):
    code = code_of(bureau.otpauth_uri)

    tokens = await asyncio.gather(
        *(ways.sign_in("bureau", bureau.first_password, otp=code) for _ in range(6))
    )
    later = await ways.sign_in(
        "bureau", bureau.first_password, NOW + timedelta(seconds=30), otp=code
    )
    older = await ways.sign_in(
        "bureau", bureau.first_password, otp=code_of(bureau.otpauth_uri, steps=-1)
    )

    assert sum(token is not None for token in tokens) == 1
    assert (later, older) == (None, None)


@pytest.mark.parametrize(
    "code", ["000000x", "\0", "\ud800", "１２３４５６", "x" * 9999, "-1", "٠٠٠٠٠٠"]
)
async def test_no_odd_code_is_taken(ways, bureau, code):
    assert await ways.sign_in("bureau", bureau.first_password, otp=code) is None


async def test_a_secret_is_stored_sealed(ways, bureau, connection):
    ((sealed,),) = connection.execute(
        "SELECT totp_secret FROM access.accounts WHERE username = 'bureau'"
    ).fetchall()

    secret = secret_of(bureau.otpauth_uri)
    assert bytes(sealed) == secret.encode()[::-1]
    assert len(secret) == 32


async def test_a_post_that_needs_codes_counts_only_in_a_session_opened_with_one(ways):
    before = await ways.sign_in("office", PASSWORD)
    given = await ways.accounts.give_post(await office_of(ways), BUREAU, ADMIN)

    assert [post.role for post in (await ways.whose(before)).posts] == ["township_office"]
    with pytest.raises(CodeRequired):
        await ways.sign_in("office", PASSWORD)
    after = await ways.sign_in("office", PASSWORD, otp=code_of(given.otpauth_uri))
    assert [post.role for post in (await ways.whose(after)).posts] == ["township_office", "bureau"]
    again = await ways.accounts.give_post(await office_of(ways), BUREAU, ADMIN)
    assert again.otpauth_uri is None  # it has one


async def test_only_a_demo_and_those_exempt_need_no_code(ways):
    admin = NewAccount("a", "测寅", "admin", "区教体局")
    await ways.accounts.create([admin], PASSWORD)
    await ways.accounts.create([NewAccount("b", "测卯", "admin", "区教体局")], PASSWORD, demo=True)
    exempt = NewAccount("c", "测辰", "admin", "区教体局")
    await ways.accounts.create([exempt], PASSWORD, second_factor=False)

    with pytest.raises(CodeRequired):
        await ways.sign_in("a", PASSWORD)
    assert await ways.sign_in("a", PASSWORD, otp="000000") is None
    for name in ("b", "c"):
        person = await ways.whose(await ways.sign_in(name, PASSWORD))
        assert [post.role for post in person.posts] == ["admin"]


# Posts in force ----------------------------------------------------------------------------------


async def test_a_post_is_in_force_from_its_first_day_to_its_last(ways):
    day = timedelta(days=1)
    post = NewPost(
        "township", "晴川镇人民政府", township="晴川镇", from_day=TODAY, until_day=TODAY + day
    )
    given = await ways.accounts.open("测", "测", [post], ADMIN, NOW)
    in_force = []
    for today in (TODAY - day, TODAY, TODAY + day, TODAY + 2 * day):
        token = await ways.sign_in("测", given.first_password, today=today)
        in_force.append(token is not None)

    assert in_force == [False, True, True, False]


async def test_a_session_dies_with_the_last_post_in_force(ways):
    office = await office_of(ways)
    await ways.accounts.give_post(
        office, NewPost("village", "晴川村村委会", township="晴川镇"), ADMIN
    )
    token = await ways.sign_in("office", PASSWORD)

    await ways.accounts.end_post(office, 1, ADMIN, NOW, TODAY)
    left = await ways.whose(token)
    await ways.accounts.end_post(office, 2, ADMIN, NOW, TODAY)

    assert [post.role for post in left.posts] == ["village"]
    assert await ways.whose(token) is None
    assert await ways.sign_in("office", PASSWORD) is None
    await ways.accounts.give_post(
        office, NewPost("village", "晴川村村委会", township="晴川镇"), ADMIN
    )
    assert await ways.whose(token) is None  # it stays dead
    assert await ways.sign_in("office", PASSWORD) is not None


async def test_a_post_ended_with_a_day_holds_until_that_day_is_over(ways):
    token = await ways.sign_in("office", PASSWORD)

    await ways.accounts.end_post(await office_of(ways), 1, ADMIN, NOW, TODAY, on=TODAY)

    assert await ways.whose(token) is not None
    assert await ways.whose(token, today=TODAY + timedelta(days=1)) is None


async def test_a_session_opened_while_the_password_is_reset_is_dead(ways):
    (known,) = await ways.store.query(
        "SELECT account, generation FROM access.accounts WHERE username = 'office'"
    )
    await ways.accounts.reset(known[0], ADMIN)

    late = await ways.sessions.open(*known, NOW, second_factor=False)

    assert await ways.whose(late) is None


async def test_revoked_reset_and_signed_out_accounts_lose_their_sessions(ways):
    office = await office_of(ways)
    tokens = [await ways.sign_in("office", PASSWORD) for _ in range(3)]
    await ways.sessions.end(await ways.sessions.living(tokens[0], NOW, TODAY), everywhere=False)
    assert [await ways.whose(token) is None for token in tokens] == [True, False, False]
    await ways.sessions.end(await ways.sessions.living(tokens[1], NOW, TODAY), everywhere=True)
    assert [await ways.whose(token) for token in tokens] == [None] * 3

    token = await ways.sign_in("office", PASSWORD)
    given = await ways.accounts.reset(office, ADMIN)
    assert await ways.whose(token) is None
    assert await ways.sign_in("office", PASSWORD) is None

    await ways.accounts.create(
        [NewAccount("admin", "测寅", "admin", "区教体局")], PASSWORD, second_factor=False
    )
    token = await ways.sign_in("office", given.first_password)
    await ways.accounts.revoke(office, ADMIN, NOW, TODAY)
    assert await ways.whose(token) is None
    assert await ways.sign_in("office", given.first_password) is None


async def test_a_session_of_a_revoked_account_is_dead_whatever_else_holds(ways):
    token = await ways.sign_in("office", PASSWORD)
    await ways.store.query("UPDATE access.accounts SET revoked_at = now() RETURNING account")

    assert await ways.whose(token) is None


# Guessing ----------------------------------------------------------------------------------------


async def tries(ways, count, *, start=NOW, name="office", password=WRONG, **more):
    """How each of some tries in a row ended."""
    ended = []
    for number in range(count):
        moment = start + timedelta(seconds=number)
        try:
            token = await ways.sign_in(name, password, moment, address=HOME, **more)
            ended.append("in" if token else "wrong")
        except TooManyTries as many:
            ended.append(many.seconds)
        except CodeRequired:
            ended.append("code")
    return ended


async def test_after_ten_failed_tries_even_the_right_password_waits(ways):
    assert await tries(ways, MOST) == ["wrong"] * MOST
    after = NOW + timedelta(minutes=5)

    assert await tries(ways, 1, start=after, password=PASSWORD) == [600]
    assert await ways.sign_in("office", PASSWORD, after, address="198.51.100.7") is not None
    assert await tries(ways, 1, start=NOW + WINDOW - timedelta(seconds=1), password=PASSWORD) == [1]
    assert await tries(ways, 1, start=NOW + WINDOW, password=PASSWORD) == ["in"]


async def test_a_refused_try_does_not_lengthen_the_lock(ways):
    await tries(ways, MOST)
    for minute in range(1, 15):
        (seconds,) = await tries(ways, 1, start=NOW + timedelta(minutes=minute))
        assert seconds == (15 - minute) * 60

    assert await tries(ways, 1, start=NOW + WINDOW, password=PASSWORD) == ["in"]


async def test_signing_in_takes_earlier_tries_back(ways):
    await tries(ways, MOST - 1)
    assert await tries(ways, 1, password=PASSWORD) == ["in"]

    assert await tries(ways, MOST) == ["wrong"] * MOST


async def test_guesses_sent_at_once_do_not_slip_past(ways, database_url):
    """Two processes' worth of them."""

    async def guess(where):
        try:
            return await where.sign_in("office", "wrong", address=HOME)
        except TooManyTries:
            return "refused"

    async with AsyncConnectionPool(database_url, min_size=1, max_size=4, open=False) as pool:
        other = WaysIn(pool, Directory())
        ended = await asyncio.gather(*(guess(where) for where in (ways, other) * 15))

    assert (ended.count(None), ended.count("refused")) == (MOST, 20)


async def test_a_wrong_code_is_a_failed_try_and_so_is_a_missing_one(ways, bureau):
    who = {"name": "bureau", "password": bureau.first_password}

    assert await tries(ways, 5, **who) == ["code"] * 5
    assert await tries(ways, 5, otp="wrong", **who) == ["wrong"] * 5
    (seconds,) = await tries(ways, 1, otp=code_of(bureau.otpauth_uri), **who)
    assert isinstance(seconds, int)


async def test_one_name_has_one_count_however_it_is_typed(ways):
    for name in ("office", " office", "office ", "office\u3000") * 2:
        await tries(ways, 1, name=name)
    await tries(ways, 2)

    assert isinstance((await tries(ways, 1, password=PASSWORD))[0], int)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("2001:db8::1", "2001:db8::ffff:2", True),
        ("2001:db8::1", "2001:db8:0:1::1", False),
        ("203.0.113.9", "::ffff:203.0.113.9", True),
        ("203.0.113.9", "203.0.113.8", False),
        ("", "unix", False),
    ],
)
async def test_a_client_is_told_by_its_address_or_its_network(ways, one, other, same):
    for _ in range(MOST):
        await ways.sign_in("office", "wrong", address=one)
    if same:
        with pytest.raises(TooManyTries):
            await ways.sign_in("office", PASSWORD, address=other)
    else:
        assert await ways.sign_in("office", PASSWORD, address=other) is not None


async def test_names_that_were_tried_are_not_kept_and_old_tries_go(ways, connection):
    await tries(ways, 2, name="我的密码")
    for name in ("\0", "\ud800", "x" * 5000):
        await tries(ways, 1, name=name)
    kept = str(connection.execute("SELECT t::text FROM access.sign_in_tries t").fetchall())
    assert "我的密码" not in kept
    assert HOME not in kept

    await tries(ways, 1, start=NOW + WINDOW + timedelta(minutes=1))

    assert connection.execute("SELECT count(*) FROM access.sign_in_tries").fetchone() == (1,)


async def test_nobody_can_tell_by_the_time_why_signing_in_fails(ways, bureau):
    """Unknown, revoked, without a post, without a password: each takes a hash, as a known one."""
    revoked = await ways.accounts.open("revoked", "测", [BUREAU], ADMIN, NOW)
    past = NewPost("bureau", "区教体局", until_day=date(2026, 1, 1))
    await ways.accounts.open("postless", "测", [past], ADMIN, NOW)
    await ways.accounts.open("linked", "测", [BUREAU], ADMIN, NOW, issuer="https://i", subject="s")
    await ways.store.query(
        "UPDATE access.accounts SET revoked_at = now() WHERE account = %s RETURNING account",
        [revoked.account],
    )

    async def seconds(name: str) -> float:
        begun = perf_counter()
        for _ in range(4):
            assert await ways.sign_in(name, "wrong") is None
        return perf_counter() - begun

    known = await seconds("office")
    for name in ("nobody", "revoked", "postless", "linked"):
        assert known / 3 < await seconds(name) < known * 3, name


# Through a provider ------------------------------------------------------------------------------


async def test_a_providers_word_opens_the_account_of_its_subject_alone(ways):
    issuer, subject = "https://id.example", "s-1"
    office = NewPost("township", "晴川镇人民政府", township="晴川镇")
    await ways.accounts.open("t", "测", [office], ADMIN, NOW, issuer=issuer, subject=subject)

    async def through(issuer, subject):
        return await ways.way_in.through_provider(issuer, subject, NOW, TODAY, second_factor=False)

    assert (await ways.whose(await through(issuer, subject))).username == "t"
    for wrong in ((issuer, "t"), ("https://other", subject), (issuer, "\0"), (issuer, "\ud800")):
        with pytest.raises(WrongCredentials):
            await through(*wrong)
    assert await ways.sign_in("t", "") is None


async def test_a_post_that_needs_a_second_factor_needs_it_of_the_provider(ways):
    await ways.accounts.open("b", "测", [BUREAU], ADMIN, NOW, issuer="https://i", subject="s")
    told = ("https://i", "s", NOW, TODAY)

    with pytest.raises(SecondFactorRequired):
        await ways.way_in.through_provider(*told, second_factor=False)
    token = await ways.way_in.through_provider(*told, second_factor=True)

    assert [post.role for post in (await ways.whose(token)).posts] == ["bureau"]
