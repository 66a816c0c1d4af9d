"""The sealing key is rotated while people work; the old one opens nothing afterwards."""

import asyncio
from uuid import UUID, uuid4

import pytest
from eventsourcing.persistence import StoredEvent
from psycopg_pool import AsyncConnectionPool

from application.layout import prepare
from application.store.key_ring import KeyRing, NoKey, fingerprint, new_key, read_keys, write_keys
from application.store.rotation import SECOND_FACTOR_SECRET, WEBHOOK_SECRET, rotate
from application.store.sealing import Vault
from application.store.store import Append, Store

pytestmark = pytest.mark.empty_database
CHILDREN = 40


@pytest.fixture
def key_file(tmp_path):
    path = tmp_path / "sealing.key"
    write_keys(path, [new_key()])
    return path


@pytest.fixture
async def store(database_url, key_file):
    """A store that read the key file when it started."""
    ring = KeyRing.from_file(key_file)
    url = prepare(database_url, ring).service_url
    async with AsyncConnectionPool(url, min_size=1, max_size=3, open=False) as pool:
        yield Store(pool, Vault(ring))


async def record(store: Store, child: UUID, version: int) -> None:
    event = StoredEvent(child, version, "student.home_visited", b'{"a": 1}')
    await store.append(Append([event], "somebody", {}))


@pytest.fixture
async def children(store):
    ids = [uuid4() for _ in range(CHILDREN)]
    for child in ids:
        await record(store, child, 1)
    return ids


def unders(connection) -> set:
    rows = connection.execute("SELECT under FROM keys.children WHERE wrapped IS NOT NULL")
    return {bytes(under) for (under,) in rows}


async def test_every_key_is_wrapped_anew_and_the_old_key_is_gone(
    database_url, store, children, connection, key_file
):
    (old,) = read_keys(key_file)
    sealed = KeyRing([old]).seal(b"JBSWY3DP", SECOND_FACTOR_SECRET)
    connection.execute(
        "INSERT INTO access.accounts (account, username, name, made_by, made_at, totp_secret)"
        " VALUES (gen_random_uuid(), 'bureau', '测癸', 'nobody', now(), %s)",
        [sealed],
    )
    connection.execute(
        "INSERT INTO notices.subscriptions (url, secret, made_by, made_at, taken)"
        " VALUES ('https://oa.example', %s, 'nobody', now(), 0)",
        [KeyRing([old]).seal(b"whsec_", WEBHOOK_SECRET)],
    )
    end = StoredEvent(children[0], 2, "student.erasure_approved", b"{}")
    await store.append(Append([end], "somebody", {}, destroys=[children[0]]))
    before = connection.execute("SELECT wrapped FROM keys.children").fetchall()

    done = rotate(connection, key_file)

    (new,) = read_keys(key_file)
    assert (done.children, done.fingerprint) == (CHILDREN - 1, fingerprint(new))
    assert new != old
    assert unders(connection) == {fingerprint(new)}
    after = connection.execute("SELECT wrapped FROM keys.children WHERE wrapped IS NOT NULL")
    assert not set(after.fetchall()) & set(before)
    assert connection.execute(
        "SELECT fingerprint, retired_at IS NULL FROM keys.encryption_keys ORDER BY made_at"
    ).fetchall() == [(fingerprint(old), False), (fingerprint(new), True)]
    ((resealed,),) = connection.execute("SELECT totp_secret FROM access.accounts").fetchall()
    assert KeyRing([new]).open(resealed, SECOND_FACTOR_SECRET) == b"JBSWY3DP"
    ((resealed,),) = connection.execute("SELECT secret FROM notices.subscriptions").fetchall()
    assert KeyRing([new]).open(resealed, WEBHOOK_SECRET) == b"whsec_"
    # the running service reads and writes on
    assert (await store.load(children[1]))[0].state == b'{"a": 1}'
    assert (await store.load(children[0]))[0].erased
    await record(store, children[1], 2)
    await record(store, uuid4(), 1)
    assert unders(connection) == {fingerprint(new)}
    with pytest.raises(NoKey):
        prepare(database_url, KeyRing([old]))


async def test_nobody_who_records_meanwhile_loses_anything(store, connection, key_file):
    written: list[UUID] = []
    stop = asyncio.Event()

    async def person() -> None:
        while not stop.is_set():
            child = uuid4()
            await record(store, child, 1)
            await record(store, child, 2)
            written.append(child)

    people = [asyncio.create_task(person()) for _ in range(4)]
    rotations = 0
    while rotations < 5 or len(written) < 50:
        await asyncio.to_thread(rotate, connection, key_file)
        rotations += 1
    stop.set()
    await asyncio.gather(*people)

    assert unders(connection) <= {fingerprint(key) for key in read_keys(key_file)}
    anew = Store(store._pool, Vault(KeyRing.from_file(key_file)))
    for child in written:
        assert [event.state for event in await anew.load(child)] == [b'{"a": 1}'] * 2


@pytest.mark.parametrize("wrapped", [0, CHILDREN // 2, CHILDREN])
async def test_a_rotation_that_was_killed_is_finished_by_the_next(
    database_url, store, children, connection, key_file, wrapped
):
    class Killed(BaseException):
        pass

    def kill(done: int) -> None:
        if done == wrapped:
            raise Killed

    with pytest.raises(Killed):
        rotate(connection, key_file, kill, batch=CHILDREN // 2)
    restarted = KeyRing.from_file(key_file)
    prepare(database_url, restarted)
    assert (await Store(store._pool, Vault(restarted)).load(children[-1]))[0].state == b'{"a": 1}'

    rotate(connection, key_file)

    assert unders(connection) == {fingerprint(key) for key in read_keys(key_file)}
    assert len(read_keys(key_file)) == 1
    for child in children:
        assert (await store.load(child))[0].state == b'{"a": 1}'
