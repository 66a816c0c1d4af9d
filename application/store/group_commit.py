"""Group commit: what arrives while one group commits goes out together as the next."""

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


class GroupCommit(Generic[Wanted, Done]):
    """
    Stores what many callers of one event loop want, group by group; each succeeds or fails alone.

    ``commit`` stores a group in one transaction and gives what became of each, in order: what to
    answer, or the exception to raise. Where it raises, nothing was stored.
    """

    def __init__(
        self, commit: Callable[[list[Wanted]], Awaitable[Sequence[Done | Exception]]]
    ) -> None:
        self._commit = commit
        self._waiting: deque[_Waiting[Wanted, Done]] = deque()
        self._writer: asyncio.Task[None] | None = None

    async def store(self, wanted: Wanted) -> Done:
        """Store one thing; it is stored even when its caller goes away meanwhile."""
        waiting = _Waiting[Wanted, Done](wanted)
        self._waiting.append(waiting)
        if self._writer is None or self._writer.done():
            self._writer = asyncio.create_task(self._write())
        return await waiting.done

    async def close(self) -> None:
        """Let what is under way finish."""
        if self._writer is not None:
            with suppress(asyncio.CancelledError):
                await self._writer

    async def _write(self) -> None:
        while self._waiting:
            group = [self._waiting.popleft() for _ in range(min(len(self._waiting), GROUP_LIMIT))]
            outcomes = await self._outcomes([waiting.wanted for waiting in group])
            for waiting, outcome in zip(group, outcomes, strict=True):
                if waiting.done.done():
                    continue  # its caller has gone; what was stored stands all the same
                if isinstance(outcome, Exception):
                    waiting.done.set_exception(outcome)
                else:
                    waiting.done.set_result(outcome)

    async def _outcomes(self, group: list[Wanted]) -> Sequence[Done | Exception]:
        try:
            return await self._commit(group)
        except Exception as fault:  # noqa: BLE001  # whatever it is, its callers must hear it
            if len(group) == 1:
                return [fault]
        # One of them cannot be stored: halve the group until it fails alone.
        half = len(group) // 2
        return [*await self._outcomes(group[:half]), *await self._outcomes(group[half:])]
