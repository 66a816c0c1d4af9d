"""One PostgreSQL for the whole run, a fresh database for every test that asks for one."""

import gc
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from hypothesis import settings
from psycopg import sql

from application.layout import prepare
from application.store.embedded import EmbeddedPostgres
from application.store.log import Log
from application.store.preparing import Prepared
from projections.all_views import VIEWS
from projections.engine import Engine
from tests.certificates import Certificates
from tests.databases import Databases, Model, laid_out
from tests.keys import RING, vault

# The same cases every time; `make fuzz` looks for new ones.
settings.register_profile("steady", derandomize=True)
settings.register_profile("searching")
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "steady"))

SERVER = pytest.StashKey[EmbeddedPostgres]()
FOLDER = pytest.StashKey[Path]()
SETTINGS = {
    "max_connections": "300",
    "max_wal_size": "256MB",
    "file_copy_method": "clone",
    "scram_iterations": "1",  # every connection pays for them, and nobody attacks these passwords
}
MEMORY, ROOM = Path("/dev/shm"), 2 * 10**9  # noqa: S108  # in a folder of our own there
VARIABLE = "GUIXUE_TEST_SERVER"  # how the workers of a parallel run hear of the one server
STRATEGY = "GUIXUE_TEST_STRATEGY"


def pytest_configure(config: pytest.Config) -> None:
    if hasattr(config, "workerinput") or VARIABLE in os.environ:
        return
    given = os.environ.get("GUIXUE_DATABASE_URL")
    if given is not None:
        os.environ[VARIABLE] = given
        return
    in_memory = MEMORY.is_dir() and shutil.disk_usage(MEMORY).free > ROOM
    folder = Path(tempfile.mkdtemp(prefix="guixue-tests-", dir=MEMORY if in_memory else None))
    folder.chmod(0o711)
    server = EmbeddedPostgres(folder / "postgres", settings=SETTINGS)
    server.start()
    config.stash[SERVER] = server
    config.stash[FOLDER] = folder
    os.environ[VARIABLE] = server.url
    with psycopg.connect(server.url, autocommit=True) as connection:
        connection.execute(
            sql.SQL("ALTER ROLE CURRENT_USER PASSWORD {}").format(connection.info.password)
        )  # what it was, under the rounds of these settings
    if in_memory:
        os.environ[STRATEGY] = "file_copy"  # fewest cycles, where a checkpoint costs nothing


def pytest_collection_finish() -> None:
    gc.collect()
    gc.freeze()  # what is loaded and collected stays: looking through it again and again is vain


def pytest_unconfigure(config: pytest.Config) -> None:
    server = config.stash.get(SERVER, None)
    if server is not None:
        server.stop()
        del os.environ[VARIABLE]
        os.environ.pop(STRATEGY, None)
        shutil.rmtree(config.stash[FOLDER], ignore_errors=True)


@pytest.fixture(scope="session")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    """Certificates that servers on loopback show, good and bad, made once."""
    return Certificates(tmp_path_factory.mktemp("certificates"))


@pytest.fixture(scope="session")
def databases() -> Iterator[Databases]:
    """What gives this process its databases."""
    made = Databases(os.environ[VARIABLE], os.environ.get(STRATEGY, "wal_log"))
    yield made
    made.close()


@pytest.fixture
def model() -> Model:
    """What the test's database is a copy of."""
    return laid_out


@pytest.fixture
def database_url(
    databases: Databases, model: Model, request: pytest.FixtureRequest
) -> Iterator[str]:
    """A database of the test's own, as its owner: laid out, or empty where it is marked so."""
    empty = request.node.get_closest_marker("empty_database")
    with databases.empty() if empty else databases.copy(model) as url:
        yield url


@pytest.fixture
def connection(database_url: str) -> Iterator[psycopg.Connection[Any]]:
    """A connection to the test's database, as its owner."""
    with psycopg.connect(database_url, autocommit=True) as opened:
        yield opened


@pytest.fixture
def prepared(database_url: str, databases: Databases, request: pytest.FixtureRequest) -> Prepared:
    """The test's database, laid out: how each part of the service connects to it."""
    empty = request.node.get_closest_marker("empty_database")
    return prepare(database_url, RING) if empty else databases.prepared


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
