"""A subject's facts stand in a stream found by what it is of; children's streams are others."""

import asyncio
from uuid import UUID, uuid4

import pytest

from application.recording import UnknownChild, VersionMoved
from application.store.heads import STREAM
from application.store.store import IdempotencyKey, KeyReused
from application.store.streams import is_childs, stream_of
from application.subjects import Subjects, Wish
from domain.refusals import FutureDay, TransferDecided
from tests.application.test_tracking import service
from tests.lives import TEACHER, TODAY
from tests.subjects import Meeting, meeting

AUTUMN, SPRING = meeting("autumn"), meeting("spring")


def held(about="控辍保学", day=TODAY):
    return lambda subject, act: subject.hold(act, occurred_on=day, about=about)


@pytest.fixture
async def tracking(prepared):
    async with service(prepared.service_url) as one:
        yield one


@pytest.fixture
def subjects(tracking):
    return Subjects(tracking)


def test_an_id_is_made_of_the_names_and_none_of_them_is_a_childs():
    assert AUTUMN == stream_of("test_meeting", "autumn") != SPRING
    assert stream_of("a", "bc") != stream_of("a", "b", "c") != stream_of("ab", "c")
    for made in (AUTUMN, SPRING, STREAM):
        assert (made.version, made.variant) == (8, "specified in RFC 4122")
        assert not is_childs(made)
    assert is_childs(uuid4())
    assert is_childs(UUID(int=5))


async def test_what_is_recorded_is_loaded_again_with_who_and_when(subjects):
    done = await subjects.record(Wish(TEACHER), Meeting, AUTUMN, held(), about="autumn")

    assert done.answer == {"about": "autumn", "entry": 1, "version": 1, "position": done.position}
    known, blank = await subjects.load_all(Meeting, [AUTUMN, SPRING])
    [fact] = known.facts
    assert (fact.about, fact.occurred_on, fact.by) == ("控辍保学", TODAY, TEACHER.as_recorded())
    assert fact.timestamp == done.recorded_at
    assert (known.version, known.held) == (1, "控辍保学")
    assert (blank.version, blank.held, blank.facts) == (0, None, [])


async def test_as_of_a_position_before_it_a_fact_is_not_there(subjects):
    first = await subjects.record(Wish(TEACHER), Meeting, SPRING, held())
    await subjects.record(Wish(TEACHER), Meeting, AUTUMN, held())

    assert (await subjects.load(Meeting, AUTUMN, first.position)).held is None
    assert (await subjects.load(Meeting, SPRING, first.position)).held is not None


async def test_a_refusal_records_nothing(subjects, tracking):
    await subjects.record(Wish(TEACHER), Meeting, AUTUMN, held())
    head = await tracking.store.head()

    with pytest.raises(TransferDecided):
        await subjects.record(Wish(TEACHER), Meeting, AUTUMN, held())
    with pytest.raises(FutureDay):
        await subjects.record(Wish(TEACHER), Meeting, SPRING, held(day=TODAY.replace(year=2027)))
    with pytest.raises(VersionMoved):
        await subjects.record(Wish(TEACHER, if_match=0), Meeting, AUTUMN, held())

    assert await tracking.store.head() == head


async def test_of_two_at_once_one_is_recorded_and_the_other_judged_on_it(prepared, subjects):
    async with service(prepared.service_url) as elsewhere:
        results = await asyncio.gather(
            *(
                one.record(Wish(TEACHER), Meeting, AUTUMN, held())
                for one in (subjects, Subjects(elsewhere))
            ),
            return_exceptions=True,
        )

    assert sorted(type(one).__name__ for one in results) == ["Appended", "TransferDecided"]


async def test_a_key_gives_the_same_answer_and_no_second_fact(subjects, tracking):
    key = IdempotencyKey(TEACHER.account, uuid4(), b"request")
    wish = Wish(TEACHER, key=key)
    first = await subjects.record(wish, Meeting, AUTUMN, held())
    again = await subjects.record(wish, Meeting, AUTUMN, held())

    assert (again.answer, again.leaf) == (first.answer, first.leaf)
    assert await tracking.store.head() == first.position
    other = Wish(TEACHER, key=IdempotencyKey(TEACHER.account, key.key, b"another"))
    with pytest.raises(KeyReused):
        await subjects.record(other, Meeting, AUTUMN, held())


class Twice(Subjects):
    """Subjects whose request arrives a second time, elsewhere, just when it is to be decided."""

    def __init__(self, tracking, again):
        super().__init__(tracking)
        self.again, self.first = again, None

    async def load(self, *asked):
        if self.first is None:
            self.first = await self.again()
        return await super().load(*asked)


@pytest.mark.parametrize("if_match", [None, 0])
async def test_a_request_that_is_stored_while_it_is_decided_again_gets_its_own_answer(
    subjects, tracking, if_match
):
    wish = Wish(TEACHER, if_match, IdempotencyKey(TEACHER.account, uuid4(), b"request"))
    twice = Twice(tracking, lambda: subjects.record(wish, Meeting, AUTUMN, held()))

    again = await twice.record(wish, Meeting, AUTUMN, held())

    assert again.known
    assert (again.answer, again.leaf) == (twice.first.answer, twice.first.leaf)
    assert await tracking.store.head() == again.position


async def test_no_subject_is_taken_for_a_child(subjects, tracking):
    await subjects.record(Wish(TEACHER), Meeting, AUTUMN, held())

    with pytest.raises(UnknownChild):
        await tracking.child(AUTUMN)


async def test_facts_are_sealed_like_entries(subjects, connection):
    await subjects.record(Wish(TEACHER), Meeting, AUTUMN, held(about="不得明文"))

    [(state,)] = connection.execute("SELECT state FROM log.stored_events").fetchall()
    assert "不得明文".encode() not in bytes(state)


async def test_any_number_is_loaded_at_once_in_the_order_asked_for(subjects):
    await subjects.record(Wish(TEACHER), Meeting, meeting("2500"), held())

    found = await subjects.load_all(Meeting, [meeting(str(n)) for n in range(3_000)])

    assert [n for n, one in enumerate(found) if one.held is not None] == [2_500]
