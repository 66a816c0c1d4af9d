"""Stopping a PostgreSQL server: in order where it can be, and for certain."""

import os
import signal
import subprocess
from contextlib import suppress
from pathlib import Path

STOP_SECONDS = 60.0  # a last checkpoint on a slow disk; killed, its views would be built anew
HARDER = ((signal.SIGINT, STOP_SECONDS), (signal.SIGQUIT, 10.0), (signal.SIGKILL, 10.0))


def stop(server: "subprocess.Popen[bytes]") -> None:
    """Stop a server that is a child of ours: fast, and harder where that does not do."""
    for number, seconds in HARDER:
        tell(server.pid, number)
        with suppress(subprocess.TimeoutExpired):
            server.wait(seconds)
            return


def tell(server: int, number: int) -> None:
    """Send a server a signal, and have it and its children go on, should they be halted."""
    with suppress(OSError):
        os.kill(server, number)
        children = Path(f"/proc/{server}/task/{server}/children").read_text().split()
        for pid in (server, *map(int, children)):
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGCONT)
