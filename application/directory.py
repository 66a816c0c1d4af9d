"""The district's schools and townships (学校名录): reference data, in no child's stream."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Self

import psycopg
from psycopg_pool import AsyncConnectionPool

from application.store.lending import lent
from application.store.together import PATIENCE_SECONDS

ALL = "SELECT code, name, township, township_office, stage FROM directory.schools"
SCHEMA = """
CREATE SCHEMA IF NOT EXISTS directory;
CREATE TABLE IF NOT EXISTS directory.schools (
    code text PRIMARY KEY,
    name text NOT NULL,
    township text NOT NULL,
    township_office text NOT NULL,
    stage text NOT NULL
);
"""


@dataclass(frozen=True, slots=True)
class School:
    """
    One school: 10-digit code, name, the township it lies in, its 中心校, and its stage.

    ``stage`` is ``primary`` or ``junior``.
    """

    code: str
    name: str
    township: str
    township_office: str
    stage: str


class Directory:
    """All schools of the district, held in memory and read again on request."""

    def __init__(self) -> None:
        self._schools: dict[str, School] = {}

    @classmethod
    def of(cls, connection: psycopg.Connection[Any]) -> Self:
        """Read the directory of a database, for a command that serves nobody."""
        made = cls()
        made._schools = {row[0]: School(*row) for row in connection.execute(ALL)}
        return made

    def school(self, code: str | None) -> School | None:
        return self._schools.get(code) if code else None

    def name_of(self, code: str | None) -> str | None:
        school = self.school(code)
        return school.name if school else code

    def office_of(self, code: str | None) -> str | None:
        school = self.school(code)
        return school.township_office if school else None

    def codes(self) -> frozenset[str]:
        return frozenset(self._schools)

    def schools_in(self, township: str) -> frozenset[str]:
        return frozenset(s.code for s in self._schools.values() if s.township == township)

    def schools_under(self, office: str) -> frozenset[str]:
        return frozenset(s.code for s in self._schools.values() if s.township_office == office)

    def __len__(self) -> int:
        return len(self._schools)

    async def read(self, pool: AsyncConnectionPool[Any]) -> None:
        """Read the directory from the database."""
        async with lent(pool, PATIENCE_SECONDS) as connection:
            cursor = await connection.execute(ALL)
            self._schools = {row[0]: School(*row) for row in await cursor.fetchall()}

    async def add(self, pool: AsyncConnectionPool[Any], schools: Iterable[School]) -> None:
        """Add schools, or bring the known ones up to date."""
        async with lent(pool, PATIENCE_SECONDS) as connection, connection.cursor() as cursor:
            await cursor.executemany(
                "INSERT INTO directory.schools VALUES (%s, %s, %s, %s, %s)"
                " ON CONFLICT (code) DO UPDATE SET name = excluded.name,"
                " township = excluded.township, township_office = excluded.township_office,"
                " stage = excluded.stage",
                [(s.code, s.name, s.township, s.township_office, s.stage) for s in schools],
            )
        await self.read(pool)
