"""An engine killed at any moment loses nothing and doubles nothing."""

import random
import subprocess
import sys
import time

from projections.all_views import VIEWS
from projections.rebuild import verify
from tests.lives import live

FOLLOW = """
import sys, psycopg
from projections.all_views import VIEWS
from application.store.log import Log
from projections.engine import Engine
from tests.keys import vault
with psycopg.connect(sys.argv[1], autocommit=True) as connection:
    engine = Engine(Log(connection, vault()), VIEWS)
    print("ready", flush=True)
    while engine.step(limit=3):
        pass
"""


async def test_an_engine_killed_between_any_two_batches_loses_and_doubles_nothing(
    prepared, log, engine
):
    chance = random.Random(3)
    head = await live(prepared.owner_url, children=30, steps=900)
    killed_at = []
    while engine.position() < head and len(killed_at) < 12:
        with subprocess.Popen(
            [sys.executable, "-c", FOLLOW, prepared.views_url], stdout=subprocess.PIPE, text=True
        ) as process:
            assert process.stdout is not None
            assert process.stdout.readline() == "ready\n"
            time.sleep(chance.uniform(0.005, 0.15))
            process.kill()
        killed_at.append(engine.position())
    engine.catch_up()

    assert any(0 < position < head for position in killed_at), killed_at
    assert engine.position() == head
    assert [d.view for d in verify(log, VIEWS) if not d.equal] == []
