"""The tree that is kept is the one worked out plainly; nothing killed on the way breaks it."""

import asyncio
import threading
from uuid import UUID

import psycopg
import pytest

from application.store.heads import STREAM
from application.store.recorder import WRITER
from application.store.signed_note import Note
from application.store.tree_keeping import TreeKeeper
from tests.application.appends import (
    ONE,
    THREE,
    TWO,
    append,
    entry,
    nobody_can_append,
    until_it_waits,
)
from tests.application.trees import ORIGIN, log_keys, plain

CHECKPOINTS = "SELECT size, root, note FROM log.checkpoints ORDER BY size"


@pytest.fixture
def keys(tmp_path):
    return log_keys(tmp_path)


@pytest.fixture
def keeper(prepared, keys):
    with psycopg.connect(prepared.tree_url, autocommit=True) as own:
        yield TreeKeeper(own, keys)


def check(connection, keys):
    """Compare everything that is kept with what it should be."""
    whole = plain(connection)
    assert [row[6] for row in whole.rows] == whole.leaves
    kept = connection.execute(CHECKPOINTS).fetchall()
    committed = whole.commitments()
    assert [size for size, *_ in kept] == list(committed)
    for size, root, note in kept:
        assert root == whole.root(size)
        assert (committed[size].size, committed[size].root) == (
            size - 1,
            whole.heads_root(size - 1),
        )
        read = Note.read(note)
        assert read.signed_by([key.signer.key for key in keys.current()])
        assert read.text.split("\n")[:2] == [ORIGIN, str(size)]


async def test_a_checkpoint_holds_the_whole_log_and_every_childs_last_entry(
    store, keeper, connection, keys
):
    await store.append(append(entry(ONE), entry(TWO), entry(ONE, 2)))
    await store.append(append(entry(TWO, 2, topic="student.主题", state="内容".encode())))

    done = keeper.checkpoint()

    assert (done.origin, done.size) == (ORIGIN, 5)
    check(connection, keys)
    await store.append(append(entry(THREE)))
    await store.append(append(entry(ONE, 3), actor="张三\n"))
    assert keeper.checkpoint().size == 8
    check(connection, keys)


async def test_nothing_new_makes_no_checkpoint(store, keeper, connection):
    assert keeper.checkpoint() is None
    await store.append(append(entry(ONE)))
    keeper.checkpoint()

    assert keeper.checkpoint() is None

    assert connection.execute("SELECT count(*) FROM log.stored_events").fetchone() == (2,)


async def test_tiles_of_256_are_hashed_once_whatever_the_steps(store, keeper, connection, keys):
    children = [UUID(int=n) for n in range(10, 1_400)]
    for first, last in ((0, 255), (255, 256), (256, 700), (700, 1_390)):
        await store.append(append(*(entry(child) for child in children[first:last])))
        keeper.checkpoint()
    check(connection, keys)
    levels = "SELECT level, count(*) FROM log.tree_hashes GROUP BY 1"
    assert connection.execute(levels).fetchall() == [(1, 1_394 // 256)]


async def test_what_comes_while_a_checkpoint_is_made_is_in_it_or_in_the_next(
    store, keeper, connection, keys, prepared
):
    stop = threading.Event()

    def keep_on():
        with psycopg.connect(prepared.tree_url, autocommit=True) as own:
            another = TreeKeeper(own, keys)
            while not stop.is_set():
                another.checkpoint()

    keeping = threading.Thread(target=keep_on)
    keeping.start()
    for version in range(1, 60):
        await store.append(append(*(entry(UUID(int=n), version) for n in (1, 2))))
        keeper.checkpoint()
    stop.set()
    keeping.join()
    keeper.checkpoint()

    check(connection, keys)


async def test_a_keeper_that_ends_in_the_middle_leaves_nothing_behind(
    store, keeper, connection, keys, prepared
):
    await store.append(append(entry(ONE)))
    with psycopg.connect(prepared.tree_url, autocommit=True) as own:
        with nobody_can_append(connection):
            killed = asyncio.create_task(asyncio.to_thread(TreeKeeper(own, keys).checkpoint))
            await until_it_waits(connection)
            connection.execute("SELECT pg_terminate_backend(%s)", [own.info.backend_pid])
        with pytest.raises(psycopg.OperationalError):
            await killed

    assert connection.execute("SELECT count(*) FROM log.heads").fetchone() == (0,)
    keeper.checkpoint()
    check(connection, keys)


@pytest.mark.parametrize("version", [1, 2])
async def test_the_logs_own_stream_is_nobodys(store, keeper, connection, version):
    await store.append(append(entry(ONE)))
    keeper.checkpoint()

    assert await store.load(STREAM) == []
    assert connection.execute(
        "SELECT actor, topic FROM log.stored_events WHERE originator_id = %s", [STREAM]
    ).fetchall() == [("log", "log.heads")]
    assert WRITER != "log"


@pytest.mark.parametrize("table", ["tree_hashes", "checkpoints", "cosignatures"])
@pytest.mark.parametrize("url", ["owner_url", "tree_url", "service_url"])
def test_what_was_signed_stays(prepared, table, url):
    with psycopg.connect(getattr(prepared, url), autocommit=True) as own:
        for act in ("DELETE FROM", "TRUNCATE"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                own.execute(f"{act} log.{table}")


def test_the_keeper_of_the_tree_can_change_nothing_that_was_recorded(prepared):
    with psycopg.connect(prepared.tree_url, autocommit=True) as own:
        for act in (
            "INSERT INTO log.stored_events SELECT * FROM log.stored_events",
            "DELETE FROM log.answers",
            "SELECT * FROM keys.children",
            "SELECT * FROM log.append('{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}',"
            " '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}')",
            "CREATE TABLE log.more ()",
        ):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                own.execute(act)
