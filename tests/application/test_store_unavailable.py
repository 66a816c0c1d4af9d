"""A database that is away or slow: callers are told in time, and the store is back by itself."""

import asyncio
import os
import signal
import time
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
from psycopg_pool import AsyncConnectionPool

from application.store.lending import lent
from application.store.store import IdempotencyKey, Store, StoreUnavailable
from application.store.together import ROOM
from tests.application.appends import (
    ONE,
    TWO,
    append,
    entry,
    nobody_can_append,
    under_way,
    until_it_waits,
)
from tests.keys import vault

PATIENCE, SLACK = 1.0, 2.0
KEY = IdempotencyKey("somebody", uuid4(), b"request")


async def test_an_append_that_loses_the_database_says_so_and_later_ones_succeed(store, connection):
    with nobody_can_append(connection):
        lost, waiting = await under_way(connection, store, append(entry(ONE)), append(entry(TWO)))
        terminate_others(connection)
        with pytest.raises(StoreUnavailable):
            await lost
    await asyncio.gather(waiting, return_exceptions=True)  # it may meet the next dead connection

    await answers_again(store)
    done = await store.append(append(entry(ONE)))  # nothing of it had been stored

    assert [event.position for event in await store.load(ONE)] == [done.position]


async def test_a_read_whose_connection_is_lost_is_told_so_and_the_store_recovers(store, connection):
    reading = asyncio.create_task(store.query("SELECT pg_sleep(60)"))
    await until_it_waits(connection, "PgSleep")

    terminate_others(connection)

    with pytest.raises(StoreUnavailable):
        await reading
    await answers_again(store)


async def test_a_database_that_nobody_serves_is_unavailable_to_every_verb():
    nowhere = AsyncConnectionPool("host=127.0.0.1 port=1", timeout=0.1, open=False)
    await nowhere.open()
    store = Store(nowhere, vault())
    verbs = [
        store.append(append(entry(ONE))),
        store.append(append(entry(TWO), key=KEY)),
        store.load(ONE),
        store.head(),
        store.answer_to(KEY),
        store.holders([b"hash of a student number"]),
    ]

    outcomes = await asyncio.gather(*verbs, return_exceptions=True)

    assert [type(one) for one in outcomes] == [StoreUnavailable] * 6
    await nowhere.close()


@pytest.fixture
async def hurried(prepared):
    """A store whose callers wait a second at most; the database gives up after five."""
    url = prepared.service_url
    async with AsyncConnectionPool(url, min_size=2, max_size=2, open=False) as pool:
        await pool.wait()
        made = Store(pool, vault(), patience=PATIENCE)
        yield made
        await made.close()


@contextmanager
def within(seconds):
    began = time.monotonic()
    yield
    assert time.monotonic() - began < seconds


async def test_while_the_log_is_locked_callers_are_told_in_time(hurried, connection):
    await hurried.append(append(entry(ONE)))
    with nobody_can_append(connection), within(PATIENCE + SLACK):
        calls = [hurried.append(append(entry(uuid4()))) for _ in range(20)]
        outcomes = await asyncio.gather(*calls, return_exceptions=True)
        assert len(await hurried.load(ONE)) == 1  # reading goes on

    assert {type(one) for one in outcomes} == {StoreUnavailable}
    await hurried.append(append(entry(ONE, 2)))


async def test_who_waited_in_vain_has_nothing_stored_later(hurried, connection):
    waited, whole_roll = uuid4(), [entry(uuid4()) for _ in range(600)]
    with nobody_can_append(connection):
        (first,) = await under_way(connection, hurried, append(*whole_roll))  # has more patience
        with pytest.raises(StoreUnavailable):
            await hurried.append(append(entry(waited)))

    assert (await first).position == 600
    assert await hurried.load(waited) == []


async def test_an_append_gives_up_by_itself_when_it_cannot_begin(store, connection):
    with nobody_can_append(connection), within(5 + SLACK), pytest.raises(StoreUnavailable):
        await store.append(append(entry(ONE)))

    assert await store.load(ONE) == []
    waiting = "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'advisory'"
    assert connection.execute(f"{waiting} AND datname = current_database()").fetchone() == (0,)


async def test_when_the_answer_is_lost_asking_again_with_the_key_tells_what_was_stored(
    hurried, connection
):
    asked = append(entry(ONE), key=KEY, answer={"entry": 1})
    with nobody_can_append(connection), pytest.raises(StoreUnavailable):
        await hurried.append(asked)
    async with asyncio.timeout(10):  # nobody listens, yet it goes on at the database
        while await hurried.head() == 0:
            await asyncio.sleep(0.01)

    again = await hurried.append(asked)

    assert (again.known, again.answer) == (True, {"entry": 1, "position": 1})
    assert [event.position for event in await hurried.load(ONE)] == [1]


@contextmanager
def frozen(connection):
    """Stop the processes that serve everybody else of the test's database, where we may."""
    pids = connection.execute(
        "SELECT pid FROM pg_stat_activity WHERE datname = current_database()"
        " AND backend_type = 'client backend' AND pid <> pg_backend_pid()"
    ).fetchall()
    for (pid,) in pids:
        command = Path(f"/proc/{pid}/cmdline")
        if not (command.exists() and command.read_bytes().startswith(b"postgres: ")):
            pytest.skip("the server runs elsewhere")
    try:
        for (pid,) in pids:
            os.kill(pid, signal.SIGSTOP)
        yield
    finally:
        for (pid,) in pids:
            os.kill(pid, signal.SIGCONT)


async def test_a_server_that_answers_no_more_is_hung_up_on_and_reached_anew(hurried, connection):
    with frozen(connection):
        with within(PATIENCE + SLACK):
            verbs = [hurried.append(append(entry(TWO))), hurried.load(ONE)]
            outcomes = await asyncio.gather(*verbs, return_exceptions=True)
        assert [type(one) for one in outcomes] == [StoreUnavailable] * 2

        await answers_again(hurried)
        done = await hurried.append(append(entry(ONE)))

        assert [event.position for event in await hurried.load(ONE)] == [done.position]


async def test_no_more_than_so_many_wait(store, connection):
    with nobody_can_append(connection):
        calls = await under_way(connection, store, append(entry(ONE)))
        calls += [asyncio.create_task(store.append(append(entry(uuid4())))) for _ in range(ROOM)]
        await asyncio.sleep(0.1)
        with within(SLACK), pytest.raises(StoreUnavailable):
            await store.append(append(entry(uuid4())))

    assert len(await asyncio.gather(*calls)) == ROOM + 1
    assert await store.head() == ROOM + 1


async def test_a_caller_that_leaves_while_it_waits_has_nothing_stored(store, connection):
    leaves, stays = uuid4(), uuid4()
    with nobody_can_append(connection):
        appends = [append(entry(one)) for one in (ONE, leaves, stays)]
        first, gone, waiting = await under_way(connection, store, *appends)
        gone.cancel()

    assert [(await one).position for one in (first, waiting)] == [1, 2]
    assert await store.load(leaves) == []


def terminate_others(connection):
    connection.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE datname = current_database() AND pid <> pg_backend_pid()"
    )


async def answers_again(store):
    """Every dead connection of the pool fails once, no more."""
    for _ in range(20):
        try:
            return await store.head()
        except StoreUnavailable:
            await asyncio.sleep(0.01)
    raise AssertionError("the store did not recover")


async def test_what_is_not_answered_is_hung_up_on_when_the_store_closes(prepared, connection):
    async with AsyncConnectionPool(prepared.service_url, min_size=1, open=False) as pool:
        made = Store(pool, vault())
        reading = asyncio.create_task(made.query("SELECT pg_sleep(60)"))
        await until_it_waits(connection, "PgSleep")

        with within(SLACK):
            await made.close()
            with pytest.raises(StoreUnavailable):
                await reading


async def test_a_loan_is_over_after_its_seconds(prepared):
    async with AsyncConnectionPool(prepared.service_url, min_size=1, open=False) as pool:
        with within(0.2 + SLACK), pytest.raises(psycopg.OperationalError):
            async with lent(pool, 0.2) as connection:
                await connection.execute("SELECT pg_sleep(60)")
