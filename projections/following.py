"""Keeping the views in step with the log for as long as the service runs, whatever happens."""

from collections.abc import Sequence
from threading import Event

import psycopg
import structlog

from application.store.log import Log
from application.store.sealing import Vault
from application.store.telling import Telling
from projections.building import Advance
from projections.engine import Engine, ViewsLost
from projections.rebuild import RebuildRuns, rebuild
from projections.view import View

RETRY_SECONDS = 1.0

_log = structlog.get_logger("guixue.views")


class Stopped(Exception):
    """The service stops; whatever was being built is thrown away."""


def prepare(log: Log, views: Sequence[View], advance: Advance = lambda _: None) -> Engine:
    """
    Give an engine whose views are there and defined as today, rebuilding those that are not.

    One that does not get past an entry is left as it is, parked.

    :raises RebuildRuns: if another process rebuilds
    """
    engine = Engine(log, views)
    names = engine.prepare()
    if names:
        rebuild(log, [view for view in views if view.name in names], advance)
    return engine


def follow_forever(url: str, vault: Vault, views: Sequence[View], stop: Event) -> None:
    """Follow the log on a connection of our own, coming back whenever the database does."""

    def go_on(_: int) -> None:
        if stop.is_set():
            raise Stopped

    telling = Telling(_log)
    while not stop.is_set():
        try:
            with psycopg.connect(url, autocommit=True) as connection:
                engine = prepare(Log(connection, vault), views, go_on)
                telling.gone(job="views")
                engine.follow(stop)
        except Stopped:
            return
        except (psycopg.OperationalError, ViewsLost, RebuildRuns) as away:
            telling.of("views wait for the database", away)
            stop.wait(RETRY_SECONDS)
        except Exception as fault:  # noqa: BLE001  # they must go on once it is mended
            telling.of("views stand still", fault, unforeseen=True)
            stop.wait(RETRY_SECONDS)
