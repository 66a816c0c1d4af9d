"""Every view equals its own rebuild, however the engine's batches fell."""

import gc

import psycopg
import pytest

from application.store.log import Log
from projections.all_views import VIEWS
from projections.engine import Engine
from projections.rebuild import rebuild, verify
from tests.keys import vault
from tests.lives import live


@pytest.mark.parametrize("batch", [1, 7, 5000])
async def test_a_view_followed_in_batches_of_any_size_equals_its_rebuild(
    database_url, log, engine, batch
):
    head = await live(database_url, children=12, steps=300)
    while engine.step(limit=batch):
        pass

    differences = verify(log, VIEWS)

    assert engine.position() == head
    assert [d.view for d in differences if not d.equal] == []
    assert all(d.rows for d in differences)


async def test_engines_that_remember_no_child_write_the_same_rows(database_url, log, engine):
    await live(database_url, children=12, steps=300)
    while Engine(log, VIEWS).step(limit=11):  # a new engine, with no memory, every batch
        pass

    assert [d.view for d in verify(log, VIEWS) if not d.equal] == []


async def test_verify_finds_a_row_that_somebody_altered(database_url, log, engine):
    await live(database_url, children=12, steps=200)
    engine.catch_up()
    log.connection.execute(
        "UPDATE views.dropout_control_ledger SET visit_count = 99"
        " WHERE ctid = (SELECT ctid FROM views.dropout_control_ledger LIMIT 1)"
    )

    differences = {d.view: d for d in verify(log, VIEWS)}

    ledger = differences.pop("dropout_control_ledger")
    assert (ledger.only_live, ledger.only_rebuilt) == (1, 1)
    assert all(d.equal for d in differences.values())


async def test_a_rebuild_mends_what_was_altered_and_the_engine_goes_on(database_url, log, engine):
    await live(database_url, children=12, steps=200)
    engine.catch_up()
    log.connection.execute("DELETE FROM views.history")

    rebuild(log, VIEWS)
    await live(database_url, children=3, steps=60, seed=9)
    engine.catch_up()

    assert [d.view for d in verify(log, VIEWS) if not d.equal] == []


async def test_a_view_whose_definition_changed_is_named_for_rebuilding(database_url, log, engine):
    await live(database_url, children=2, steps=10)
    log.connection.execute("UPDATE views.progress SET definition = 'old' WHERE view = 'students'")

    assert engine.prepare() == ["students"]


async def test_two_engines_share_the_work_without_doubling_it(prepared, log, engine):
    head = await live(prepared.owner_url, children=12, steps=200)
    with psycopg.connect(prepared.views_url, autocommit=True) as other:
        one, two = Engine(log, VIEWS), Engine(Log(other, vault()), VIEWS)
        while one.step(limit=5) + two.step(limit=3):
            pass

    assert one.position() == head
    assert [d.view for d in verify(log, VIEWS) if not d.equal] == []


async def test_the_planner_knows_what_a_rebuild_made(database_url, log, engine):
    await live(database_url, children=12, steps=100)
    engine.catch_up()

    rebuild(log, VIEWS)

    known = log.connection.execute(
        "SELECT reltuples FROM pg_class WHERE oid = 'views.students'::regclass"
    ).fetchone()
    assert known == (12,)


async def test_replaying_makes_nothing_that_only_the_collector_could_free(
    database_url, log, engine
):
    await live(database_url, children=12, steps=100)
    engine.catch_up()
    gc.collect()

    rebuild(log, VIEWS)

    assert gc.collect() < 500  # objects; a handful of the driver's, none of the children's


async def test_a_batch_that_another_engine_wrote_meanwhile_is_not_written_again(
    database_url, log, engine
):
    head = await live(database_url, children=3, steps=30)
    engine.catch_up()

    assert Engine(log, VIEWS)._apply(VIEWS, 0, 5, None) == 0

    assert engine.position() == head
    assert [d.view for d in verify(log, VIEWS) if not d.equal] == []
