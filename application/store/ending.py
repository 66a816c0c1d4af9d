"""Ending a task that runs by itself, for certain."""

import asyncio

AGAIN_SECONDS = 1.0


async def end(task: asyncio.Task[None]) -> None:
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
