"""Restriction (封存) and erasure (销毁): a record is kept only, then destroyed by two people."""

from calendar import isleap
from datetime import MAXYEAR, date
from typing import Any

from domain.child import ChildStream, ErasureRequest
from domain.entry import Act, Entry
from domain.episode import status_words
from domain.refusals import (
    AlreadyRestricted,
    CaseStillOpen,
    ErasurePending,
    NoErasurePending,
    NotRestricted,
    RetentionNotBegun,
    RetentionNotOver,
    SamePerson,
)
from domain.rules import Rules


class Restricted(Entry):
    """The record was restricted (封存): it is kept, and everything else stops."""

    TOPIC = "student.restricted"

    reason: str
    legal_basis: str

    def apply(self, aggregate: Any) -> None:
        aggregate.state.restricted_by = self.originator_version


class RestrictionLifted(Entry):
    """The restriction was lifted (解除封存); an erasure asked for meanwhile is dropped."""

    TOPIC = "student.restriction_lifted"

    restriction: int
    reason: str

    def apply(self, aggregate: Any) -> None:
        aggregate.state.restricted_by = None
        aggregate.state.erasure = None


class ErasureRequested(Entry):
    """Erasure (销毁) was asked for, after the retention period (保存期) had ended."""

    TOPIC = "student.erasure_requested"

    reason: str
    legal_basis: str
    retention_ended_on: date

    def apply(self, aggregate: Any) -> None:
        aggregate.state.erasure = ErasureRequest(self.originator_version, self.by["account"])


class ErasureApproved(Entry):
    """Another person approved the erasure; nothing comes after this entry."""

    TOPIC = "student.erasure_approved"

    request: int
    note: str | None = None

    def apply(self, aggregate: Any) -> None:
        aggregate.state.erasure = None
        aggregate.state.erased_by = self.originator_version


class ErasureRejected(Entry):
    """Another person rejected the erasure; the record stays restricted."""

    TOPIC = "student.erasure_rejected"

    request: int
    note: str | None = None

    def apply(self, aggregate: Any) -> None:
        aggregate.state.erasure = None


class Privacy(ChildStream, while_restricted=True):
    """Nothing erases by itself: a person restricts, a person asks, another decides."""

    def restrict(
        self, act: Act, *, reason: str, legal_basis: str, occurred_on: date | None = None
    ) -> None:
        """
        Stop everything but keeping the record.

        Source: 个人信息保护法 art. 47.

        :raises RecordErased: if the record was erased
        :raises AlreadyRestricted: if it is restricted
        """
        self.require_kept()
        if self.state.restricted_by is not None:
            raise AlreadyRestricted(entry=self.state.restricted_by)
        self.record(
            Restricted, act, occurred_on or act.today, reason=reason, legal_basis=legal_basis
        )

    def lift_restriction(self, act: Act, *, reason: str) -> None:
        """
        Let work go on; a pending request for erasure is dropped.

        :raises RecordErased: if the record was erased
        :raises NotRestricted: if there is nothing to lift
        """
        restriction = self._restriction()
        self.record(RestrictionLifted, act, act.today, restriction=restriction, reason=reason)

    def request_erasure(self, act: Act, *, reason: str, legal_basis: str) -> None:
        """
        Ask for the erasure of a restricted record that need not be kept any longer.

        :raises RecordErased: if the record was erased
        :raises NotRestricted: if it is not restricted
        :raises ErasurePending: if a request already awaits its decision
        :raises CaseStillOpen: while the child's case is open
        :raises RetentionNotBegun: while the child is of school here and no adult
        :raises RetentionNotOver: naming the last day on which the record must be kept
        """
        self._restriction()
        if self.state.erasure is not None:
            raise ErasurePending(entry=self.state.erasure.entry)
        ended_on = self._retention_over(act)
        self.record(
            ErasureRequested,
            act,
            act.today,
            reason=reason,
            legal_basis=legal_basis,
            retention_ended_on=ended_on,
        )

    def decide_erasure(self, act: Act, *, approve: bool, note: str | None = None) -> None:
        """
        Approve or reject the erasure, as another person; what is approved cannot be undone.

        :raises RecordErased: if the record was erased
        :raises NoErasurePending: if nothing was asked
        :raises SamePerson: if the same person asked
        :raises CaseStillOpen: if it was asked for under looser rules, with a case open
        :raises RetentionNotBegun: if so, before the retention period had begun
        :raises RetentionNotOver: if the rules of today keep the record longer
        """
        self.require_kept()
        request = self.state.erasure
        if request is None:
            raise NoErasurePending
        if act.by.account == request.asked_by:
            raise SamePerson
        if approve:
            self._retention_over(act)
        event = ErasureApproved if approve else ErasureRejected
        self.record(event, act, act.today, request=request.entry, note=note)

    def _restriction(self) -> int:
        self.require_kept()
        if self.state.restricted_by is None:
            raise NotRestricted
        return self.state.restricted_by

    def _retention_over(self, act: Act) -> date:
        if self.state.episode is not None and self.state.episode.is_open:
            raise CaseStillOpen(**status_words(self.status))
        ends_on = retention_ends_on(self, act.today, act.rules)
        if ends_on is None:
            raise RetentionNotBegun(age=act.rules.adult_age)
        if act.today <= ends_on:
            raise RetentionNotOver(ends_on=ends_on)
        return ends_on


def retention_ends_on(child: ChildStream, today: date, rules: Rules) -> date | None:
    """
    Return the last day on which a child's record must be kept (D).

    Some years after the child left school here (graduated from grade 9, went out of the district,
    died) or came of age, whichever was first, and some after the last close-out, whichever is
    later. ``None`` while the child is of school here and no adult, or its case is open.
    """
    state = child.state
    if state.episode is not None and state.episode.is_open:
        return None
    of_age = years_after(state.born, rules.adult_age)
    since = [day for day in (state.left_on, of_age) if day is not None and day <= today]
    if not since:
        return None
    closed = [episode.closed_on for episode in state.episodes if episode.closed_on is not None]
    ends = [years_after(day, rules.retention_years_after_case) for day in closed]
    return max([years_after(min(since), rules.retention_years), *ends])


def years_after(day: date, years: int) -> date:
    """Return the same day some years later; after 29 February, 1 March where there is none."""
    year = min(day.year + years, MAXYEAR)
    if (day.month, day.day) == (2, 29) and not isleap(year):
        return date(year, 3, 1)
    return day.replace(year=year)
