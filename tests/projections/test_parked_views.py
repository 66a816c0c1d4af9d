"""A view that does not get past an entry stands still before it; the others go on."""

from typing import ClassVar
from uuid import UUID

import psycopg
import pytest
from eventsourcing.persistence import StoredEvent
from psycopg_pool import AsyncConnectionPool

from application.store.store import Append, Store
from projections.all_views import VIEWS
from projections.engine import Engine
from projections.progress import parked, positions
from projections.rebuild import rebuild, verify
from projections.registers import HomeVisitRegister
from tests.keys import vault
from tests.lives import live

NAME = "home_visit_register"


class Poisonous(HomeVisitRegister):
    """The register of home visits, with a fault that some entries bring out."""

    def __init__(self, fault: Exception | None = None, *, unfit: bool = False) -> None:
        self.at: set[int] = set()
        self.fault = fault
        self.unfit = unfit

    def row(self, child, key):
        row = super().row(child, key)
        if child.positions[key - 1] not in self.at:
            return row
        if self.fault is not None:
            raise self.fault
        return ("no number", *row[1:])


def with_fault(view: Poisonous):
    return tuple(view if one.name == NAME else one for one in VIEWS)


def equal(log) -> bool:
    return all(difference.equal for difference in verify(log, VIEWS))


def visits(log) -> list[int]:
    kind = "SELECT notification_id FROM log.stored_events WHERE topic = 'student.home_visited'"
    return sorted(position for (position,) in log.connection.execute(kind))


def places(log) -> dict[str, int]:
    return {view: position for view, (position, _) in positions(log.connection).items()}


FAULTS = {"ValueError": ValueError("测甲"), "InvalidTextRepresentation": None}


@pytest.mark.parametrize("batch", [1, 7, 5000])
@pytest.mark.parametrize("error", FAULTS)
async def test_it_stands_before_the_entry_is_named_and_goes_on_when_mended(
    database_url, log, engine, error, batch
):
    head = await live(database_url, children=12, steps=300)
    faulty = Poisonous(FAULTS[error])
    (faulty.at,) = ({visits(log)[len(visits(log)) // 2]},)
    (bad,) = faulty.at

    following = Engine(log, with_fault(faulty))
    while following.step(limit=batch):
        pass

    assert places(log) == {**{view.name: head for view in VIEWS}, NAME: bad - 1}
    (stands,) = parked(log.connection)
    assert stands.told() == {
        "view": NAME,
        "position": bad,
        "kind": "student.home_visited",
        "error": error,
        "rebuilding": False,
    }
    assert equal(log)  # each as of where it stands
    assert [one.view for one in following.retry()] == [NAME]

    faulty.at = set()
    assert following.retry() == []
    while following.step(limit=batch):
        pass
    assert set(places(log).values()) == {head}
    assert equal(log)


async def test_the_others_follow_new_entries_while_one_stands_still(database_url, log, engine):
    await live(database_url, children=6, steps=100)
    faulty = Poisonous(KeyError())
    faulty.at = {visits(log)[0]}
    following = Engine(log, with_fault(faulty))
    following.catch_up()

    head = await live(database_url, children=6, steps=100, seed=8)
    while following.step(limit=13):
        pass

    assert places(log) == {
        **{view.name: head for view in VIEWS},
        NAME: visits(log)[0] - 1,
    }
    assert equal(log)


async def test_a_database_that_goes_away_is_nobodys_fault(database_url, log, engine):
    await live(database_url, children=4, steps=60)
    faulty = Poisonous(psycopg.OperationalError())
    faulty.at = {visits(log)[0]}

    with pytest.raises(psycopg.OperationalError):
        Engine(log, with_fault(faulty)).catch_up()

    assert parked(log.connection) == []


async def test_an_entry_that_nobody_can_read_stops_every_view_before_it(
    prepared, log, engine, connection
):
    head = await live(prepared.owner_url, children=4, steps=60)
    child, version = connection.execute(
        "SELECT originator_id, max(originator_version) FROM log.stored_events GROUP BY 1 LIMIT 1"
    ).fetchone()
    url = prepared.service_url
    async with AsyncConnectionPool(url, min_size=1, max_size=2, open=False) as pool:
        unheard = StoredEvent(child, version + 1, "student.unheard_of", b"{}")
        await Store(pool, vault()).append(Append([unheard], "somebody", {}))

    engine.catch_up()

    assert set(places(log).values()) == {head}
    assert {(one.position, one.kind) for one in parked(log.connection)} == {
        (head + 1, "student.unheard_of")
    }
    assert len(parked(log.connection)) == len(VIEWS)


async def test_a_rebuild_leaves_as_it_was_what_does_not_get_past_an_entry(
    database_url, log, engine
):
    head = await live(database_url, children=12, steps=200)
    engine.catch_up()
    faulty = Poisonous(KeyError())
    faulty.at = {visits(log)[-1]}
    before = log.connection.execute("TABLE views.home_visit_register").fetchall()
    log.connection.execute("DELETE FROM views.history")
    outdated = "UPDATE views.progress SET definition = 'older' WHERE view = %s"
    log.connection.execute(outdated, [NAME])

    done = {one.view: one for one in rebuild(log, with_fault(faulty))}

    refused = done.pop(NAME).refused
    assert (refused.position, refused.kind) == (visits(log)[-1], "student.home_visited")
    assert parked(log.connection) == [refused]
    assert {view for view, one in done.items() if not one.equal} == {"history"}
    assert log.connection.execute("TABLE views.home_visit_register").fetchall() == before
    assert set(places(log).values()) == {head}
    assert equal(log)
    assert engine.step() == 0  # and nobody follows it meanwhile

    (mended,) = rebuild(log, [view for view in VIEWS if view.name == NAME])
    assert (mended.equal, mended.rows) == (None, len(before))
    assert parked(log.connection) == []


# Children with an entry that does not open ------------------------------------------------------


class Damage:
    """One child's entry altered in the database, and put back."""

    FLIP: ClassVar = (
        "UPDATE log.stored_events SET state = set_byte(state, 30, get_byte(state, 30) # 1)"
        " WHERE notification_id = %s"
    )

    def __init__(self, connection, position):
        self.connection, self.position = connection, position
        connection.execute("SET guixue.preparing = 'on'")
        connection.execute("ALTER TABLE log.stored_events DISABLE TRIGGER append_only")
        connection.execute(self.FLIP, [position])

    def mend(self):
        self.connection.execute(self.FLIP, [self.position])


def damaged(log) -> list[tuple[UUID, int]]:
    return log.connection.execute("SELECT student_id, position FROM views.damaged").fetchall()


@pytest.mark.parametrize("batch", [1, 7, 5000])
async def test_a_damaged_child_is_told_of_up_to_the_damage_and_others_to_the_end(
    database_url, log, engine, connection, batch
):
    head = await live(database_url, children=12, steps=300)
    position = visits(log)[3]
    damage = Damage(connection, position)
    ((child,),) = connection.execute(
        "SELECT originator_id FROM log.stored_events WHERE notification_id = %s", [position]
    )

    while engine.step(limit=batch):
        pass

    assert set(places(log).values()) == {head}
    assert damaged(log) == [(child, position)]
    told = "SELECT max(since) FROM views.history WHERE (student_id = %s) = %s"
    assert log.connection.execute(told, [child, True]).fetchone()[0] < position
    assert log.connection.execute(told, [child, False]).fetchone()[0] > position
    assert equal(log)
    assert parked(log.connection) == []

    engine.retry()
    assert damaged(log) == [(child, position)]
    damage.mend()
    engine.retry()
    await live(database_url, children=2, steps=60, seed=5)
    engine.catch_up()
    assert damaged(log) == []
    assert log.connection.execute(told, [child, True]).fetchone()[0] > position
    assert equal(log)


async def test_a_rebuild_names_the_damage_it_finds(database_url, log, engine, connection):
    await live(database_url, children=6, steps=100)
    engine.catch_up()
    damage = Damage(connection, visits(log)[0])

    first = rebuild(log, VIEWS)

    assert [position for _, position in damaged(log)] == [visits(log)[0]]
    assert not all(one.equal for one in first)  # the live ones had told of it before
    damage.mend()
    engine.retry()
    assert damaged(log) == []
    assert equal(log)


async def test_a_damaged_child_whose_record_is_restricted_is_told_of_no_more(
    prepared, log, engine, connection
):
    await live(prepared.owner_url, children=4, steps=60)
    ((child, last),) = connection.execute(
        "SELECT originator_id, (SELECT max(originator_version) FROM log.stored_events l"
        " WHERE l.originator_id = e.originator_id) FROM log.stored_events e"
        " WHERE notification_id = %s",
        [visits(log)[0]],
    )
    engine.catch_up()
    url = prepared.service_url
    async with AsyncConnectionPool(url, min_size=1, max_size=2, open=False) as pool:
        restricted = StoredEvent(child, last + 1, "student.restricted", b"{}")
        await Store(pool, vault()).append(Append([restricted], "somebody", {}))
    Damage(connection, visits(log)[0])

    engine.catch_up()

    assert log.connection.execute(
        "SELECT count(*) FROM views.students WHERE student_id = %s", [child]
    ).fetchone() == (0,)
    assert equal(log)
