"""Rebuilding every view, against reading and opening the log alone; and the memory it takes."""

import gc
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import psycopg

from application.layout import prepare
from application.store.log import Log
from projections.all_views import VIEWS
from projections.engine import Engine
from projections.rebuild import rebuild
from projections.telling_together import tellers_for
from tests.benchmarks.generating import generate, plan_of
from tests.benchmarks.measure import Figure, interleaved, own_database, ratio
from tests.keys import RING, vault

EVENTS = 60_000
TURNS = 3
PAGE = 5_000
MIB = 2**20


def read_alone(url: str) -> float:
    """Read and open the log, page by page; return events a second."""
    with psycopg.connect(url, autocommit=True) as connection:
        log, position = Log(connection, vault()), 0
        gc.collect()
        started = time.perf_counter()
        while events := log.page(position, PAGE):
            position = events[-1].position
        return position / (time.perf_counter() - started)


def rebuilt(url: str) -> float:
    """Rebuild all views beside the live ones and swap them in; return events a second."""
    with psycopg.connect(url, autocommit=True) as connection:
        log = Log(connection, vault())
        Engine(log, VIEWS).prepare()
        gc.collect()
        started = time.perf_counter()
        rebuild(log, VIEWS)
        return log.head() / (time.perf_counter() - started)


def copied(url: str) -> float:
    """COPY the views' rows as they are into bare tables; return events of the log a second."""
    spent = 0.0
    with psycopg.connect(url, autocommit=True) as connection:
        head = Log(connection, vault()).head()
        for view in VIEWS:
            with connection.cursor() as cursor:
                with cursor.copy(f"COPY views.{view.name} TO STDOUT (FORMAT binary)") as copy:
                    rows = [bytes(block) for block in copy]
                cursor.execute(f"CREATE UNLOGGED TABLE views.bare (LIKE views.{view.name})")
                started = time.perf_counter()
                with cursor.copy("COPY views.bare FROM STDIN (FORMAT binary)") as copy:
                    for block in rows:
                        copy.write(block)
                spent += time.perf_counter() - started
                cursor.execute("DROP TABLE views.bare")
    return head / spent


def rebuilt_apart(url: str) -> tuple[float, float]:
    """Rebuild apart; return events a second, and the most MiB it and its tellers ever held."""
    module = "tests.benchmarks.rebuilding"
    told = subprocess.run(
        [sys.executable, "-m", module], input=url, check=True, capture_output=True, text=True
    ).stdout
    rate, most = map(float, told.split())
    return rate, most / MIB


def peak(url: str) -> int:
    """Give the most memory this process and those that told for it ever held, in bytes."""
    with psycopg.connect(url) as connection:
        tellers = tellers_for(VIEWS, Log(connection, vault()).head())
    status = Path("/proc/self/status").read_text()
    own = int(status.partition("VmHWM:")[2].split()[0])
    largest = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    return (own + tellers * largest) * 1024


def figures(url: str) -> Iterator[Figure]:
    with own_database(url, "rebuilding") as own:
        keeper = prepare(own, RING).views_url
        generate(own, plan_of(EVENTS, b"key"))
        _, memory = rebuilt_apart(keeper)
        found = interleaved(
            {
                "alone": partial(read_alone, keeper),
                "rebuilt": partial(rebuilt, keeper),
                "copied": partial(copied, keeper),
            },
            TURNS,
        )
    yield Figure("the log read and opened alone", statistics.median(found["alone"]), "events/s")
    yield Figure("the views' rows copied alone", statistics.median(found["copied"]), "events/s")
    yield Figure("all views rebuilt", statistics.median(found["rebuilt"]), "events/s")
    against = ratio(found["rebuilt"], found["alone"])
    yield Figure("… rebuilding against reading alone", against, "x", ">= 0.4")
    yield Figure(f"memory of a rebuild of {EVENTS:,} events", memory, "MiB", "<= 300")


if __name__ == "__main__":
    place = sys.stdin.read()
    print(rebuilt(place), peak(place))  # noqa: T201  # what the other process reads
