"""Case tracking: one method per command; `Recording` loads, appends, and tries again."""

import asyncio
from collections.abc import Callable, Iterable, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from application.recording import (
    TRIES,
    Ask,
    Busy,
    Recording,
    UnknownChild,
    VersionMoved,
    entry_answer,
)
from application.roll_matching import Matched, Told, match, suspend_if_told
from application.store.sealing import Tampered
from application.store.store import Appended, IdempotencyKey
from application.store.store import VersionConflict as Conflict
from domain.child import check_not_future
from domain.entry import Actor
from domain.hand_over import HandOver, NamedLater
from domain.refusals import AlreadyPromoted, NotOnRoll, RecordErased, RecordRestricted, Refusal
from domain.student import Student

__all__ = ["TRIES", "Ask", "Busy", "CaseTracking", "UnknownChild", "VersionMoved"]


class CaseTracking(Recording):
    """Every command of the service; every one is retried on the newest state, or refused."""

    # The roll -------------------------------------------------------------------------------

    async def enrol(self, by: Actor, key: IdempotencyKey | None, **facts: Any) -> Appended:
        """
        Start a child's stream.

        :raises AlreadyOnRoll: with ``student_id`` of the child that holds the number
        """
        if known := await self.answer_to(key):
            return known
        child = Student.new(self.acting(by), **facts)
        done = await self._append([child], by, key, entry_answer(child))
        if not done.known:
            self.lately.keep(child)
        return done

    def drafted(self, by: Actor, **facts: Any) -> Student:
        """Enrol a child in a stream that is not stored yet; ``student_id`` may be among facts."""
        return Student.new(self.acting(by), **facts)

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

    def enrolled_from_file(self, by: Actor, told: Told) -> Student:
        """Enrol a child as a roll file has it; suspended (休学) there, that is its next entry."""
        act = self.acting(by)
        child = Student.new(act, occurred_on=told.enrolled_on, **told.facts)
        suspend_if_told(child, told, act)
        return child

    def matched(self, by: Actor, child: Student, told: Told, may: Callable[[str], bool]) -> Matched:
        """Record for a child what a roll file says anew; see :func:`roll_matching.match`."""
        return match(child, told, self.acting(by), may)

    async def children(self, ids: Sequence[UUID]) -> dict[UUID, Student | None]:
        """Load some children's streams; ``None`` for one that cannot be read."""
        loaded = await asyncio.gather(*map(self.child, ids), return_exceptions=True)
        found: dict[UUID, Student | None] = {}
        for student_id, child in zip(ids, loaded, strict=True):
            if isinstance(child, BaseException) and not isinstance(child, Tampered):
                raise child
            found[student_id] = None if isinstance(child, BaseException) else child
        return found

    async def holders(self, numbers: Iterable[str]) -> dict[str, UUID]:
        """Say which of some student numbers are on the roll, and whose they are."""
        hashed = {self.digest(number): number for number in numbers}
        found = await self.store.holders(list(hashed))
        return {hashed[number]: student_id for number, student_id in found.items()}

    async def change_roll(self, ask: Ask, **facts: Any) -> Appended:
        return await self._record(ask, lambda child, act: child.change_roll(act, **facts))

    async def receive_papers(self, ask: Ask, **facts: Any) -> Appended:
        return await self._record(ask, lambda child, act: child.receive_papers(act, **facts))

    async def admit(self, ask: Ask, **facts: Any) -> Appended:
        """Admit a child; :raises AlreadyOnRoll: if the number given is another child's."""
        return await self._record(ask, lambda child, act: child.admit(act, **facts))

    async def issue_notice(self, ask: Ask, **facts: Any) -> Appended:
        return await self._record(ask, lambda child, act: child.issue_notice(act, **facts))

    async def issue_notices(
        self,
        by: Actor,
        student_ids: Sequence[UUID],
        may: Callable[[Student], None],
        key: IdempotencyKey | None,
        document_number: str | None = None,
        **facts: Any,
    ) -> Appended:
        """
        Issue notices to children in one transaction, all or none; numbers go on from one.

        ``may`` raises for a child to whom the person may issue none.

        :raises UnknownChild: if one of them is not known
        """
        if known := await self.answer_to(key):
            return known
        act = self.acting(by)
        issued: list[Student] = []
        for place, student_id in enumerate(dict.fromkeys(student_ids), start=1):
            child = await self.child(student_id)
            may(child)
            number = f"{document_number}-{place}" if document_number else None
            child.issue_notice(act, document_number=number, **facts)
            issued.append(child)
        items = [{"student_id": str(child.id), "entry": child.version} for child in issued]
        answer = {"school_code": facts["school_code"], "issued": len(items), "items": items}
        try:
            return await self._append(issued, by, key, answer)
        except Conflict as conflict:
            raise Busy from conflict

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
        act = self.acting(by)
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
            if known := await self.answer_to(key):  # sent twice at once
                return known
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

    async def hand_over(
        self,
        by: Actor,
        school_code: str,
        student_ids: Sequence[UUID],
        handing: HandOver,
        key: IdempotencyKey | None,
    ) -> Appended:
        """
        Name who follows for every given child somebody answers for, in one transaction.

        A child that cannot be handed over is left out, and told of with the refusal's name.

        :raises FutureDay: if the day has not come
        """
        if known := await self.answer_to(key):
            return known
        act = self.acting(by)
        check_not_future(act, handing.from_day)
        named: list[Student] = []
        left_out: list[dict[str, str]] = []
        entries = 0
        for student_id, child in (await self.children(list(dict.fromkeys(student_ids)))).items():
            if child is None or child.state.school_code != school_code:
                continue
            try:
                count = handing.record(child, act)
            except (Refusal, NamedLater) as refusal:
                left_out.append({"student_id": str(student_id), "why": refusal.slug})
                continue
            entries += count
            named += [child] if count else []
        answer = {
            "school_code": school_code,
            "handed_over": len(named),
            "entries": entries,
            "left_out": left_out,
        }
        try:
            return await self._append(named, by, key, answer)
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
