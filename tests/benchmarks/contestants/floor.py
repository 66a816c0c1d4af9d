"""The floor: a bare one-row INSERT and COMMIT, by as many connections as there are callers."""

import asyncio
import os
import re
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Barrier, Thread
from typing import Any
from uuid import uuid4

import psycopg
import uvloop
from psycopg.conninfo import conninfo_to_dict

from application.store.embedded import binaries

# The columns of the log and its primary key; none of its other indexes, triggers and keys.
TABLE = """
CREATE TABLE bare (
    originator_id uuid NOT NULL,
    originator_version bigint NOT NULL,
    topic text NOT NULL,
    state bytea NOT NULL,
    notification_id bigint NOT NULL,
    recorded_at timestamptz NOT NULL,
    actor text NOT NULL,
    PRIMARY KEY (originator_id, originator_version)
)
"""
INSERT = "INSERT INTO bare VALUES (%s, %s, %s, %b, %s, %s, %s)"
TOPIC, ACTOR = "student.home_visited", "acc-teacher"
STATE = os.urandom(420)  # as long as a sealed home visit
PGBENCH = (
    f"INSERT INTO bare VALUES (gen_random_uuid(), 1, '{TOPIC}', '\\x{STATE.hex()}', 1,"
    f" clock_timestamp(), '{ACTOR}');\n"
)


def make_table(url: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("DROP TABLE IF EXISTS bare")
        connection.execute(TABLE)


def rows(count: int) -> Iterator[tuple[Any, ...]]:
    student_id = uuid4()
    for version in range(1, count + 1):
        yield (student_id, version, TOPIC, STATE, version, datetime.now(UTC), ACTOR)


def by_tasks(url: str, callers: int, each: int) -> float:
    """Insert from one event loop; return rows a second."""
    return uvloop.run(_by_tasks(url, callers, each))


async def _by_tasks(url: str, callers: int, each: int) -> float:
    connections = [
        await psycopg.AsyncConnection.connect(url, autocommit=True) for _ in range(callers)
    ]

    async def insert(connection: psycopg.AsyncConnection[Any], count: int) -> None:
        for row in rows(count):
            await connection.execute(INSERT, row, prepare=True)

    try:
        await asyncio.gather(*(insert(one, 1) for one in connections))
        started = time.perf_counter()
        await asyncio.gather(*(insert(one, each) for one in connections))
        return callers * each / (time.perf_counter() - started)
    finally:
        for connection in connections:
            await connection.close()


def by_threads(url: str, callers: int, each: int) -> float:
    """Insert from threads; return rows a second."""
    begin = Barrier(callers + 1)

    def insert(connection: psycopg.Connection[Any]) -> None:
        for row in rows(1):
            connection.execute(INSERT, row, prepare=True)
        begin.wait()
        for row in rows(each):
            connection.execute(INSERT, row, prepare=True)

    with ExitStack() as stack:
        threads = [
            Thread(
                target=insert,
                args=(stack.enter_context(psycopg.connect(url, autocommit=True)),),
            )
            for _ in range(callers)
        ]
        for thread in threads:
            thread.start()
        begin.wait()
        started = time.perf_counter()
        for thread in threads:
            thread.join()
        return callers * each / (time.perf_counter() - started)


def by_pgbench(url: str, callers: int, each: int) -> float:
    """Insert with PostgreSQL's own benchmark program; return rows a second."""
    known = conninfo_to_dict(url)
    with TemporaryDirectory() as folder:
        script = Path(folder) / "insert.sql"
        script.write_text(PGBENCH)
        told = subprocess.run(
            [
                *(str(binaries() / "pgbench"), "--no-vacuum", "--protocol=prepared"),
                *(f"--client={callers}", "--jobs=2", f"--transactions={each}"),
                f"--file={script}",
            ],
            check=True,
            capture_output=True,
            text=True,
            env={
                **os.environ,
                "PGHOST": str(known["host"]),
                "PGPORT": str(known.get("port", 5432)),
                "PGUSER": str(known["user"]),
                "PGPASSWORD": str(known.get("password", "")),
                "PGDATABASE": str(known["dbname"]),
            },
        ).stdout
    found = re.search(r"^tps = ([0-9.]+)", told, re.MULTILINE)
    assert found is not None, told
    return float(found[1])
