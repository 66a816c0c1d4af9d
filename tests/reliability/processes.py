"""Watching processes: waiting for what they do, and finding those of a cluster."""

import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any


def until(condition: Callable[[], Any], seconds: float = 30.0) -> Any:
    """Wait for a condition, and give what it came to."""
    deadline = time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.03)
    return found


def processes_in(cluster: Path) -> set[int]:
    """The processes whose working folder is a cluster: its server with all its children."""
    found = set()
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            if (process / "cwd").readlink() == cluster:
                found.add(int(process.name))
    return found
