"""One PostgreSQL for the whole run, a fresh database for every test that asks for one."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import astuple
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from hypothesis import settings
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from application.layout import prepare
from application.store.embedded import EmbeddedPostgres
from application.store.log import Log
from application.store.preparing import Prepared, Roles
from projections.all_views import VIEWS
from projections.engine import Engine
from tests.keys import RING, vault

# The same cases every time; `make fuzz` looks for new ones.
settings.register_profile("steady", derandomize=True)
settings.register_profile("searching")
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "steady"))

SERVER = pytest.StashKey[EmbeddedPostgres]()
FOLDER = pytest.StashKey[Path]()
VARIABLE = "GUIXUE_TEST_SERVER"  # how the workers of a parallel run hear of the one server


def pytest_configure(config: pytest.Config) -> None:
    if hasattr(config, "workerinput") or VARIABLE in os.environ:
        return
    given = os.environ.get("GUIXUE_DATABASE_URL")
    if given is not None:
        os.environ[VARIABLE] = given
        return
    folder = Path(tempfile.mkdtemp(prefix="guixue-tests-"))
    folder.chmod(0o711)
    server = EmbeddedPostgres(folder / "postgres", settings={"max_connections": "300"})
    server.start()
    config.stash[SERVER] = server
    config.stash[FOLDER] = folder
    os.environ[VARIABLE] = server.url


def pytest_unconfigure(config: pytest.Config) -> None:
    server = config.stash.get(SERVER, None)
    if server is not None:
        server.stop()
        del os.environ[VARIABLE]
        shutil.rmtree(config.stash[FOLDER], ignore_errors=True)


@pytest.fixture
def database_url() -> Iterator[str]:
    """A database of the test's own, as its owner; dropped when it ends, with its roles."""
    server = os.environ[VARIABLE]
    name = f"test_{uuid4().hex}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}".encode())
    yield make_conninfo("", **{**conninfo_to_dict(server), "dbname": name})
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())
        for role in astuple(Roles.of(name)):
            connection.execute(f"DROP ROLE IF EXISTS {role}".encode())


@pytest.fixture
def connection(database_url: str) -> Iterator[psycopg.Connection[Any]]:
    """A connection to the test's database, as its owner."""
    with psycopg.connect(database_url, autocommit=True) as opened:
        yield opened


@pytest.fixture
def prepared(database_url: str) -> Prepared:
    """The test's database, laid out: how each part of the service connects to it."""
    return prepare(database_url, RING)


@pytest.fixture
def log(prepared: Prepared) -> Iterator[Log]:
    """The log as the keeper of the views reads it."""
    with psycopg.connect(prepared.views_url, autocommit=True) as opened:
        yield Log(opened, vault())


@pytest.fixture
def engine(log: Log) -> Engine:
    """An engine of all views, on a log that is empty yet; it steps when told to."""
    made = Engine(log, VIEWS)
    assert made.prepare() == []
    return made
