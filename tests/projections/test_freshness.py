"""A reader who waits for a position is woken when the views are there, or told they are not."""

import asyncio
from time import perf_counter

import pytest
from psycopg_pool import AsyncConnectionPool

from application.store.store import Store
from projections.freshness import FALLBACK_SECONDS, RECONNECT_SECONDS, Freshness, ViewBehind
from tests.keys import vault
from tests.lives import live

LISTENERS = (
    "SELECT pid FROM pg_stat_activity"
    " WHERE query LIKE 'LISTEN%%' AND datname = current_database() AND pid <> ALL(%s)"
)


@pytest.fixture
async def store(prepared):
    url = prepared.service_url
    async with AsyncConnectionPool(url, min_size=1, max_size=4, open=False) as pool:
        yield Store(pool, vault())


@pytest.fixture
async def head(database_url, engine):
    """Where a log ends that some children's lives were written to."""
    return await live(database_url, children=8, steps=60)


@pytest.fixture
async def freshness(prepared, store, engine):
    async with Freshness(prepared.service_url, store) as listening:
        yield listening


async def listening(connection, *, besides=()) -> int:
    """Wait until somebody listens to the engines, and return the server's process."""
    async with asyncio.timeout(10):
        while (found := connection.execute(LISTENERS, [list(besides)]).fetchone()) is None:
            await asyncio.sleep(0.01)
    return int(found[0])


async def seconds_to_hear(freshness, engine, events: int) -> float:
    """Step by single events; sum up how long after each step its reader went on."""
    spent = 0.0
    for _ in range(events):
        wanted = engine.position() + 1
        reader = asyncio.create_task(freshness.reached(wanted))
        await asyncio.sleep(0.005)  # it finds the views behind, and waits
        assert not reader.done()
        engine.step(limit=1)
        begun = perf_counter()
        assert await reader == wanted
        spent += perf_counter() - begun
    return spent


async def test_a_reader_goes_on_at_once_when_the_views_are_there(freshness, engine, head):
    engine.catch_up()

    assert await freshness.position() == head
    begun = perf_counter()
    for _ in range(20):
        assert await freshness.reached(head, patience=0) == head
        assert await freshness.reached(1, patience=0) == head
    assert perf_counter() - begun < 40 * FALLBACK_SECONDS


async def test_a_log_without_entries_is_reached_at_its_start(freshness):
    assert await freshness.reached(0, patience=0) == 0


async def test_a_reader_is_woken_by_the_engine_long_before_it_would_look_again(
    freshness, engine, connection, head
):
    await listening(connection)

    spent = await seconds_to_hear(freshness, engine, 25)

    assert spent < 25 * FALLBACK_SECONDS / 2


async def test_a_step_that_falls_between_looking_and_waiting_is_heard(
    prepared, store, engine, connection, head
):
    class StepsMeanwhile(Store):
        """The views move on, and say so, just after they were asked where they are."""

        left, answered = 0, 0.0

        async def query(self, sql, params=(), **more):
            rows = await super().query(sql, params, **more)
            if self.left:
                self.left -= 1
                engine.step(limit=1)
                await asyncio.sleep(0.01)
            self.answered = self.answered or perf_counter()
            return rows

    meanwhile = StepsMeanwhile(store._pool, vault())
    spent = 0.0
    async with Freshness(prepared.service_url, meanwhile) as freshness:
        await listening(connection)
        for wanted in range(1, 21):
            meanwhile.left, meanwhile.answered = 1, 0.0
            assert await freshness.reached(wanted) == wanted
            spent += perf_counter() - meanwhile.answered

    assert spent < 20 * FALLBACK_SECONDS / 2


async def test_all_readers_of_a_position_are_woken_and_later_ones_wait_on(freshness, engine, head):
    readers = [asyncio.create_task(freshness.reached(n % 3 + 1)) for n in range(30)]
    await asyncio.sleep(0.01)

    engine.step(limit=2)

    done = await asyncio.gather(*(reader for n, reader in enumerate(readers) if n % 3 < 2))
    assert done == [2] * 20
    assert not any(reader.done() for n, reader in enumerate(readers) if n % 3 == 2)
    engine.step(limit=1)
    assert await asyncio.gather(*readers[2::3]) == [3] * 10


async def test_the_slowest_view_says_how_far_the_views_have_come(
    freshness, engine, connection, head
):
    engine.catch_up()
    connection.execute("UPDATE views.progress SET position = 2 WHERE view = 'students'")

    assert await freshness.position() == 2
    with pytest.raises(ViewBehind):
        await freshness.reached(3, patience=0)


async def test_a_reader_whose_patience_ends_is_told_that_the_views_are_behind(
    freshness, engine, head
):
    engine.step(limit=3)

    begun = perf_counter()
    with pytest.raises(ViewBehind):
        await freshness.reached(4, patience=0.3)
    waited = perf_counter() - begun

    assert 0.3 <= waited < 3
    assert await freshness.reached(3, patience=0) == 3


async def test_it_goes_on_after_its_connection_was_terminated(freshness, engine, connection, head):
    first = await listening(connection)
    connection.execute("SELECT pg_terminate_backend(%s)", [first])

    engine.step(limit=1)
    assert await freshness.reached(1) == 1  # found by looking, though nothing is heard
    second = await listening(connection, besides=[first])
    spent = await seconds_to_hear(freshness, engine, 25)

    assert second != first
    assert spent < 25 * FALLBACK_SECONDS / 2


async def test_it_waits_for_a_database_that_does_not_answer_yet(store):
    async with Freshness("host=127.0.0.1 port=1", store) as waiting:
        await asyncio.sleep(RECONNECT_SECONDS / 10)

        assert waiting._listener is not None
        assert not waiting._listener.done()
    assert waiting._listener.cancelled()
