"""Keeping the views in step with the log for as long as the service runs, whatever happens."""

from collections.abc import Sequence
from threading import Event

import psycopg
import structlog

from application.store.log import Log
from application.store.sealing import Tampered, Vault
from projections.engine import Engine, ViewsLost
from projections.rebuild import rebuild
from projections.view import View

RETRY_SECONDS = 1.0

_log = structlog.get_logger("guixue.views")


def prepare(log: Log, views: Sequence[View]) -> Engine:
    """Give an engine whose views are there and defined as today, rebuilding those that are not."""
    engine = Engine(log, views)
    to_rebuild = engine.prepare()
    if to_rebuild:
        rebuild(log, [view for view in views if view.name in to_rebuild])
    return engine


def follow_forever(url: str, vault: Vault, views: Sequence[View], stop: Event) -> None:
    """Follow the log on a connection of our own, coming back whenever the database does."""
    while not stop.is_set():
        try:
            with psycopg.connect(url, autocommit=True) as connection:
                prepare(Log(connection, vault), views).follow(stop)
        except (psycopg.OperationalError, ViewsLost) as away:
            _log.warning("views wait for the database", error=type(away).__name__)
            stop.wait(RETRY_SECONDS)
        except Tampered as fault:
            _log.error(
                "an entry does not open; views stand still",
                student_id=str(fault.student_id),
                version=fault.version,
            )
            stop.wait(RETRY_SECONDS)
        except Exception as fault:  # noqa: BLE001  # they must go on once it is mended
            _log.error("views stand still", error=type(fault).__name__)  # no words of a child's
            stop.wait(RETRY_SECONDS)
