"""Several processes that tell of children come to what one comes to, and fail as one does."""

import pytest

from application.store.key_ring import KeyRing, NoKey, new_key
from application.store.log import EVERYBODY, Log, shares
from application.store.sealing import Vault
from projections.all_views import VIEWS
from projections.building import BESIDE, build
from projections.students import Students
from projections.telling_together import WORTH_IT, tellers_for
from tests.lives import live


def built(log, head, tellers):
    """What is built, as its damaged children and every row."""
    with log.connection.transaction(force_rollback=True):
        done = build(log, VIEWS, head, tellers=tellers)
        rows = {
            view.name: sorted(
                map(repr, log.connection.execute(f"TABLE views.{view.name}{BESIDE}".encode()))
            )
            for view in VIEWS
        }
    return rows, {child: len(events) for child, events in done.damaged.items()}, done.refused


async def test_they_tell_the_same(database_url, log, engine, connection):
    head = await live(database_url, children=12, steps=300)
    connection.execute("SET guixue.preparing = 'on'")
    connection.execute("ALTER TABLE log.stored_events DISABLE TRIGGER append_only")
    connection.execute(
        "UPDATE log.stored_events SET state = set_byte(state, 30, get_byte(state, 30) # 1)"
        " WHERE notification_id = 40"
    )

    rows, damaged, refused = built(log, head, 3)

    assert len(rows["students"]) == 12
    assert len(damaged) == 1
    assert refused == []
    assert (rows, damaged, refused) == built(log, head, 0)


async def test_what_goes_wrong_with_one_is_raised(database_url, log, engine):
    head = await live(database_url, children=2, steps=5)
    stranger = Log(log.connection, Vault(KeyRing([new_key()])))

    with pytest.raises(NoKey), log.connection.transaction():
        build(stranger, VIEWS, head, tellers=2)


def test_shares_part_all_children():
    some = shares(3)

    assert (some[0].first, some[-1].last) == EVERYBODY
    assert [a.last.int + 1 for a in some[:-1]] == [b.first.int for b in some[1:]]
    assert shares(1) == [EVERYBODY]


def test_a_short_log_or_an_unknown_view_is_told_of_by_one():
    assert tellers_for(VIEWS, WORTH_IT - 1) == 0
    assert tellers_for([Students()], WORTH_IT) == 0  # one that another process does not know
