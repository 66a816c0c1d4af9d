"""Supervision (督导): rubrics, scores, vetoes, talks, bulletins: streams known by their names."""

from collections.abc import Callable, Iterable
from functools import partial
from typing import Any, Generic, TypeVar

from application.store.store import Appended
from application.store.streams import stream_of
from application.subjects import Subjects, Wish
from domain.bulletins import Bulletins
from domain.entry import Act
from domain.rubrics import Rubrics
from domain.scores import SchoolScores
from domain.subject import Subject
from domain.supervision_periods import Period
from domain.talks import Talks
from domain.vetoes import Veto

S = TypeVar("S", bound=Subject)
Names = tuple[str, ...]


class Streams(Generic[S]):
    """The streams of one kind of subject: each known by the names it is of, listed nowhere."""

    def __init__(self, subjects: Subjects, kind: type[S]) -> None:
        self._subjects = subjects
        self._kind = kind

    async def one(self, *names: str, upto: int | None = None) -> S:
        """Load a subject, as of a position if one is given; blank if nothing is told of it."""
        return await self._subjects.load(self._kind, self._stream(names), upto)

    async def told(self, names: Iterable[Names], upto: int | None = None) -> list[tuple[Names, S]]:
        """Load those subjects of which anything is told, in the order asked for."""
        asked = {self._stream(one): one for one in names}
        begun = await self._subjects.begun(asked)
        streams = [stream for stream in asked if stream in begun]
        loaded = await self._subjects.load_all(self._kind, streams, upto)
        return [(asked[stream], one) for stream, one in zip(streams, loaded, strict=True)]

    async def record(
        self, wish: Wish, names: Names, decide: Callable[[S, Act], None], **answer: Any
    ) -> Appended:
        """Decide on a subject and append."""
        stream = self._stream(names)
        return await self._subjects.record(wish, self._kind, stream, decide, **answer)

    def _stream(self, names: Names) -> Any:
        return stream_of(self._kind.SUBJECT, *names)


class Supervision:
    """What people record in supervision; facts and refusals are those of the domain's methods."""

    def __init__(self, subjects: Subjects) -> None:
        self.rubrics = Streams(subjects, Rubrics)
        self.scores = Streams(subjects, SchoolScores)
        self.vetoes = Streams(subjects, Veto)
        self.talks = Streams(subjects, Talks)
        self.bulletins = Streams(subjects, Bulletins)

    async def issue_rubric(self, wish: Wish, **facts: Any) -> Appended:
        return await self.rubrics.record(wish, (), partial(Rubrics.issue, **facts))

    async def score(
        self, wish: Wish, period: Period, *, school_code: str, rubric: int, **facts: Any
    ) -> Appended:
        """
        Score a school; facts and refusals are those of ``SchoolScores.give``.

        :raises NoSuchRubric: if there is no such rubric
        """
        rubrics = await self.rubrics.one()
        given: dict[str, Any] = {
            "rubric": rubric,
            "worth": rubrics.one(rubric).worth,
            "in_force": rubrics.in_force(rubric, period.first, period.last),
            "school_code": school_code,
        }
        give = partial(SchoolScores.give, period=period, **given, **facts)
        return await self.scores.record(wish, (school_code, period.name), give)

    async def correct_score(
        self, wish: Wish, names: Names, entry: int, rubric: int, **facts: Any
    ) -> Appended:
        worth = (await self.rubrics.one()).one(rubric).worth
        correct = partial(SchoolScores.correct, entry=entry, worth=worth, **facts)
        return await self.scores.record(wish, names, correct, corrects=entry)

    async def commend(self, wish: Wish, names: Names, entry: int, **facts: Any) -> Appended:
        commend = partial(SchoolScores.commend, entry=entry, **facts)
        return await self.scores.record(wish, names, commend, commends=entry)

    async def decide_veto(
        self, wish: Wish, period: Period, school_code: str, **facts: Any
    ) -> Appended:
        decide = partial(Veto.decide, school_code=school_code, period=period, **facts)
        return await self.vetoes.record(wish, (school_code, period.name), decide)

    async def hold_talk(self, wish: Wish, unit: str, **facts: Any) -> Appended:
        year = Period.year_of(facts["held_on"]).name
        hold = partial(Talks.hold, unit=unit, **facts)
        return await self.talks.record(wish, (unit, year), hold, school_year=year)

    async def follow_up(self, wish: Wish, names: Names, entry: int, **facts: Any) -> Appended:
        follow_up = partial(Talks.follow_up, entry=entry, **facts)
        return await self.talks.record(wish, names, follow_up, follows=entry)

    async def draft_bulletin(self, wish: Wish, year: str, **facts: Any) -> Appended:
        draft = partial(Bulletins.draft, **facts)
        return await self.bulletins.record(wish, (year,), draft, school_year=year)

    async def publish(self, wish: Wish, year: str, entry: int, **facts: Any) -> Appended:
        publish = partial(Bulletins.publish, entry=entry, **facts)
        return await self.bulletins.record(wish, (year,), publish, publishes=entry)
