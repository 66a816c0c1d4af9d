"""The `guixue` process starts, stops and dies in order: nothing acknowledged is ever lost."""

import os
import signal
import socket
import subprocess
import sys
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import psycopg
import pytest

from api.examples import EXAMPLES
from application.store.database import running_url
from application.store.embedded import EmbeddedPostgres
from application.store.heads import STREAM
from tests.people import PASSWORD, SCHOOL, student_number
from tests.reliability.processes import Guixue, free_port, processes_in, until

# A signal that comes while Python finalises an object: what its handler raises is lost.
TOLD_IN_A_FINALISER = """
import os, signal, sys
from pathlib import Path
from api import running
from api.app import create_app
from api.settings import Settings

class Dying:
    def __del__(self):
        os.kill(os.getpid(), signal.SIGTERM)
        for _ in range(1000):
            pass

settings = Settings(data=Path(sys.argv[1]))
with running.opened(settings) as (url, told_to_stop):
    Dying()
    app = create_app(running.starting(url, settings))
    running.server(app, "127.0.0.1", int(sys.argv[2]), told_to_stop).run()
"""


@pytest.mark.parametrize(
    ("number", "folder"), [(signal.SIGTERM, "empty"), (signal.SIGINT, "district")]
)
def test_a_service_answers_and_ends_in_order_when_told(request, guixue, number, folder):
    data = request.getfixturevalue(folder)
    service = guixue(data, "serve")
    until(service.answers)
    health = service.client.get("/healthz")
    serving = processes_in(data / "postgres")

    code = service.told(number)

    assert (health.status_code, health.json()) == (200, {"status": "up"})
    assert f"serves on {service.url}" in service.said
    assert "Traceback" not in service.said
    assert code == 0
    assert len(serving) > 1
    assert not processes_in(data / "postgres")
    assert not (data / "postgres" / "postmaster.pid").exists()
    assert list((data / "postgres-socket").iterdir()) == []


def test_told_to_stop_while_its_database_starts_it_leaves_none(district, guixue):
    service = guixue(district, "serve")
    until(lambda: processes_in(district / "postgres"))

    assert service.told(signal.SIGTERM) == 0

    assert not processes_in(district / "postgres")
    assert "Traceback" not in service.said


def test_told_to_stop_at_the_worst_moment_it_stops_all_the_same(district):
    done = subprocess.run(
        [sys.executable, "-c", TOLD_IN_A_FINALISER, district, str(free_port())],
        check=False,
        capture_output=True,
        text=True,
        timeout=30,
        env={k: v for k, v in os.environ.items() if not k.startswith("GUIXUE_")},
    )

    assert "Exception ignored" in done.stderr
    assert done.returncode == 0, done.stderr
    assert not processes_in(district / "postgres")


def enrol(service: Guixue, token: str, serial: int, key: str) -> str | None:
    """Put a child on the roll; its id once that is acknowledged."""
    body = {
        **EXAMPLES["NewStudent"],
        "school_code": SCHOOL,
        "student_number": student_number(serial),
    }
    headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": key}
    try:
        answer = service.client.post("/v1/students", json=body, headers=headers)
    except httpx.TransportError:
        return None
    assert answer.status_code == 201, answer.text
    student_id: str = answer.json()["student_id"]
    return student_id


@pytest.mark.parametrize("what", ["missing", "another", "no key"])
def test_without_its_key_the_service_ends_in_one_sentence_and_touches_nothing(
    district, guixue, what
):
    key = district / "sealing.key"
    right = key.read_bytes()
    if what == "missing":
        key.unlink()
    else:
        key.write_text("A" * 43 + "=" if what == "another" else "not a key")
    wrong = key.read_bytes() if key.exists() else None

    refused = guixue(district, "serve")

    assert refused.ends() == 1
    assert refused.said.count("\n") == 1, refused.said
    assert "sealing.key" in refused.said
    assert (key.read_bytes() if key.exists() else None) == wrong
    key.write_bytes(right)
    again = guixue(district, "serve")
    until(again.answers)


def test_a_crash_of_the_database_empties_no_list(district, guixue):
    """Views are unlogged: a crash empties them; what is answered is whole, or that it is not."""
    serving = guixue(district, "serve")
    until(serving.answers)
    form = {"username": "registrar", "password": PASSWORD}
    token = serving.client.post("/v1/token", data=form).json()["access_token"]
    for serial in range(5):
        assert enrol(serving, token, serial, str(uuid4()))

    def listed() -> int | None:
        answer = serving.client.get(
            "/v1/students",
            headers={"Authorization": f"Bearer {token}", "Min-Log-Position": "5"},
        )
        assert answer.status_code in {200, 503}
        return len(answer.json()["items"]) if answer.status_code == 200 else None

    until(lambda: listed() == 5)
    for backend in processes_in(district / "postgres"):
        command = Path(f"/proc/{backend}/cmdline").read_bytes()
        if command.startswith(b"postgres: ") and b"_service" in command:
            os.kill(backend, signal.SIGKILL)  # the server restarts itself, and recovers
            break
    else:
        pytest.fail("no connection of the service was found")
    seen = []
    until(lambda: seen.append(listed()) or (len(seen) > 60 and seen[-1] == 5))

    assert set(seen) == {None, 5}  # some were refused; none was short


@pytest.mark.parametrize("killed", ["service", "service and database"])
def test_killed_at_work_it_starts_again_with_every_acknowledged_entry_once(
    district, guixue, killed
):
    keys = [str(uuid4()) for _ in range(900)]
    first = guixue(district, "serve")
    until(first.answers)
    form = {"username": "registrar", "password": PASSWORD}
    token = first.client.post("/v1/token", data=form).json()["access_token"]
    acknowledged: dict[int, str] = {}
    asked: set[int] = set()

    def work(worker: int) -> None:
        for serial in range(worker, len(keys), 6):
            asked.add(serial)
            student_id = enrol(first, token, serial, keys[serial])
            if student_id is None:
                return
            acknowledged[serial] = student_id

    with ThreadPoolExecutor(6) as workers:
        working = [workers.submit(work, worker) for worker in range(6)]
        until(lambda: len(acknowledged) >= 40)
        first.process.kill()
        if killed == "service and database":
            for pid in processes_in(district / "postgres"):
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
        for done in working:
            done.result()
    lost = asked - set(acknowledged)
    left = processes_in(district / "postgres")

    second = guixue(district, "serve")
    until(second.answers)

    assert len(asked) < len(keys)
    assert lost
    assert not left & processes_in(district / "postgres")
    stored = children_in(district)
    assert [serial for serial, child in acknowledged.items() if stored[child] != 1] == []
    assert len(stored) <= len(asked)
    again = {serial: enrol(second, token, serial, keys[serial]) for serial in asked}
    assert {serial: again[serial] for serial in acknowledged} == acknowledged
    assert children_in(district) == Counter(again.values())
    assert second.told(signal.SIGTERM) == 0


def children_in(data: Path) -> Counter[str]:
    """How many entries each child of a running service has in its log."""
    with psycopg.connect(running_url(data)) as connection:
        found = connection.execute(
            "SELECT originator_id::text FROM log.stored_events WHERE originator_id <> %s", [STREAM]
        )
        return Counter(child for (child,) in found)


def test_a_second_service_on_the_folder_says_so_and_the_first_goes_on(district, guixue):
    first = guixue(district, "serve")
    until(first.answers)

    second = guixue(district, "serve")

    assert second.ends() == 1
    assert f"process {first.process.pid}" in second.said
    assert str(district) in second.said
    assert second.said.count("\n") == 1
    assert first.answers()
    assert first.told(signal.SIGTERM) == 0


@pytest.mark.parametrize("command", ["serve", "demo"])
def test_a_port_in_use_is_said_and_the_database_stopped(request, guixue, command):
    data = request.getfixturevalue("district" if command == "serve" else "empty")
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        service = guixue(data, command, "--port", port)
        code = service.ends()

    assert code == 1
    assert "address already in use" in service.said
    assert f"cannot serve on 127.0.0.1:{port}" in service.said
    assert "Traceback" not in service.said
    assert not processes_in(data / "postgres")


def test_a_demos_folder_is_shown_to_no_network(empty, guixue):
    empty.mkdir()
    (empty / "demo").write_text("loaded")
    service = guixue(empty, "serve", "--host", "0.0.0.0")  # noqa: S104  # it is refused

    assert service.ends() == 1
    assert "loopback only, not on 0.0.0.0" in service.said
    assert [path.name for path in empty.iterdir()] == ["demo"]


@pytest.mark.parametrize(("mark", "options"), [(None, []), ("loaded", ["--reset"])])
def test_a_demo_leaves_a_real_district_alone(district, guixue, mark, options):
    if mark is not None:
        (district / "demo").write_text(mark)
    before = contents(district)

    refused = guixue(district, "demo", *options)

    assert refused.ends() == 1
    assert "no demo made" in refused.said
    assert contents(district) == before
    assert (district / "demo").exists() == (mark is not None)


def contents(data: Path) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every table of ours."""
    with EmbeddedPostgres(data / "postgres") as own, psycopg.connect(own.url) as connection:
        tables = connection.execute(
            "SELECT schemaname || '.' || tablename FROM pg_tables"
            " WHERE schemaname NOT IN ('pg_catalog', 'information_schema') ORDER BY 1"
        ).fetchall()
        return {name: connection.execute(f"TABLE {name}").fetchall() for (name,) in tables}


def test_a_given_database_that_leads_nowhere_is_said_without_its_password(empty, guixue):
    url = f"postgresql://guixue:geheim@127.0.0.1:{free_port()}/guixue"
    service = guixue(empty, "serve", GUIXUE_DATABASE_URL=url)

    assert service.ends() == 1
    assert "GUIXUE_DATABASE_URL at 127.0.0.1 " in service.said
    assert service.said.count("\n") == 1
    assert "geheim" not in service.said


def test_a_data_folder_that_cannot_be_one_is_said(empty, guixue):
    empty.write_text("")
    service = guixue(empty, "serve")

    assert service.ends() == 1
    assert str(empty) in service.said
    assert service.said.count("\n") == 1
