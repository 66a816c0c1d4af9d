"""Data folders of a district, and `guixue` processes on them."""

import asyncio
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from api.service import key_ring
from api.settings import Settings
from application.layout import prepare
from application.store.embedded import EmbeddedPostgres
from application.store.sealing import Vault
from tests.databases import settle
from tests.reliability.processes import Guixue, folder_of_ours


@pytest.fixture
def guixue() -> Iterator[Callable[..., Guixue]]:
    """Start `guixue` with a command and options."""
    started: list[Guixue] = []

    def starting(*arguments: Any, **environment: str) -> Guixue:
        started.append(Guixue(*arguments, **environment))
        return started[-1]

    yield starting
    for one in started:
        one.process.kill()
        one.process.wait()
        one.client.close()


@pytest.fixture
def empty() -> Iterator[Path]:
    with folder_of_ours() as folder:
        yield folder / "data"


@pytest.fixture(scope="module")
def made() -> Iterator[Path]:
    """A district's data folder: schools and accounts, no child yet."""
    with folder_of_ours() as folder:
        (folder / "data").mkdir(mode=0o711)
        with EmbeddedPostgres(folder / "data" / "postgres") as server:
            asyncio.run(make_district(folder / "data", server.url))
        yield folder / "data"


@pytest.fixture
def district(made: Path) -> Iterator[Path]:
    """The district's data folder, for one test alone."""
    with folder_of_ours() as folder:
        subprocess.run(["cp", "-a", made, folder / "data"], check=True)
        yield folder / "data"


async def make_district(data: Path, url: str) -> None:
    ring = key_ring(Settings(data=data), url)
    await settle(prepare(url, ring).service_url, Vault(ring))
