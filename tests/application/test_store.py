"""The store's promises: all or none, alone in a group, keys and numbers kept."""

import asyncio
from datetime import timedelta
from uuid import UUID, uuid4

import psycopg
import pytest
from psycopg_pool import AsyncConnectionPool

from application.store.appends import APPEND, Sealed, columns_of
from application.store.sealing import Vault
from application.store.store import (
    IdempotencyKey,
    KeyReused,
    NumberTaken,
    Store,
    StoreUnavailable,
    VersionConflict,
)
from tests.application.appends import (
    ONE,
    THREE,
    TWO,
    append,
    as_one_group,
    entry,
    nobody_can_append,
    under_way,
    until_it_waits,
)
from tests.keys import RING, sealed, vault

NUMBER, OTHER = b"hash of a student number", b"hash of another"
KEY = IdempotencyKey("somebody", uuid4(), b"request")


def stored(connection, what="originator_id, originator_version"):
    in_order = f"SELECT {what} FROM log.stored_events ORDER BY notification_id"  # noqa: S608
    return connection.execute(in_order).fetchall()


def answers(connection):
    return connection.execute("SELECT *, xmin::text FROM log.answers").fetchall()


async def test_the_events_of_one_append_stand_one_after_the_other(store, connection):
    await store.append(append(entry(ONE)))

    done = await store.append(append(entry(TWO), entry(ONE, 2), entry(TWO, 2), answer={"a": 2}))

    assert (done.answer, done.position, done.known) == ({"a": 2, "position": 4}, 4, False)
    assert stored(connection) == [(ONE, 1), (TWO, 1), (ONE, 2), (TWO, 2)]
    assert stored(connection, "notification_id") == [(1,), (2,), (3,), (4,)]
    assert [event.position for event in await store.load(TWO)] == [2, 4]


async def test_one_append_goes_on_with_more_children_than_keys_are_kept_of(prepared):
    children = [UUID(int=n) for n in range(1, 8)]
    async with AsyncConnectionPool(prepared.service_url, min_size=1, open=False) as pool:
        few = Store(pool, Vault(RING, room=3))
        await few.append(append(*(entry(one, state=one.bytes) for one in children)))
        more = [entry(one, 2, state=one.bytes[::-1]) for one in (*children, UUID(int=9))]

        with pytest.raises(VersionConflict):
            await few.append(append(*more))  # the last has no stream to go on with
        done = await few.append(append(*more[:-1]))

    async with AsyncConnectionPool(prepared.service_url, min_size=1, open=False) as pool:
        stored = [await Store(pool, vault()).load(one) for one in children]
    assert [[event.state for event in events] for events in stored] == [
        [one.bytes, one.bytes[::-1]] for one in children
    ]
    assert done.position == 14


async def test_an_append_to_a_stream_that_moved_on_stores_nothing_of_it(store, connection):
    await store.append(append(entry(ONE)))

    with pytest.raises(VersionConflict):
        await store.append(append(entry(TWO), entry(ONE), key=KEY, claims=[(NUMBER, TWO)]))

    assert stored(connection) == [(ONE, 1)]
    assert answers(connection) == []
    assert await store.holders([NUMBER]) == {}


@pytest.mark.parametrize("version", [0, 2, 4])
async def test_only_the_next_version_is_taken_and_no_position_burnt(store, connection, version):
    await store.append(append(entry(ONE), entry(ONE, 2)))

    with pytest.raises(VersionConflict):
        await store.append(append(entry(ONE, version)))

    assert stored(connection) == [(ONE, 1), (ONE, 2)]
    assert (await store.append(append(entry(ONE, 3)))).position == 3


async def test_appends_that_arrive_together_commit_as_one_transaction(store, connection):
    children = [uuid4() for _ in range(20)]

    done = await as_one_group(connection, store, *(append(entry(child)) for child in children))

    assert [one.position for one in done] == list(range(2, 22))
    assert stored(connection)[1:] == [(child, 1) for child in children]
    assert len(set(stored(connection, "xmin::text"))) == 2  # the first one's, and theirs


async def test_a_conflicting_append_fails_alone_in_its_group(store, connection):
    await store.append(append(entry(ONE)))
    await store.load(ONE)
    before, conflict, after = await as_one_group(
        connection,
        store,
        append(entry(ONE, 2)),
        append(entry(TWO), entry(ONE, 2)),
        append(entry(ONE, 3), entry(TWO)),
    )

    assert isinstance(conflict, VersionConflict)
    assert (before.position, after.position) == (3, 5)
    assert stored(connection)[2:] == [(ONE, 2), (ONE, 3), (TWO, 1)]


UNSTORABLE = {
    "NUL in a topic": append(entry(THREE, topic="student.\0")),
    "a topic that is no text": append(entry(THREE, topic="student.\ud800")),
    "a version beyond bigint": append(entry(THREE, 2**63)),
    "the same version twice": append(entry(THREE), entry(THREE)),
    "no state": append(entry(THREE, state=None)),  # type: ignore[arg-type]
    "NUL in an answer": append(entry(THREE), answer={"note": "\0"}),
    "an answer that is no JSON": append(entry(THREE), answer={"note": {1, 2}}),
    "NUL in an account": append(entry(THREE), actor="some\0body"),
}


@pytest.mark.parametrize("what", UNSTORABLE)
async def test_what_cannot_be_stored_fails_alone_in_its_group(store, connection, what):
    good = [append(entry(uuid4()), answer={"child": n}) for n in range(6)]

    outcomes = await as_one_group(connection, store, *good[:4], UNSTORABLE[what], *good[4:])

    fault = outcomes.pop(4)
    assert isinstance(fault, Exception)
    assert not isinstance(fault, StoreUnavailable)  # trying again would not help
    assert [one.answer for one in outcomes] == [{"child": n, "position": n + 2} for n in range(6)]
    assert stored(connection)[1:] == [(one.events[0].originator_id, 1) for one in good]


async def test_a_key_repeated_in_a_group_is_stored_once_whatever_else_fails(store, connection):
    once, poison = append(entry(ONE), key=KEY), UNSTORABLE["NUL in a topic"]

    first, second, fault = await as_one_group(connection, store, once, once, poison)

    assert (first.known, second.known, second.answer) == (False, True, first.answer)
    assert isinstance(fault, psycopg.DataError)
    assert stored(connection)[1:] == [(ONE, 1)]


async def test_a_caller_that_leaves_loses_nobody_elses_append(store, connection):
    children = [uuid4() for _ in range(5)]
    with nobody_can_append(connection):
        calls = await under_way(connection, store, *(append(entry(one)) for one in children))
        calls[0].cancel()  # its append is at the database
        calls[2].cancel()  # its append waits for the next group

    outcomes = await asyncio.wait_for(asyncio.gather(*calls, return_exceptions=True), 20)

    assert [n for n, one in enumerate(outcomes) if isinstance(one, BaseException)] == [0, 2]
    positions = dict(stored(connection, "originator_id, notification_id"))
    assert sorted(positions.values()) == list(range(1, len(positions) + 1))
    for n in (1, 3, 4):
        assert positions[children[n]] == outcomes[n].position
    for child in children:  # whether its own stands or not, every stream goes on
        done = await store.append(append(entry(child, len(await store.load(child)) + 1)))
        assert done.position == await store.head()


async def test_loads_that_arrive_together_go_out_as_one_query_and_each_gets_its_own(
    store, prepared, connection
):
    children = [uuid4() for _ in range(20)]
    await store.append(append(*(entry(child) for child in [ONE, *children])))
    await store.append(append(entry(ONE, 2)))
    with psycopg.connect(prepared.owner_url) as another:
        another.execute("LOCK TABLE log.stored_events IN ACCESS EXCLUSIVE MODE")
        loads = [asyncio.create_task(store.load(ONE))]
        await until_it_waits(connection, "relation")
        loads += [asyncio.create_task(store.load(child)) for child in [*children, TWO, ONE]]
        await asyncio.sleep(0.05)
        assert await until_it_waits(connection, "relation") == 1  # one connection asks, for all

    first, *others, unknown, again = await asyncio.gather(*loads)

    assert [[event.originator_id for event in one] for one in others] == [[c] for c in children]
    assert unknown == []
    assert first == again
    assert [event.originator_version for event in first] == [1, 2]


async def test_closing_waits_for_the_appends_under_way(store, connection):
    with nobody_can_append(connection):
        calls = await under_way(connection, store, append(entry(ONE)), append(entry(TWO)))
        closing = asyncio.create_task(store.close())
        await asyncio.sleep(0.01)
        assert not closing.done()

    await closing

    assert stored(connection) == [(ONE, 1), (TWO, 1)]
    assert [(await call).position for call in calls] == [1, 2]


async def test_the_answer_to_a_key_is_kept_in_the_transaction_of_its_events(store, connection):
    await store.append(append(entry(ONE), key=KEY, answer={"entry": 1, "名": "测"}))

    ((transaction,),) = stored(connection, "xmin::text")
    answer = {"entry": 1, "名": "测", "position": 1}
    assert answers(connection) == [("somebody", KEY.key, b"request", answer, transaction)]


async def test_the_same_request_again_gets_the_same_answer_and_stores_nothing(store, connection):
    first = await store.append(append(entry(ONE), key=KEY))
    await store.append(append(entry(ONE, 2)))

    again = await store.append(append(entry(ONE), key=KEY, answer={"entry": 99}))

    assert (again.answer, again.position, again.known) == (first.answer, 1, True)
    assert again == await store.answer_to(KEY)
    assert stored(connection) == [(ONE, 1), (ONE, 2)]


async def test_a_key_used_for_another_request_is_refused(store, connection):
    await store.append(append(entry(ONE), key=KEY))
    reused = IdempotencyKey(KEY.account, KEY.key, b"another request")

    with pytest.raises(KeyReused):
        await store.append(append(entry(ONE, 2), key=reused))
    with pytest.raises(KeyReused):
        await store.answer_to(reused)

    assert stored(connection) == [(ONE, 1)]
    assert [request for _, _, request, _, _ in answers(connection)] == [b"request"]


async def test_a_conflict_leaves_the_key_unused(store, connection):
    await store.append(append(entry(ONE)))
    with pytest.raises(VersionConflict):
        await store.append(append(entry(ONE), key=KEY))
    assert await store.answer_to(KEY) is None

    done = await store.append(append(entry(ONE, 2), key=KEY))

    assert (done.position, done.known) == (2, False)


async def test_a_key_never_counts_for_another_account(store):
    theirs = IdempotencyKey("somebody else", KEY.key, KEY.request)
    mine = await store.append(append(entry(ONE), key=KEY, answer={"of": "mine"}))
    assert await store.answer_to(theirs) is None

    done = await store.append(append(entry(TWO), actor=theirs.account, key=theirs))

    assert (done.answer, done.known) == ({"position": 2}, False)
    assert (await store.answer_to(KEY)).answer == mine.answer


async def test_a_number_of_another_child_is_refused_with_its_holder(store, connection):
    await store.append(append(entry(ONE), claims=[(NUMBER, ONE)]))

    with pytest.raises(NumberTaken) as taken:
        await store.append(append(entry(TWO), key=KEY, claims=[(OTHER, TWO), (NUMBER, TWO)]))

    assert taken.value.holder == ONE
    assert stored(connection) == [(ONE, 1)]
    assert answers(connection) == []
    assert await store.holders([NUMBER, OTHER]) == {NUMBER: ONE}


async def test_a_correction_moves_the_number_and_frees_the_old_one(store):
    await store.append(append(entry(ONE), claims=[(NUMBER, ONE)]))

    await store.append(append(entry(ONE, 2), claims=[(OTHER, ONE)], releases=[NUMBER]))

    assert await store.holders([NUMBER, OTHER]) == {OTHER: ONE}
    await store.append(append(entry(TWO), claims=[(NUMBER, TWO)]))
    assert await store.holders([NUMBER, OTHER]) == {OTHER: ONE, NUMBER: TWO}


async def test_a_correction_to_a_number_that_is_taken_frees_nothing(store):
    await store.append(append(entry(ONE), claims=[(NUMBER, ONE)]))
    await store.append(append(entry(TWO), claims=[(OTHER, TWO)]))

    with pytest.raises(NumberTaken):
        await store.append(append(entry(TWO, 2), claims=[(NUMBER, TWO)], releases=[OTHER]))

    assert await store.holders([NUMBER, OTHER]) == {NUMBER: ONE, OTHER: TWO}


async def test_of_two_claims_of_one_number_in_a_group_the_first_holds_it(store, connection):
    first, second, third = await as_one_group(
        connection,
        store,
        append(entry(ONE), claims=[(NUMBER, ONE)]),
        append(entry(TWO), claims=[(NUMBER, TWO)]),
        append(entry(THREE), claims=[(OTHER, THREE)]),
    )

    assert isinstance(second, NumberTaken)
    assert second.holder == ONE
    assert (first.position, third.position) == (2, 3)
    assert await store.holders([NUMBER, OTHER]) == {NUMBER: ONE, OTHER: THREE}


async def test_one_append_cannot_give_a_number_to_two_children(store, connection):
    with pytest.raises(NumberTaken):
        await store.append(append(entry(ONE), entry(TWO), claims=[(NUMBER, ONE), (NUMBER, TWO)]))

    assert stored(connection) == []
    assert await store.holders([NUMBER]) == {}


async def test_the_recorded_moment_never_goes_back_though_the_clock_did(store, connection):
    await store.append(append(entry(ONE)))
    ((first,),) = stored(connection, "recorded_at")
    ahead = first + timedelta(hours=1)
    second = sealed(connection, ONE, 2, "student.home_visited", b"{}")
    connection.execute(
        "INSERT INTO log.stored_events VALUES (%s, 2, %s, %s, 2, %s, 'somebody', '')",
        [ONE, second.topic, second.state, ahead],
    )

    await store.append(append(entry(ONE, 3)))
    await store.append(append(entry(ONE, 4)))

    assert stored(connection, "recorded_at") == [(first,), (ahead,), (ahead,), (ahead,)]
    instant = timedelta(microseconds=1)
    asked = [first - instant, first, ahead - instant, ahead]
    assert [await store.position_at(moment) for moment in asked] == [0, 1, 1, 4]


async def test_a_moment_stands_for_one_position_though_an_append_is_under_way(
    store, prepared, connection
):
    await store.append(append(entry(ONE)))
    with psycopg.connect(prepared.owner_url) as another:
        under_way = sealed(connection, ONE, 2, "student.home_visited", b"{}")
        begun = [Sealed(append(), [under_way])]
        another.execute(APPEND, columns_of(begun, None))  # its moment is taken, nobody sees it
        ((now,),) = connection.execute("SELECT clock_timestamp()").fetchall()
        asked = asyncio.create_task(store.position_at(now))
        assert await store.position_at(now - timedelta(days=1)) == 0
        assert await store.position_at(now + timedelta(days=1)) == 1  # is to come: it means now
        assert not asked.done()
        another.commit()

    assert await asked == await store.position_at(now) == 2
