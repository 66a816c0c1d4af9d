"""A command lands on the newest state or is refused; many children move in one transaction."""

import asyncio
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime, timedelta
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import pytest
from psycopg_pool import AsyncConnectionPool

from application.store.appends import APPEND, Append, Sealed, columns_of
from application.store.store import IdempotencyKey, KeyReused, Store, VersionConflict
from application.tracking import TRIES, Ask, Busy, CaseTracking, UnknownChild, VersionMoved
from domain.refusals import AlreadyOnRoll, AlreadyPromoted, KeyGroupNotHeld
from domain.rules import DEFAULT_RULES
from tests.keys import sealed, vault
from tests.lives import BUREAU, TEACHER, TODAY, a_child, number

APPEND_LOCK = 20230901
NOW = datetime(2026, 11, 24, 4, tzinfo=UTC)
SCHOOL, OTHER_SCHOOL = "3141000058", "3141000059"
VISIT = {"occurred_on": TODAY, "mode": "phone", "visitors": ["测甲"], "met": ["guardian"]}
FLAG = {"first_absent_on": TODAY, "absence_kind": "truancy", "found_by": "roll_call"}


@asynccontextmanager
async def service(url, now=lambda: NOW):
    """One process of the service: its own connections, its own store."""
    async with AsyncConnectionPool(url, min_size=1, max_size=2, open=False) as pool:
        yield CaseTracking(
            Store(pool, vault()),
            rule_book=DEFAULT_RULES,
            number_key=b"key",
            now=now,
            zone=ZoneInfo("Asia/Shanghai"),
        )


@pytest.fixture
async def tracking(prepared):
    async with service(prepared.service_url) as one:
        yield one


@pytest.fixture
async def other_service(prepared, tracking):
    async with service(prepared.service_url) as another:
        yield another


@pytest.fixture
async def child(tracking):
    """The id of a child on the roll."""
    return await enrolled(tracking, 1)


async def enrolled(tracking, serial, **changes) -> UUID:
    done = await tracking.enrol(TEACHER, None, **{**a_child(serial), **changes})
    return UUID(done.answer["student_id"])


async def kinds(tracking, child) -> list[str]:
    return [entry.entry_kind() for entry in (await tracking.child(child)).entries]


async def one_after_the_other(connection, *commands):
    """Let each command meet the append lock before the next one starts, then let all go on."""
    waiting = (
        "SELECT count(*) FROM pg_stat_activity"
        " WHERE wait_event = 'advisory' AND datname = current_database()"
    )
    connection.execute("SELECT pg_advisory_lock(%s)", [APPEND_LOCK])
    running = []
    async with asyncio.timeout(10):
        for command in commands:
            running.append(asyncio.create_task(command))
            while connection.execute(waiting).fetchone() != (len(running),):
                await asyncio.sleep(0.002)
    connection.execute("SELECT pg_advisory_unlock(%s)", [APPEND_LOCK])
    return await asyncio.gather(*running, return_exceptions=True)


async def asks(services, child, **more) -> list[Ask]:
    """What each of some services would ask, having seen the child as it is now."""
    return [Ask(TEACHER, await one.child(child), **more) for one in services]


async def test_a_command_is_retried_on_what_another_service_wrote_between(
    tracking, other_service, connection, child
):
    first, second = await asks((tracking, other_service), child)

    done = await one_after_the_other(
        connection,
        tracking.flag_absence(first, **FLAG),
        other_service.visit_home(second, **VISIT),
    )

    assert [one.answer for one in done] == [
        {"student_id": str(child), "entry": 2, "version": 2, "position": 2},
        {"student_id": str(child), "entry": 3, "version": 3, "position": 3},
    ]
    assert await kinds(tracking, child) == ["enrolled", "absence_flagged", "home_visited"]


async def test_a_retried_command_is_decided_by_what_the_newest_state_says(
    tracking, other_service, connection, child
):
    first, second = await asks((tracking, other_service), child)

    ended, refused = await one_after_the_other(
        connection,
        tracking.end_key_group(first, code="left_behind"),
        other_service.end_key_group(second, code="left_behind"),
    )

    assert ended.answer["version"] == 2
    assert isinstance(refused, KeyGroupNotHeld)
    assert await kinds(tracking, child) == ["enrolled", "key_group_ended"]


async def test_with_if_match_the_version_moved_and_nothing_is_recorded(
    tracking, other_service, connection, child
):
    first, second = await asks((tracking, other_service), child, if_match=1)

    done, moved = await one_after_the_other(
        connection,
        tracking.flag_absence(first, **FLAG),
        other_service.visit_home(second, **VISIT),
    )

    assert done.answer["version"] == 2
    assert isinstance(moved, VersionMoved)
    assert moved.latest == 2
    assert await kinds(tracking, child) == ["enrolled", "absence_flagged"]


async def test_a_version_that_is_not_the_latest_is_refused_before_anything_is_decided(
    tracking, child
):
    await tracking.visit_home(Ask(TEACHER, await tracking.child(child)), **VISIT)

    with pytest.raises(VersionMoved) as moved:
        await tracking.visit_home(Ask(TEACHER, await tracking.child(child), if_match=1), **VISIT)

    assert moved.value.latest == 2
    assert await kinds(tracking, child) == ["enrolled", "home_visited"]


async def test_commands_of_many_services_at_once_all_land(tracking, other_service, child):
    services = (tracking, other_service) * 5

    done = await asyncio.gather(
        *(
            one.visit_home(ask, **VISIT)
            for one, ask in zip(services, await asks(services, child), strict=True)
        )
    )

    assert sorted(one.answer["version"] for one in done) == list(range(2, 12))
    assert [e.position for e in await tracking.recorded(child)] == list(range(1, 12))


async def test_a_child_to_whom_others_never_stop_writing_is_busy(prepared, connection, child):
    decided = []

    def written_between():
        """Whenever somebody decides, another entry is written meanwhile."""
        decided.append(NOW)
        (latest,) = connection.execute(
            "SELECT max(originator_version) FROM log.stored_events"
        ).fetchone()
        event = sealed(connection, child, latest + 1, "student.home_visited", visit)
        connection.execute(APPEND, columns_of([Sealed(Append((), "somebody", {}), [event])], None))
        return NOW

    async with service(prepared.service_url) as calm:
        await calm.visit_home(Ask(TEACHER, await calm.child(child)), **VISIT)
        visit = (await calm.recorded(child))[-1].state
        loaded = await calm.child(child)
    async with service(prepared.service_url, now=written_between) as hurried:
        with pytest.raises(Busy):
            await hurried.flag_absence(Ask(TEACHER, loaded), **FLAG)
        stored = await kinds(hurried, child)

    assert len(decided) >= TRIES
    assert stored == ["enrolled", *["home_visited"] * (len(decided) + 1)]


async def test_a_repeated_request_gets_its_first_answer_whatever_has_happened_since(
    tracking, other_service, child
):
    key = IdempotencyKey(TEACHER.account, uuid4(), b"a visit")
    seen = await tracking.child(child)
    first = await tracking.visit_home(Ask(TEACHER, seen, 1, key), **VISIT)
    await tracking.flag_absence(Ask(TEACHER, await tracking.child(child)), **FLAG)

    again = await other_service.visit_home(
        Ask(TEACHER, await tracking.child(child), 1, key), **VISIT
    )

    assert (again.answer, again.known) == (first.answer, True)
    with pytest.raises(KeyReused):
        await tracking.visit_home(
            Ask(TEACHER, seen, key=IdempotencyKey(key.account, key.key, b"another")), **VISIT
        )
    assert await kinds(tracking, child) == ["enrolled", "home_visited", "absence_flagged"]


async def test_one_request_sent_twice_at_once_is_recorded_once(
    tracking, other_service, connection, child
):
    key = IdempotencyKey(TEACHER.account, uuid4(), b"a visit")
    first, second = await asks((tracking, other_service), child, key=key)

    done, again = await one_after_the_other(
        connection, tracking.visit_home(first, **VISIT), other_service.visit_home(second, **VISIT)
    )

    assert (done.known, again.known, again.answer) == (False, True, done.answer)
    assert await kinds(tracking, child) == ["enrolled", "home_visited"]


async def test_an_unknown_child_is_named_so(tracking):
    with pytest.raises(UnknownChild):
        await tracking.child(uuid4())
    with pytest.raises(UnknownChild):
        tracking.fold([])


async def test_a_number_on_the_roll_is_refused_with_the_child_that_holds_it(tracking, child):
    with pytest.raises(AlreadyOnRoll) as refused:
        await enrolled(tracking, 2, student_number=number(1))

    assert refused.value.facts["student_id"] == str(child)
    assert await tracking.store.head() == 1


async def test_a_corrected_number_moves_with_the_child_and_the_old_one_is_free(tracking, child):
    corrected = {"entry": 1, "changes": {"student_number": number(2)}, "reason": "录错"}
    await tracking.correct(Ask(BUREAU, await tracking.child(child)), **corrected)

    with pytest.raises(AlreadyOnRoll):
        await enrolled(tracking, 2)
    next_child = await enrolled(tracking, 1)

    assert await tracking.holders([number(1), number(2), number(3)]) == {
        number(1): next_child,
        number(2): child,
    }
    with pytest.raises(AlreadyOnRoll):  # and it cannot go back
        await tracking.correct(
            Ask(BUREAU, await tracking.child(child)),
            **{**corrected, "changes": {"student_number": number(1)}},
        )


async def a_class(tracking) -> list[UUID]:
    """Two children of grade 7, one of grade 9, and one of another school."""
    grades = (7, 7, 9, 7)
    schools = (SCHOOL, SCHOOL, SCHOOL, OTHER_SCHOOL)
    return [
        await enrolled(tracking, serial, grade=grade, school_code=school)
        for serial, (grade, school) in enumerate(zip(grades, schools, strict=True), start=10)
    ]


async def test_promotion_moves_each_child_of_the_school_once_in_one_transaction(
    tracking, connection
):
    children = await a_class(tracking)

    done = await tracking.promote(
        BUREAU, SCHOOL, [*children, *reversed(children)], date(2026, 9, 1), None
    )

    assert done.answer == {"school_code": SCHOOL, "promoted": 2, "graduated": 1, "position": 7}
    assert [await kinds(tracking, child) for child in children] == [
        ["enrolled", "promoted"],
        ["enrolled", "promoted"],
        ["enrolled", "graduated"],
        ["enrolled"],
    ]
    assert [(await tracking.child(child)).state.grade for child in children] == [8, 8, 9, 7]
    assert connection.execute(
        "SELECT count(DISTINCT xmin::text) FROM log.stored_events WHERE notification_id > 4"
    ).fetchone() == (1,)


async def test_children_promoted_already_are_not_promoted_again(tracking):
    children = await a_class(tracking)
    day = date(2026, 9, 1)
    await tracking.promote(BUREAU, SCHOOL, children[:1], day, None)

    done = await tracking.promote(BUREAU, SCHOOL, children, day + timedelta(days=1), None)
    assert (done.answer["promoted"], done.answer["graduated"]) == (1, 1)
    with pytest.raises(AlreadyPromoted):
        await tracking.promote(BUREAU, SCHOOL, children[:2], day + timedelta(days=2), None)

    assert await tracking.store.head() == 7


async def test_a_promotion_during_which_somebody_writes_moves_nobody(
    tracking, other_service, connection
):
    children = await a_class(tracking)
    (ask,) = await asks([tracking], children[1])
    key = IdempotencyKey(BUREAU.account, uuid4(), b"promote")

    _, promoted = await one_after_the_other(
        connection,
        tracking.visit_home(ask, **VISIT),
        other_service.promote(BUREAU, SCHOOL, children, TODAY, key),
    )

    assert isinstance(promoted, Busy)
    assert await tracking.store.head() == 5
    done = await other_service.promote(BUREAU, SCHOOL, children, TODAY, key)
    again = await tracking.promote(BUREAU, SCHOOL, children, TODAY, key)
    assert done.answer["promoted"] == 2
    assert (again.answer, again.known) == (done.answer, True)
    assert await tracking.store.head() == 8


class Twice(CaseTracking):
    """A service to which a request comes again while another one stores it."""

    first = None

    async def child(self, student_id):
        self.first = self.first or await self.again()
        return await super().child(student_id)


async def test_a_promotion_sent_twice_at_once_gets_one_answer(tracking):
    children = await a_class(tracking)
    told = (BUREAU, SCHOOL, children, TODAY, IdempotencyKey(BUREAU.account, uuid4(), b"promote"))
    rules = {"rule_book": DEFAULT_RULES, "now": lambda: NOW, "zone": tracking.zone}
    twice = Twice(tracking.store, number_key=b"key", **rules)
    twice.again = lambda: tracking.promote(*told)

    again = await twice.promote(*told)

    assert (again.answer, again.known) == (twice.first.answer, True)


async def test_a_school_with_nobody_to_promote_answers_so(tracking, child):
    done = await tracking.promote(BUREAU, OTHER_SCHOOL, [child], TODAY, None)

    assert done.answer == {
        "school_code": OTHER_SCHOOL,
        "promoted": 0,
        "graduated": 0,
        "position": 1,
    }
    assert await kinds(tracking, child) == ["enrolled"]


async def test_drafted_children_are_enrolled_all_together(tracking, connection):
    drafts = [tracking.drafted(BUREAU, **a_child(serial)) for serial in range(20)]
    assert await tracking.store.head() == 0

    done = await tracking.enrol_all(BUREAU, drafts, {"enrolled": 20})

    assert done.answer == {"enrolled": 20, "position": 20}
    assert [(await tracking.child(draft.id)).version for draft in drafts] == [1] * 20
    assert connection.execute(
        "SELECT count(DISTINCT xmin::text) FROM log.stored_events"
    ).fetchone() == (1,)


@pytest.mark.parametrize("serials", [(2, 3, 1, 4), (2, 3, 4, 3)])
async def test_drafted_children_of_whom_one_has_a_taken_number_are_all_left_out(
    tracking, child, serials
):
    key = IdempotencyKey(BUREAU.account, uuid4(), b"import")
    drafts = [tracking.drafted(BUREAU, **a_child(serial)) for serial in serials]

    with pytest.raises(AlreadyOnRoll) as refused:
        await tracking.enrol_all(BUREAU, drafts, {"enrolled": 4}, key)

    holders = [child] if 1 in serials else [drafts[1].id, drafts[3].id]
    assert UUID(refused.value.facts["student_id"]) in holders
    assert await tracking.store.head() == 1
    assert await tracking.answer_to(key) is None
    assert await tracking.holders(number(serial) for serial in serials if serial != 1) == {}


async def test_a_draft_whose_stream_exists_already_lets_none_in(tracking, child):
    drafts = [
        tracking.drafted(BUREAU, **a_child(2)),
        tracking.drafted(BUREAU, student_id=child, **a_child(3)),
    ]

    with pytest.raises(VersionConflict):
        await tracking.enrol_all(BUREAU, drafts, {})

    assert await tracking.store.head() == 1
