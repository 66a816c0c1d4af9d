"""Commands: a case of five steps over HTTP with sign-in, by 16 callers, on one process each."""

import os
import signal
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from uuid import uuid4

from api.examples import EXAMPLES
from tests.benchmarks.calling import client_process, play
from tests.benchmarks.contestants import crud, service
from tests.benchmarks.measure import Figure, interleaved, own_database, ratio
from tests.people import PASSWORD

CALLERS, TURNS = 16, 5
CASES = {"ours": 12, "empty": 40, "crud": 4, "django": 3}  # a caller and turn: a few seconds each
TOLD = {
    "ours": "this service",
    "empty": "an empty FastAPI endpoint",
    "crud": "FastAPI + SQLAlchemy with an audit row",
    "django": "Django REST with django-simple-history",
}
WANTED = {"empty": ">= 0.5", "crud": ">= 5", "django": ">= 5"}
WHO = ("principal", PASSWORD)
MODULES = "tests.benchmarks.contestants"
SERVICE = "from api.cli import main; main()"
STARTING_SECONDS = 60


def steps() -> dict[str, Any]:
    """Give the five steps: a body for each path, of these days."""
    today = datetime.now(UTC).date()
    days = {n: (today - timedelta(days=n)).isoformat() for n in range(1, 9)}
    return {
        "absence-flags": {**EXAMPLES["AbsenceFlag"], "first_absent_on": days[8]},
        "home-visits": {**EXAMPLES["HomeVisit"], "occurred_on": days[6]},
        "persuasion-attempts": {**EXAMPLES["PersuasionAttempt"], "occurred_on": days[4]},
        "returns": {**EXAMPLES["Return"], "seen_on": days[2]},
        "close-out-requests": {"reason": "C02", "papers": [{"kind": "roll_extract"}]},
    }


def children_of(contestant: str) -> int:
    return CALLERS * CASES[contestant] * (TURNS + 1)


@contextmanager
def served(command: list[str], port: int, **environment: str) -> Iterator[int]:
    """Run a server on a port of its own until left."""
    process = subprocess.Popen(
        [sys.executable, *command],
        stdout=subprocess.DEVNULL,
        env={**os.environ, **environment},
    )
    try:
        deadline = time.monotonic() + STARTING_SECONDS
        while True:
            with socket.socket() as knocking:
                if knocking.connect_ex(("127.0.0.1", port)) == 0:
                    break
            assert process.poll() is None, f"{command} did not start"
            assert time.monotonic() < deadline, f"{command} does not answer"
            time.sleep(0.1)
        yield port
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(STARTING_SECONDS)


def free_port() -> int:
    with socket.socket() as asked:
        asked.bind(("127.0.0.1", 0))
        return int(asked.getsockname()[1])


def start(url: str, name: str, stack: ExitStack) -> tuple[int, list[str]]:
    """Start a contestant on a database of its own; return its port and its children's ids."""
    own = stack.enter_context(own_database(url, f"of_{name}"))
    port, count = free_port(), children_of(name)
    ids = [str(uuid4()) for _ in range(count)]
    serving: dict[str, Any] = {"command": ["-m", f"{MODULES}.{name}", str(port)]}
    if name == "ours":
        data = Path(stack.enter_context(TemporaryDirectory()))
        ids = service.prepare(own, data, count)
        serving = {
            "command": ["-c", SERVICE, "serve", "--port", str(port), "--data", str(data)],
            "GUIXUE_DATABASE_URL": own,
        }
    elif name == "crud":
        ids = crud.prepare(own, *WHO, count)
        serving["CRUD_URL"] = own
    elif name == "django":
        module = f"{MODULES}.django_app"
        ids = subprocess.run(
            [sys.executable, "-m", module, "prepare", *WHO, str(count)],
            check=True,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "DJANGO_URL": own},
        ).stdout.split()
        serving = {"command": ["-m", module, str(port)], "DJANGO_URL": own}
    stack.enter_context(served(port=port, **serving))
    return port, ids


def turn(calling: Any, port: int, ids: list[str], cases: int) -> float:
    """Let the client play the next cases of a contestant; return commands a second."""
    mine = [[ids.pop() for _ in range(cases)] for _ in range(CALLERS)]
    rate: float = calling.submit(play, port, WHO, steps(), mine).result()
    return rate


def figures(url: str) -> Iterator[Figure]:
    with ExitStack() as stack:
        calling = stack.enter_context(client_process())
        turns: Mapping[str, Callable[[], float]] = {
            name: partial(turn, calling, *start(url, name, stack), CASES[name]) for name in CASES
        }
        found = interleaved(turns, TURNS)
    for name, told in TOLD.items():
        yield Figure(f"{told}, {CALLERS} callers", statistics.median(found[name]), "commands/s")
        if name in WANTED:
            yield Figure(
                f"… ours against {told}", ratio(found["ours"], found[name]), "x", WANTED[name]
            )
