"""What is examined of a database, and a finding: one check's outcome and what to do about it."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Any, NamedTuple

import psycopg

from application.store.key_ring import KeyRing
from application.store.preparing import Roles


class Level(Enum):
    """How a finding is marked; ``BAD`` must be mended, ``NOTE`` should be known."""

    GOOD = "✓"
    BAD = "✗"
    NOTE = "!"


class Words(NamedTuple):
    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class Finding:
    """What one check found, in plain words, and what to do about it."""

    name: str
    level: Level
    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class Examined:
    """
    What is looked at: a database as its owner sees it, its views, and the secret files beside it.

    ``ring`` gives the key ring or raises :class:`NoKey`; ``files`` are the files that only their
    owner may read, by the name they are spoken of; ``witnesses`` gives those who are to cosign, by
    their names, or raises :class:`NoKey`.
    """

    connection: psycopg.Connection[Any]
    views: tuple[str, ...]
    ring: Callable[[], KeyRing]
    files: Mapping[str, Path]
    witnesses: Callable[[], Iterable[str]] = tuple

    @property
    def roles(self) -> Roles:
        return Roles.of(self.connection.info.dbname)

    def rows(self, query: str, **values: object) -> list[tuple[Any, ...]]:
        return self.connection.execute(query.encode(), values or None).fetchall()

    def names(self, query: str, **values: object) -> list[str]:
        return [str(name) for (name,) in self.rows(query, **values)]

    def number(self, query: str) -> int:
        return int(self.rows(query)[0][0])


def judged(
    name: str, wrong: Iterable[str], good: Words, bad: Words, do: Words, level: Level = Level.BAD
) -> Finding:
    """Give a good finding where nothing is wrong, else one that names it and says what to do."""
    named = ", ".join(wrong)
    if not named:
        return Finding(name, Level.GOOD, *good)
    return Finding(name, level, f"{bad.zh}:{named}。{do.zh}。", f"{bad.en}: {named}; {do.en}.")
