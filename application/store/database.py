"""The database the service works with: one given by URL, or the one in the data folder."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

from application.store.embedded import (
    NOTE,
    DatabaseUnavailable,
    EmbeddedPostgres,
    postmaster,
    url_of,
)

OLDEST = 17

__all__ = ["DataFolderInUse", "DatabaseUnavailable", "data_folder", "database", "running_url"]


class DataFolderInUse(DatabaseUnavailable):
    """Another service works on this data folder."""


@contextmanager
def data_folder(path: Path) -> Iterator[Path]:
    """
    Hold a data folder, made if it is missing, for one service alone.

    :raises DataFolderInUse: if another service holds it
    :raises DatabaseUnavailable: if we may not use it
    """
    try:
        path.mkdir(mode=0o711, parents=True, exist_ok=True)
        descriptor = os.open(path / "lock", os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as fault:
        raise DatabaseUnavailable(
            f"The data folder {path} cannot be used ({fault.strerror}). Start as the user whose it"
            " is, or choose another folder with --data."
        ) from None
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = os.read(descriptor, 20).decode("ascii", "replace").strip() or "unknown"
            raise DataFolderInUse(
                f"Another service (process {holder}) already works on the data folder {path}."
                " Stop it first, or choose another folder with --data."
                f" 数据目录 {path} 正被另一进程使用。"
            ) from None
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, str(os.getpid()).encode(), 0)
        yield path
    finally:
        os.close(descriptor)


@contextmanager
def database(data: Path, given_url: str | None) -> Iterator[str]:
    """
    Give the URL of the database to work with, for as long as it is needed.

    :raises DatabaseUnavailable: if there is none, saying why; never with a password
    """
    if given_url is not None:
        check_given(given_url)
        yield given_url
        return
    with EmbeddedPostgres(data / "postgres") as server:
        yield server.url


def check_given(url: str) -> None:
    """
    Check that a given server answers and is fit.

    :raises DatabaseUnavailable: if not
    """
    try:
        with psycopg.connect(url, connect_timeout=10) as connection:
            version = connection.info.server_version // 10_000
            encoding = connection.info.parameter_status("server_encoding")
    except psycopg.Error as fault:
        host = _host(url)
        raise DatabaseUnavailable(
            f"The database given by GUIXUE_DATABASE_URL{host} does not let us in"
            f" ({type(fault).__name__}). Check address, user and password."
        ) from None
    if version < OLDEST:
        raise DatabaseUnavailable(
            f"The given database is PostgreSQL {version}; Guixue needs {OLDEST} or newer."
        )
    if encoding != "UTF8":
        raise DatabaseUnavailable(
            f"The given database is encoded in {encoding}; Guixue needs UTF8."
        )


def running_url(data: Path) -> str | None:
    """Give the URL of the database that a running service keeps in a data folder, if one does."""
    data = data.resolve()
    try:
        note = data / NOTE
        place = Path(note.read_text().strip()) if note.exists() else data / "postgres"
        sockets = (place / "postmaster.pid").read_text().splitlines()[4]
        password = (data / "postgres.password").read_text().strip()
    except (OSError, IndexError):
        return None
    return url_of(Path(sockets), password) if sockets and postmaster(place) else None


def _host(url: str) -> str:
    try:
        named = psycopg.conninfo.conninfo_to_dict(url).get("host")
    except psycopg.ProgrammingError:
        return ""
    return f" at {named}" if named else ""
