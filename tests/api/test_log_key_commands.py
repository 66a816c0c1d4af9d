"""`guixue keys show` and `rotate-log`, `guixue audit`: beside a running service, and alone."""

import json
import re
import subprocess
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest

from api.examples import EXAMPLES
from application.store.checkpoint import Checkpoint
from application.store.checkpoint_checks import Asked
from application.store.evidence import Bundle
from application.store.log_keys import LogKey, read_log_keys, write_log_keys
from application.store.receipts import Receipt
from application.store.signed_note import Note, NoteKey
from application.store.verdict import Verdict
from application.store.verifying import check
from tests.api.test_command_line import ROLL_LINES, SCHOOL_LINES, csv
from tests.application.attacks import UNLOCK
from tests.people import SCHOOL, student_number
from tests.starting import guixue

On = Callable[..., subprocess.CompletedProcess[str]]
KEY = re.compile(r"^guixue\S*\+[0-9a-f]{8}\+\S+$", re.MULTILINE)


@pytest.fixture
def on(app, database_url, tmp_path) -> On:
    """Run a command on the data folder of the service that runs."""
    environment = {
        "GUIXUE_DATABASE_URL": database_url,
        "GUIXUE_SEALING_KEY": app.state.service.settings.sealing_key.get_secret_value(),
    }
    return lambda *typed: guixue(*typed, "--data", tmp_path, **environment)


@pytest.fixture
async def auditor(sign_in):
    return await sign_in("auditor")


def public(told: str) -> list[NoteKey]:
    return [NoteKey.read(line) for line in KEY.findall(told)]


async def judged(auditor, child, keys, receipts=()):
    told = (await auditor.get(f"/v1/students/{child}/evidence")).text
    now = datetime.now(UTC) + timedelta(hours=1)
    return check(Bundle.read(told), Asked(tuple(keys), now, receipts=tuple(receipts))).verdict


# Keys -------------------------------------------------------------------------------------------


def test_the_keys_shown_are_those_that_sign(app, on):
    told = on("keys", "show")

    assert (told.returncode, told.stderr) == (0, "")
    (key,) = app.state.service.log_keys.current()
    assert told.stdout == f"{key.signer.key.told()}\n"


async def test_a_rotation_reaches_a_running_service_and_old_keys_go_on_verifying(
    app, on, registrar, child, auditor, checkpoint, tmp_path
):
    body = {**EXAMPLES["NewStudent"], "school_code": SCHOOL, "student_number": student_number(2)}
    headers = {"Idempotency_Key": str(uuid4())}
    before = await registrar.post("/v1/students", body, **headers)
    checkpoint()
    (old,) = public(on("keys", "show").stdout)

    done = on("keys", "rotate-log")

    (new,) = public(done.stdout)
    assert (done.returncode, done.stderr) == (0, "")
    assert (new.name, new.key_id != old.key_id) == (old.name, True)
    assert "log.key" in done.stdout
    assert public(on("keys", "show").stdout) == [new, old]
    assert (tmp_path / "log.key").stat().st_mode & 0o777 == 0o600
    again = await registrar.post("/v1/students", body, **headers)
    assert again.json() == before.json()
    assert again.headers["Log-Receipt"] == before.headers["Log-Receipt"]
    later = await registrar.post("/v1/students", {**body, "student_number": student_number(3)})
    checkpoint()
    note = Note.read((await auditor.get("/v1/log/checkpoint")).text)
    assert [key for key, _ in note.signed_by([new, old])] == [new, old]
    receipt = Receipt.read(later.headers["Log-Receipt"])
    ids = [child, before.json()["student_id"], later.json()["student_id"]]
    for one in ids:
        for key in (old, new):
            assert await judged(auditor, one, [key]) is Verdict.PROVEN
    for key, verdict in ((new, True), (old, False)):
        found = await judged(auditor, ids[2], [key], [receipt])
        assert (found is Verdict.PROVEN) == verdict


async def test_an_old_key_may_be_taken_out_at_once(app, on, child, checkpoint, tmp_path):
    checkpoint()
    assert on("keys", "rotate-log").returncode == 0
    new, _ = read_log_keys(tmp_path / "log.key")
    write_log_keys(tmp_path / "log.key", [new])

    told = on("keys", "show")

    assert (told.returncode, told.stderr) == (0, "")


@pytest.mark.parametrize("what", ["missing", "another", "no key"])
@pytest.mark.parametrize(
    "command", [("keys", "show"), ("keys", "rotate-log"), ("serve", "--port", "1")]
)
async def test_a_log_key_that_is_missing_or_wrong_is_said_and_nothing_changed(
    app, on, child, checkpoint, tmp_path, command, what, connection
):
    checkpoint()
    path = tmp_path / "log.key"
    if what == "missing":
        path.unlink()
    elif what == "another":
        write_log_keys(path, [LogKey.made(app.state.service.log_keys.origin)])
    else:
        path.write_text("no key\n")
    before = path.read_bytes() if path.exists() else None

    told = on(*command)

    assert (told.returncode, told.stdout) == (1, "")
    assert told.stderr.count("\n") == 1, told.stderr
    assert "log.key" in told.stderr
    assert (path.read_bytes() if path.exists() else None) == before
    assert connection.execute("SELECT count(*) FROM log.checkpoints").fetchone() == (1,)


# The audit --------------------------------------------------------------------------------------


@pytest.fixture
async def grown(child, teacher, checkpoint, auditor, tmp_path):
    """Two checkpoints over three entries; the first as a file."""
    checkpoint()
    (tmp_path / "kept.txt").write_text((await auditor.get("/v1/log/checkpoint")).text)
    await teacher.record(child, "absence-flags")
    await teacher.record(child, "suspicions")
    checkpoint()
    return child


@pytest.mark.parametrize("full", [(), ("--full",)])
def test_a_sound_log_is_proven(grown, on, full, tmp_path):
    last = tmp_path / "last.txt"
    told = on("audit", *full, "--keep", last)
    kept = on("audit", *full, "--since", tmp_path / "kept.txt", "--json")

    assert told.returncode == 0, told.stdout + told.stderr
    assert "5 entries of 1 children, 2 checkpoints; signed up to 5" in told.stdout
    assert "a rollback" in told.stdout
    assert told.stdout.endswith("核验通过 proven\n")
    assert Checkpoint.read(Note.read(last.read_text("utf-8")).text).size == 5
    assert kept.returncode == 0, kept.stderr
    assert json.loads(kept.stdout) == {
        "proven": True,
        "contents": bool(full),
        "entries": 5,
        "children": 1,
        "checkpoints": 2,
        "signed": 5,
        "kept": 1,
        "faults": [],
        "more": 0,
    }


def test_the_public_keys_are_taken_from_a_file(grown, on, tmp_path):
    (tmp_path / "district.pub").write_text(on("keys", "show").stdout)
    other = LogKey.made("guixue-other").signer.key.told()
    (tmp_path / "other.pub").write_text(f"{other}\n")
    (tmp_path / "log.key").unlink()

    right = on("audit", "--key", tmp_path / "district.pub")
    wrong = on("audit", "--key", tmp_path / "other.pub")
    none = on("audit")

    assert right.returncode == 0, right.stdout + right.stderr
    assert wrong.returncode == 1
    assert "is not signed as it says" in wrong.stdout
    assert (none.returncode, none.stdout, none.stderr.count("\n")) == (1, "", 1)
    assert "log.key" in none.stderr


def test_what_was_altered_is_found(grown, on, connection, tmp_path):
    with connection.transaction():
        connection.execute(UNLOCK)
        connection.execute(
            "UPDATE log.stored_events SET actor = 'nobody' WHERE notification_id = 3"
        )

    believed, full, told = (
        on("audit"), on("audit", "--full", "--keep", tmp_path / "last.txt"),
        on("audit", "--full", "--json"),
    )  # fmt: skip

    assert believed.returncode == 0
    assert full.returncode == 1
    assert "✗ 第 3 条与登记时不符。 entry 3 is not what was recorded." in full.stdout
    assert full.stdout.endswith("NOT proven\n")
    assert not (tmp_path / "last.txt").exists()
    found = json.loads(told.stdout)
    assert (told.returncode, found["proven"]) == (1, False)
    assert "entry 3 is not what was recorded" in [one["en"] for one in found["faults"]]


@pytest.mark.parametrize(
    "typed",
    [("--since", "absent"), ("--key", "absent"), ("--since", "."), ("--key", "."),
     ("--key", "log.key"), ("--since", "binary"), ("--key", "binary")],
)  # fmt: skip
def test_what_cannot_be_read_is_said(grown, on, typed, tmp_path):
    (tmp_path / "binary").write_bytes(b"\xff\x00")

    told = on("audit", typed[0], tmp_path / typed[1])

    assert (told.returncode, told.stdout) == (1, "")
    assert told.stderr.count("\n") == 1, told.stderr


def test_a_place_that_cannot_be_written_to_is_said(grown, on, tmp_path):
    told = on("audit", "--keep", tmp_path)

    assert (told.returncode, told.stdout) == (1, "")
    assert f"{tmp_path} cannot be written" in told.stderr


# Without a service; with a database of another time ---------------------------------------------


def test_they_work_while_no_service_runs(tmp_path):
    folder = tmp_path / "data"
    nothing = guixue("audit", "--data", folder)
    for command, lines in (("import-schools", SCHOOL_LINES), ("import-roll", ROLL_LINES)):
        assert guixue(command, csv(tmp_path, *lines), "--data", folder).returncode == 0

    shown = guixue("keys", "show", "--data", folder)
    audited = guixue("audit", "--full", "--data", folder)

    assert (nothing.returncode, nothing.stdout, nothing.stderr.count("\n")) == (1, "", 1)
    assert len(public(shown.stdout)) == 1
    assert audited.returncode == 0, audited.stdout + audited.stderr
    assert "3 entries of 3 children, 0 checkpoints; signed up to 0" in audited.stdout


COMMANDS = [
    ("serve", "--port", "1"), ("doctor",), ("audit",), ("audit", "--full"), ("keys", "show"),
    ("keys", "rotate-log"), ("events", "show", "1", "--reason", "核对"),
    ("views", "status"), ("views", "verify"), ("views", "rebuild"), ("privacy", "due"),
]  # fmt: skip
OLDER = """
SET guixue.preparing = 'on';
ALTER TABLE log.stored_events DROP COLUMN leaf CASCADE;
DROP TABLE keys.pseudonyms, log.tree_hashes, log.heads, log.head_groups, log.checkpoints,
    log.cosignatures CASCADE
"""


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_a_database_of_an_older_version_is_refused_in_one_sentence(
    database_url, connection, tmp_path, command
):
    connection.execute(OLDER)
    (tmp_path / "data").mkdir()
    _with_key(tmp_path / "data")

    told = guixue(
        *command, "--data", tmp_path / "data", GUIXUE_DATABASE_URL=database_url,
        GUIXUE_SEALING_KEY="AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=",
    )  # fmt: skip

    assert (told.returncode, told.stdout) == (1, ""), told.stdout + told.stderr
    assert told.stderr.count("\n") == 1, told.stderr
    assert "was made by a version" in told.stderr


@pytest.mark.empty_database
@pytest.mark.parametrize("command", [("audit",), ("doctor",)], ids=" ".join)
def test_an_empty_database_is_said_not_to_be_one_of_ours(database_url, tmp_path, command):
    (tmp_path / "data").mkdir()
    _with_key(tmp_path / "data")

    told = guixue(*command, "--data", tmp_path / "data", GUIXUE_DATABASE_URL=database_url)

    assert told.returncode == 1
    assert "Traceback" not in told.stderr
    with psycopg.connect(database_url) as own:
        assert own.execute("SELECT to_regclass('log.stored_events')").fetchone() == (None,)


def _with_key(folder: Path) -> None:
    write_log_keys(folder / "log.key", [LogKey.made("guixue-older")])
