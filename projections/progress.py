"""Where each view stands: how far it has come, what stopped it, how far its rebuild is."""

from dataclasses import dataclass
from typing import Any, LiteralString

import psycopg
import structlog
from psycopg import sql

from application.store.mapper import RecordedEvent
from application.store.preparing import Roles
from projections.view import View

CHANNEL = "guixue_views"
BUILDS = "guixue rebuilds "
SCHEMA = """
CREATE UNLOGGED TABLE IF NOT EXISTS views.progress (
    view text PRIMARY KEY,
    position bigint NOT NULL,
    definition text NOT NULL
);
CREATE UNLOGGED TABLE IF NOT EXISTS views.parked (
    view text PRIMARY KEY,
    position bigint NOT NULL,
    kind text NOT NULL,
    error text NOT NULL,
    rebuilding boolean NOT NULL
);
CREATE UNLOGGED TABLE IF NOT EXISTS views.damaged (
    student_id uuid PRIMARY KEY,
    version bigint NOT NULL,
    position bigint NOT NULL
);
"""  # unlogged like the views, so that a crash empties them together
SHOWN = """
GRANT SELECT ON views.progress, views.parked TO {service};
GRANT SELECT (version, position) ON views.damaged TO {service};
"""
PARKED: LiteralString = (
    "SELECT view, position, kind, error, rebuilding FROM views.parked ORDER BY view"
)
BUILDING: LiteralString = (
    "SELECT application_name FROM pg_stat_activity"
    " WHERE datname = current_database() AND starts_with(application_name, %s)"
)
DAMAGED: LiteralString = "SELECT position FROM views.damaged ORDER BY position LIMIT 100"

_log = structlog.get_logger("guixue.views")


@dataclass(frozen=True, slots=True)
class Parked:
    """
    A view that stands still: at which entry, of what kind, by which error; no word of a child's.

    ``rebuilding`` says that it is the view's rebuild which does not get past the entry.
    """

    view: str
    position: int
    kind: str
    error: str
    rebuilding: bool = False

    @classmethod
    def at(
        cls, view: View, event: RecordedEvent, fault: Exception, *, rebuilding: bool = False
    ) -> "Parked":
        return cls(view.name, event.position, event.topic, type(fault).__name__, rebuilding)

    def told(self) -> dict[str, Any]:
        return {
            "view": self.view,
            "position": self.position,
            "kind": self.kind,
            "error": self.error,
            "rebuilding": self.rebuilding,
        }


def lay_out(connection: psycopg.Connection[Any]) -> None:
    """Make the tables that say where the views stand, and show them to those who answer people."""
    connection.execute(SCHEMA)
    service = sql.Identifier(Roles.of(connection.info.dbname).service)
    connection.execute(sql.SQL(SHOWN).format(service=service))


def park(connection: psycopg.Connection[Any], parked: Parked) -> None:
    """Let a view stand still, before the entry that it does not get past."""
    connection.execute(
        "INSERT INTO views.parked VALUES (%s, %s, %s, %s, %s) ON CONFLICT (view) DO UPDATE"
        " SET (position, kind, error, rebuilding)"
        " = (excluded.position, excluded.kind, excluded.error, excluded.rebuilding)",
        [parked.view, parked.position, parked.kind, parked.error, parked.rebuilding],
    )
    _log.error("a view stands still", **parked.told())


def unpark(connection: psycopg.Connection[Any], view: View, *, rebuilding: bool = False) -> None:
    connection.execute(
        "DELETE FROM views.parked WHERE view = %s AND rebuilding = %s", [view.name, rebuilding]
    )


def parked(connection: psycopg.Connection[Any]) -> list[Parked]:
    return [Parked(*row) for row in connection.execute(PARKED)]


def positions(connection: psycopg.Connection[Any]) -> dict[str, tuple[int, str]]:
    """Give position and definition of every view that is there."""
    rows = connection.execute("SELECT view, position, definition FROM views.progress")
    return {view: (position, definition) for view, position, definition in rows}


def building(connection: psycopg.Connection[Any]) -> tuple[int, int] | None:
    """Say how far a rebuild is, if one runs: entries done, of how many."""
    names = connection.execute(BUILDING, [BUILDS]).fetchone()
    return done_of(names[0]) if names else None


def done_of(name: str) -> tuple[int, int]:
    """Read how far a rebuild is from the name of its connection."""
    done, _, events = name.removeprefix(BUILDS).partition("/")
    return int(done), int(events)


def tell_building(connection: psycopg.Connection[Any], done: int, events: int) -> None:
    """Let everybody know how far a rebuild is, by its connection's name; it goes with it."""
    connection.execute(
        "SELECT set_config('application_name', %s, true)", [f"{BUILDS}{done}/{events}"]
    )
