"""Catching up: our engine, against the library's ProjectionRunner with the same views.

The library runs one projection for each view, each event in a transaction of its own; rows are
worked out by the same functions, and what it reads is not sealed. The same again with one plain
view on both sides.
"""

import os
import statistics
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from typing import Any, ClassVar
from uuid import UUID

import psycopg
from eventsourcing.application import Application
from eventsourcing.persistence import Tracking
from eventsourcing.postgres import PostgresTrackingRecorder
from eventsourcing.projection import Projection, ProjectionRunner
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from application.layout import prepare
from application.store.log import Log
from application.store.preparing import log_sql
from domain.entry import Entry
from domain.rules import DEFAULT_RULES
from projections.all_views import VIEWS
from projections.changes import Changes, Shown, note, note_newest
from projections.engine import Engine, make_table
from projections.replay import Child
from projections.view import Row, View
from tests.benchmarks.measure import Figure
from tests.keys import RING, vault

LIBRARY_EVENTS = 2_000
REPEATS = 3


class Names(View):
    """As plain as a view may be: one row for each child."""

    name = "names"
    columns = (("opened", "bigint NOT NULL"), ("name", "text"), ("kind", "text"))
    keeps_past = False
    within_scope = "false"  # nobody reads it

    def all_keys(self, child: Child) -> Sequence[int]:
        return (1,)

    def keys(self, child: Child, entry: Entry) -> Sequence[int]:
        return (1,)

    def row(self, child: Child, key: int) -> Row:
        return (child.positions[0], child.enrolment.name, child.recorded[-1].entry_kind())


PLAIN = (Names(),)


class Table(PostgresTrackingRecorder):
    """One view's table as the library keeps it: rows and position in one transaction an event."""

    view: ClassVar[View]

    def _create_table(self, curs: Any) -> None:
        super()._create_table(curs)
        curs.execute(self.view.create_sql(f"library.{self.view.name}"))
        for index in self.view.index_sql(f"library.{self.view.name}"):
            curs.execute(index)

    def show(self, changes: Changes, tracking: Tracking) -> None:
        table, names = f"library.{self.view.name}", self.view.column_names
        insert = f"INSERT INTO {table} VALUES ({', '.join(['%s'] * len(names))})"
        with self.datastore.transaction(commit=True) as cursor:
            self._insert_tracking(cursor, tracking)
            for (student_id, key), position in changes.ended.items():
                cursor.execute(
                    f"UPDATE {table} SET until = %s"
                    " WHERE student_id = %s AND row_key = %s AND until IS NULL",
                    [position, student_id, key],
                    prepare=True,
                )
            for (student_id, key), rows in changes.begun.items():
                for since, until, row in rows:
                    cursor.execute(insert, [student_id, key, since, until, *row], prepare=True)


class Showing(Projection[Table]):
    """One view, followed as the library follows: event by event."""

    def __init__(self, view: Table) -> None:
        super().__init__(view)
        self.children: dict[UUID, Child] = {}
        self.shown: dict[UUID, Shown] = {}

    def process_event(self, domain_event: Any, tracking: Tracking) -> None:
        student_id = domain_event.originator_id
        if student_id not in self.children:
            self.children[student_id] = Child(student_id, domain_event.timestamp, DEFAULT_RULES)
            self.shown[student_id] = {}
        child, changes = self.children[student_id], [Changes()]
        child.take(domain_event, tracking.notification_id)
        note((self.view.view,), child, domain_event, self.shown[student_id], changes)
        note_newest((self.view.view,), child, self.shown[student_id], changes)
        self.view.show(changes[0], tracking)


class TheirLog(Application[UUID]):
    name = "log"


def library(url: str, views: Sequence[View]) -> float:
    """Follow the log with a runner of the library's for each view; return events a second."""
    known = conninfo_to_dict(url)
    env = {
        "PERSISTENCE_MODULE": "application.store.recorder",
        "MAPPER_TOPIC": "application.store.mapper:EntryMapper",
        "POSTGRES_DBNAME": str(known["dbname"]),
        "POSTGRES_HOST": str(known["host"]),
        "POSTGRES_USER": str(known["user"]),
        "POSTGRES_PASSWORD": str(known["password"]),
        "POSTGRES_SCHEMA": "log",
        "POSTGRES_POOL_SIZE": "1",  # nine runners of five each are more than a server has
        "POSTGRES_MAX_OVERFLOW": "2",
    }
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("DROP SCHEMA IF EXISTS library CASCADE")
        connection.execute("CREATE SCHEMA library")
        for view in views:
            connection.execute(f"DROP TABLE IF EXISTS log.{view.name}_tracking".encode())
    with ExitStack() as stack:
        started = time.perf_counter()
        runners = [
            stack.enter_context(
                ProjectionRunner(
                    application_class=TheirLog,
                    projection_class=type("Followed", (Showing,), {"name": view.name}),
                    view_class=type("Kept", (Table,), {"view": view}),
                    env=env,
                )
            )
            for view in views
        ]
        while (reached := min(reached_by(runner) for runner in runners)) < LIBRARY_EVENTS:
            time.sleep(0.02)
        return reached / (time.perf_counter() - started)


def reached_by(runner: Any) -> int:
    return runner.projection.view.max_tracking_id("log") or 0


def ours(url: str, views: Sequence[View]) -> float:
    """Follow the log with our engine from nothing; return events a second."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("DROP SCHEMA IF EXISTS views CASCADE")
    keeper = prepare(url, RING).views_url
    with psycopg.connect(keeper, autocommit=True) as connection:
        engine = Engine(Log(connection, vault()), views)
        engine.prepare()
        for view in views:
            make_table(connection, view)
        started = time.perf_counter()
        engine.catch_up()
        return engine.position() / (time.perf_counter() - started)


def opened_copy(url: str) -> str:
    """Copy the beginning of the log, opened, to a database of its own, and give its URL."""
    with psycopg.connect(url, autocommit=True) as connection:
        events = Log(connection, vault()).page(0, LIBRARY_EVENTS + 500)
        connection.execute("DROP DATABASE IF EXISTS opened")
        connection.execute("CREATE DATABASE opened")
    copy = make_conninfo(url, dbname="opened")
    with psycopg.connect(copy, autocommit=True) as connection:
        connection.execute(log_sql().encode())
        with connection.cursor() as cursor:
            cursor.executemany(
                "INSERT INTO log.stored_events VALUES (%s, %s, %s, %b, %s, %s, 'copied', '')",
                [
                    (
                        e.originator_id,
                        e.originator_version,
                        e.topic,
                        e.state,
                        e.position,
                        e.recorded_at,
                    )
                    for e in events
                ],
            )
    return copy


def figures(url: str) -> Iterator[Figure]:
    """Measure on a log that holds the roll; the library reads one whose entries are open."""
    os.environ.pop("PERSISTENCE_MODULE", None)
    copy = opened_copy(url)
    for views, told, wanted in ((VIEWS, f"all {len(VIEWS)} views", ">= 120"), (PLAIN, "one", "")):
        pairs = [(ours(url, views), library(copy, views)) for _ in range(REPEATS)]
        engine, runner, ratio = (
            statistics.median(values)
            for values in (*zip(*pairs, strict=True), [a / b for a, b in pairs])
        )
        yield Figure(f"catching up with {told}", engine, "events/s")
        yield Figure("the library's ProjectionRunner with the same", runner, "events/s")
        yield Figure("… ours against the library's", ratio, "x", wanted)
