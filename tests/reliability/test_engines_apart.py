"""Engines in processes of their own share the views out, and one that is killed is not missed."""

import os
import signal
import subprocess
from pathlib import Path
from uuid import uuid4

import pytest

from projections.all_views import BY_NAME
from tests.people import PASSWORD
from tests.reliability.processes import GUIXUE, until
from tests.reliability.test_service_process import enrol

FEW, REST = ["students"], [name for name in BY_NAME if name != "students"]


@pytest.fixture
def following(district):
    """Start `guixue views follow` for some views."""
    started = []

    def starting(*names: str) -> subprocess.Popen[bytes]:
        started.append(
            subprocess.Popen(
                [GUIXUE, "views", "follow", *names, "--data", district],
                env={k: v for k, v in os.environ.items() if not k.startswith("GUIXUE_")},
            )
        )
        return started[-1]

    yield starting
    for one in started:
        one.kill()
        one.wait()


def test_engines_of_their_own_follow_what_they_are_told_and_take_over(district, guixue, following):
    serving = guixue(district, "serve", GUIXUE_FOLLOW_VIEWS="no", GUIXUE_KEEP_TREE="no")
    until(serving.answers)
    form = {"username": "registrar", "password": PASSWORD}
    token = serving.client.post("/v1/token", data=form).json()["access_token"]

    def lag() -> int:
        return int(serving.client.get("/readyz").json()["views"]["lag"])

    assert enrol(serving, token, 0, str(uuid4()))
    assert lag() == 1  # nobody follows

    few, rest = following(*FEW), following(*REST)
    until(lambda: lag() == 0)
    assert enrol(serving, token, 1, str(uuid4()))
    until(lambda: lag() == 0)

    few.kill()
    few.wait()
    assert enrol(serving, token, 2, str(uuid4()))
    assert lag() == 1
    everything = following()
    until(lambda: lag() == 0)

    for one in (rest, everything):
        one.send_signal(signal.SIGTERM)
        assert one.wait(30) == 0
    listed = serving.client.get("/v1/students", headers={"Authorization": f"Bearer {token}"})
    assert len(listed.json()["items"]) == 3


def engines_of(pid: int) -> list[int]:
    """The processes a service started to follow the log."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    tasks = Path(f"/proc/{pid}/task").glob("*/children")
    children += [child for task in tasks for child in task.read_text().split()]
    return [int(one) for one in dict.fromkeys(children) if b"spawn_main" in command_of(int(one))]


def command_of(pid: int) -> bytes:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""


@pytest.mark.parametrize("end", [signal.SIGKILL, signal.SIGTERM])
def test_a_services_own_engine_is_started_again_and_ends_with_it(district, guixue, end):
    serving = guixue(district, "serve")
    until(serving.answers)
    form = {"username": "registrar", "password": PASSWORD}
    token = serving.client.post("/v1/token", data=form).json()["access_token"]
    (engine,) = until(lambda: engines_of(serving.process.pid))

    os.kill(engine, end)
    assert enrol(serving, token, 0, str(uuid4()))

    until(lambda: serving.client.get("/readyz").json()["views"]["lag"] == 0)
    (other,) = until(lambda: engines_of(serving.process.pid))
    assert other != engine
    serving.told(end)
    until(lambda: not command_of(other))
