"""The `guixue` process as tests run it: started, watched, waited for, and what it leaves."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import httpx

from application.store.embedded import postmaster
from application.store.stopping import tell

GUIXUE = Path(sys.executable).with_name("guixue")
PATIENCE = 90.0  # seconds; a start takes one, and half a minute where the machine is busy


def until(condition: Callable[[], Any], seconds: float = PATIENCE) -> Any:
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


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        return int(free.getsockname()[1])


class Guixue:
    """A `guixue` process of its own, on a data folder."""

    def __init__(self, data: Path, command: str, *options: str, **environment: str) -> None:
        self.data = data
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.client = httpx.Client(base_url=self.url, trust_env=False, timeout=30)
        self._output = data.with_name(f"{command}-{self.port}.txt")
        if "--port" not in options:
            options = (*options, "--port", str(self.port))
        with self._output.open("wb") as output:
            self.process = subprocess.Popen(
                [GUIXUE, command, "--data", data, *options],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                env={
                    **{k: v for k, v in os.environ.items() if not k.startswith("GUIXUE_")},
                    **environment,
                },
            )

    @property
    def said(self) -> str:
        return self._output.read_text("utf-8")

    def answers(self) -> bool:
        assert self.process.poll() is None, self.said
        try:
            return self.client.get("/readyz").status_code == 200
        except httpx.TransportError:
            return False

    def told(self, number: int) -> int:
        """Send a signal; the exit code."""
        self.process.send_signal(number)
        return self.ends()

    def ends(self) -> int:
        return self.process.wait(PATIENCE)


@contextmanager
def folder_of_ours() -> Iterator[Path]:
    """A folder that other users can pass through; at the end no database runs in it."""
    folder = Path(tempfile.mkdtemp(prefix="guixue-tests-")).resolve()
    folder.chmod(0o711)
    try:
        yield folder
    finally:
        for data in folder.iterdir():
            end_all_in(data / "postgres")
        shutil.rmtree(folder, ignore_errors=True)


def end_all_in(cluster: Path) -> None:
    """Leave no process in a cluster; its server, merely killed, would leave its shared memory."""
    if (server := postmaster(cluster)) is not None:
        tell(server, signal.SIGQUIT)
        with suppress(AssertionError):
            until(lambda: not processes_in(cluster), 10)
    for pid in processes_in(cluster):
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    until(lambda: not processes_in(cluster))
