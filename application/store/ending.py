"""Ending a task that runs by itself, for certain."""

import asyncio
from collections.abc import Coroutine
from typing import Any

AGAIN_SECONDS = 0.2


async def within(seconds: float, work: Coroutine[Any, Any, Any]) -> None:
    """Do something for so many seconds at most, however it takes its cancellation."""
    task = asyncio.create_task(work)
    await asyncio.wait([task], timeout=seconds)
    await end(task)


async def end(task: asyncio.Task[Any]) -> None:
    """
    Cancel a task, and again until it has ended.

    Once is not enough: where an answer comes in the same turn of the event loop, Python 3.11's
    ``asyncio.wait_for``, on which the pool of connections waits, gives the answer and forgets the
    cancellation, and whatever looks again and again would go on for ever.
    """
    while not task.done():
        task.cancel()
        await asyncio.wait([task], timeout=AGAIN_SECONDS)
    if not task.cancelled():
        task.result()
