"""`guixue work` does what a service does by itself; of two, one that is killed is not missed."""

import os
import signal
import subprocess
from uuid import uuid4

import pytest

from tests.people import PASSWORD
from tests.reliability.processes import GUIXUE, until
from tests.reliability.test_service_process import enrol

ALONE = {"GUIXUE_FOLLOW_VIEWS": "no", "GUIXUE_KEEP_TREE": "no", "GUIXUE_WATCH_DUTIES": "no"}
OUTSIDE = {name: value for name, value in os.environ.items() if not name.startswith("GUIXUE_")}


@pytest.fixture
def work(district):
    """Start `guixue work` on the district."""
    started = []

    def starting() -> subprocess.Popen[bytes]:
        started.append(subprocess.Popen([GUIXUE, "work", "--data", district], env=OUTSIDE))
        return started[-1]

    yield starting
    for one in started:
        one.kill()
        one.wait()


def test_workers_do_the_work_beside_a_service_that_only_serves(district, guixue, work):
    serving = guixue(district, "serve", **ALONE)
    until(serving.answers)
    form = {"username": "registrar", "password": PASSWORD}
    token = serving.client.post("/v1/token", data=form).json()["access_token"]

    def standing() -> tuple[int, bool]:
        told = serving.client.get("/readyz").json()
        return told["views"]["lag"], told["checkpoint"] > 0

    assert enrol(serving, token, 0, str(uuid4()))
    assert standing() == (1, False)  # nobody works

    first, second = work(), work()
    until(lambda: standing() == (0, True))
    first.kill()
    first.wait()
    assert enrol(serving, token, 1, str(uuid4()))
    until(lambda: standing()[0] == 0)

    told = subprocess.run(
        [GUIXUE, "status", "--data", district],
        env={**OUTSIDE, "COLUMNS": "100"},
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    assert "0 behind" in told
    assert "0 open" in told
    second.send_signal(signal.SIGTERM)
    assert second.wait(30) == 0
