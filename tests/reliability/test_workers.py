"""`guixue work` does what a service does by itself; of two, one that is killed is not missed."""

import json
import os
import signal
import subprocess
from uuid import uuid4

import pytest

from tests.api.receiving import receiver
from tests.people import PASSWORD
from tests.reliability.processes import GUIXUE, until
from tests.reliability.test_service_process import enrol

ALONE = {
    f"GUIXUE_{name}": "no" for name in ("FOLLOW_VIEWS", "KEEP_TREE", "WATCH_DUTIES", "SEND_NOTICES")
}
OUTSIDE = {name: value for name, value in os.environ.items() if not name.startswith("GUIXUE_")}


@pytest.fixture
def machine():
    with receiver() as received:
        yield received


@pytest.fixture
def allowed(machine):
    return {"GUIXUE_WEBHOOK_ORIGINS": json.dumps([machine.url.removesuffix("/in")])}


@pytest.fixture
def work(district, allowed):
    """Start `guixue work` on the district."""
    started = []

    def starting() -> subprocess.Popen[bytes]:
        started.append(
            subprocess.Popen([GUIXUE, "work", "--data", district], env={**OUTSIDE, **allowed})
        )
        return started[-1]

    yield starting
    for one in started:
        one.kill()
        one.wait()


def test_workers_do_the_work_beside_a_service_that_only_serves(
    district, guixue, work, machine, allowed
):
    serving = guixue(district, "serve", **ALONE, **allowed)
    until(serving.answers)

    def signed_in(username: str) -> str:
        form = {"username": username, "password": PASSWORD}
        told: str = serving.client.post("/v1/token", data=form).json()["access_token"]
        return told

    token, admin = signed_in("registrar"), {"Authorization": f"Bearer {signed_in('admin')}"}
    subscribed = serving.client.post("/v1/webhooks", json={"url": machine.url}, headers=admin)
    assert subscribed.status_code == 201, subscribed.text

    def standing() -> tuple[int, bool]:
        told = serving.client.get("/readyz").json()
        return told["views"]["lag"], told["checkpoint"] > 0

    assert enrol(serving, token, 0, str(uuid4()))
    assert standing() == (1, False)  # nobody works

    def told() -> int:
        """How many changes the machine was told of; of one perhaps twice, by whoever took over."""
        return len({headers["webhook-id"] for headers, _ in machine.requests})

    first, second = work(), work()
    until(lambda: standing() == (0, True))
    until(lambda: told() == 1)
    first.kill()
    first.wait()
    assert enrol(serving, token, 1, str(uuid4()))
    until(lambda: standing()[0] == 0)
    until(lambda: told() == 2)

    def status() -> str:
        return subprocess.run(
            [GUIXUE, "status", "--data", district],
            env={**OUTSIDE, "COLUMNS": "100"},
            check=True,
            capture_output=True,
            text=True,
        ).stdout

    until(lambda: "0 waiting 待发, 0 dead letters" in status())
    said = status()
    assert "0 behind" in said
    assert "0 open" in said
    second.send_signal(signal.SIGTERM)
    second.send_signal(signal.SIGTERM)  # as those do who are impatient
    assert second.wait(30) == 0
