"""Leading (主备): which jobs of the service this process does, so that each is done by one."""

import asyncio
from contextlib import suppress
from typing import Any

import psycopg
from psycopg.conninfo import make_conninfo

from application.store.store import StoreUnavailable

PATIENCE_SECONDS = 4
# A machine that is gone is noticed by the database within seconds, too.
NOTICED = {"keepalives_idle": 3, "keepalives_interval": 2, "keepalives_count": 3}


class Lead:
    """
    The jobs this process leads, by advisory locks on a session of its own.

    The session ends with the process, however it ends, and then the next one that asks leads.
    What a job does must be right even where two believe for a moment that they lead.
    """

    def __init__(self, url: str) -> None:
        self._url = make_conninfo(url, connect_timeout=PATIENCE_SECONDS, **NOTICED)
        self._session: psycopg.AsyncConnection[Any] | None = None
        self._led: set[int] = set()
        self._one_asks = asyncio.Lock()

    async def of(self, job: int) -> bool:
        """
        Say whether this process leads a job, by its lock; it does from now on where nobody did.

        :raises StoreUnavailable: when the database is away; then it leads nothing
        """
        async with self._one_asks:
            try:
                async with asyncio.timeout(PATIENCE_SECONDS):
                    return await self._asked(job)
            except (psycopg.OperationalError, TimeoutError) as away:
                await self._let_go()
                raise StoreUnavailable from away

    async def close(self) -> None:
        """Lead nothing any more."""
        async with self._one_asks:
            await self._let_go()

    async def _asked(self, job: int) -> bool:
        if self._session is None:
            self._session = await psycopg.AsyncConnection.connect(self._url, autocommit=True)
        if job in self._led:
            await self._session.execute("SELECT 1")  # the session is alive, and so is its lock
            return True
        cursor = await self._session.execute("SELECT pg_try_advisory_lock(%s)", [job])
        row = await cursor.fetchone()
        if row == (True,):
            self._led.add(job)
        return job in self._led

    async def _let_go(self) -> None:
        self._led.clear()
        session, self._session = self._session, None
        if session is not None:
            with suppress(psycopg.Error):
                await session.close()
