"""The library's recorder interface over our log, for its command-line tools and tailing readers."""

from collections.abc import Sequence
from typing import Any

from eventsourcing import postgres
from eventsourcing.persistence import (
    ApplicationRecorder,
    IntegrityError,
    StoredEvent,
    Subscription,
)
from psycopg import Cursor
from psycopg.rows import DictRow

from application.store import log
from application.store.appends import APPEND, Append, Sealed, columns_of
from application.store.preparing import log_sql

LISTENING_SECONDS = 0.1  # and then whether it was stopped
WRITER = "library"  # the actor of events that no person's command appended


class LogRecorder(postgres.PostgresApplicationRecorder):
    """
    Reads as the library does; writes through ``log.append``, like every other writer.

    The datastore's schema is ``log``. Appends are all or nothing, in order, without gaps.
    It deals in rows as they are stored: what it reads of children is sealed, and stays so.
    """

    def __init__(
        self, datastore: postgres.PostgresDatastore, *, events_table_name: str = ""
    ) -> None:
        del events_table_name  # there is one log
        super().__init__(datastore, events_table_name="stored_events")
        self.sql_create_statements = []
        self.channel_name = log.CHANNEL

    def _create_table(self, curs: Cursor[DictRow]) -> None:
        curs.execute("SELECT set_config('guixue.preparing', 'on', true)", prepare=False)
        curs.execute(log_sql().encode(), prepare=False)

    def insert_events(self, stored_events: Sequence[StoredEvent], **_: Any) -> Sequence[int] | None:
        """
        Append events.

        :raises IntegrityError: if one of the streams has moved on
        """
        if not stored_events:
            return []
        append = Sealed(Append((), actor=WRITER, answer={}), stored_events)
        with self.datastore.get_connection() as connection:
            done = connection.execute(APPEND, columns_of([append], None), prepare=True).fetchone()
        assert done is not None
        if done["outcome"] != "stored":
            raise IntegrityError(done["outcome"])
        last = int(done["last_position"])
        return list(range(last - len(stored_events) + 1, last + 1))

    def subscribe(
        self, gt: int | None = None, topics: Sequence[str] = ()
    ) -> Subscription[ApplicationRecorder]:
        """Follow the log from a position on."""
        return Following(recorder=self, gt=gt, topics=topics)


class Following(postgres.PostgresSubscription):
    """
    The library's subscription, which looks at the log once more when it listens.

    The library's own looks first and listens then, and waits for ever for what came between.
    """

    def _listen(self) -> None:
        news = self._has_been_notified
        try:
            with self._recorder.datastore.get_connection() as connection:
                connection.execute(f"LISTEN {log.CHANNEL}".encode())
                news.set()
                while not (self._has_been_stopped or self._thread_error):
                    if any(connection.notifies(timeout=LISTENING_SECONDS, stop_after=1)):
                        news.set()
        except BaseException as fault:  # noqa: BLE001  # told by whoever iterates
            self._thread_error = self._thread_error or fault
            self.stop()


class Factory(postgres.PostgresFactory):
    """What ``PERSISTENCE_MODULE=application.store.recorder`` gives the library."""

    application_recorder_class = LogRecorder
