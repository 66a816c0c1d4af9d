"""`guixue verify` and the file it exports say the same, in plain words and by exit code."""

import json
import os
import subprocess
import sys
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

from api import verifier_file
from api.cli import app
from application.store.evidence import LARGEST_FILE
from application.store.receipts import Receipt
from application.store.verifying import leaves_of
from tests.judging import CLEAN, ONE, OWN, SIZE
from tests.proof import (
    LOG,
    NOW,
    PREFECTURE,
    PROVINCE,
    MadeLog,
    child,
    rewritten,
    signer,
)

INSTALLED = "import sys; from api.guixue import main; sys.exit(main())"
FORGED = rewritten(ONE, OWN[1], actor="somebody")
LATER = CLEAN.heads.recorded_at + timedelta(seconds=1)
GROWN = MadeLog(list(ONE.rows))
GROWN.record(child(0))
GROWN.commit()
TOLD = {
    "clean": CLEAN.told(),
    "keyless": ONE.bundle(child(0), key=False).told(),
    "short": replace(CLEAN, entries=CLEAN.entries[:-1]).told(),
    "altered": CLEAN.told().replace("teacher-2", "teacher-3"),
    "forged": FORGED.bundle(child(0), earlier=[5]).told(),
    "garbage": "{}",
    "nothing": "",
    "no-text": b"\xff\xfe",
    "deep": "[" * 200_000,
    "long": b" " * (LARGEST_FILE + 1),
    "escapes": CLEAN.told().replace("teacher-2", "\\u001b[2J\\n\u6838\u9a8c\u901a\u8fc7\\u202e"),
    "district.pub": f"# the district's\n{LOG.key.told()}\n",
    "other.pub": signer("other.example").key.told(),
    "prefecture.pub": PREFECTURE.key.told(),
    "both.pub": f"\ufeff{PREFECTURE.key.told()}\r\n{PROVINCE.key.told()}\r\n",
    "five.txt": ONE.note(size=5).told(),
    "six.txt": ONE.note(size=6).told().replace("\n", "\r\n"),
    "six.proof": "",
    "now.txt": ONE.note().told(),
    "grown.txt": GROWN.note().told(),
    "kept": Receipt.made(leaves_of(CLEAN)[1], NOW, LOG).told(),
    "broken": Receipt.made(b"x" * 32, NOW - timedelta(days=9), LOG).told(),
    "not due": Receipt.made(b"x" * 32, LATER, LOG).told(),
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    """Every file that an auditor might have, and nothing else."""
    made = tmp_path_factory.mktemp("auditor")
    for name, told in TOLD.items():
        (made / name).write_bytes(told if isinstance(told, bytes) else told.encode())
    return made


@pytest.fixture(scope="module")
def exported(tmp_path_factory) -> Path:
    file = tmp_path_factory.mktemp("exported") / "verifier.py"
    assert verifier_file.main(["--export-verifier", str(file)]) == 0
    return file


@pytest.fixture(params=["installed", "exported"])
def verify(request, folder, exported):
    """Run the command in the auditor's folder."""
    if request.param == "installed":
        command = [sys.executable, "-c", INSTALLED, "verify"]
    else:
        command = [sys.executable, "-I", str(exported)]

    def run(*arguments):
        return subprocess.run(
            [*command, *map(str, arguments)],
            check=False, capture_output=True, text=True, encoding="utf-8", cwd=folder, timeout=60,
            env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2]), "COLUMNS": "200"},
        )  # fmt: skip

    return run


KEY = ("--key", "district.pub")
CASES = [
    (0, "clean", *KEY),
    (0, "clean", *KEY, "--witness", "prefecture.pub", "--since", "five.txt"),
    (0, "clean", *KEY, "--witness", "both.pub", "--witnesses-needed", "1", "--since", "now.txt"),
    (0, "keyless", *KEY),
    (0, "clean", *KEY, "--key", "other.pub", "--receipt", TOLD["kept"], "--show"),
    (1, "short", *KEY),
    (1, "altered", *KEY),
    (1, "escapes", *KEY),
    (1, "clean", "--key", "other.pub"),
    (1, "forged", *KEY, "--since", "now.txt"),
    (1, "clean", *KEY, "--since", "grown.txt"),
    (1, "clean", *KEY, "--since", "six.txt"),
    (1, "clean", *KEY, "--receipt", TOLD["broken"]),
    (2, "garbage", *KEY),
    (2, "nothing", *KEY),
    (2, "no-text", *KEY),
    (2, "deep", *KEY),
    (2, "long", *KEY),
    (2, "absent", *KEY),
    (2, "clean"),
    (2, *KEY),
    (2, "clean", "--key", "absent.pub"),
    (2, "clean", "--key", "clean"),
    (2, "clean", "--key", "prefecture.pub"),
    (2, "clean", *KEY, "--witness", "district.pub"),
    (2, "clean", *KEY, "--witness", "prefecture.pub", "--witnesses-needed", "2"),
    (2, "clean", *KEY, "--since", "district.pub"),
    (2, "clean", *KEY, "--consistency", "six.proof"),
    (2, "clean", *KEY, "--receipt", "GXR1.short"),
    (2, "clean", *KEY, "--wrong"),
    (2, "clean", *KEY, "--keep", "."),
    (3, "clean", *KEY, "--witness", "both.pub"),
    (3, "clean", *KEY, "--receipt", TOLD["not due"]),
    (3, "keyless", *KEY, "--show"),
]


@pytest.mark.parametrize("case", CASES, ids=range(len(CASES)))
def test_the_exit_code_and_the_last_line_agree(verify, case):
    code, *arguments = case

    told = verify(*arguments)

    last = (told.stdout.splitlines() or [""])[-1]
    assert told.returncode == code, told.stdout + told.stderr
    assert "Traceback" not in told.stderr
    assert "\x1b" not in told.stdout
    assert (last == "核验通过") is (code == 0)
    assert last.startswith("核验通过,但") is (code == 3)
    assert told.stdout.splitlines().count("核验通过") == (code == 0)


def test_it_speaks_english(verify):
    told = verify("clean", *KEY, "--lang", "en", "--witness", "both.pub")

    assert "✓ proven  Nothing is left off at the end." in told.stdout
    assert "! missing  The witness witness.province.example did not cosign" in told.stdout
    assert told.stdout.endswith("Verified, but without something that was asked for\n")


def test_content_is_shown_only_if_it_is_proven(verify):
    shown = verify("clean", *KEY, "--show")
    altered = verify("altered", *KEY, "--show")
    unasked = verify("clean", *KEY)

    assert "note: 第" in shown.stdout
    assert "1. student.enrolled" in shown.stdout
    assert "note:" not in altered.stdout + unasked.stdout


def test_scripts_are_answered_in_json(verify):
    told = json.loads(verify("clean", *KEY, "--json", "--show").stdout)
    wrong = json.loads(verify("short", *KEY, "--json").stdout)
    unreadable = json.loads(verify("garbage", *KEY, "--json").stdout)

    assert (told["verdict"], told["exit"], len(told["entries"])) == ("proven", 0, 4)
    assert told["entries"][0]["content"]["note"].startswith("第")
    assert {one["name"] for one in told["judged"]} >= {"signature", "entries", "ending", "content"}
    assert (wrong["verdict"], wrong["exit"]) == ("failed", 1)
    assert unreadable["exit"] == 2


def test_a_proof_from_a_file_is_taken(verify, folder):
    from base64 import b64encode  # noqa: PLC0415

    proof = "".join(f"{b64encode(one).decode()}\n" for one in ONE.consistency(6))
    (folder / "six.proof").write_text(proof)

    right = verify("clean", *KEY, "--since", "six.txt", "--consistency", "six.proof")
    wrong = verify("clean", *KEY, "--since", "five.txt", "--consistency", "six.proof")

    assert (right.returncode, wrong.returncode) == (0, 1)


def test_the_checkpoint_is_kept_for_the_next_time_only_if_all_is_proven(verify, folder):
    kept = folder / "kept.txt"
    kept.unlink(missing_ok=True)

    assert verify("short", *KEY, "--keep", "kept.txt").returncode == 1
    assert not kept.exists()
    assert verify("clean", *KEY, "--keep", "kept.txt").returncode == 0
    assert verify("clean", *KEY, "--since", "kept.txt").returncode == 0
    assert f"\n{SIZE}\n" in kept.read_text("utf-8")


def test_it_loads_neither_the_service_nor_the_store(folder):
    told = subprocess.run(
        [sys.executable, "-c",
         "import sys; from api.guixue import main; code = main();"
         "print(*sys.modules); sys.exit(code)",
         "verify", "clean", *KEY],
        check=True, capture_output=True, text=True, cwd=folder,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
    )  # fmt: skip
    loaded = set(told.stdout.splitlines()[-1].split())

    assert not loaded & {"fastapi", "starlette", "psycopg", "pydantic", "typer", "asyncio",
                         "application.store.store", "eventsourcing"}  # fmt: skip


@pytest.mark.parametrize(("file", "code"), [("clean", 0), ("short", 1), ("garbage", 2)])
def test_it_is_one_of_the_commands_of_guixue(folder, file, code):
    told = CliRunner().invoke(app, ["verify", "--lang", "en", str(folder / file), "--key",
                                    str(folder / "district.pub"), "--json"])  # fmt: skip
    assert told.exit_code == code


def test_the_exported_file_needs_nothing_of_ours(exported):
    text = exported.read_text("utf-8")

    assert "from application" not in text
    assert "from api" not in text
    assert "import httpx" not in text
    for module in verifier_file.MODULES:
        assert f"# {module.__name__}: " in text


def test_two_meanings_of_one_name_do_not_go_into_one_file(monkeypatch):
    monkeypatch.setattr(verifier_file, "MODULES", (*verifier_file.MODULES, verifier_file))
    with pytest.raises(verifier_file.NamedTwice):
        verifier_file.joined()
