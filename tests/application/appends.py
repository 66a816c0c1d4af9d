"""Appends as tests make them: some at once, some held up, some known to wait."""

import asyncio
from contextlib import contextmanager
from uuid import UUID, uuid4

from eventsourcing.persistence import StoredEvent

from application.store.store import Append

APPEND_LOCK = 20230901
ONE, TWO, THREE = (UUID(int=n) for n in (1, 2, 3))  # children


def entry(child: UUID, version=1, topic="student.home_visited", state=b"{}"):
    return StoredEvent(child, version, topic, state)


def append(*events: StoredEvent, actor="somebody", answer=None, **more):
    return Append(events, actor, {} if answer is None else answer, **more)


@contextmanager
def nobody_can_append(connection):
    """Hold the lock that every append takes; who comes meanwhile waits."""
    connection.execute("SELECT pg_advisory_lock(%s)", [APPEND_LOCK])
    yield
    connection.execute("SELECT pg_advisory_unlock(%s)", [APPEND_LOCK])


async def until_it_waits(connection, what="advisory"):
    """Wait until others of the test's database wait for something, and say how many do."""
    waiting = "SELECT FROM pg_stat_activity WHERE wait_event = %s AND datname = current_database()"
    async with asyncio.timeout(10):
        while not (found := connection.execute(waiting, [what]).fetchall()):
            await asyncio.sleep(0.002)
    return len(found)


async def under_way(connection, store, *appends: Append):
    """Start the first append, then the others, which are to go out together after it."""
    calls = [asyncio.create_task(store.append(appends[0]))]
    await until_it_waits(connection)
    calls += [asyncio.create_task(store.append(one)) for one in appends[1:]]
    await asyncio.sleep(0)
    return calls


async def as_one_group(connection, store, *appends: Append):
    """Have appends go out together, behind one that stands at position 1."""
    with nobody_can_append(connection):
        calls = await under_way(connection, store, append(entry(uuid4())), *appends)
    return (await asyncio.wait_for(asyncio.gather(*calls, return_exceptions=True), 20))[1:]
