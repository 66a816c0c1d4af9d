"""What is stored is sealed under the child's own key, and opens only where it was written."""

import os
from uuid import UUID, uuid4

import psycopg
import pytest
from eventsourcing.persistence import StoredEvent
from psycopg_pool import AsyncConnectionPool

from application.layout import prepare
from application.store.key_ring import KeyRing, NoKey, fingerprint, new_key, write_keys
from application.store.log import Log
from application.store.sealing import Tampered, Vault
from application.store.store import Append, Store
from tests.keys import RING, vault

ONE, TWO = UUID(int=1), UUID(int=2)
SECRET = b'{"name": "\xe6\xb5\x8b\xe5\xb0\x8f\xe8\x88\x9f"}'


@pytest.fixture
async def store(prepared):
    async with AsyncConnectionPool(prepared.service_url, min_size=1, open=False) as pool:
        yield Store(pool, vault())


@pytest.fixture
async def two_children(store):
    """Two children with three entries each."""
    for child in (ONE, TWO):
        events = [StoredEvent(child, n, "student.home_visited", SECRET) for n in (1, 2, 3)]
        await store.append(Append(events, "somebody", {}))


@pytest.fixture
def tampering(connection):
    """The owner's connection, with the log's guards taken away."""
    connection.execute("SET guixue.preparing = 'on'")
    connection.execute("ALTER TABLE log.stored_events DISABLE TRIGGER append_only")
    return connection


async def test_what_was_appended_comes_back_and_is_stored_sealed(store, two_children, connection):
    assert [event.state for event in await store.load(ONE)] == [SECRET] * 3
    states = [s for (s,) in connection.execute("SELECT state FROM log.stored_events").fetchall()]
    assert len(set(states)) == 6  # the same words never look the same
    assert all(state[0] == 1 and b"name" not in state for state in states)
    keys = connection.execute("SELECT wrapped, under FROM keys.children").fetchall()
    assert len({wrapped for wrapped, _ in keys}) == 2
    assert {under for _, under in keys} == {RING.fingerprints[0]}


MOVES = {
    "to another version": ("originator_version = 2", "originator_version = 3"),
    "from another child": (
        f"originator_version = 2 AND originator_id = '{ONE}'",
        f"originator_version = 2 AND originator_id = '{TWO}'",
    ),
}


@pytest.mark.parametrize("how", MOVES)
async def test_a_ciphertext_that_was_moved_is_named(how, store, log, two_children, tampering):
    place, source = MOVES[how]
    tampering.execute(
        f"UPDATE log.stored_events SET state = other.state FROM"  # noqa: S608
        f" (SELECT state FROM log.stored_events WHERE {source} LIMIT 1) AS other WHERE {place}"
    )

    with pytest.raises(Tampered) as named:
        await store.load(ONE)
    assert (named.value.student_id, named.value.version) == (ONE, 2)
    damaged = [event for event in log.page(0, 100) if event.damaged]
    assert (ONE, 2) in [(event.originator_id, event.originator_version) for event in damaged]
    assert not any(event.erased for event in damaged)


ALTERATIONS = {
    "one bit": "set_byte(state, 20, get_byte(state, 20) # 1)",
    "the algorithm": "set_byte(state, 0, 2)",
    "cut short": "substring(state FROM 1 FOR 9)",
    "plain words": "convert_to('{}', 'UTF8')",
    "nothing": "''::bytea",
}


@pytest.mark.parametrize("what", ALTERATIONS)
async def test_an_altered_entry_is_named(what, store, two_children, tampering):
    tampering.execute(
        f"UPDATE log.stored_events SET state = {ALTERATIONS[what]}"  # noqa: S608
        " WHERE originator_id = %s AND originator_version = 3",
        [ONE],
    )

    with pytest.raises(Tampered) as named:
        await store.load(ONE)
    assert named.value.version == 3


async def test_another_topic_or_anothers_key_is_seen(store, two_children, tampering):
    tampering.execute(
        "UPDATE log.stored_events SET topic = 'student.enrolled'"
        " WHERE originator_id = %s AND originator_version = 1",
        [ONE],
    )
    tampering.execute(
        "UPDATE keys.children SET wrapped = (SELECT wrapped FROM keys.children"
        " WHERE student_id = %s) WHERE student_id = %s",
        [ONE, TWO],
    )

    for child in (ONE, TWO):
        with pytest.raises(Tampered) as named:
            await store.load(child)
        assert (named.value.student_id, named.value.version) == (child, 1)


async def test_a_child_whose_key_is_gone_is_a_value(store, log, two_children):
    end = StoredEvent(ONE, 4, "student.erasure_approved", b"{}")
    await store.append(Append([end], "somebody", {}, destroys=[ONE]))

    for events in (await store.load(ONE), log.page(0, 100), log.before({ONE: 9})[ONE]):
        of_one = [event for event in events if event.originator_id == ONE]
        assert [event.erased for event in of_one] == [True] * 4
        assert [event.topic for event in of_one][-1] == "student.erasure_approved"
    assert not any(event.erased for event in await store.load(TWO))
    with log.connection.transaction():
        assert [len(events) for events in log.by_child(100)] == [4, 3]


def test_a_key_file_is_read_again_when_it_changed(tmp_path):
    path, old, new = tmp_path / "sealing.key", new_key(), new_key()
    write_keys(path, [old])
    ring = KeyRing.from_file(path)
    assert path.stat().st_mode & 0o777 == 0o600
    assert ring.current() == (fingerprint(old), old)

    write_keys(path, [new, old])

    assert ring.key(fingerprint(new)) == new
    assert ring.current() == (fingerprint(new), new)
    assert ring.key(fingerprint(old)) == old


UNREADABLE = {
    "empty": b"",
    "too short": b"QUJD",
    "no base64": b"not a key at all, is it?",
    "not text": os.urandom(64),
    "NUL": b"\0" * 44,
    "a comment alone": b"# a key should stand here\n",
}


@pytest.mark.parametrize("what", UNREADABLE)
def test_a_file_that_is_no_key_file_is_refused_in_one_sentence(what, tmp_path):
    path = tmp_path / "sealing.key"
    path.write_bytes(UNREADABLE[what])

    with pytest.raises(NoKey, match=r"sealing\.key"):
        KeyRing.from_file(path)


async def test_a_wrong_key_is_refused_before_anything_is_touched(
    database_url, two_children, connection
):
    before = everything(connection)

    with pytest.raises(NoKey) as refused:
        prepare(database_url, KeyRing([new_key()]))

    assert RING.fingerprints[0].hex() in str(refused.value)
    assert everything(connection) == before


@pytest.mark.empty_database
def test_a_log_that_was_never_sealed_is_refused(database_url, connection):
    connection.execute("CREATE SCHEMA log")
    connection.execute("CREATE TABLE log.stored_events AS SELECT 1 AS originator_id")

    with pytest.raises(NoKey, match="--reset"):
        prepare(database_url, RING)

    assert connection.execute("SELECT to_regclass('keys.children')").fetchone() == (None,)


def test_a_small_secret_opens_for_what_it_was_sealed_for():
    sealed = RING.seal(b"JBSWY3DP", b"totp of somebody")

    assert b"JBSWY3DP" not in sealed
    assert RING.open(sealed, b"totp of somebody") == b"JBSWY3DP"
    with pytest.raises(NoKey):
        RING.open(sealed, b"totp of another")
    with pytest.raises(NoKey):
        KeyRing([new_key()]).open(sealed, b"totp of somebody")


async def test_a_key_retired_meanwhile_is_not_wrapped_under(store, connection, tmp_path):
    path, old, new = tmp_path / "sealing.key", new_key(), new_key()
    write_keys(path, [old])
    ring = KeyRing.from_file(path)
    connection.execute("INSERT INTO keys.encryption_keys VALUES (%s)", [fingerprint(new)])

    class RetiredOnTheWay(Vault):
        """Wraps under a key that is retired before the append arrives, the first time."""

        def wrap(self, key):
            wrapped = super().wrap(key)
            write_keys(path, [new])
            return wrapped

    hurried = Store(store._pool, RetiredOnTheWay(ring))
    child = uuid4()

    await hurried.append(
        Append([StoredEvent(child, 1, "student.home_visited", SECRET)], "somebody", {})
    )

    assert [event.state for event in await hurried.load(child)] == [SECRET]
    under = "SELECT under FROM keys.children WHERE student_id = %s"
    assert connection.execute(under, [child]).fetchone() == (fingerprint(new),)


def everything(connection: psycopg.Connection) -> list:
    tables = connection.execute(
        "SELECT format('%I.%I', schemaname, tablename) FROM pg_tables"
        " WHERE schemaname NOT IN ('pg_catalog', 'information_schema') ORDER BY 1"
    ).fetchall()
    return [
        (table, connection.execute(f"SELECT * FROM {table}").fetchall())  # noqa: S608
        for (table,) in tables
    ]


def test_the_log_keeps_keys_and_readers_apart(prepared):
    """The keeper of the views opens entries; without the ring nobody does."""
    with psycopg.connect(prepared.views_url, autocommit=True) as reading:
        assert Log(reading, vault()).head() == 0
