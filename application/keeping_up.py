"""Keeping up: what the service does by itself, looking again and again for as long as it runs."""

import asyncio
from abc import ABC, abstractmethod
from typing import ClassVar, Self

import structlog
from psycopg.errors import UndefinedColumn, UndefinedTable

from application.recording import Busy
from application.store.ending import end
from application.store.key_ring import NoKey
from application.store.sealing import Tampered
from application.store.store import StoreUnavailable
from application.store.telling import Telling

PASSING = (StoreUnavailable, Tampered, NoKey, Busy)
VIEWS_TO_BE_BUILT = (UndefinedTable, UndefinedColumn)  # after a restore, or an upgrade
_log = structlog.get_logger("guixue.work")


class KeepingUp(ABC):
    """
    Looks for what is to be done while it is entered, and waits where it cannot look.

    What one look leaves undone is there for the next, so a fault of the moment is only told.
    """

    job: ClassVar[str]  # as the log names it
    every: ClassVar[float] = 60.0  # seconds between two looks

    @abstractmethod
    async def look(self) -> object:
        """Do what there is to be done now."""

    async def __aenter__(self) -> Self:
        self._keeping = asyncio.create_task(self._keep_up())
        return self

    async def __aexit__(self, *_: object) -> None:
        await end(self._keeping)

    async def _keep_up(self) -> None:
        telling = Telling(_log)
        while True:
            try:
                await self.look()
                telling.gone(job=self.job)
            except (*PASSING, *VIEWS_TO_BE_BUILT) as fault:
                telling.of("work waits", fault, job=self.job)
            except Exception as fault:  # noqa: BLE001  # what nobody foresaw ends no other look
                telling.of("work fails", fault, unforeseen=True, job=self.job)
            await asyncio.sleep(self.every)
