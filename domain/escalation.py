"""Going upward and sideways: written reports, orders to correct, legal action, referrals."""

from datetime import date
from typing import Any

from domain.child import ChildStream
from domain.entry import Act, Entry
from domain.refusals import AlreadyAnswered, AlreadyServed, AnsweredBeforeAsked, ServedBeforeIssued


class WrittenReportFiled(Entry):
    """The case was reported upward in writing (辍学报告制)."""

    TOPIC = "student.written_report_filed"
    CORRECTABLE = frozenset({"occurred_on", "report_number", "summary"})

    to_level: str
    report_number: str
    summary: str

    def apply(self, aggregate: Any) -> None:
        episode = aggregate.state.episode
        if episode is not None:
            episode.rise_to(self.to_level)
            episode.reported |= self.to_level == "township"


class OrderIssued(Entry):
    """An order to correct (责令限期改正) was issued to the guardian (义务教育法 art. 58)."""

    TOPIC = "student.order_issued"
    CORRECTABLE = frozenset({"occurred_on", "document_number", "issued_by", "due_on"})

    document_number: str
    issued_by: str
    due_on: date
    level: str = "township"

    def apply(self, aggregate: Any) -> None:
        aggregate.state.orders[self.originator_version] = None
        episode = aggregate.state.episode
        if episode is not None:
            episode.rise_to(self.level)
            episode.reported |= self.level == "township"


class OrderServed(Entry):
    """The order reached the guardian (送达回证)."""

    TOPIC = "student.order_served"
    CORRECTABLE = frozenset({"occurred_on", "served_on", "served_to", "place"})

    order: int
    served_on: date
    served_to: str
    place: str

    def apply(self, aggregate: Any) -> None:
        aggregate.state.orders[self.order] = self.served_on


class LegalActionTaken(Entry):
    """A step of the law was taken (依法处置), on its own legal basis."""

    TOPIC = "student.legal_action_taken"
    CORRECTABLE = frozenset({"occurred_on", "kind", "document_number", "legal_basis", "result"})

    kind: str
    document_number: str
    legal_basis: str
    result: str | None = None
    level: str = "legal"

    def apply(self, aggregate: Any) -> None:
        if aggregate.state.episode is not None:
            aggregate.state.episode.rise_to(self.level)


class ReferralMade(Entry):
    """
    A member unit (成员单位) was asked for help; the owner of the case stays the same.

    ``fields`` are those of the child's record agreed for this kind of referral on that day: what
    the unit may see of the child until it has answered.
    """

    TOPIC = "student.referral_made"
    CORRECTABLE = frozenset({"occurred_on", "question"})

    to_unit: str
    question: str
    kind: str | None = None
    fields: list[str] | None = None

    def apply(self, aggregate: Any) -> None:
        aggregate.state.referrals[self.originator_version] = None


class ReferralAnswered(Entry):
    """The member unit answered."""

    TOPIC = "student.referral_answered"
    CORRECTABLE = frozenset({"occurred_on", "answer"})

    referral: int
    answer: str

    def apply(self, aggregate: Any) -> None:
        aggregate.state.referrals[self.referral] = self.originator_version


class Escalation(ChildStream):
    """What lifts a case to the next level, or brings others in."""

    @property
    def open_referrals(self) -> list[ReferralMade]:
        """The referrals that wait for their answer, oldest first."""
        made = [entry for entry in self.entries if isinstance(entry, ReferralMade)]
        return [one for one in made if self.state.referrals.get(one.originator_version) is None]

    @property
    def is_referred(self) -> bool:
        """Whether a referral waits for its answer, or one was made in the case now open."""
        episode = self.state.episode
        in_open_case = episode is not None and episode.is_open and episode.number
        return bool(self.open_referrals) or any(
            isinstance(entry, ReferralMade) and standing.episode == in_open_case
            for entry, standing in zip(self.entries, self.standings, strict=True)
        )

    def report(
        self, act: Act, *, to_level: str, report_number: str, occurred_on: date, summary: str
    ) -> None:
        """
        File a written report; levels only rise within an episode.

        Source: 未成年人保护法 art. 28, in writing and in time if persuasion fails.

        :raises NotUnderPersuasion: if the case is not suspected, unreachable or dropped out
        """
        self.open_episode().require_persuasion()
        self.record(
            WrittenReportFiled,
            act,
            occurred_on,
            to_level=to_level,
            report_number=report_number,
            summary=summary,
        )

    def issue_order(
        self, act: Act, *, document_number: str, occurred_on: date, issued_by: str, due_on: date
    ) -> None:
        """
        Issue an order to correct.

        :raises NotUnderPersuasion: if the case is not suspected, unreachable or dropped out
        """
        self.open_episode().require_persuasion()
        self.record(
            OrderIssued,
            act,
            occurred_on,
            document_number=document_number,
            issued_by=issued_by,
            due_on=due_on,
            level="bureau" if act.by.level == "bureau" else "township",
        )

    def serve_order(
        self,
        act: Act,
        *,
        entry: int,
        served_on: date,
        served_to: str,
        place: str,
        occurred_on: date | None = None,
    ) -> None:
        """
        Record the proof of service of an order.

        :raises NoSuchEntry: if the entry is no order
        :raises AlreadyServed: if its service is recorded
        :raises ServedBeforeIssued: if the day lies before the order's
        """
        order = self.entry_of(entry, OrderIssued)
        served_before = self.state.orders.get(entry)
        if served_before is not None:
            raise AlreadyServed(served_on=served_before)
        self.open_episode()
        if served_on < order.occurred_on:
            raise ServedBeforeIssued(day=served_on, issued_on=order.occurred_on)
        self.check_day(act, served_on)
        self.record(
            OrderServed,
            act,
            occurred_on or served_on,
            order=entry,
            served_on=served_on,
            served_to=served_to,
            place=place,
        )

    def take_legal_action(self, act: Act, *, occurred_on: date, **facts: Any) -> None:
        """
        Record a legal step, which lifts the case to the legal level.

        :raises NotUnderPersuasion: if the case is not suspected, unreachable or dropped out
        """
        self.open_episode().require_persuasion()
        self.record(LegalActionTaken, act, occurred_on, **facts)

    def refer(
        self, act: Act, *, to_unit: str, occurred_on: date, question: str, kind: str = "other"
    ) -> None:
        """
        Ask a member unit for help with the open case, sending the fields agreed for this kind.

        Source: domain.md section 8, 10.
        """
        self.open_episode()
        self.record(
            ReferralMade,
            act,
            occurred_on,
            to_unit=to_unit,
            question=question,
            kind=kind,
            fields=list(act.rules.referral_fields[kind]),
        )

    def answer_referral(self, act: Act, *, entry: int, occurred_on: date, answer: str) -> None:
        """
        Record a member unit's answer; it may come after the case is closed.

        :raises NoSuchEntry: if the entry is no referral
        :raises AlreadyAnswered: if it was answered before
        :raises AnsweredBeforeAsked: if the day lies before the referral's
        """
        referral = self.entry_of(entry, ReferralMade)
        answered_by = self.state.referrals.get(entry)
        if answered_by is not None:
            raise AlreadyAnswered(entry=answered_by)
        if occurred_on < referral.occurred_on:
            raise AnsweredBeforeAsked(day=occurred_on, asked_on=referral.occurred_on)
        self.record(ReferralAnswered, act, occurred_on, referral=entry, answer=answer)
