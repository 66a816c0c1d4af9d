"""Rules put in force move the due days that lie ahead, in the views as in their rebuild."""

from datetime import date, timedelta

import pytest
from psycopg_pool import AsyncConnectionPool

from application.layout import prepare
from application.rules_in_force import RulesInForce
from application.store.rule_book import book_at
from application.store.sealing import Tampered
from application.store.store import Store
from application.subjects import Wish
from domain.holiday_notice import Holiday, HolidayNotice
from projections.all_views import VIEWS
from projections.engine import Engine
from projections.rebuild import rebuild, verify
from tests.keys import RING, vault
from tests.lives import BUREAU, TODAY, commands, live
from tests.projections.test_parked_views import Damage

# Two weeks without school that nobody knew of, from the day after on which the lives end.
CLOSED = HolidayNotice(2026, (Holiday(date(2026, 11, 25), date(2026, 12, 8)),), (), ())
DUE = "SELECT student_id, row_key, due_on FROM views.duties WHERE due_on IS NOT NULL ORDER BY 1, 2"


@pytest.fixture
async def rules(database_url):
    service = prepare(database_url, RING).service_url
    async with AsyncConnectionPool(service, min_size=1, max_size=2, open=False) as pool:
        yield RulesInForce(commands(Store(pool, vault())))


async def closed(rules):
    await rules.set_holidays(Wish(BUREAU), notice=CLOSED, source="停课通知")


def due(log):
    return {(whose, key): day for whose, key, day in log.connection.execute(DUE).fetchall()}


def unequal(log):
    return [one.view for one in verify(log, VIEWS) if not one.equal]


async def test_a_holiday_moves_what_is_due_and_nothing_that_was(database_url, log, engine, rules):
    await live(database_url, children=12, steps=300)
    engine.catch_up()
    before = due(log)

    await closed(rules)
    assert unequal(log) == []  # as of the position they stand at
    engine.catch_up()

    after = due(log)
    moved = {key for key, day in before.items() if after[key] != day}
    assert before.keys() == after.keys()
    assert moved
    for key in moved:
        assert before[key] > TODAY
        assert after[key] > CLOSED.holidays[0].last
    assert unequal(log) == []


@pytest.mark.parametrize("batch", [1, 7, 5000])
async def test_views_with_rules_amid_the_lives_equal_their_rebuild(
    database_url, log, engine, rules, batch
):
    await live(database_url, children=8, steps=150)
    await closed(rules)
    await live(database_url, children=3, steps=60, seed=9)
    ahead = TODAY + timedelta(days=1)
    await rules.set_deadlines(
        Wish(BUREAU), in_force_from=ahead, deadlines={"order_days": 9}, reason="修订"
    )
    await live(database_url, children=3, steps=60, seed=11)
    while engine.step(limit=batch):
        pass

    assert unequal(log) == []


async def test_views_built_beside_go_by_the_rules_as_of_their_position(
    database_url, log, engine, rules
):
    await live(database_url, children=8, steps=150)
    engine.catch_up()
    before = due(log)
    await closed(rules)

    rebuild(log, VIEWS)

    assert due(log) != before
    assert unequal(log) == []
    assert Engine(log, VIEWS).step() == 0


async def test_another_process_takes_the_rules_over_when_it_looks(database_url, rules):
    service = prepare(database_url, RING).service_url
    async with AsyncConnectionPool(service, min_size=1, max_size=2, open=False) as pool:
        tracking = commands(Store(pool, vault()))
        other = RulesInForce(tracking)
        assert not await other.look()
        await closed(rules)

        assert await other.look()
        assert not tracking.rule_book.on(TODAY).calendar.is_school_day(date(2026, 11, 25))
        assert not await other.look()


async def test_rules_that_do_not_open_hold_nobody_up_and_those_before_stay(
    database_url, log, engine, rules, connection
):
    await live(database_url, children=4, steps=60)
    await closed(rules)
    before = book_at(log, log.head())
    ahead = TODAY + timedelta(days=1)
    put = {"in_force_from": ahead, "deadlines": {"order_days": 9}, "reason": "修订"}
    done = await rules.set_deadlines(Wish(BUREAU), **put)
    damage = Damage(connection, done.position)
    engine.catch_up()

    assert (engine.position(), book_at(log, log.head())) == (log.head(), before)
    with pytest.raises(Tampered):
        await rules.told()
    damage.mend()
    assert book_at(log, log.head()).on(ahead).order_days == 9
    assert (await rules.told()).book.on(ahead).order_days == 9
