"""What a benchmark yields: named figures and what they are held against; turns taken fairly."""

import statistics
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import psycopg
from psycopg.conninfo import make_conninfo

from application.store.embedded import EmbeddedPostgres


@dataclass(frozen=True)
class Figure:
    """
    One figure: what was measured, its median, and the least or most it should be.

    ``wanted`` is an inequality as text, such as ``">= 20"``, or empty for a figure only told.
    """

    name: str
    value: float
    unit: str
    wanted: str = ""

    @property
    def met(self) -> bool:
        sign, _, limit = self.wanted.partition(" ")
        return {
            "": True,
            ">=": bool(limit) and self.value >= float(limit or 0),
            "<=": bool(limit) and self.value <= float(limit or 0),
        }[sign]

    def told(self) -> dict[str, Any]:
        return {**asdict(self), "met": self.met}


@contextmanager
def server() -> Iterator[str]:
    """Run a PostgreSQL of the benchmark's own, with the durable settings of the service."""
    with TemporaryDirectory(prefix="guixue-bench-") as folder:
        Path(folder).chmod(0o711)
        with EmbeddedPostgres(Path(folder) / "postgres") as postgres:
            yield postgres.url


@contextmanager
def own_database(url: str, name: str) -> Iterator[str]:
    """Give the URL of an empty database on the server, dropped when left."""
    drop = f"DROP DATABASE IF EXISTS {name} WITH (FORCE)".encode()
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(drop)
        connection.execute(f"CREATE DATABASE {name}".encode())
        try:
            yield make_conninfo(url, dbname=name)
        finally:
            connection.execute(drop)


@contextmanager
def timed(into: list[float]) -> Iterator[None]:
    """Add the seconds of a block to a list."""
    started = time.perf_counter()
    yield
    into.append(time.perf_counter() - started)


def interleaved(
    contestants: Mapping[str, Callable[[], float]], turns: int
) -> dict[str, list[float]]:
    """Measure each contestant once a turn, another one first each time; a first turn is unheard."""
    names = list(contestants)
    found: dict[str, list[float]] = {name: [] for name in names}
    for turn in range(turns + 1):
        first = turn % len(names)
        for name in names[first:] + names[:first]:
            value = contestants[name]()
            if turn:
                found[name].append(value)
    return found


def ratio(some: Sequence[float], others: Sequence[float]) -> float:
    """Give the median of the ratios of values measured turn by turn."""
    return statistics.median(a / b for a, b in zip(some, others, strict=True))


def percentile(values: Sequence[float], percent: int) -> float:
    return statistics.quantiles(values, n=100, method="inclusive")[percent - 1]
