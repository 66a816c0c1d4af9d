"""How fresh the views are, and waiting until they have come to a position."""

import asyncio
from contextlib import suppress
from typing import Self

import psycopg

from application.store.store import Store
from projections.all_views import VIEWS
from projections.engine import CHANNEL

FALLBACK_SECONDS = 0.05
RECONNECT_SECONDS = 1.0
PATIENCE_SECONDS = 5.0


class ViewBehind(Exception):
    """The views did not reach the wanted position in time."""


class Freshness:
    """Hears the engines announce each batch, for readers who wait for their own write."""

    def __init__(self, url: str, store: Store) -> None:
        self._url = url
        self._store = store
        self._advanced = asyncio.Event()
        self._listener: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        self._listener = asyncio.create_task(self._listen())
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._listener is not None:
            self._listener.cancel()
            with suppress(asyncio.CancelledError):
                await self._listener

    async def position(self) -> int:
        """
        Return how far all views have come.

        :raises ViewBehind: if some are not there, as while they are rebuilt after a crash
        """
        rows = await self._store.query("SELECT min(position), count(*) FROM views.progress")
        position, views = rows[0]
        if views < len(VIEWS):
            raise ViewBehind
        return int(position)

    async def reached(self, position: int, patience: float = PATIENCE_SECONDS) -> int:
        """
        Wait until the views have come to a position, and return where they stand.

        :raises ViewBehind: if they have not after ``patience`` seconds
        """
        deadline = asyncio.get_running_loop().time() + patience
        while True:
            advanced = self._advanced  # taken before looking, so that no step falls between
            with suppress(ViewBehind):
                stands = await self.position()
                if stands >= position:
                    return stands
            if asyncio.get_running_loop().time() >= deadline:
                raise ViewBehind
            with suppress(TimeoutError):
                await asyncio.wait_for(advanced.wait(), FALLBACK_SECONDS)

    async def _listen(self) -> None:
        while True:
            try:
                connection = await psycopg.AsyncConnection.connect(self._url, autocommit=True)
                async with connection:
                    await connection.execute(f"LISTEN {CHANNEL}")
                    async for _ in connection.notifies():
                        advanced, self._advanced = self._advanced, asyncio.Event()
                        advanced.set()
            except psycopg.OperationalError:
                await asyncio.sleep(RECONNECT_SECONDS)
