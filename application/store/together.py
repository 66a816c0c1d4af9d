"""Together: what callers ask while one group is under way goes out as the next group."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from application.store.ending import end

GROUP_LIMIT = 256
ROOM = 2_000
PATIENCE_SECONDS = 10.0
CLOSING_SECONDS = 2.0
Wanted = TypeVar("Wanted")
Done = TypeVar("Done")


class StoreUnavailable(Exception):
    """
    The database is away or too slow; try again later.

    What was to be stored may have been, when the answer to it was lost; with an idempotency key
    it is safe to ask again.
    """


@dataclass(slots=True, eq=False)
class _Waiting(Generic[Wanted, Done]):
    wanted: Wanted
    done: "asyncio.Future[Done]" = field(
        default_factory=lambda: asyncio.get_running_loop().create_future()
    )


class Together(Generic[Wanted, Done]):
    """
    Does what many callers of one event loop ask, group by group; each succeeds or fails alone.

    ``do`` takes a group and gives what became of each, in order: what to answer, or the exception
    to raise. Where it raises, nothing was done. With ``do`` one transaction, it is group commit.
    At most ``room`` callers wait, each for ``patience`` seconds.
    """

    def __init__(
        self,
        do: Callable[[list[Wanted]], Awaitable[Sequence[Done | Exception]]],
        *,
        room: int = ROOM,
        patience: float = PATIENCE_SECONDS,
    ) -> None:
        self._do = do
        self._room = room
        self._patience = patience
        self._waiting: deque[_Waiting[Wanted, Done]] = deque()
        self._worker: asyncio.Task[None] | None = None

    async def ask(self, wanted: Wanted, more_patience: float = 0.0) -> Done:
        """
        Have one thing done.

        When its caller goes away or loses patience, a thing that still waits is never done; one
        that is under way is finished.

        :raises StoreUnavailable: if too many wait already, or it was not done in time
        """
        if len(self._waiting) >= self._room:
            raise StoreUnavailable
        waiting = _Waiting[Wanted, Done](wanted)
        self._waiting.append(waiting)
        if self._worker is None or self._worker.done():
            self._worker = asyncio.create_task(self._work())
        try:
            async with asyncio.timeout(self._patience + more_patience):
                return await waiting.done
        except TimeoutError:
            raise StoreUnavailable from None
        finally:
            if not waiting.done.done() or waiting.done.cancelled():
                with suppress(ValueError):  # it is under way
                    self._waiting.remove(waiting)

    async def close(self) -> None:
        """Let what is under way finish, unless the database stands still."""
        if self._worker is not None:
            await asyncio.wait([self._worker], timeout=CLOSING_SECONDS)
            await end(self._worker)

    async def _work(self) -> None:
        while self._waiting:
            group = [self._waiting.popleft() for _ in range(min(len(self._waiting), GROUP_LIMIT))]
            outcomes = await self._outcomes([waiting.wanted for waiting in group])
            for waiting, outcome in zip(group, outcomes, strict=True):
                if waiting.done.done():
                    continue  # its caller has gone; what was done stands all the same
                if isinstance(outcome, Exception):
                    waiting.done.set_exception(outcome)
                else:
                    waiting.done.set_result(outcome)
            await asyncio.sleep(
                0
            )  # who asks again at once goes along: on a slow disk, large groups

    async def _outcomes(self, group: list[Wanted]) -> Sequence[Done | Exception]:
        try:
            return await self._do(group)
        except Exception as fault:  # noqa: BLE001  # whatever it is, its callers must hear it
            if len(group) == 1:
                return [fault]
        # One of them cannot be done: halve the group until it fails alone.
        half = len(group) // 2
        return [*await self._outcomes(group[:half]), *await self._outcomes(group[half:])]
