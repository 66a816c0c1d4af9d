"""Making checkpoints for as long as the service runs: soon after each entry, never too many."""

import time
from threading import Event
from typing import Any

import psycopg
import structlog

from application.store.log import CHANNEL
from application.store.log_keys import LogKeys
from application.store.telling import Telling
from application.store.tree_keeping import TreeKeeper

GATHERING_SECONDS = 0.3  # what is recorded together is in one checkpoint
QUIET_SECONDS, BUSY_SECONDS = 1.0, 10.0  # between two checkpoints
MANY = 20  # entries since the last checkpoint, from which on it is busy
LOOKING_SECONDS = 1.0  # without a notification, which may be lost
RETRY_SECONDS = 1.0
WAITING = """
SELECT count(*) FROM (
    SELECT FROM log.stored_events
    WHERE notification_id > (SELECT coalesce(max(size), 0) FROM log.checkpoints)
    LIMIT %s) AS waiting
"""

_log = structlog.get_logger("guixue.tree")


def keep_forever(url: str, keys: LogKeys, stop: Event) -> None:
    """Keep the tree on a connection of our own, coming back whenever the database does."""
    telling = Telling(_log)
    while not stop.is_set():
        try:
            with psycopg.connect(url, autocommit=True) as connection:
                connection.execute(f"LISTEN {CHANNEL}".encode())
                _keep(connection, TreeKeeper(connection, keys), stop, telling)
        except psycopg.OperationalError as away:
            telling.of("the tree waits for the database", away)
            stop.wait(RETRY_SECONDS)
        except Exception as fault:  # noqa: BLE001  # it must go on once it is mended
            telling.of("the tree stands still", fault, unforeseen=True)
            stop.wait(RETRY_SECONDS)


def _keep(
    connection: psycopg.Connection[Any], keeper: TreeKeeper, stop: Event, telling: Telling
) -> None:
    done = float("-inf")
    while not stop.is_set():
        waiting = connection.execute(WAITING, [MANY]).fetchone()
        many = waiting == (MANY,)
        pause = done + (BUSY_SECONDS if many else QUIET_SECONDS) - time.monotonic()
        if pause > 0:
            stop.wait(min(pause, QUIET_SECONDS))
            continue
        if waiting != (0,) and keeper.checkpoint() is not None:
            done = time.monotonic()
            telling.gone(job="tree")
        for _ in connection.notifies(timeout=LOOKING_SECONDS, stop_after=1):
            pass
        stop.wait(GATHERING_SECONDS)
