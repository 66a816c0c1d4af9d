"""A service told to stop ends within seconds, also where what it talks to does not answer."""

import os
import signal
import socket
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from threading import Thread
from uuid import uuid4

import httpx
import pytest

from application.store.embedded import EmbeddedPostgres
from tests.people import PASSWORD
from tests.proof import PREFECTURE
from tests.reliability.processes import processes_in, until
from tests.reliability.test_service_process import enrol

PROMPT = 45.0  # seconds; it takes nine at most, but the machine may be busy


@pytest.fixture
def never() -> Iterator[str]:
    """A witness that takes what is sent, and answers nothing."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        held = []

        def take() -> None:
            while True:
                try:
                    held.append(listening.accept()[0])
                except OSError:
                    return

        Thread(target=take, daemon=True).start()
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        for one in held:
            one.close()
        listening.shutdown(socket.SHUT_RDWR)


def write_something(service) -> None:
    form = {"username": "registrar", "password": PASSWORD}
    token = service.client.post("/v1/token", data=form).json()["access_token"]
    assert enrol(service, token, 0, str(uuid4()))


def ended_in(service, number=signal.SIGTERM) -> float:
    began = time.monotonic()
    assert service.told(number) == 0, service.said
    assert "Traceback" not in service.said, service.said
    return time.monotonic() - began


def test_while_a_witness_hangs(district, guixue, never):
    (district / "witnesses.txt").write_text(f"{never} {PREFECTURE.key.told()}\n")
    service = guixue(district, "serve")
    until(service.answers)
    write_something(service)
    until(lambda: service.client.get("/readyz").json()["checkpoint"] == 2)
    time.sleep(1.5)  # it is asked by now

    assert ended_in(service) < PROMPT
    assert not processes_in(district / "postgres")


def signalled(cluster: Path, number: int) -> None:
    for pid in processes_in(cluster):
        with suppress(ProcessLookupError):
            os.kill(pid, number)


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGSTOP])
def test_while_the_database_is_away(district, guixue, how):
    cluster = district / "postgres"
    with EmbeddedPostgres(cluster) as server:
        service = guixue(district, "serve", GUIXUE_DATABASE_URL=server.url)
        until(service.answers)
        write_something(service)
        signalled(cluster, how)
        time.sleep(0.5)
        try:
            took = ended_in(service)
        finally:
            signalled(cluster, signal.SIGCONT)
            signalled(cluster, signal.SIGKILL)
    assert took < PROMPT


def test_while_somebody_waits_for_news(district, guixue):
    service = guixue(district, "serve")
    until(service.answers)
    form = {"username": "registrar", "password": PASSWORD}
    token = service.client.post("/v1/token", data=form).json()["access_token"]
    headers = {"Authorization": f"Bearer {token}"}
    with (
        ThreadPoolExecutor() as threads,
        httpx.Client(base_url=service.url, trust_env=False, timeout=60, headers=headers) as client,
        client.stream("GET", "/v1/changes", headers={"Accept": "text/event-stream"}) as stream,
    ):
        waiting = threads.submit(client.get, "/v1/changes?wait=30")
        until(lambda: open_connections(service.process.pid) >= 2)
        ended_in(service)
        said = b"".join(stream.iter_bytes())  # raises where it was cut off

    assert said.startswith(b"id: 0\n")
    assert waiting.result().json() == {"items": [], "position": 0}


def open_connections(pid: int) -> int:
    """How many the process holds that were made from this machine."""
    mine = set()
    for one in Path(f"/proc/{pid}/fd").iterdir():
        with suppress(OSError):
            mine.add(one.readlink().name)
    established = [
        line.split() for line in Path("/proc/net/tcp").read_text().splitlines() if " 01 " in line
    ]
    return sum(f"socket:[{line[9]}]" in mine for line in established)
