"""The access log: who saw or took which child's data, when and why; never what was seen."""

from typing import Any
from uuid import UUID

from psycopg_pool import AsyncConnectionPool

from application.access import Person
from application.store.store import Store

SCHEMA = """
CREATE SCHEMA IF NOT EXISTS access;
CREATE TABLE IF NOT EXISTS access.access_log (
    place bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at timestamptz NOT NULL DEFAULT clock_timestamp(),
    account text NOT NULL,
    action text NOT NULL,
    student_id uuid,
    outcome text NOT NULL,
    reason text
);
"""


class AccessLog:
    """A log of its own, beside the children's streams."""

    def __init__(self, pool: AsyncConnectionPool[Any], store: Store) -> None:
        self._pool = pool
        self._store = store

    async def write(
        self,
        person: Person,
        action: str,
        *,
        outcome: str,
        student_id: UUID | None = None,
        reason: str | None = None,
    ) -> None:
        """Write one line; it never holds what was seen."""
        await self._store.query(
            "INSERT INTO access.access_log (account, action, student_id, outcome, reason)"
            " VALUES (%s, %s, %s, %s, %s) RETURNING place",
            [person.account, action, student_id, outcome, reason],
        )
