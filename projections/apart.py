"""An engine in a process of its own, which ends with the one that started it."""

import signal
from collections.abc import Sequence
from multiprocessing import get_context
from multiprocessing.connection import Connection
from threading import Event, Thread
from time import monotonic

import structlog

from application.store.key_ring import KeyRing
from application.store.sealing import Vault
from projections.all_views import BY_NAME
from projections.following import follow_forever
from projections.view import View

RESTART_SECONDS, SELDOM_SECONDS = 1.0, 60.0
FINISHING_SECONDS = 2.0
SPAWN = get_context("spawn")  # a fork would take the service's connections along

_log = structlog.get_logger("guixue.views")


class EngineApart:
    """
    Follows the log in a process of its own, started again whenever it ends by itself.

    So it takes neither the interpreter nor the processor from those who answer people.
    """

    def __init__(self, url: str, ring: KeyRing, views: Sequence[View]) -> None:
        self._given = (url, ring, [view.name for view in views])
        self._stopping = Event()
        self._watching = Thread(target=self._watch, name="engine apart", daemon=True)

    def start(self) -> None:
        self._watching.start()

    def stop(self) -> None:
        """Let it finish its batch; it hears of it at the next notification of the log."""
        self._stopping.set()

    def is_alive(self) -> bool:
        return self._watching.is_alive()

    def _watch(self) -> None:
        pause = RESTART_SECONDS
        while not self._stopping.is_set():
            began = monotonic()
            try:
                code: int | str | None = self._run()
            except OSError as fault:  # no memory, or no process to be had
                code = type(fault).__name__
            if self._stopping.is_set():
                return
            if monotonic() - began > SELDOM_SECONDS:
                pause = RESTART_SECONDS
            _log.error("the engine's process ended", code=code)
            self._stopping.wait(pause)
            pause = min(2 * pause, SELDOM_SECONDS)  # one that ends at once is no way to spend a day

    def _run(self) -> int | None:
        """Run one process until it ends, or is to; its exit code."""
        theirs, ours = SPAWN.Pipe(duplex=False)
        with theirs, ours:
            process = SPAWN.Process(target=follow, args=(*self._given, theirs), daemon=True)
            process.start()
            theirs.close()
            while process.is_alive() and not self._stopping.wait(0.05):
                pass
        process.join(FINISHING_SECONDS)  # it takes the closed pipe for our end
        if process.is_alive():  # the database stands still; what had begun, it undoes
            process.kill()
            process.join()
        return process.exitcode


def follow(url: str, ring: KeyRing, names: Sequence[str], alive: Connection) -> None:
    """Follow the log until the other end of ``alive`` is closed, as by the end of its process."""
    stop = Event()

    def wait_for_the_end() -> None:
        alive.poll(None)
        stop.set()

    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for who started us, and stops us too
    # Not at once: the handler may interrupt whoever holds the lock of ``stop``, and wait for ever.
    signal.signal(signal.SIGTERM, lambda *_: Thread(target=stop.set, daemon=True).start())
    Thread(target=wait_for_the_end, daemon=True).start()
    follow_forever(url, Vault(ring), [BY_NAME[name] for name in names], stop)
