"""Appending: our command against the floor, pgbench and the library, turn by turn."""

import statistics
from collections.abc import Iterator
from functools import partial

from tests.benchmarks.contestants import floor, library
from tests.benchmarks.contestants.tracking import VISIT, Tracking
from tests.benchmarks.measure import Figure, interleaved, own_database, ratio

TURNS = 9
A_CHILD = 10  # entries of one child
EACH = {1: 100, 16: 40, 64: 20}  # appends of each of so many callers
WANTED = {1: ">= 0.35", 16: ">= 1.1", 64: ">= 2.0"}
FACTS = {**VISIT, "occurred_on": "2026-11-24"}


def figures(url: str) -> Iterator[Figure]:
    with own_database(url, "appending") as own, own_database(url, "library") as theirs:
        floor.make_table(own)
        with Tracking(own) as ours:
            cases = library.Cases(env=library.environment(theirs))
            try:
                for callers, each in EACH.items():
                    yield from against(own, ours, cases, callers, each)
            finally:
                cases.close()


def against(
    url: str, ours: Tracking, cases: library.Cases, callers: int, each: int
) -> Iterator[Figure]:
    """Measure one number of callers; the floor is whichever way is faster, tasks or threads."""
    contestants = {
        "ours": partial(ours.rate, callers, each, A_CHILD),
        "tasks": partial(floor.by_tasks, url, callers, each),
        "threads": partial(floor.by_threads, url, callers, each),
    }
    if callers == 16:
        contestants["library"] = partial(library.rate, cases, callers, A_CHILD, A_CHILD, FACTS)
    if callers == 64:
        contestants["pgbench"] = partial(floor.by_pgbench, url, callers, 4 * each)
    found = interleaved(contestants, TURNS)
    fastest = max(("tasks", "threads"), key=lambda name: statistics.median(found[name]))
    told = f"{callers} callers" if callers > 1 else "one caller"
    yield Figure(f"append, {told}", statistics.median(found["ours"]), "appends/s")
    yield Figure(
        f"the floor: INSERT and COMMIT by {fastest}, {told}",
        statistics.median(found[fastest]),
        "rows/s",
    )
    yield Figure(
        f"… append against the floor, {told}",
        ratio(found["ours"], found[fastest]),
        "x",
        WANTED[callers],
    )
    if "library" in found:
        yield Figure("the library as it comes", statistics.median(found["library"]), "appends/s")
        yield Figure(
            f"… append against the library, {told}",
            ratio(found["ours"], found["library"]),
            "x",
            ">= 12",
        )
    if "pgbench" in found:
        yield Figure(f"pgbench -c{callers}", statistics.median(found["pgbench"]), "rows/s")
        yield Figure(
            f"… append against pgbench -c{callers}",
            ratio(found["ours"], found["pgbench"]),
            "x",
            ">= 1.0",
        )
