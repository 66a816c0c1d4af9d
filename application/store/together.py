"""Together: what callers ask while one group is under way goes out as the next group."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Generic, TypeVar

GROUP_LIMIT = 256
Wanted = TypeVar("Wanted")
Done = TypeVar("Done")


@dataclass(slots=True)
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
    """

    def __init__(self, do: Callable[[list[Wanted]], Awaitable[Sequence[Done | Exception]]]) -> None:
        self._do = do
        self._waiting: deque[_Waiting[Wanted, Done]] = deque()
        self._worker: asyncio.Task[None] | None = None

    async def ask(self, wanted: Wanted) -> Done:
        """Have one thing done; it is done even when its caller goes away meanwhile."""
        waiting = _Waiting[Wanted, Done](wanted)
        self._waiting.append(waiting)
        if self._worker is None or self._worker.done():
            self._worker = asyncio.create_task(self._work())
        return await waiting.done

    async def close(self) -> None:
        """Let what is under way finish."""
        if self._worker is not None:
            with suppress(asyncio.CancelledError):
                await self._worker

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

    async def _outcomes(self, group: list[Wanted]) -> Sequence[Done | Exception]:
        try:
            return await self._do(group)
        except Exception as fault:  # noqa: BLE001  # whatever it is, its callers must hear it
            if len(group) == 1:
                return [fault]
        # One of them cannot be done: halve the group until it fails alone.
        half = len(group) // 2
        return [*await self._outcomes(group[:half]), *await self._outcomes(group[half:])]
