"""What a benchmark yields: named figures, their units, and what they are held against."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

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
def timed(into: list[float]) -> Iterator[None]:
    """Add the seconds of a block to a list."""
    started = time.perf_counter()
    yield
    into.append(time.perf_counter() - started)
