"""Putting views built beside in the place of the live ones, in one transaction, politely."""

from collections.abc import Sequence
from typing import Any

import psycopg

from projections import totals
from projections.all_views import BY_NAME
from projections.building import BESIDE
from projections.progress import positions
from projections.reports import report
from projections.securing import secure
from projections.view import View

PATIENCE = "200ms"  # so long may readers be held up by a swap that itself waits for one of them


def hold(connection: psycopg.Connection[Any], views: Sequence[View]) -> None:
    """
    Let the engines wait for the rest of the transaction.

    :raises psycopg.errors.LockNotAvailable: if one is at work too long
    """
    connection.execute(f"SET LOCAL lock_timeout = '{PATIENCE}'".encode())
    connection.execute(
        "SELECT FROM views.progress WHERE view = ANY(%s) ORDER BY view FOR UPDATE",
        [[view.name for view in views]],
    )


def swap(connection: psycopg.Connection[Any], views: Sequence[View], position: int) -> None:
    """
    Put what was built beside in place, standing at a position.

    Every lock is taken before anything is done; a reader who waits finds the new table by name.

    :raises psycopg.errors.LockNotAvailable: if a reader holds a live one open
    """
    known = {**BY_NAME, **{view.name: view for view in views}}
    names = [view.name for view in views]
    there = [name for name in positions(connection) if name in known]
    touched = [name for name in there if name in names or "students" in names]
    if touched:  # by what rows of others are seen hangs on the roll
        reports = connection.execute(
            "SELECT viewname FROM pg_views WHERE schemaname = 'reports' AND viewname = ANY(%s)",
            [names],
        ).fetchall()
        tables = ", ".join(
            [f"views.{name}" for name in touched] + [f"reports.{name}" for (name,) in reports]
        )
        connection.execute(f"LOCK TABLE {tables} IN ACCESS EXCLUSIVE MODE".encode())
    for view in views:
        report(connection, view, f"{view.name}{BESIDE}")
        connection.execute(f"DROP TABLE IF EXISTS views.{view.name} CASCADE".encode())
        totals.take_over(connection, view, BESIDE)
        connection.execute(f"ALTER TABLE views.{view.name}{BESIDE} RENAME TO {view.name}".encode())
        for index in view.index_sql(f"views.{view.name}{BESIDE}"):
            short = index.split(" INDEX ")[1].split(" ON ")[0]
            connection.execute(
                f"ALTER INDEX views.{short} RENAME TO {short.replace(BESIDE, '')}".encode()
            )
        connection.execute(
            "INSERT INTO views.progress VALUES (%s, %s, %s) ON CONFLICT (view) DO UPDATE"
            " SET position = excluded.position, definition = excluded.definition",
            [view.name, position, view.definition()],
        )
    connection.execute("DELETE FROM views.parked WHERE view = ANY(%s)", [names])
    for name in {*touched, *names}:
        secure(connection, known[name])
