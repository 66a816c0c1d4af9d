"""Totals of the whole district, now and as of every position, are what counting every row gives."""

import pytest

from projections import totals
from projections.all_views import BY_NAME
from projections.rebuild import rebuild
from projections.totals import totals_sql
from tests.lives import live

LEDGER = BY_NAME["return_to_school_ledger"]
STOOD = "since <= %(at)s AND (until IS NULL OR until > %(at)s)"


def told(log, position, **span):
    return {
        what: number
        for what, number in log.connection.execute(*totals_sql(LEDGER, position, **span))
        if number
    }


def counted(log, position):
    counts = ", ".join(f"count(*) FILTER (WHERE {holds})" for holds in LEDGER.totals.values())
    row = log.connection.execute(
        f"SELECT {counts} FROM views.{LEDGER.name} WHERE {STOOD}".encode(),  # noqa: S608
        {"at": position},
    ).fetchone()
    return {what: number for what, number in zip(LEDGER.totals, row, strict=True) if number}


@pytest.mark.parametrize("batch", [7, 5000])
async def test_they_are_those_of_every_position(database_url, log, engine, batch):
    totals.count(log.connection, LEDGER, span=10)
    head = await live(database_url, children=12, steps=300)
    while engine.step(limit=batch):
        pass

    assert told(log, None) == counted(log, head) != {}
    for position in range(0, head + 1, 3):
        assert told(log, position, span=10) == counted(log, position), position


async def test_they_go_with_what_is_emptied_and_with_a_rebuild(database_url, log, engine):
    head = await live(database_url, children=12, steps=300)
    engine.catch_up()
    before = told(log, head)
    log.connection.execute(
        "DELETE FROM views.return_to_school_ledger WHERE student_id ="
        " (SELECT student_id FROM views.return_to_school_ledger WHERE until IS NULL LIMIT 1)"
    )

    assert told(log, head) == told(log, None) == counted(log, head) != before

    rebuild(log, [LEDGER])

    assert told(log, head) == told(log, None) == before
    await live(database_url, children=3, steps=60, seed=9)
    engine.catch_up()
    assert told(log, None) == counted(log, engine.position())
    (kept,) = log.connection.execute("SELECT DISTINCT view FROM views.totals").fetchall()
    assert kept == (LEDGER.name,)
