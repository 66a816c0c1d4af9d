"""Recording: decided on a child as last known here, stored only if that is the newest."""

import asyncio
import hmac
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID
from weakref import WeakValueDictionary
from zoneinfo import ZoneInfo

from application.lately import Lately
from application.store.mapper import EntryMapper, RecordedEvent
from application.store.store import Append, Appended, IdempotencyKey, KeyReused, NumberTaken, Store
from application.store.store import VersionConflict as Conflict
from application.store.streams import duties_of
from domain.entry import Act, Actor
from domain.refusals import AlreadyOnRoll, Refusal
from domain.rules import RuleBook
from domain.student import Student

TRIES = 20


class UnknownChild(Exception):
    """There is no child with this id."""


class VersionMoved(Exception):
    """The version the caller saw is not the latest; nothing was recorded."""

    def __init__(self, latest: int) -> None:
        self.latest = latest
        super().__init__(latest)


class Busy(Exception):
    """Too many people wrote to one child at once; try again."""


@dataclass(frozen=True, slots=True)
class Ask:
    """
    One person's wish to record something for one child.

    ``child`` is the stream as just loaded or, if not ``fresh``, as it was known here lately; it is
    this request's alone. ``if_match`` is the version the caller saw. ``still`` raises if the
    person may not ask for the child as it has become since.
    """

    by: Actor
    child: Student
    if_match: int | None = None
    key: IdempotencyKey | None = None
    fresh: bool = True
    still: Callable[[Student], Awaitable[None]] | None = None


class Recording:
    """
    Loads children, and records what people decide for them.

    What a command is decided on, access included, may be stale: another process may have moved,
    restricted or erased the child since. It is safe all the same. Whatever changes who may record
    for a child, or what, is an entry in its stream. So an append at the next version succeeds only
    if nothing of it has changed, and one that conflicts is judged anew on the child just loaded,
    permission first, then the rules. A refusal is told only of a child just loaded, as is the
    answer to a known key, which says nothing of the version. Nothing else of a child that may be
    stale is ever told: whoever reads loads.
    """

    def __init__(
        self,
        store: Store,
        *,
        rule_book: RuleBook,
        number_key: bytes,
        now: Callable[[], datetime],
        zone: ZoneInfo,
    ) -> None:
        self.store = store
        self.lately = Lately()
        self.rule_book = rule_book
        self.mapper = EntryMapper()
        self.now = now
        self.zone = zone
        self._number_key = number_key
        self._locks: WeakValueDictionary[UUID, asyncio.Lock] = WeakValueDictionary()

    def today(self) -> date:
        return self.day_of(self.now())

    def day_of(self, moment: datetime) -> date:
        """Give the day it is in the district at a moment; the first or last there is beyond."""
        try:
            return moment.astimezone(self.zone).date()
        except OverflowError:
            return date.min if moment.year == 1 else date.max

    async def child(self, student_id: UUID) -> Student:
        """
        Load a child's stream.

        :raises UnknownChild: if there is none
        """
        return self.fold(await self.recorded(student_id))

    async def recorded(self, student_id: UUID) -> list[RecordedEvent]:
        """
        Load a child's stored entries.

        :raises UnknownChild: if there are none
        """
        stored = await self.store.load(student_id)
        if not stored:
            raise UnknownChild
        return stored

    def fold(self, stored: Iterable[RecordedEvent]) -> Student:
        """Replay stored entries into a stream; of an erased one, only that it was is left."""
        known = list(stored)
        if not known:
            raise UnknownChild
        if known[0].erased:
            gone: Any = known[0]
            return Student.erased(gone.originator_id, gone.recorded_at, len(known))
        entries: list[Any] = [self.mapper.to_domain_event(event) for event in known]
        return Student.of(entries)

    def digest(self, content: str) -> bytes:
        """Digest under the service's key: what was digested cannot be guessed from a dump."""
        return hmac.digest(self._number_key, content.encode(), "sha256")

    async def answer_to(self, key: IdempotencyKey | None) -> Appended | None:
        """
        Give what a request was answered before, if it was.

        :raises KeyReused: if the key was used for another request
        """
        return await self.store.answer_to(key) if key else None

    async def refuse(self, ask: Ask, refusal: Refusal) -> Appended:
        """
        Refuse what was found wrong beside the stream, unless it was answered or is stale.

        :raises VersionMoved: if the version the caller saw is not the latest
        """

        def refused(*_: object) -> None:
            raise refusal

        return await self._record(ask, refused)

    async def _record(self, ask: Ask, decide: Callable[[Student, Act], None]) -> Appended:
        """Decide and append, again on the newest state as often as somebody else was faster."""
        child, certain = ask.child, ask.fresh
        lock = self._locks.setdefault(child.id, asyncio.Lock())
        waits = lock.locked()
        async with lock:
            newer = self.lately.take(child.id)
            if waits or (newer is not None and newer.version > child.version):
                child, certain = await self._anew(ask), True
            for _ in range(TRIES):
                try:
                    done = await self._decided(ask, child, decide)
                except Conflict:
                    pass
                except (Refusal, VersionMoved, KeyReused):
                    if certain:
                        if known := await self.answer_to(ask.key):
                            return known
                        raise
                else:
                    if certain or not done.known:
                        return done
                child, certain = await self._anew(ask), True
        raise Busy

    async def _anew(self, ask: Ask) -> Student:
        """Load the child of a wish; :raises: what ``still`` raises, if it may not be asked now."""
        child = await self.child(ask.child.id)
        if ask.still is not None:
            await ask.still(child)
        return child

    async def _decided(
        self, ask: Ask, child: Student, decide: Callable[[Student, Act], None]
    ) -> Appended:
        if ask.if_match is not None and ask.if_match != child.version:
            raise VersionMoved(child.version)
        number = child.state.student_number
        decide(child, self.acting(ask.by))
        done = await self._append([child], ask.by, ask.key, entry_answer(child), number)
        if not done.known and child.state.erased_by is None:
            self.lately.keep(child)
        return done

    async def _append(
        self,
        children: Sequence[Student],
        by: Actor,
        key: IdempotencyKey | None,
        answer: dict[str, Any],
        number_before: str | None = None,
    ) -> Appended:
        claims = [
            (self.digest(child.state.student_number), child.id)
            for child in children
            if child.state.student_number and child.state.student_number != number_before
        ]
        erased = [child.id for child in children if child.state.erased_by is not None]
        destroys = [*erased, *map(duties_of, erased)]
        moved = number_before is not None and children[0].state.student_number != number_before
        for child in children:
            self.lately.take(child.id)
        try:
            return await self.store.append(
                Append(
                    events=[
                        self.mapper.to_stored_event(event)
                        for child in children
                        for event in child.collect_events()
                    ],
                    actor=by.account,
                    answer=answer,
                    key=key,
                    claims=claims,
                    releases=[self.digest(number_before)] if moved and number_before else [],
                    destroys=destroys,
                )
            )
        except NumberTaken as taken:
            raise AlreadyOnRoll(student_id=str(taken.holder)) from taken
        finally:
            if destroys:
                self.lately.clear()

    def acting(self, by: Actor) -> Act:
        """Give a person's act as it is done now, under the rules in force."""
        today = self.today()
        return Act(by=by, at=self.now(), today=today, rules=self.rule_book.on(today))


def entry_answer(child: Student) -> dict[str, Any]:
    return {"student_id": str(child.id), "entry": child.version, "version": child.version}
