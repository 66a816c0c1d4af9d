"""Catching up: our engine with all views, against the library's ProjectionRunner with one."""

import os
import statistics
import time
from collections.abc import Iterator
from typing import Any, ClassVar
from uuid import UUID

import psycopg
from eventsourcing.application import Application
from eventsourcing.persistence import Tracking
from eventsourcing.postgres import PostgresTrackingRecorder
from eventsourcing.projection import Projection, ProjectionRunner
from psycopg.conninfo import conninfo_to_dict

from projections.all_views import VIEWS
from projections.engine import Engine
from tests.benchmarks.measure import Figure

LIBRARY_EVENTS = 4_000
REPEATS = 3


class Names(PostgresTrackingRecorder):
    """A view of the library's kind: one plain row for each child."""

    def _create_table(self, curs: Any) -> None:
        super()._create_table(curs)
        curs.execute(
            "CREATE TABLE IF NOT EXISTS names (student_id uuid PRIMARY KEY, name text, kind text)"
        )

    def tell(self, student_id: UUID, name: str, kind: str, tracking: Tracking) -> None:
        with self.datastore.transaction(commit=True) as cursor:
            self._insert_tracking(cursor, tracking)
            cursor.execute(
                "INSERT INTO names VALUES (%s, %s, %s) ON CONFLICT (student_id)"
                " DO UPDATE SET kind = excluded.kind",
                [student_id, name, kind],
                prepare=True,
            )


class NamesProjection(Projection[Names]):
    name: ClassVar[str] = "names"

    def process_event(self, domain_event: Any, tracking: Tracking) -> None:
        name = getattr(domain_event, "name", "")
        self.view.tell(domain_event.originator_id, name, domain_event.entry_kind(), tracking)


class Log(Application[UUID]):
    name = "log"


def library(url: str) -> float:
    """Follow the log with the library's runner; return events a second."""
    known = conninfo_to_dict(url)
    env = {
        "PERSISTENCE_MODULE": "application.store.recorder",
        "MAPPER_TOPIC": "application.store.mapper:EntryMapper",
        "POSTGRES_DBNAME": str(known["dbname"]),
        "POSTGRES_HOST": str(known["host"]),
        "POSTGRES_USER": str(known["user"]),
        "POSTGRES_PASSWORD": str(known["password"]),
        "POSTGRES_SCHEMA": "log",
    }
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("DROP TABLE IF EXISTS names, log.names_tracking")
    started = time.perf_counter()
    with ProjectionRunner(
        application_class=Log, projection_class=NamesProjection, view_class=Names, env=env
    ) as runner:
        while (runner.view.max_tracking_id("log") or 0) < LIBRARY_EVENTS:
            time.sleep(0.02)
        reached = runner.view.max_tracking_id("log") or 0
        return reached / (time.perf_counter() - started)


def ours(url: str) -> float:
    """Follow the log with our engine, every view, from nothing; return events a second."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("DROP SCHEMA IF EXISTS views CASCADE")
        engine = Engine(connection, VIEWS)
        engine.prepare()
        started = time.perf_counter()
        engine.catch_up()
        return engine.position() / (time.perf_counter() - started)


def figures(url: str) -> Iterator[Figure]:
    """Measure on a log that holds the roll."""
    os.environ.pop("PERSISTENCE_MODULE", None)
    pairs = [(ours(url), library(url)) for _ in range(REPEATS)]
    yield Figure(
        f"catching up with {len(VIEWS)} views", statistics.median(p[0] for p in pairs), "events/s"
    )
    yield Figure(
        "the library's ProjectionRunner with one",
        statistics.median(p[1] for p in pairs),
        "events/s",
    )
    yield Figure(
        "… ours against the library's", statistics.median(a / b for a, b in pairs), "x", ">= 20"
    )
