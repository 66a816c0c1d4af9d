"""The access log: who saw or took which child's data, when and why; never what was seen."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import accumulate
from typing import Any
from uuid import UUID

import psycopg
from psycopg.types.json import Jsonb
from psycopg_pool import PoolTimeout

from application.store.store import Store, StoreUnavailable
from application.store.together import Together
from domain.code_list import CodeList

OUTCOME = CodeList.read(
    "访问结果",
    "access log",
    """
    shown      | 已展示 | Shown
    refused    | 已拒绝 | Refused
    begun      | 已开始 | Begun
    taken      | 已取走 | Taken
    broken_off | 已中断 | Broken off
    recorded   | 已登记 | Recorded
    granted    | 已准许 | Granted
    done       | 已办理 | Done
    """,
)
ANSWERED_SECONDS = 8.0  # by then, or the connection is given up; whoever waits has ten
LOG = """
SELECT * FROM access.log(
    %s::uuid[], %s::text[], %s::text[], %s::text[], %s::text[], %s::text[], %s::jsonb[],
    %s::int[], %s::uuid[], %s::text[])
"""
LINES_AND_HEAD = """
SELECT count(*), (SELECT hash FROM access.access_log ORDER BY place DESC LIMIT 1)
FROM access.access_log
"""
FIRST_BAD = """
SELECT place FROM (
    SELECT l.place, l.hash, row_number() OVER one_by_one AS wanted_place,
        sha256(lag(l.hash, 1, '') OVER one_by_one || access.canonical(l)) AS wanted_hash
    FROM access.access_log l WINDOW one_by_one AS (ORDER BY l.place)
) line WHERE hash <> wanted_hash OR place <> wanted_place ORDER BY place LIMIT 1
"""


@dataclass(frozen=True, slots=True)
class Line:
    """
    One line to write.

    ``children`` are those it concerns, each with the code of its school today. ``outcome`` is a
    code of ``OUTCOME``, and ``details`` are filters, counts and marks as JSON. Nothing here is
    taken from a child's record; ``reason`` is what the person wrote.
    """

    account: str
    action: str
    outcome: str
    role: str | None = None
    unit: str | None = None
    children: Mapping[UUID, str | None] = field(default_factory=dict)
    reason: str | None = None
    details: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Chain:
    """
    What a check of the log found: how many lines, the last one's hash, and the first bad place.

    That lines were cut off at the end shows only against a head noted elsewhere before.
    """

    lines: int
    head: bytes | None
    first_bad: int | None


class AccessLog:
    """
    A log of its own, beside the children's streams, for one event loop.

    Lines that arrive while a group commits go out together as the next one. Every method raises
    :class:`StoreUnavailable` when the database is away.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._lines = Together(self._commit)

    async def write(self, line: Line) -> int:
        """Write one line, and return its place once it is durable."""
        return await self._lines.ask(line)

    async def verify(self) -> Chain:
        """Check every line against the one before it; reads the whole log."""
        bad = await self._store.query(FIRST_BAD, more_patience=3600)
        ((lines, head),) = await self._store.query(LINES_AND_HEAD)
        return Chain(lines, head, bad[0][0] if bad else None)

    async def close(self) -> None:
        """Let lines under way finish."""
        await self._lines.close()

    async def _commit(self, group: list[Line]) -> list[int | Exception]:
        try:
            async with self._store.lent(ANSWERED_SECONDS) as connection:
                cursor = await connection.execute(LOG, columns_of(group), prepare=True)
                return [place for (place,) in await cursor.fetchall()]
        except (psycopg.OperationalError, PoolTimeout):
            return [StoreUnavailable() for _ in group]


def write_line(connection: psycopg.Connection[Any], line: Line) -> None:
    """Write one line over a connection that commits by itself, as commands do."""
    connection.execute(LOG, columns_of([line]))


def columns_of(group: list[Line]) -> list[list[Any]]:
    """Give a group of lines as the arrays ``access.log`` takes."""
    children = [child for line in group for child in line.children.items()]
    return [
        [line.account for line in group],
        [line.role for line in group],
        [line.unit for line in group],
        [line.action for line in group],
        [line.outcome for line in group],
        [line.reason for line in group],
        [Jsonb(line.details) for line in group],
        list(accumulate(len(line.children) for line in group)),
        [child for child, _ in children],
        [school for _, school in children],
    ]
