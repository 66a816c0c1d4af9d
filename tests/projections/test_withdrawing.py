"""Views tell of no restricted and no erased child, however batches fell, as their rebuild does."""

import random
from datetime import timedelta
from uuid import UUID

import pytest
from psycopg_pool import AsyncConnectionPool

from application.store.store import Store
from application.tracking import Ask
from domain.entry import Actor
from domain.refusals import Refusal
from projections.all_views import BY_NAME, VIEWS
from projections.engine import Engine
from projections.rebuild import rebuild, verify
from tests.keys import vault
from tests.lives import BUREAU, START, TODAY, a_child, acts, commands

OTHER = Actor("acc-other", "测癸", "bureau", "区教体局", "bureau", superior=True)
BASIS = {"reason": "监护人要求", "legal_basis": "个人信息保护法第四十七条"}
CHILDREN, LEFT, STEPS = 10, 4, 260


async def lives(url: str, seed: int) -> set[str]:
    """Write lives in which records are restricted, restored and erased; say what happened."""
    chance = random.Random(seed)
    done: set[str] = set()
    async with AsyncConnectionPool(url, min_size=1, max_size=2, open=False) as pool:
        tracking = commands(Store(pool, vault()))
        ids = [
            UUID((await tracking.enrol(BUREAU, None, **a_child(n))).answer["student_id"])
            for n in range(CHILDREN)
        ]
        long_ago = TODAY - timedelta(days=3000)
        gone = {"kind": "21", "occurred_on": long_ago, "papers": []}
        privacy = [
            ("restrict", BUREAU, BASIS),
            ("lift_restriction", BUREAU, {"reason": "撤回"}),
            ("request_erasure", BUREAU, BASIS),
            ("decide_erasure", OTHER, {"approve": chance.random() < 0.7}),
        ]
        for left in ids[:LEFT]:  # nothing keeps these from being erased
            await tracking.change_roll(Ask(BUREAU, await tracking.child(left)), **gone)
        for _ in range(STEPS):
            student_id = chance.choice(ids)
            told = privacy
            if student_id not in ids[:LEFT]:
                told = [*acts(chance, START + timedelta(days=chance.randrange(80))), *privacy]
            name, by, facts = chance.choice(told)
            child = await tracking.child(student_id)
            try:
                await getattr(tracking, name)(Ask(by, child), **facts)
            except Refusal:
                continue
            done.add(name)
    return done


@pytest.mark.parametrize("batch", [1, 7, 5000])
async def test_views_of_withdrawn_children_equal_their_rebuild(prepared, log, engine, batch):
    done = await lives(prepared.service_url, seed=3)
    assert done >= {"restrict", "lift_restriction", "request_erasure", "decide_erasure"}

    while engine.step(limit=batch):
        pass

    assert [d.view for d in verify(log, VIEWS) if not d.equal] == []
    erased = log.connection.execute(
        "SELECT count(*) FROM keys.children WHERE destroyed_at IS NOT NULL"
    ).fetchone()
    assert erased > (0,)


async def test_engines_that_remember_no_child_write_the_same_rows(prepared, log, engine):
    await lives(prepared.service_url, seed=4)

    while Engine(log, VIEWS).step(limit=11):
        pass

    assert [d.view for d in verify(log, VIEWS) if not d.equal] == []


async def test_a_rebuilt_roll_leaves_every_view_secured(prepared, log, engine):
    await lives(prepared.service_url, seed=3)
    engine.catch_up()
    policies = "SELECT tablename, policyname FROM pg_policies WHERE schemaname = 'views'"
    before = set(log.connection.execute(policies).fetchall())
    assert len(before) == 2 * len(VIEWS)

    rebuild(log, [BY_NAME["students"]])

    assert set(log.connection.execute(policies).fetchall()) == before
    assert [d.view for d in verify(log, VIEWS) if not d.equal] == []


async def test_views_that_fell_behind_a_rebuilt_one_come_up_to_it(prepared, log, engine):
    await lives(prepared.service_url, seed=3)
    engine.step(limit=20)

    rebuild(log, [BY_NAME["students"]])
    positions = set(log.connection.execute("SELECT position FROM views.progress").fetchall())
    assert len(positions) == 2
    while engine.step(limit=7):
        pass

    assert engine.position() == log.head()
    assert [d.view for d in verify(log, VIEWS) if not d.equal] == []
