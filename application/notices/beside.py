"""Doing what blocks on a thread of its own, which holds up no end of the process."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from threading import Thread


async def beside(work: Callable[[], None]) -> None:
    """
    Do something on a thread, and raise what it raises.

    Unlike the loop's own threads, it is not waited for when the process ends: where a far machine
    keeps us waiting, it goes with the process.
    """
    loop = asyncio.get_running_loop()
    done: asyncio.Future[None] = loop.create_future()

    def tell(fault: Exception | None) -> None:
        if done.done():
            return  # whoever waited has gone
        if fault is None:
            done.set_result(None)
        else:
            done.set_exception(fault)

    def run() -> None:
        fault: Exception | None = None
        try:
            work()
        except Exception as raised:  # noqa: BLE001  # whatever it is, who waits must hear it
            fault = raised
        with suppress(RuntimeError):  # the loop is closed, and nobody waits
            loop.call_soon_threadsafe(tell, fault)

    Thread(target=run, name="beside", daemon=True).start()
    await done
