"""Every `guixue` command explains itself, does what it says, and fails in one sentence."""

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
import typer.main

from api.cli import app
from application.store.database import running_url
from application.store.embedded import EmbeddedPostgres
from projections.all_views import BY_NAME
from tests.people import SCHOOL, SCHOOLS, student_number
from tests.starting import guixue

MARK = "---8<---"
EVERY_HELP = f"""
import json, sys
from api.cli import main
for sys.argv in json.loads(sys.argv[1]):
    try:
        main()
    except SystemExit as ended:
        assert not ended.code
    print("{MARK}")
"""
Run = Callable[..., subprocess.CompletedProcess[str]]

STAGES = {"primary": "小学", "junior": "初中"}
SCHOOL_LINES = ["学校标识码,学校名称,乡镇(街道),中心校,学段"] + [
    f"{school.code},{school.name},{school.township},{school.township_office},{STAGES[school.stage]}"
    for school in SCHOOLS
]
ROLL_LINES = ["学校标识码,姓名,性别,出生日期,学籍号,年级,班级,血型"] + [
    f"{SCHOOL},测小舟,女,2014-09-15,{student_number(serial)},七年级,1班,A" for serial in (1, 2, 3)
]


def commands() -> list[tuple[str, ...]]:
    """Every command there is, as typed."""
    found: list[tuple[str, ...]] = [()]
    for name, command in typer.main.get_command(app).commands.items():
        found.append((name,))
        found += [(name, inner) for inner in getattr(command, "commands", ())]
    return found


@pytest.fixture(scope="module")
def made() -> Iterator[Path]:
    """A data folder as `import-schools` leaves it when it is the first command ever."""
    folder = Path(tempfile.mkdtemp(prefix="guixue-tests-")).resolve()
    folder.chmod(0o711)
    told = guixue("import-schools", csv(folder, *SCHOOL_LINES), "--data", folder / "data")
    assert (told.returncode, told.stderr) == (0, "")
    assert f"{len(SCHOOLS)} 所学校 schools" in told.stdout
    yield folder / "data"
    shutil.rmtree(folder)


@pytest.fixture
def data(made: Path) -> Iterator[Path]:
    """A data folder with schools, for one test alone; its database runs, as below a service."""
    folder = Path(tempfile.mkdtemp(prefix="guixue-tests-")).resolve()
    folder.chmod(0o711)
    subprocess.run(["cp", "-a", made, folder / "data"], check=True)
    with EmbeddedPostgres(folder / "data" / "postgres"):
        yield folder / "data"
    shutil.rmtree(folder)


@pytest.fixture
def database(data: Path) -> Iterator[psycopg.Connection[Any]]:
    with psycopg.connect(running_url(data), autocommit=True) as connection:
        yield connection


@pytest.fixture
def on(data: Path) -> Run:
    """Run a command on the data folder."""
    return lambda *arguments: guixue(*arguments, "--data", data)


def csv(folder: Path, *lines: str) -> Path:
    file = folder / "file.csv"
    file.write_text("\n".join(lines), "utf-8")
    return file


def stored(database: psycopg.Connection[Any], table: str) -> list[tuple[Any, ...]]:
    return database.execute(f"TABLE {table}".encode()).fetchall()


LOOKS = (
    "SELECT outcome, cardinality(students), details FROM access.access_log"
    " WHERE action = 'import_roll' ORDER BY place"
)
NOBODY = {"enrolled": 0, "already_on_roll": 0}
TOPICS = "SELECT topic FROM log.stored_events ORDER BY notification_id"


def test_every_command_explains_itself():
    every = commands()
    typed = [("guixue", *command, "--help") for command in every]
    done = subprocess.run(
        [sys.executable, "-c", EVERY_HELP, json.dumps(typed)],
        check=True,
        capture_output=True,
        text=True,
        env={**os.environ, "COLUMNS": "200"},
    )
    helps = done.stdout.split(MARK)[:-1]

    assert done.stderr == ""
    for command, told in zip(every, helps, strict=True):
        assert " ".join(("Usage: guixue", *command)) in told
        for inner in every:
            assert inner[:-1] != command or not inner or f"│ {inner[-1]} " in told


def test_views_can_be_looked_after_even_before_the_first_service(data, database, on):
    imported = on("import-roll", csv(data, *ROLL_LINES))
    before = on("views", "status")
    rebuilt = on("views", "rebuild")
    status = on("views", "status")
    database.execute("DELETE FROM views.students WHERE ctid = '(0,1)'")
    differing = on("views", "verify")
    mended = on("views", "rebuild", "students")

    for told in (imported, before, status, rebuilt, mended):
        assert (told.returncode, told.stderr) == (0, "")
    built = "not there yet: built at the next start"
    assert rows(before.stdout) == {name: ["0", "3", built] for name in BY_NAME}
    assert rows(status.stdout) == {name: ["3", "0", "current"] for name in BY_NAME}
    assert f"{len(BY_NAME)} views rebuilt." in rebuilt.stdout
    assert rows(rebuilt.stdout)["students"] == ["3", "rebuilt"]
    assert rows(mended.stdout)["students"] == ["3", "rebuilt; the live one differed"]
    assert differing.returncode == 1
    assert rows(differing.stdout)["students"] == ["2", "0", "1", "differs"]
    assert rows(differing.stdout)["history"] == ["3", "0", "0", "equal"]
    assert list(rows(differing.stdout)) == list(BY_NAME)
    assert "1 views rebuilt." in mended.stdout
    assert len(stored(database, "views.students")) == 3


def rows(table: str) -> dict[str, list[str]]:
    """The rows of a printed table by their first cell."""
    lines = re.findall(r"^│ (.*) │$", table, re.MULTILINE)
    cells = [[cell.strip() for cell in line.split("│")] for line in lines]
    return {first: rest for first, *rest in cells}


def test_an_unknown_view_is_named_with_those_there_are(tmp_path):
    told = guixue("views", "rebuild", "students", "pupils", "--data", tmp_path / "data")

    assert told.returncode == 2
    assert "no such view: pupils" in told.stderr
    assert "return_to_school_ledger" in told.stderr
    assert not (tmp_path / "data").exists()


def test_schools_imported_again_are_brought_up_to_date(data, database, on):
    first, *_ = before = stored(database, "directory.schools")
    renamed = [line.replace(SCHOOLS[0].name, "晴川第一中学") for line in SCHOOL_LINES]

    told = on("import-schools", csv(data, *renamed))

    assert told.returncode == 0
    after = stored(database, "directory.schools")
    assert len(after) == len(before) == len(SCHOOLS)
    assert first[1] not in {name for _, name, *_ in after}
    assert "晴川第一中学" in {name for _, name, *_ in after}


def test_a_directory_with_a_wrong_row_is_refused_whole(data, database, on):
    before = stored(database, "directory.schools")
    wrong = [*SCHOOL_LINES[:2], SCHOOL_LINES[2].replace("初中", "[red]"), "12,甲,乙,丙,小学"]

    told = on("import-schools", csv(data, *wrong))

    assert told.returncode == 1
    assert "第 3 行 row 3: 学段 [red]?" in told.stderr
    assert "第 4 行 row 4" in told.stderr
    assert "Traceback" not in told.stderr
    assert stored(database, "directory.schools") == before


def test_a_dry_run_of_a_roll_reports_and_records_nothing(data, database, on):
    told = on("import-roll", csv(data, *ROLL_LINES), "--dry-run")

    assert (told.returncode, told.stderr) == (0, "")
    assert "3 行 rows: 3 名可入册 good" in told.stdout
    assert "未导入的列 columns left out: 血型" in told.stdout
    assert "nothing was recorded" in told.stdout
    assert stored(database, "log.stored_events") == []


def test_a_roll_with_a_wrong_row_is_left_out_whole_or_for_that_row(data, database, on):
    wrong = csv(data, *ROLL_LINES[:3], ROLL_LINES[3].replace("女", "[?]"))

    whole = on("import-roll", wrong)
    part = on("import-roll", wrong, "--partial")

    assert (whole.returncode, part.returncode) == (1, 0)
    assert {number: cells[0] for number, cells in rows(whole.stdout).items()} == {"4": "性别"}
    assert "nothing was recorded" in whole.stdout
    assert "2 名可入册 good · 0 名已在册 already on the roll · 1 行有误 wrong" in part.stdout
    assert "已登记 recorded." in part.stdout
    assert len(stored(database, "log.stored_events")) == 2


def test_what_changed_in_a_roll_is_told_and_what_is_wrong_comes_back_to_mend(data, database, on):
    on("import-roll", csv(data, *ROLL_LINES))
    changed = [ROLL_LINES[1].replace("1班", "5班"), ROLL_LINES[2].replace("女", "?")]
    file, report = csv(data, ROLL_LINES[0], *changed), data / "mend.xlsx"

    tried = on("import-roll", file, "--dry-run", "--report", report)
    part = on("import-roll", file, "--partial")
    mended = on("import-roll", report)

    assert tried.returncode == 1
    assert "class_name" in tried.stdout
    assert "5班" in tried.stdout
    assert "· 1 行有误 wrong · 1 名有变动 changed" in part.stdout
    assert "已登记 recorded." in part.stdout
    assert [topic for (topic,) in database.execute(TOPICS)][3:] == ["student.roll_changed"]
    assert (mended.returncode, "性别" in mended.stdout) == (1, True)
    looks = database.execute(LOOKS).fetchall()
    assert looks[-3:] == [
        ("shown", 1, {"dry_run": True, "rows": 2, "refused": 1, "changed": 1, **NOBODY}),
        ("recorded", 1, {"dry_run": False, "rows": 2, "refused": 1, "changed": 1, **NOBODY}),
        ("shown", 1, {**NOBODY, "dry_run": False, "rows": 2, "refused": 1, "already_on_roll": 1}),
    ]


def test_a_file_that_is_no_roll_is_refused_in_one_sentence(data, on):
    told = on("import-roll", csv(data, "一,二", "三,四"))

    assert (told.returncode, told.stdout) == (1, "")
    assert told.stderr.count("\n") == 1
    assert "学校标识码" in told.stderr


def test_a_given_database_that_leads_nowhere_is_said_without_its_password(tmp_path):
    roll = csv(tmp_path, *ROLL_LINES)
    url = "postgresql://guixue:geheim@127.0.0.1:1/guixue"

    told = guixue("import-roll", roll, "--data", tmp_path / "data", GUIXUE_DATABASE_URL=url)

    assert (told.returncode, told.stdout) == (1, "")
    assert "GUIXUE_DATABASE_URL at 127.0.0.1 " in told.stderr
    assert told.stderr.count("\n") == 1
    assert "geheim" not in told.stderr
