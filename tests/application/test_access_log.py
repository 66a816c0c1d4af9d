"""The access log's promises: every line sealed by the next, none changed, each stored alone."""

import asyncio
from contextlib import contextmanager, suppress
from uuid import UUID, uuid4

import psycopg
import pytest
from psycopg_pool import AsyncConnectionPool

from application.access_log import AccessLog, Line
from application.layout import prepare
from application.store.store import Store, StoreUnavailable
from tests.keys import RING, vault

LOG_LOCK, APPEND_LOCK = 20230903, 20230901
WHO = str(UUID(int=7))
ONE, TWO, THREE = (UUID(int=n) for n in (1, 2, 3))  # children
LOOK = Line(
    WHO,
    "view students",
    "shown",
    role="bureau",
    unit="区教体局",
    children={TWO: "3141000058", ONE: None, THREE: "3141000059"},
    reason='核对 "名单" \n\x01 𠮷',
    details={"rows": 3, "filters": {"grade": 7, "q": True, "长": None}},
)
PLAIN = Line(WHO, "list", "refused")


@pytest.fixture
async def log(prepared):
    url = prepared.service_url
    async with AsyncConnectionPool(url, min_size=2, max_size=4, open=False) as pool:
        made = AccessLog(Store(pool, vault()))
        yield made
        await made.close()


def lines(connection, what="place, action"):
    in_order = f"SELECT {what} FROM access.access_log ORDER BY place"  # noqa: S608
    return connection.execute(in_order).fetchall()


@contextmanager
def held(connection, lock):
    connection.execute("SELECT pg_advisory_lock(%s)", [lock])
    yield
    connection.execute("SELECT pg_advisory_unlock(%s)", [lock])


async def as_one_group(connection, log, *group: Line):
    """Have lines go out together, behind one at place 1."""
    with held(connection, LOG_LOCK):
        calls = [asyncio.create_task(log.write(PLAIN))]
        waiting = (
            "SELECT FROM pg_stat_activity"
            " WHERE wait_event = 'advisory' AND datname = current_database()"
        )
        async with asyncio.timeout(10):
            while not connection.execute(waiting).fetchall():
                await asyncio.sleep(0.002)
        calls += [asyncio.create_task(log.write(line)) for line in group]
        await asyncio.sleep(0)
    return (await asyncio.wait_for(asyncio.gather(*calls, return_exceptions=True), 20))[1:]


async def test_a_line_says_who_did_what_to_whom_where_and_how_it_ended(log, connection):
    places = [await log.write(LOOK), await log.write(PLAIN)]

    assert places == [1, 2]
    columns = "account, role, unit, action, outcome, reason, details, students, schools"
    assert lines(connection, columns) == [
        (
            *(UUID(WHO), "bureau", "区教体局", "view students", "shown"),
            *(LOOK.reason, LOOK.details),
            *([TWO, ONE, THREE], ["3141000058", None, "3141000059"]),
        ),
        (UUID(WHO), None, None, "list", "refused", None, {}, [], []),
    ]


async def test_lines_that_arrive_together_are_one_transaction_each_with_its_own_children(
    log, connection
):
    children = [{uuid4(): str(n) for _ in range(n)} for n in range(20)]
    group = [Line(WHO, "view students", "shown", children=some) for some in children]

    places = await as_one_group(connection, log, *group)

    assert places == list(range(2, 22))
    assert [list(found) for (found,) in lines(connection, "students")[1:]] == [
        list(some) for some in children
    ]
    assert [found for (found,) in lines(connection, "schools")[1:]] == [
        list(some.values()) for some in children
    ]
    assert len(set(lines(connection, "xmin::text"))) == 2
    assert (await log.verify()).first_bad is None


UNSTORABLE = {
    "NUL in a reason": Line(WHO, "view", "shown", reason="\0"),
    "half a character": Line(WHO, "view", "shown", reason="\ud800"),
    "NUL in details": Line(WHO, "view", "shown", details={"q": "\0"}),
    "no account": Line("somebody", "view", "shown"),
    "no outcome": Line(WHO, "view", None),  # type: ignore[arg-type]
    "no child": Line(WHO, "view", "shown", children={"x": None}),  # type: ignore[dict-item]
}


@pytest.mark.parametrize("what", UNSTORABLE)
async def test_a_line_that_cannot_be_stored_fails_alone(log, connection, what):
    outcomes = await as_one_group(connection, log, LOOK, LOOK, UNSTORABLE[what], LOOK, PLAIN)

    fault = outcomes.pop(2)
    assert isinstance(fault, Exception)
    assert not isinstance(fault, StoreUnavailable)
    assert outcomes == [2, 3, 4, 5]
    assert await log.verify() == await log.verify()
    assert (await log.verify()).first_bad is None


async def test_a_line_never_waits_for_an_append_to_a_child(log, connection):
    with held(connection, APPEND_LOCK):
        assert await asyncio.wait_for(log.write(LOOK), 5) == 1


async def test_a_caller_that_leaves_does_not_take_the_line_with_it(log, connection):
    with held(connection, LOG_LOCK):
        left = asyncio.create_task(log.write(LOOK))
        await asyncio.sleep(0.05)
        left.cancel()
    await log.close()

    assert len(lines(connection)) == 1


async def test_moments_never_run_back_and_no_place_is_left_out(log, connection):
    for _ in range(3):
        await asyncio.gather(*(log.write(PLAIN) for _ in range(40)), return_exceptions=True)
        await asyncio.gather(log.write(UNSTORABLE["no account"]), return_exceptions=True)

    found = lines(connection, "at")
    assert found == sorted(found)
    assert [place for place, _ in lines(connection)] == list(range(1, 121))


async def test_several_services_write_one_chain(log, prepared):
    url = prepared.service_url
    async with AsyncConnectionPool(url, min_size=2, max_size=4, open=False) as pool:
        other = AccessLog(Store(pool, vault()))
        places = await asyncio.gather(
            *(log.write(LOOK) for _ in range(60)), *(other.write(PLAIN) for _ in range(60))
        )

    assert sorted(places) == list(range(1, 121))
    chain = await log.verify()
    assert (chain.lines, chain.first_bad) == (120, None)


async def test_a_line_is_neither_changed_nor_taken_away_not_even_by_the_owner(log, connection):
    await log.write(LOOK)
    before = lines(connection, "*")
    for change in (
        "UPDATE access.access_log SET reason = ''",
        "UPDATE access.access_log SET reason = '' WHERE false",
        "DELETE FROM access.access_log",
        "TRUNCATE access.access_log",
        "SET session_replication_role = replica; DELETE FROM access.access_log",
    ):
        with pytest.raises(psycopg.errors.InsufficientPrivilege, match="append-only"):
            connection.execute(change.encode())

    assert lines(connection, "*") == before


TAMPERING = {
    "another account": "UPDATE access.access_log SET account = gen_random_uuid() WHERE place = 4",
    "another role": "UPDATE access.access_log SET role = 'teacher' WHERE place = 4",
    "another unit": "UPDATE access.access_log SET unit = NULL WHERE place = 4",
    "another reason": "UPDATE access.access_log SET reason = '家访' WHERE place = 4",
    "another outcome": "UPDATE access.access_log SET outcome = 'refused' WHERE place = 4",
    "another action": "UPDATE access.access_log SET action = 'list' WHERE place = 4",
    "another moment": "UPDATE access.access_log SET at = at + interval '1us' WHERE place = 4",
    "another child": "UPDATE access.access_log SET students[2] = students[1] WHERE place = 4",
    "another school": "UPDATE access.access_log SET schools[2] = '1' WHERE place = 4",
    "other details": "UPDATE access.access_log SET details = '{\"rows\": 2}' WHERE place = 4",
    "another hash": "UPDATE access.access_log SET hash = sha256('') WHERE place = 4",
    "a line less": "DELETE FROM access.access_log WHERE place = 3",
    "another order": "UPDATE access.access_log SET place = CASE place WHEN 4 THEN 90 ELSE 4 END"
    " WHERE place IN (4, 5); UPDATE access.access_log SET place = 5 WHERE place = 90",
}


@pytest.mark.parametrize("what", TAMPERING)
async def test_whatever_is_changed_behind_the_triggers_is_found_at_its_place(log, connection, what):
    for n in range(6):
        await log.write(LOOK if n % 2 else PLAIN)
    sound = await log.verify()

    connection.execute("SET guixue.preparing = 'on'")
    connection.execute("ALTER TABLE access.access_log DISABLE TRIGGER append_only")
    connection.execute(TAMPERING[what].encode())

    assert (sound.lines, sound.first_bad) == (6, None)
    assert (await log.verify()).first_bad == 4


async def test_a_line_rewritten_with_its_hash_breaks_the_next_and_the_last_changes_the_head(
    log, connection
):
    for _ in range(6):
        await log.write(LOOK)
    head = (await log.verify()).head

    connection.execute("SET guixue.preparing = 'on'")
    connection.execute("ALTER TABLE access.access_log DISABLE TRIGGER append_only")
    for place, first_bad in ((4, 5), (6, None)):
        connection.execute("UPDATE access.access_log SET reason = '' WHERE place = %s", [place])
        connection.execute(
            "UPDATE access.access_log l SET hash = sha256(b.hash || access.canonical(l))"
            " FROM access.access_log b WHERE l.place = %s AND b.place = l.place - 1",
            [place],
        )
        if first_bad is not None:
            assert (await log.verify()).first_bad == first_bad
    assert (await log.verify()).head != head


async def test_the_canonical_form_hangs_on_no_setting_of_the_session(log, connection):
    await log.write(LOOK)
    forms = set()
    for setting in (
        "TimeZone = 'Asia/Shanghai'",
        "DateStyle = 'German'",
        "bytea_output = escape",
        "search_path = public",
        "lc_messages = 'C'",
    ):
        connection.execute(f"SET {setting}".encode())
        forms |= set(lines(connection, "access.canonical(access_log)"))

    ((form,),) = forms
    assert form.startswith(b'[1, "20')


async def test_preparing_again_loses_nothing(log, prepared, connection):
    await log.write(LOOK)

    prepare(prepared.owner_url, RING)

    assert lines(connection) == [(1, "view students")]
    assert await log.write(LOOK) == 2


async def test_an_empty_log_is_sound(log):
    chain = await log.verify()

    assert (chain.lines, chain.head, chain.first_bad) == (0, None, None)


async def test_a_line_that_no_database_takes_is_refused_and_the_next_one_stands(log, connection):
    with held(connection, LOG_LOCK):
        lost = asyncio.create_task(log.write(LOOK))
        await asyncio.sleep(0.1)
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE pid <> pg_backend_pid() AND datname = current_database()"
        )
        with pytest.raises(StoreUnavailable):
            await lost

    async with asyncio.timeout(10):
        while True:  # the pool may still hold a dead connection
            with suppress(StoreUnavailable):
                assert await log.write(PLAIN) == 1
                break
    assert lines(connection) == [(1, "list")]


async def test_a_log_that_cannot_be_written_holds_up_no_end(prepared, connection):
    async with AsyncConnectionPool(prepared.service_url, min_size=1, open=False) as pool:
        store = Store(pool, vault())
        log = AccessLog(store)
        with connection.transaction():
            connection.execute("LOCK TABLE access.access_log")
            writing = asyncio.create_task(log.write(LOOK))
            waiting = "SELECT FROM pg_locks WHERE NOT granted"
            async with asyncio.timeout(10):
                while not connection.execute(waiting).fetchall():
                    await asyncio.sleep(0.01)
            async with asyncio.timeout(5):
                await log.close()
        writing.cancel()
        await store.close()

    assert lines(connection) == []
