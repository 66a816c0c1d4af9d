"""`guixue witness` as a service: what it answers, what it remembers when it is killed."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest

from api.witness_service import witness_app
from application.store.signed_note import COSIGNATURE, Note, NoteKey
from application.submission import LARGEST_SUBMISSION, Submission
from application.witness import Witness, name_of
from tests.judging import ONE, OWN, SIZE
from tests.proof import LOG, PREFECTURE, MadeLog, rewritten

GUIXUE = [sys.executable, "-c", "import sys; from api.guixue import main; sys.exit(main())"]


@pytest.fixture
async def http(tmp_path):
    app = witness_app(Witness(tmp_path / "witness", PREFECTURE, [LOG.key]))
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://witness") as client:
        yield client


def sent(log: MadeLog, size: int, old: int) -> bytes:
    part = MadeLog(log.rows[:size], log.signed_by)
    proof = part.consistency(old) if 0 < old < size else ()
    return Submission(old, proof, part.note()).told()


async def test_the_answers_are_those_of_the_protocol(http):
    async def post(body: bytes) -> tuple[int, str, str]:
        told = await http.post("/add-checkpoint", content=body)
        return told.status_code, told.headers["Content-Type"], told.text

    plain = "text/plain; charset=utf-8"
    first = await post(sent(ONE, 7, 0))
    assert first[:2] == (200, plain)
    assert Note.read(ONE.note(size=7).told() + first[2]).signed_by([PREFECTURE.key])
    assert await post(sent(ONE, SIZE, 0)) == (409, "text/x.tlog.size", "7\n")
    assert (await post(b"old 0\n\n"))[0] == 400
    assert (await post(b"\xff\0" * 9))[0] == 400
    assert (await post(b"x" * (LARGEST_SUBMISSION + 1)))[0] == 413
    assert (await post(b"x" * 10_000_000))[0] == 413
    assert (await http.get("/add-checkpoint")).status_code == 405
    assert (await http.get("/nothing")).status_code == 404


async def test_everybody_may_see_what_it_knows(http):
    await http.post("/add-checkpoint", content=sent(ONE, 7, 0))

    told = (await http.get("/")).json()
    last = await http.get(f"/{name_of(LOG.name)}/checkpoint")

    assert told["key"] == PREFECTURE.key.told()
    ((log),) = told["logs"]
    assert (log["origin"], log["size"]) == (LOG.name, 7)
    assert last.text == log["checkpoint"]
    assert Note.read(last.text).signed_by([LOG.key, PREFECTURE.key])
    assert (await http.get(f"/{'0' * 64}/checkpoint")).status_code == 404
    assert (await http.get("/healthz")).json() == {"status": "ok", "alarms": []}


async def test_a_fork_is_an_alarm(http):
    await http.post("/add-checkpoint", content=sent(ONE, SIZE, 0))
    refused = await http.post(
        "/add-checkpoint", content=sent(rewritten(ONE, OWN[0], actor="x"), SIZE, SIZE)
    )

    health = await http.get("/healthz")

    assert refused.status_code == 409
    assert health.status_code == 503
    assert health.json()["alarms"][0]["kind"] == "fork"
    assert (await http.get("/")).json()["alarms"] == health.json()["alarms"]


async def test_a_full_disk_cosigns_nothing(http, tmp_path):
    known = tmp_path / "witness" / "known"
    known.rmdir()
    known.write_text("in the way")

    assert (await http.post("/add-checkpoint", content=sent(ONE, 7, 0))).status_code == 503


# As a process -----------------------------------------------------------------------------------


def environment() -> dict[str, str]:
    outside = {name: value for name, value in os.environ.items() if not name.startswith("GUIXUE_")}
    return {**outside, "PYTHONPATH": str(Path(__file__).parents[2]), "COLUMNS": "200"}


class Served:
    """A witness as it is started, killed and started again."""

    def __init__(self, folder: Path) -> None:
        self.data = folder / "witness"
        (folder / "district.pub").write_text(LOG.key.told())
        self._log = folder / "district.pub"
        self._output = folder / "output"
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        with self._output.open("w") as output:
            self.process = subprocess.Popen(
                [*GUIXUE, "witness", "--data", self.data, "--log", self._log, "--port",
                 str(self.port)],
                stdout=output, stderr=output, env=environment(),
            )  # fmt: skip
        until = time.monotonic() + 30
        while time.monotonic() < until:
            assert self.process.poll() is None, self.said
            try:
                httpx.get(f"{self.url}/")
            except httpx.TransportError:
                time.sleep(0.05)
            else:
                return

    @property
    def said(self) -> str:
        return self._output.read_text("utf-8")

    def end(self, number: int) -> int:
        self.process.send_signal(number)
        return self.process.wait(30)

    def status(self) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*GUIXUE, "witness", "status", "--data", self.data],
            check=False, capture_output=True, text=True, env=environment(),
        )  # fmt: skip


@pytest.fixture
def served(tmp_path):
    made = Served(tmp_path)
    made.start()
    yield made
    if made.process.poll() is None:
        made.process.kill()
        made.process.wait()


def test_a_killed_witness_remembers(served):
    key = NoteKey.read(httpx.get(served.url).json()["key"])
    told = httpx.post(f"{served.url}/add-checkpoint", content=sent(ONE, 7, 0))
    served.end(signal.SIGKILL)
    served.start()

    again = httpx.post(f"{served.url}/add-checkpoint", content=sent(ONE, SIZE, 0))
    fork = sent(rewritten(ONE, OWN[0], actor="x"), 7, 7)
    refused = httpx.post(f"{served.url}/add-checkpoint", content=fork)

    assert key.algorithm == COSIGNATURE
    assert key.told() in served.said
    assert Note.read(ONE.note(size=7).told() + told.text).signed_by([key])
    assert (again.status_code, again.text) == (409, "7\n")
    assert refused.status_code == 409
    assert "does not fit" in served.said
    status = served.status()
    assert status.returncode == 1
    assert key.told() in status.stdout
    assert "fork" in status.stdout
    (evidence,) = (served.data / "alarms").glob("*.json")
    assert set(json.loads(evidence.read_text("utf-8"))) >= {"known", "offered", "proof"}
    assert served.end(signal.SIGTERM) == 0


def test_two_witnesses_do_not_share_a_folder(served):
    second = subprocess.run(
        [*GUIXUE, "witness", "--data", served.data, "--log", served.data.parent / "district.pub"],
        check=False, capture_output=True, text=True, env=environment(), timeout=60,
    )  # fmt: skip
    assert second.returncode == 1
    assert "already works on the data folder" in second.stderr
    assert served.status().returncode == 0


@pytest.mark.parametrize("arguments", [(), ("--log", "absent"), ("status",)])
def test_what_is_missing_is_said(tmp_path, arguments):
    told = subprocess.run(
        [*GUIXUE, "witness", *arguments],
        check=False, capture_output=True, text=True, env=environment(), cwd=tmp_path, timeout=60,
    )  # fmt: skip
    assert told.returncode == 1
    assert told.stderr
    assert "Traceback" not in told.stderr
    assert list(tmp_path.iterdir()) == []
