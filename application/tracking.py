"""Case tracking: one method per command. Each loads the stream, acts, appends, answers where."""

import asyncio
import hmac
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID
from weakref import WeakValueDictionary
from zoneinfo import ZoneInfo

from application.store.mapper import EntryMapper, RecordedEvent
from application.store.store import Append, Appended, IdempotencyKey, NumberTaken, Store
from application.store.store import VersionConflict as Conflict
from domain.entry import Act, Actor
from domain.refusals import (
    AlreadyOnRoll,
    AlreadyPromoted,
    NotOnRoll,
    RecordErased,
    RecordRestricted,
    Refusal,
)
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

    ``child`` is the stream as just loaded; ``if_match`` the version the caller saw.
    """

    by: Actor
    child: Student
    if_match: int | None = None
    key: IdempotencyKey | None = None


class CaseTracking:
    """Every command of the service; every one is retried on the newest state, or refused."""

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
        self.rule_book = rule_book
        self.mapper = EntryMapper()
        self.now = now
        self.zone = zone
        self._number_key = number_key
        self._locks: WeakValueDictionary[UUID, asyncio.Lock] = WeakValueDictionary()

    # Reading --------------------------------------------------------------------------------

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

    # The roll -------------------------------------------------------------------------------

    async def enrol(self, by: Actor, key: IdempotencyKey | None, **facts: Any) -> Appended:
        """
        Start a child's stream.

        :raises AlreadyOnRoll: with ``student_id`` of the child that holds the number
        """
        if known := await self.answer_to(key):
            return known
        child = Student.new(self._act(by), **facts)
        return await self._append([child], by, key, _entry_answer(child))

    def drafted(self, by: Actor, **facts: Any) -> Student:
        """Enrol a child in a stream that is not stored yet; ``student_id`` may be among facts."""
        return Student.new(self._act(by), **facts)

    async def enrol_all(
        self,
        by: Actor,
        children: Sequence[Student],
        answer: dict[str, Any],
        key: IdempotencyKey | None = None,
    ) -> Appended:
        """
        Store many drafted streams in one transaction, all or none.

        :raises AlreadyOnRoll: with ``student_id`` of the child that holds one of the numbers
        """
        return await self._append(children, by, key, answer)

    async def holders(self, numbers: Iterable[str]) -> dict[str, UUID]:
        """Say which of some student numbers are on the roll, and whose they are."""
        hashed = {self.digest(number): number for number in numbers}
        found = await self.store.holders(list(hashed))
        return {hashed[number]: student_id for number, student_id in found.items()}

    async def answer_to(self, key: IdempotencyKey | None) -> Appended | None:
        """
        Give what a request was answered before, if it was.

        :raises KeyReused: if the key was used for another request
        """
        return await self.store.answer_to(key) if key else None

    async def change_roll(self, ask: Ask, **facts: Any) -> Appended:
        return await self._record(ask, lambda child, act: child.change_roll(act, **facts))

    async def promote(
        self,
        by: Actor,
        school_code: str,
        student_ids: Sequence[UUID],
        occurred_on: date,
        key: IdempotencyKey | None,
    ) -> Appended:
        """
        Move or graduate every given child that is at the school, in one transaction.

        :raises AlreadyPromoted: if nobody is left to promote
        """
        if known := await self.answer_to(key):
            return known
        act = self._act(by)
        promoted: list[Student] = []
        refused: Refusal | None = None
        for student_id in dict.fromkeys(student_ids):  # each once
            child = await self.child(student_id)
            if child.state.school_code != school_code:
                continue
            try:
                child.promote(act, occurred_on=occurred_on)
            except (AlreadyPromoted, NotOnRoll, RecordRestricted, RecordErased) as refusal:
                refused = refusal
                continue
            promoted.append(child)
        if not promoted and refused is not None:
            raise refused
        graduated = sum(child.state.student_status == "07" for child in promoted)
        answer = {
            "school_code": school_code,
            "promoted": len(promoted) - graduated,
            "graduated": graduated,
        }
        try:
            return await self._append(promoted, by, key, answer)
        except Conflict as conflict:
            raise Busy from conflict

    async def request_transfer(self, ask: Ask, **facts: Any) -> Appended:
        return await self._record(ask, lambda child, act: child.request_transfer(act, **facts))

    async def decide_transfer(self, ask: Ask, **facts: Any) -> Appended:
        return await self._record(ask, lambda child, act: child.decide_transfer(act, **facts))

    async def assign_key_group(self, ask: Ask, **facts: Any) -> Appended:
        return await self._record(ask, lambda child, act: child.assign_key_group(act, **facts))

    async def end_key_group(self, ask: Ask, **facts: Any) -> Appended:
        return await self._record(ask, lambda child, act: child.end_key_group(act, **facts))

    # The case -------------------------------------------------------------------------------

    async def flag_absence(self, ask: Ask, **facts: Any) -> Appended:
        return await self._record(ask, lambda child, act: child.flag_absence(act, **facts))

    async def suspect(self, ask: Ask, **facts: Any) -> Appended:
        return await self._record(ask, lambda child, act: child.suspect(act, **facts))

    async def lose_contact(self, ask: Ask, **facts: Any) -> Appended:
        return await self._record(ask, lambda child, act: child.lose_contact(act, **facts))

    async def mark_dropout(self, ask: Ask, **facts: Any) -> Appended:
        return await self._record(ask, lambda child, act: child.mark_dropout(act, **facts))

    async def confirm_dropout(self, ask: Ask, **facts: Any) -> Appended:
        return await self._record(ask, lambda child, act: child.confirm_dropout(act, **facts))

    async def confirm_return(self, ask: Ask, **facts: Any) -> Appended:
        return await self._record(ask, lambda child, act: child.confirm_return(act, **facts))

    async def observe_attendance(self, ask: Ask, **facts: Any) -> Appended:
        return await self._record(ask, lambda child, act: child.observe_attendance(act, **facts))

    async def request_close_out(self, ask: Ask, **facts: Any) -> Appended:
        return await self._record(ask, lambda child, act: child.request_close_out(act, **facts))

    async def decide_close_out(self, ask: Ask, **facts: Any) -> Appended:
        return await self._record(ask, lambda child, act: child.decide_close_out(act, **facts))

    # Care -----------------------------------------------------------------------------------

    async def name_responsible(self, ask: Ask, **facts: Any) -> Appended:
        return await self._record(ask, lambda child, act: child.name_responsible(act, **facts))

    async def visit_home(self, ask: Ask, **facts: Any) -> Appended:
        return await self._record(ask, lambda child, act: child.visit_home(act, **facts))

    async def counsel(self, ask: Ask, **facts: Any) -> Appended:
        return await self._record(ask, lambda child, act: child.counsel(act, **facts))

    async def persuade(self, ask: Ask, **facts: Any) -> Appended:
        return await self._record(ask, lambda child, act: child.persuade(act, **facts))

    async def support(self, ask: Ask, **facts: Any) -> Appended:
        return await self._record(ask, lambda child, act: child.support(act, **facts))

    async def assign_home_teaching(self, ask: Ask, **facts: Any) -> Appended:
        return await self._record(ask, lambda child, act: child.assign_home_teaching(act, **facts))

    async def teach_at_home(self, ask: Ask, **facts: Any) -> Appended:
        return await self._record(ask, lambda child, act: child.teach_at_home(act, **facts))

    async def place(self, ask: Ask, **facts: Any) -> Appended:
        return await self._record(ask, lambda child, act: child.place(act, **facts))

    # Escalation -----------------------------------------------------------------------------

    async def report(self, ask: Ask, **facts: Any) -> Appended:
        return await self._record(ask, lambda child, act: child.report(act, **facts))

    async def issue_order(self, ask: Ask, **facts: Any) -> Appended:
        return await self._record(ask, lambda child, act: child.issue_order(act, **facts))

    async def serve_order(self, ask: Ask, **facts: Any) -> Appended:
        return await self._record(ask, lambda child, act: child.serve_order(act, **facts))

    async def take_legal_action(self, ask: Ask, **facts: Any) -> Appended:
        return await self._record(ask, lambda child, act: child.take_legal_action(act, **facts))

    async def refer(self, ask: Ask, **facts: Any) -> Appended:
        return await self._record(ask, lambda child, act: child.refer(act, **facts))

    async def answer_referral(self, ask: Ask, **facts: Any) -> Appended:
        return await self._record(ask, lambda child, act: child.answer_referral(act, **facts))

    # Restriction and erasure ------------------------------------------------------------------

    async def restrict(self, ask: Ask, **facts: Any) -> Appended:
        return await self._record(ask, lambda child, act: child.restrict(act, **facts))

    async def lift_restriction(self, ask: Ask, **facts: Any) -> Appended:
        return await self._record(ask, lambda child, act: child.lift_restriction(act, **facts))

    async def request_erasure(self, ask: Ask, **facts: Any) -> Appended:
        return await self._record(ask, lambda child, act: child.request_erasure(act, **facts))

    async def decide_erasure(self, ask: Ask, **facts: Any) -> Appended:
        return await self._record(ask, lambda child, act: child.decide_erasure(act, **facts))

    async def correct(self, ask: Ask, **facts: Any) -> Appended:
        """Correct an entry; :raises AlreadyOnRoll: if its number is another child's."""
        return await self._record(ask, lambda child, act: child.correct(act, **facts))

    async def refuse(self, ask: Ask, refusal: Refusal) -> Appended:
        """
        Refuse what was found wrong beside the stream, unless it was answered or is stale.

        :raises VersionMoved: if the version the caller saw is not the latest
        """
        if known := await self.answer_to(ask.key):
            return known
        if ask.if_match is not None and ask.if_match != ask.child.version:
            raise VersionMoved(ask.child.version)
        raise refusal

    # Load, act, append ----------------------------------------------------------------------

    async def _record(self, ask: Ask, decide: Callable[[Student, Act], None]) -> Appended:
        lock = self._locks.setdefault(ask.child.id, asyncio.Lock())
        waits = lock.locked()
        async with lock:
            if known := await self.answer_to(ask.key):
                return known
            child = await self.child(ask.child.id) if waits else ask.child
            return await self._tried(ask, child, decide)

    async def _tried(
        self, ask: Ask, child: Student, decide: Callable[[Student, Act], None]
    ) -> Appended:
        """Decide and append, again on the newest state as often as another process was faster."""
        number = child.state.student_number
        for _ in range(TRIES):
            if ask.if_match is not None and ask.if_match != child.version:
                raise VersionMoved(child.version)
            decide(child, self._act(ask.by))
            try:
                return await self._append([child], ask.by, ask.key, _entry_answer(child), number)
            except Conflict:
                child = await self.child(child.id)
                number = child.state.student_number
        raise Busy

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
        moved = number_before is not None and children[0].state.student_number != number_before
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
                    destroys=[c.id for c in children if c.state.erased_by is not None],
                )
            )
        except NumberTaken as taken:
            raise AlreadyOnRoll(student_id=str(taken.holder)) from taken

    def _act(self, by: Actor) -> Act:
        today = self.today()
        return Act(by=by, at=self.now(), today=today, rules=self.rule_book.on(today))


def _entry_answer(child: Student) -> dict[str, Any]:
    return {"student_id": str(child.id), "entry": child.version, "version": child.version}
