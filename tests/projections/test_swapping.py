"""A rebuilt view takes the place of the live one, and no reader sees an error or half a table."""

import asyncio
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from threading import Event, Thread

import psycopg
import pytest

from application.store.log import Log
from projections.all_views import BY_NAME, VIEWS
from projections.engine import Engine
from projections.progress import positions
from projections.rebuild import RebuildRuns, alone, rebuild, verify
from projections.students import Students
from tests.keys import vault
from tests.lives import live

CHILDREN = 12


class Reader(Thread):
    """Somebody of the district who reads the roll, and the ledgers beside it, again and again."""

    def __init__(self, url: str, stop: Event) -> None:
        super().__init__()
        self.url, self.stop = url, stop
        self.counts: list[tuple[int, ...]] = []
        self.fault: Exception | None = None

    def run(self) -> None:
        try:
            with psycopg.connect(self.url, autocommit=True) as connection:
                (district,) = connection.execute(
                    "SELECT quote_ident(current_database() || '_district')"
                ).fetchone()
                while not self.stop.is_set():
                    with connection.transaction():
                        connection.execute(f"SET LOCAL ROLE {district}")
                        self.counts.append(
                            connection.execute(
                                "SELECT (SELECT count(*) FROM views.students),"
                                " (SELECT count(*) FROM views.history h"
                                "  JOIN views.students s USING (student_id))",
                                prepare=True,
                            ).fetchone()
                        )
        except Exception as fault:  # noqa: BLE001  # any would be one too many
            self.fault = fault


@contextmanager
def reading(url: str, readers: int) -> Iterator[list[Reader]]:
    stop = Event()
    some = [Reader(url, stop) for _ in range(readers)]
    for reader in some:
        reader.start()
    try:
        yield some
    finally:
        stop.set()
        for reader in some:
            reader.join()


async def test_readers_see_every_row_all_the_while_views_are_swapped(prepared, log, engine):
    head = await live(prepared.owner_url, children=CHILDREN, steps=100)
    engine.catch_up()
    shown = log.connection.execute("SELECT count(*) FROM views.history").fetchone()[0]

    with reading(prepared.service_url, 3) as readers:
        for views in (VIEWS, [BY_NAME["students"]], VIEWS, [BY_NAME["history"]], VIEWS):
            assert all(one.equal for one in rebuild(log, views))
            time.sleep(0.05)

    assert [reader.fault for reader in readers] == [None] * 3
    assert {count for reader in readers for count in reader.counts} == {(CHILDREN, shown)}
    assert min(len(reader.counts) for reader in readers) > 10
    assert engine.position() == head


async def test_a_swap_waits_for_an_open_cursor_and_holds_nobody_up(prepared, log, engine):
    await live(prepared.owner_url, children=CHILDREN, steps=40)
    engine.catch_up()
    rebuilt = Event()

    def rebuilding() -> None:
        with psycopg.connect(prepared.views_url, autocommit=True) as connection:
            rebuild(Log(connection, vault()), VIEWS)
            rebuilt.set()

    with (
        psycopg.connect(prepared.views_url) as holding,
        holding.cursor(name="open") as cursor,
    ):
        cursor.execute("SELECT student_id FROM views.students")
        first = cursor.fetchone()
        worker = Thread(target=rebuilding)
        worker.start()
        waits = []
        for _ in range(15):
            begun = time.perf_counter()
            assert log.connection.execute("SELECT count(*) FROM views.students").fetchone() == (
                CHILDREN,
            )
            waits.append(time.perf_counter() - begun)
            time.sleep(0.1)
        assert not rebuilt.is_set()
        rest = cursor.fetchall()

    worker.join()
    assert rebuilt.is_set()
    assert len({first, *rest}) == CHILDREN
    assert max(waits) < 1.5
    assert engine.step() == 0
    assert all(difference.equal for difference in verify(log, VIEWS))


async def test_what_is_written_during_a_rebuild_is_in_it(prepared, log, engine):
    await live(prepared.owner_url, children=CHILDREN, steps=40)
    engine.catch_up()
    heads = []

    def meanwhile(done: int) -> None:
        if not heads:
            with psycopg.connect(prepared.views_url, autocommit=True) as connection:
                heads.append(add_some(prepared.owner_url))
                Engine(Log(connection, vault()), VIEWS).catch_up()

    done = rebuild(log, VIEWS, meanwhile)

    assert all(one.equal for one in done)
    assert {position for position, _ in positions(log.connection).values()} == {heads[0]}
    assert all(difference.equal for difference in verify(log, VIEWS))


def add_some(url: str) -> int:
    with ThreadPoolExecutor(1) as other:
        return other.submit(lambda: asyncio.run(live(url, children=3, steps=40, seed=11))).result()


async def test_a_rebuild_that_is_broken_off_leaves_nothing(prepared, log, engine):
    await live(prepared.owner_url, children=CHILDREN, steps=40)
    engine.catch_up()

    class Enough(Exception):
        pass

    def enough(_: int) -> None:
        raise Enough

    with pytest.raises(Enough):
        rebuild(log, VIEWS, enough)

    assert log.connection.execute(
        "SELECT count(*) FROM pg_class WHERE relname LIKE '%\\_\\_next%'"
    ).fetchone() == (0,)
    assert all(difference.equal for difference in verify(log, VIEWS))


async def test_only_one_builds_at_a_time(prepared, log, engine):
    with psycopg.connect(prepared.views_url, autocommit=True) as other, alone(other):
        with pytest.raises(RebuildRuns):
            rebuild(log, VIEWS)
        with pytest.raises(RebuildRuns):
            verify(log, VIEWS)

    rebuild(log, VIEWS)


async def test_a_view_with_another_column_takes_the_old_ones_place(prepared, log, engine):
    class Wider(Students):
        columns = (*Students.columns, ("letters", "integer"))

        def row(self, child, key):
            return (*super().row(child, key), len(child.enrolment.name))

    await live(prepared.owner_url, children=CHILDREN, steps=40)
    engine.catch_up()
    wider = tuple(Wider() if view.name == "students" else view for view in VIEWS)
    following = Engine(log, wider)

    assert following.prepare() == ["students"]
    assert following.step() == 0
    (done,) = rebuild(log, [wider[0]])
    await live(prepared.owner_url, children=1, steps=20, seed=3)
    following.catch_up()

    assert done.equal is None
    assert log.connection.execute(
        "SELECT count(*) FROM views.students WHERE letters = 3"
    ).fetchone() == (CHILDREN + 1,)
    assert Engine(log, wider).prepare() == []
    assert engine.step() == 0  # the older code leaves it alone
