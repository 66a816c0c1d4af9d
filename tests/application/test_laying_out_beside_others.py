"""Who starts while others are at work lays out the database once they let it, and holds none up."""

from threading import Thread

import psycopg

from application.layout import prepare
from tests.keys import RING
from tests.reliability.processes import until

KEEPER, APPENDER = "log.tree_hashes", "log.stored_events"
WAITING = "SELECT FROM pg_locks WHERE NOT granted AND relation = %s::regclass"


def test_it_gives_way_to_one_who_needs_what_it_holds(prepared, database_url, connection):
    laid_out = []
    starting = Thread(target=lambda: laid_out.append(prepare(database_url, RING)), daemon=True)
    with psycopg.connect(database_url) as working:
        working.execute(f"LOCK TABLE {KEEPER} IN ROW EXCLUSIVE MODE")
        starting.start()
        until(lambda: connection.execute(WAITING, [KEEPER]).fetchall(), 10)

        working.execute("SET lock_timeout = '5s'")
        working.execute(f"LOCK TABLE {APPENDER} IN ROW EXCLUSIVE MODE")  # what laying out holds

        assert not laid_out
    until(lambda: laid_out, 20)
    assert laid_out[0].service_url
