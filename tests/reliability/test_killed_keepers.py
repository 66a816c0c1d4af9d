"""Keepers of the tree, killed at any moment while many write, leave one chain of checkpoints."""

import asyncio
import random
import subprocess
import sys
import time
from contextlib import ExitStack
from itertools import pairwise
from threading import Event, Thread
from uuid import UUID

import psycopg
import pytest

from application.store.checkpoint import Checkpoint
from application.store.heads import Commitment
from application.store.merkle_tree import TILE
from application.store.signed_note import Note
from application.store.transparency import verify_consistency
from application.store.tree_following import keep_forever
from application.store.tree_keeping import TreeKeeper
from tests.application.appends import append, entry
from tests.application.conftest import store
from tests.application.trees import log_keys, plain, plain_root

__all__ = ["store"]

KEEP = """
import sys
from pathlib import Path
import psycopg
from application.store.log_keys import LogKeys
from application.store.tree_keeping import TreeKeeper
keys = LogKeys(Path(sys.argv[2]))
with psycopg.connect(sys.argv[1], autocommit=True) as connection:
    keeper = TreeKeeper(connection, keys)
    print("ready", flush=True)
    while True:
        keeper.checkpoint()
"""
WRITERS, EACH = 6, 120


@pytest.fixture
def keys(tmp_path):
    return log_keys(tmp_path)


async def kill_and_start(url, path, done: asyncio.Event, chance: random.Random) -> int:
    killed = 0
    command = [sys.executable, "-c", KEEP, url, str(path)]
    with ExitStack() as stack:
        running = []
        while not done.is_set() or killed < 4:
            while len(running) < 3:
                one = stack.enter_context(subprocess.Popen(command, stdout=subprocess.PIPE))
                stack.callback(one.kill)
                running.append(one)
            await asyncio.to_thread(running[0].stdout.readline)
            await asyncio.sleep(chance.uniform(0.02, 0.4))
            one = running.pop(0)
            one.kill()
            one.wait()
            killed += 1
    return killed


async def test_whatever_is_killed_the_tree_is_the_one_worked_out_plainly(
    prepared, store, connection, keys
):
    chance, done = random.Random(5), asyncio.Event()
    killing = asyncio.create_task(kill_and_start(prepared.tree_url, keys.path, done, chance))
    for version in range(1, EACH + 1):
        for writer in range(1, WRITERS + 1):
            await store.append(append(entry(UUID(int=writer), version, state=chance.randbytes(40))))
        await asyncio.sleep(0.01)
    done.set()
    assert await killing >= 4
    with psycopg.connect(prepared.tree_url, autocommit=True) as own:
        TreeKeeper(own, keys).checkpoint()

    whole = plain(connection)
    kept = connection.execute(
        "SELECT size, root, note FROM log.checkpoints ORDER BY size"
    ).fetchall()
    assert len(kept) > 4
    assert [row[6] for row in whole.rows] == whole.leaves
    assert [row[7] for row in whole.rows] == [*range(1, len(whole.rows) + 1)]
    committed = whole.commitments()
    assert [size for size, *_ in kept] == list(committed)  # one chain, nothing beside it
    assert kept[-1][0] == len(whole.rows)
    for size, root, told in kept:
        checkpoint = Checkpoint.read(Note.read(told).text)
        assert (checkpoint.size, checkpoint.root, root) == (size, root, whole.root(size))
    for size in [*random.Random(1).sample(list(committed), 3), kept[-1][0]]:
        assert committed[size] == Commitment(size - 1, whole.heads_root(size - 1))
    for (before, root, _), (after, later, _) in pairwise(kept):
        proof = plain_proof(before, whole.leaves[:after])
        verify_consistency(before, after, proof, root, later)
    hashes = connection.execute(
        "SELECT level, place, hash FROM log.tree_hashes ORDER BY 1, 2"
    ).fetchall()
    assert hashes == [
        (1, place, plain_root(whole.leaves[place * TILE : (place + 1) * TILE]))
        for place in range(len(whole.rows) // TILE)
    ]


def plain_proof(size: int, leaves: list[bytes], *, whole: bool = True) -> list[bytes]:
    """RFC 9162 section 2.1.4.1, word for word."""
    if size == len(leaves):
        return [] if whole else [plain_root(leaves)]
    middle = 1 << (len(leaves) - 1).bit_length() - 1
    left, right = leaves[:middle], leaves[middle:]
    if size <= middle:
        return [*plain_proof(size, left, whole=whole), plain_root(right)]
    return [*plain_proof(size - middle, right, whole=False), plain_root(left)]


async def test_what_is_written_is_soon_in_a_checkpoint(
    prepared, store, connection, keys, record_property
):
    stop = Event()
    keeping = Thread(target=keep_forever, args=(prepared.tree_url, keys, stop))
    keeping.start()
    delays = []
    try:
        for version in range(1, 4):
            done = await store.append(append(entry(UUID(int=1), version)))
            began = time.monotonic()
            while not connection.execute(
                "SELECT FROM log.checkpoints c JOIN log.stored_events s"
                " ON s.notification_id <= c.size WHERE s.leaf = %s",
                [done.leaf],
            ).fetchall():
                assert time.monotonic() - began < 60
                await asyncio.sleep(0.02)
            delays.append(round(time.monotonic() - began, 2))
            await asyncio.sleep(1)
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE usename = %s", [f"{connection.info.dbname}_tree"],
        )  # fmt: skip
        done = await store.append(append(entry(UUID(int=1), 4)))
        began = time.monotonic()
        while connection.execute("SELECT count(*) FROM log.checkpoints").fetchone() == (3,):
            assert time.monotonic() - began < 60  # it comes back when its connection was lost
            await asyncio.sleep(0.02)
    finally:
        stop.set()
        await asyncio.to_thread(keeping.join, 10)
    record_property("seconds to a checkpoint", delays)
    assert not keeping.is_alive()
