"""Subjects (monthly returns and the like): each loaded, decided upon and recorded by its stream."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, TypeVar
from uuid import UUID

from application.recording import TRIES, Busy, Recording, VersionMoved
from application.store.store import Append, Appended, IdempotencyKey
from application.store.store import VersionConflict as Conflict
from domain.entry import Act, Actor
from domain.refusals import Refusal
from domain.rules import RuleBook
from domain.subject import Fact, Subject

S = TypeVar("S", bound=Subject)


@dataclass(frozen=True, slots=True)
class Wish:
    """One person's wish to record something of a subject; ``if_match`` is the version they saw."""

    by: Actor
    if_match: int | None = None
    key: IdempotencyKey | None = None


class Subjects:
    """
    Loads subjects, and records what people decide of them.

    A stream is known by what it is of, so nothing has to be looked up to find it. Every method
    raises :class:`StoreUnavailable` when the database is away.
    """

    def __init__(self, recording: Recording) -> None:
        self._recording = recording

    @property
    def rule_book(self) -> RuleBook:
        """The rules as they are known now."""
        return self._recording.rule_book

    async def load(self, kind: type[S], stream_id: UUID, upto: int | None = None) -> S:
        """Load a subject, as of a position of the log if one is given; blank if nothing is told."""
        (subject,) = await self.load_all(kind, [stream_id], upto)
        return subject

    async def load_all(
        self, kind: type[S], stream_ids: Iterable[UUID], upto: int | None = None
    ) -> list[S]:
        """Load subjects with one query, in the order asked for."""
        now, mapper = self._recording.now(), self._recording.mapper
        asked = list(stream_ids)
        found = []
        for stream_id, events in zip(
            asked, await self._recording.store.load_subjects(asked), strict=True
        ):
            facts: list[Any] = [
                mapper.to_domain_event(event)
                for event in events
                if (upto is None or event.position <= upto) and not event.erased
            ]
            found.append(kind.of(stream_id, now, facts))
        return found

    async def begun(self, stream_ids: Iterable[UUID]) -> frozenset[UUID]:
        """Say which of some streams hold anything at all, with one query."""
        rows = await self._recording.store.query(
            "SELECT originator_id FROM log.stored_events"
            " WHERE originator_id = ANY(%b) AND originator_version = 1",
            [list(stream_ids)],
        )
        return frozenset(stream_id for (stream_id,) in rows)

    async def record(
        self,
        wish: Wish,
        kind: type[S],
        stream_id: UUID,
        decide: Callable[[S, Act], None],
        **answer: Any,
    ) -> Appended:
        """
        Decide on a subject and append, again on the newest state if somebody else was faster.

        ``answer`` is told beside entry, version and position.

        :raises KeyReused: if the key was used for another request
        :raises VersionMoved: if the version the caller saw is not the latest
        """
        recording = self._recording
        if known := await recording.answer_to(wish.key):
            return known
        for _ in range(TRIES):
            subject = await self.load(kind, stream_id)
            try:
                self._decide(wish, subject, decide)
            except (Refusal, VersionMoved):  # by what the same request recorded, sent twice?
                if known := await recording.answer_to(wish.key):
                    return known
                raise
            told = {**answer, "entry": subject.version, "version": subject.version}
            facts: list[Fact] = list(subject.collect_events())  # type: ignore[arg-type]
            append = Append(
                events=[recording.mapper.to_stored_event(fact) for fact in facts],
                actor=wish.by.account,
                answer=told,
                key=wish.key,
            )
            try:
                return await recording.store.append(append)
            except Conflict:
                continue
        raise Busy

    def _decide(self, wish: Wish, subject: S, decide: Callable[[S, Act], None]) -> None:
        if wish.if_match is not None and wish.if_match != subject.version:
            raise VersionMoved(subject.version)
        decide(subject, self._recording.acting(wish.by))
