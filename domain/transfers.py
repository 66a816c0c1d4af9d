"""Transfer (转学) inside the district: one school offers the child, the other answers."""

from datetime import date
from typing import Any

from domain.child import ChildStream
from domain.entry import Act, Entry, Paper
from domain.refusals import SameSchool, TransferDecided, TransferPending
from domain.roll import LEFT_DISTRICT, SUSPENDED, not_on_roll
from domain.roll_papers import TRANSFER, papers_missing


class TransferRequested(Entry):
    """
    The child is offered to another school of the district, which answers.

    ``papers`` and ``papers_missing`` as in a roll change; older entries say neither.
    """

    TOPIC = "student.transfer_requested"
    CORRECTABLE = frozenset({"occurred_on", "reason", "papers"})

    to_school: str
    reason: str
    from_school: str | None = None
    papers: list[Paper] | None = None
    papers_missing: list[list[str]] | None = None

    def apply(self, aggregate: Any) -> None:
        aggregate.state.transfer = self.originator_version


class TransferAccepted(Entry):
    """The receiving school took the child in; from now on it answers for the child."""

    TOPIC = "student.transfer_accepted"
    CORRECTABLE = frozenset({"grade", "class_name"})

    request: int
    school_code: str
    grade: int
    class_name: str
    note: str | None = None

    def apply(self, aggregate: Any) -> None:
        state = aggregate.state
        state.moved = True
        state.transfer = None
        state.school_code = self.school_code
        state.grade = self.grade
        state.class_name = self.class_name
        if state.student_status != SUSPENDED:
            state.becomes("01", self.occurred_on)


class TransferRejected(Entry):
    """The receiving school did not take the child; the present school goes on answering."""

    TOPIC = "student.transfer_rejected"
    CORRECTABLE = frozenset({"note"})

    request: int
    note: str | None = None

    def apply(self, aggregate: Any) -> None:
        aggregate.state.transfer = None


class Transfers(ChildStream):
    """A transfer is an entry in the child's stream, never a copy of it."""

    def request_transfer(
        self,
        act: Act,
        *,
        to_school: str,
        occurred_on: date,
        reason: str,
        papers: list[Paper] | None = None,
    ) -> None:
        """
        Offer the child to another school of the district; without papers, visibly incomplete.

        :raises SameSchool: if the child is there already
        :raises TransferPending: if an offer still awaits its answer
        :raises NotOnRoll: if the child left the district; it comes back by a roll change (22)
        """
        self.require_alive()
        self._require_in_district()
        if to_school == self.state.school_code:
            raise SameSchool(to_school=to_school)
        if self.state.transfer is not None:
            raise TransferPending(entry=self.state.transfer)
        self.record(
            TransferRequested,
            act,
            occurred_on,
            to_school=to_school,
            from_school=self.state.school_code,
            reason=reason,
            papers=papers or [],
            papers_missing=papers_missing(TRANSFER, papers or []),
        )

    def decide_transfer(
        self,
        act: Act,
        *,
        entry: int,
        accept: bool,
        occurred_on: date | None = None,
        grade: int | None = None,
        class_name: str | None = None,
        note: str | None = None,
    ) -> None:
        """
        Answer a transfer as the receiving school; ``grade`` and ``class_name`` to accept it.

        :raises NoSuchEntry: if the entry is no transfer
        :raises TransferDecided: if it was answered before
        :raises ChildDied: if a child whose death is recorded would be taken in
        :raises NotOnRoll: if it has left the district since; it comes back by a roll change (22)
        """
        request = self.entry_of(entry, TransferRequested)
        assert isinstance(request, TransferRequested)
        if self.state.transfer != entry:
            raise TransferDecided
        day = occurred_on or act.today
        if accept:
            self.require_alive()
            self._require_in_district()
            self.record(
                TransferAccepted,
                act,
                day,
                request=entry,
                school_code=request.to_school,
                grade=grade,
                class_name=class_name,
                note=note,
            )
        else:
            self.record(TransferRejected, act, day, request=entry, note=note)

    def _require_in_district(self) -> None:
        if self.state.student_status == LEFT_DISTRICT:
            raise not_on_roll(self.state)
