"""A database that is away or slow: callers are told in time, and the store is back by itself."""

import asyncio
from uuid import uuid4

import pytest
from psycopg_pool import AsyncConnectionPool

from application.store.store import IdempotencyKey, Store, StoreUnavailable
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
