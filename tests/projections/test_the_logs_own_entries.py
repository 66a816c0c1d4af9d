"""The log's own entries and those of other subjects are no child's: views skip them."""

import tomllib
from datetime import date

import pytest
from psycopg_pool import AsyncConnectionPool

from application.retention import due
from application.store.heads import STREAM
from application.store.store import Store
from application.store.streams import is_childs
from application.store.tree_keeping import TreeKeeper
from application.subjects import Subjects, Wish
from domain.changed_rules import changed
from domain.rules import DEFAULT_RULES
from projections.all_views import VIEWS
from projections.engine import Engine
from projections.progress import parked
from projections.rebuild import rebuild, verify
from projections.what_if import what_if
from tests.application.trees import log_keys
from tests.keys import vault
from tests.lives import START, TEACHER, commands, live
from tests.past_cases import FILE
from tests.projections.test_parked_views import NAME, Poisonous, places, visits, with_fault
from tests.subjects import Meeting, meeting

FAR = date(2060, 1, 1)
STRETCH = (date(2026, 9, 1), date(2026, 11, 24))


@pytest.fixture
def keeper(connection, tmp_path):
    return TreeKeeper(connection, log_keys(tmp_path))


async def a_meeting(url, name):
    async with AsyncConnectionPool(url, min_size=1, open=False) as pool:
        tracking = commands(Store(pool, vault()))
        await Subjects(tracking).record(
            Wish(TEACHER),
            Meeting,
            meeting(name),
            lambda subject, act: subject.hold(act, occurred_on=START, about="控辍保学"),
        )


@pytest.fixture
async def head(database_url, keeper, engine):
    """Lives with checkpoints between; the log ends with one."""
    for seed in range(5):
        await live(database_url, children=3, steps=50, seed=seed)
        await a_meeting(database_url, str(seed))
        done = keeper.checkpoint()
    return done.size


def equal(log):
    return [d.view for d in verify(log, VIEWS) if not d.equal] == []


@pytest.mark.parametrize("batch", [1, 7, 5000])
async def test_views_come_past_them_and_equal_their_rebuild(head, log, engine, batch):
    while engine.step(limit=batch):
        pass

    assert engine.position() == head
    assert equal(log)
    rebuild(log, VIEWS)
    assert engine.position() == head
    assert equal(log)
    named = log.connection.execute("SELECT student_id FROM views.students").fetchall()
    assert len(named) == 15
    assert (STREAM,) not in named


async def test_engines_that_remember_no_child_come_past_them(head, log, engine):
    while Engine(log, VIEWS).step(limit=3):
        pass

    assert equal(log)


@pytest.mark.parametrize("batch", [1, 7, 5000])
async def test_a_view_that_stands_still_is_parked_before_its_own_entry(head, log, engine, batch):
    faulty = Poisonous(ValueError("测甲"))
    bad = visits(log)[len(visits(log)) // 2]
    faulty.at = {bad}

    following = Engine(log, with_fault(faulty))
    while following.step(limit=batch):
        pass

    assert places(log) == {**{view.name: head for view in VIEWS}, NAME: bad - 1}
    assert [stands.position for stands in parked(log.connection)] == [bad]
    assert equal(log)


async def test_a_damaged_child_stays_the_only_one(head, log, engine, connection):
    connection.execute("SET guixue.preparing = 'on'")
    connection.execute("ALTER TABLE log.stored_events DISABLE TRIGGER append_only")
    connection.execute(
        "UPDATE log.stored_events SET state = set_byte(state, 30, get_byte(state, 30) # 1)"
        " WHERE notification_id = 5"
    )
    while engine.step(limit=4):
        pass

    assert engine.position() == head
    assert log.connection.execute("SELECT position FROM views.damaged").fetchall() == [(5,)]
    assert equal(log)


async def test_counts_of_children_leave_them_out(head, log):
    counted = what_if(log, DEFAULT_RULES, changed(DEFAULT_RULES, tomllib.loads(FILE)), STRETCH)

    assert (counted.children, counted.position) == (15, head)
    assert all(is_childs(one.student_id) for one in due(log, FAR, DEFAULT_RULES.on(FAR)))
    with log.connection.transaction():
        assert all(is_childs(events[0].originator_id) for events in log.by_child(head))
