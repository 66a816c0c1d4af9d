"""A reader that follows the log meets every position once, in order, whoever is killed when."""

import random
import subprocess
import sys
import time
from collections import defaultdict
from uuid import UUID

import psycopg

from application.store.log import Log

# People who record at once, through one store, in groups.
AT_ONCE = """
import asyncio, random, sys
from uuid import UUID
from eventsourcing.persistence import StoredEvent
from psycopg_pool import AsyncConnectionPool
from application.store.store import Append, Store, VersionConflict
from tests.keys import vault

async def person(store, chance):
    while True:
        child = UUID(int=chance.randrange(1, 30))
        first = len(await store.load(child)) + 1
        versions = range(first, first + chance.randrange(1, 4))
        events = [StoredEvent(child, n, "student.home_visited", b"{}") for n in versions]
        try:
            done = await store.append(Append(events, "somebody", {}))
        except VersionConflict:
            continue
        print(child.int, versions[-1], done.position, flush=True)
        await asyncio.sleep(chance.uniform(0, 0.03))

async def main(url, seed):
    async with AsyncConnectionPool(url, min_size=2, max_size=3, open=False) as pool:
        store = Store(pool, vault())
        await asyncio.gather(*(person(store, random.Random(f"{seed} {n}")) for n in range(5)))

asyncio.run(main(*sys.argv[1:]))
"""

# Somebody whose transactions take their time, and sometimes come to nothing.
SLOWLY = """
import random, sys, time
from uuid import UUID
import psycopg
from application.store.appends import APPEND, Append, Sealed, columns_of
from tests.keys import sealed

chance = random.Random(sys.argv[2])
with psycopg.connect(sys.argv[1]) as connection:
    while True:
        child = UUID(int=chance.randrange(1, 30))
        ((next_one,),) = connection.execute(
            "SELECT coalesce(max(originator_version), 0) + 1 FROM log.stored_events"
            " WHERE originator_id = %s", [child])
        if next_one == 1:
            continue  # others begin the streams
        event = sealed(connection, child, next_one, "student.home_visited", b"{}")
        ((outcome, position, *_),) = connection.execute(
            APPEND, columns_of([Sealed(Append((), "somebody", {}), [event])], None))
        time.sleep(chance.uniform(0, 0.02))
        if chance.random() < 0.3:
            connection.rollback()
            continue
        connection.commit()
        if outcome == "stored":
            print(child.int, next_one, position, flush=True)
        time.sleep(chance.uniform(0, 0.02))
"""


class Writers:
    """Processes that append; what each was told had been stored goes to a file of its own."""

    def __init__(self, url, folder):
        self._url = url
        self._folder = folder
        self.running = []
        self.killed = 0

    def start(self, script):
        told = self._folder / f"{self.killed + len(self.running)}.told"
        with told.open("wb") as output:
            process = subprocess.Popen(
                [sys.executable, "-c", script, self._url, told.name], stdout=output
            )
        self.running.append((process, script, told))

    def kill(self, which):
        process, script, _ = self.running.pop(which)
        process.kill()
        process.wait()
        self.killed += 1
        return script

    def have_written(self):
        """Tell which of those running were told of something already; none may have failed."""
        assert [process.poll() for process, _, _ in self.running] == [None] * len(self.running)
        return [n for n, (_, _, told) in enumerate(self.running) if told.stat().st_size]

    def acknowledged(self):
        """Give child, version and position of what writers were told had been stored."""
        for told in self._folder.glob("*.told"):
            whole, _, _ = told.read_text().rpartition("\n")  # the last line may be cut off
            for line in whole.splitlines():
                child, version, position = map(int, line.split())
                yield UUID(int=child), version, position


def test_a_following_reader_misses_and_repeats_nothing_while_writers_are_killed(
    prepared, log, connection, tmp_path
):
    chance = random.Random(5)
    writers = Writers(prepared.service_url, tmp_path)
    seen = []

    def read_on():
        page = log.page(seen[-1].position if seen else 0, chance.randrange(1, 60))
        seen.extend(page)
        return page

    try:
        for script in (AT_ONCE, AT_ONCE, SLOWLY):
            writers.start(script)
        next_kill = time.monotonic()
        while writers.killed < 5 or len(seen) < 300:
            read_on()
            ripe = writers.have_written()
            if ripe and time.monotonic() >= next_kill:
                writers.start(writers.kill(chance.choice(ripe)))
                next_kill = time.monotonic() + chance.uniform(0.05, 0.5)
            time.sleep(chance.uniform(0, 0.005))
    finally:
        for process, _, _ in writers.running:
            process.kill()
            process.wait()
    wait_until_alone(connection, log)
    while read_on():
        pass

    assert [event.position for event in seen] == list(range(1, len(seen) + 1))
    assert log.head() == len(seen)
    at = {event.position: (event.originator_id, event.originator_version) for event in seen}
    told = list(writers.acknowledged())
    assert len(told) > 100
    assert [one for one in told if at.get(one[2]) != one[:2]] == []
    versions = defaultdict(list)
    for event in seen:
        versions[event.originator_id].append(event.originator_version)
    assert all(these == list(range(1, len(these) + 1)) for these in versions.values())
    moments = [event.recorded_at for event in seen]
    assert moments == sorted(moments)


def wait_until_alone(connection: psycopg.Connection, log: Log) -> None:
    """Wait until the server has noticed that the writers are gone."""
    others = (
        "SELECT FROM pg_stat_activity WHERE datname = current_database()"
        " AND backend_type = 'client backend' AND pid <> ALL(%s)"
    )
    ours = [connection.info.backend_pid, log.connection.info.backend_pid]
    while connection.execute(others, [ours]).fetchall():
        time.sleep(0.01)
