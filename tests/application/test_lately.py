"""A child lately recorded for is a guess: an append confirms it, or all is judged anew."""

import random
import time
from contextlib import asynccontextmanager
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from psycopg_pool import AsyncConnectionPool

from application.lately import Lately
from application.store.store import IdempotencyKey, Store
from application.tracking import Ask, VersionMoved
from domain.entry import Actor
from domain.refusals import KeyGroupNotHeld, RecordErased, RecordRestricted, Refusal
from domain.student import Student
from tests.keys import vault
from tests.lives import BUREAU, START, TEACHER, TODAY, a_child, acts, commands

OTHER = Actor("acc-other", "测癸", "bureau", "区教体局", "bureau", superior=True)
VISIT = {"occurred_on": TODAY, "mode": "phone", "visitors": ["测甲"], "met": ["guardian"]}
GROUP = {"code": "left_behind"}
MARK = {**GROUP, "from_day": TODAY, "until": None, "source": "排查", "purpose": "关注"}
BASIS = {"reason": "r", "legal_basis": "b"}


class Counting(Store):
    """A store that counts the loads it is asked for."""

    loads = 0

    async def load(self, student_id):
        self.loads += 1
        return await super().load(student_id)


@asynccontextmanager
async def process(url):
    async with AsyncConnectionPool(url, min_size=1, max_size=2, open=False) as pool:
        yield commands(Counting(pool, vault()))


@pytest.fixture
async def here(prepared):
    async with process(prepared.service_url) as one:
        yield one


@pytest.fixture
async def elsewhere(prepared, here):
    async with process(prepared.service_url) as another:
        yield another


@pytest.fixture
async def child(here):
    done = await here.enrol(TEACHER, None, **a_child(1))
    return UUID(done.answer["student_id"])


async def by_others(elsewhere, child, step, by=BUREAU, **facts):
    return await getattr(elsewhere, step)(Ask(by, await elsewhere.child(child)), **facts)


async def erased(elsewhere, child):
    left = START - timedelta(days=3000)
    await by_others(elsewhere, child, "change_roll", kind="21", occurred_on=left, papers=[])
    await by_others(elsewhere, child, "restrict", **BASIS)
    await by_others(elsewhere, child, "request_erasure", **BASIS)
    await by_others(elsewhere, child, "decide_erasure", OTHER, approve=True)


def lately(tracking, child, **more) -> Ask:
    known = tracking.lately.take(child)
    assert known is not None
    return Ask(TEACHER, known, fresh=False, **more)


async def kinds(tracking, child):
    return [event.topic.partition(".")[2] for event in await tracking.recorded(child)]


async def test_a_command_on_a_child_lately_recorded_for_loads_nothing(here, child):
    for version in range(2, 6):
        done = await here.visit_home(lately(here, child), **VISIT)
        assert done.answer["version"] == version

    assert here.store.loads == 0


async def test_what_is_kept_is_what_a_load_gives(here, child):
    """Whatever was recorded: rules look at the same, entry for entry."""
    chance = random.Random(11)
    recorded = 0
    for step in range(250):
        name, by, facts = chance.choice(acts(chance, START + timedelta(days=step // 4)))
        known = here.lately.take(child) or await here.child(child)
        try:
            await getattr(here, name)(Ask(by, known), **facts)
        except Refusal:
            continue
        recorded += 1
        kept, loaded = here.lately.take(child), await here.child(child)
        assert [entry_of(one) for one in kept.entries] == [entry_of(e) for e in loaded.entries]
        assert (kept.version, kept.state, kept.standings, kept.corrected_by) == (
            *(loaded.version, loaded.state, loaded.standings, loaded.corrected_by),
        )
        here.lately.keep(kept)
    assert recorded > 60


def entry_of(entry):
    """An entry but for its moment, which the database gives."""
    told = {name: value for name, value in vars(entry).items() if value is not None}
    return type(entry), {**told, "timestamp": None}


async def test_a_command_decided_on_a_stale_child_lands_on_the_newest(here, elsewhere, child):
    asking = lately(here, child)
    await by_others(elsewhere, child, "visit_home", **VISIT)

    done = await here.visit_home(asking, **VISIT)

    assert done.answer["version"] == 3
    assert here.lately.take(child).version == 3


async def test_a_refusal_decided_on_a_stale_child_is_judged_anew(here, elsewhere, child):
    await by_others(here, child, "end_key_group", **GROUP)
    asking = lately(here, child)
    await by_others(elsewhere, child, "assign_key_group", **MARK)

    done = await here.end_key_group(asking, **GROUP)  # not held, as known here

    assert done.answer["version"] == 4
    with pytest.raises(KeyGroupNotHeld):
        await here.end_key_group(lately(here, child), **GROUP)
    assert len(await kinds(here, child)) == 4


async def test_the_version_a_caller_saw_is_held_against_the_newest(here, elsewhere, child):
    asking = lately(here, child, if_match=2)
    await by_others(elsewhere, child, "visit_home", **VISIT)
    assert (await here.visit_home(asking, **VISIT)).answer["version"] == 3

    asking = lately(here, child, if_match=3)
    await by_others(elsewhere, child, "visit_home", **VISIT)
    with pytest.raises(VersionMoved) as moved:
        await here.visit_home(asking, **VISIT)

    assert moved.value.latest == 4


async def test_a_child_restricted_elsewhere_takes_nothing_more(here, elsewhere, child):
    asking = lately(here, child)
    await by_others(elsewhere, child, "restrict", **BASIS)

    with pytest.raises(RecordRestricted):
        await here.visit_home(asking, **VISIT)

    assert await kinds(here, child) == ["enrolled", "restricted"]


async def test_a_child_erased_elsewhere_takes_nothing_more(here, elsewhere, child):
    asking = lately(here, child)
    await erased(elsewhere, child)

    with pytest.raises(RecordErased):
        await here.visit_home(asking, **VISIT)

    assert here.lately.take(child) is None
    assert len(await kinds(here, child)) == 5


async def test_an_erasure_leaves_no_child_known(here, child):
    other = UUID((await here.enrol(TEACHER, None, **a_child(2))).answer["student_id"])

    await erased(here, child)

    assert [here.lately.take(one) for one in (child, other)] == [None, None]


class MovedAway(Exception):
    """What a test's person meets who may ask no longer."""


@pytest.mark.parametrize("repeated", [False, True])
async def test_whether_the_person_may_still_ask_is_judged_on_the_newest(
    here, elsewhere, child, repeated
):
    key = IdempotencyKey(TEACHER.account, uuid4(), b"a visit")
    if repeated:  # a known key says nothing of the version
        await here.visit_home(lately(here, child, key=key), **VISIT)
    judged = []

    async def still(newer):
        judged.append(newer.state.class_name)
        raise MovedAway

    asking = lately(here, child, key=key, still=still)
    place = {"to_class": "9班", "occurred_on": TODAY, "papers": []}
    await by_others(elsewhere, child, "change_roll", kind="29", **place)
    before = await kinds(here, child)

    with pytest.raises(MovedAway):
        await here.visit_home(asking, **VISIT)

    assert judged == ["9班"]
    assert await kinds(here, child) == before


async def test_a_failed_command_leaves_no_child_behind(here, child):
    with pytest.raises(KeyGroupNotHeld):
        await here.end_key_group(lately(here, child), code="disabled")

    assert here.lately.take(child) is None


def with_entries(count) -> Student:
    child = Student.blank(uuid4(), None)
    child.entries = [None] * count
    return child


def test_a_child_is_given_to_one_alone():
    lately, child = Lately(), with_entries(1)
    lately.keep(child)

    assert [lately.take(child.id), lately.take(child.id)] == [child, None]


def test_the_oldest_make_room():
    lately = Lately(room=10)
    first, second, third = with_entries(4), with_entries(4), with_entries(4)
    for child in (first, second, first, third):
        lately.keep(child)

    assert [lately.take(one.id) for one in (first, second, third)] == [first, None, third]
    lately.keep(with_entries(11))
    assert lately._children == {}


def test_none_is_kept_for_long():
    lately = Lately(seconds=0.05)
    first, second = with_entries(1), with_entries(1)
    lately.keep(first)
    time.sleep(0.1)
    lately.keep(second)
    assert list(lately._children) == [second.id]
    time.sleep(0.1)

    assert lately.take(second.id) is None
