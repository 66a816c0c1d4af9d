"""Corrections (更正): a new entry that says what an older one should have said; both stay."""

from datetime import date
from typing import Any

from domain.care import ANY_PAPER, HomeTeachingAssigned
from domain.case import AbsenceFlagged, AttendanceObserved, ReturnedToSchool, what_absence_opens
from domain.child import ChildStream, check_not_future, require_papers
from domain.codes import CONTACT_LOSS_PAPERS, HOME_TEACHING_PAPERS
from domain.enrolment_notices import EnrolmentNoticeIssued, check_report
from domain.entry import Act, Entry, optional_fields, plain
from domain.escalation import OrderIssued, OrderServed, ReferralAnswered, ReferralMade
from domain.refusals import (
    AnsweredBeforeAsked,
    BeforeBirth,
    EndBeforeStart,
    FlagAnew,
    NoSuchEntry,
    NotCorrectable,
    NothingChanged,
    ObservationBeforeReturn,
    RelapseWorkedOn,
    ReturnAfterRelapse,
    ReturnBeforeAbsence,
    ServedBeforeIssued,
)
from domain.roll import (
    Enrolled,
    KeyGroupAssigned,
    RollChanged,
    check_roll_change,
)
from domain.roll_papers import TRANSFER, papers_missing
from domain.transfers import TransferRequested

PAPERS_DEMANDED = {
    "student.contact_lost": CONTACT_LOSS_PAPERS,
    "student.home_teaching_assigned": HOME_TEACHING_PAPERS,
    "student.placement_arranged": ANY_PAPER,
}
HAPPENED = ("occurred_on", "first_absent_on", "seen_on", "served_on")
NEVER_EMPTY = {"why_zh": "此项不能为空。", "why_en": "It cannot be left empty."}


class Corrected(Entry):
    """
    An older entry should have said ``changes``; ``derived`` follows from them.

    Days in ``changes`` and ``derived`` are ``YYYY-MM-DD``, as stored.
    """

    TOPIC = "student.corrected"

    entry: int
    changes: dict[str, Any]
    reason: str
    derived: dict[str, Any] | None = None

    def corrects(self) -> tuple[int, dict[str, Any]]:
        return self.entry, {**self.changes, **(self.derived or {})}

    def apply(self, aggregate: Any) -> None:
        aggregate.amend(*self.corrects(), self.originator_version)

    def reapply(self, child: Any) -> None:
        """Nothing: while a corrected stream is read anew, its entries already say it."""


class Corrections(ChildStream):
    """What may be put right in an entry, by a new one."""

    def correct(
        self,
        act: Act,
        *,
        entry: int,
        changes: dict[str, Any],
        reason: str,
        occurred_on: date | None = None,
    ) -> None:
        """
        Correct fields of an entry; ``changes`` in stored form, shapes already checked.

        :raises NoSuchEntry: if there is no such entry
        :raises NotCorrectable: if one of the fields cannot be corrected, or not to nothing
        :raises NothingChanged: if the entry already says so
        """
        if not 1 <= entry <= len(self.entries):
            raise NoSuchEntry(entry=entry)
        wrong = self.entries[entry - 1]
        for field, value in changes.items():
            if field not in wrong.CORRECTABLE:
                raise NotCorrectable(entry=entry, field=field, **what_can_be(wrong))
            if value is None and field not in optional_fields(type(wrong)):
                raise NotCorrectable(entry=entry, field=field, **NEVER_EMPTY)
        if all(plain(getattr(wrong, field)) == value for field, value in changes.items()):
            raise NothingChanged(entry=entry)
        right = wrong.amended(changes)
        self._check_corrected(act, right, changes)
        self.record(
            Corrected,
            act,
            occurred_on or act.today,
            entry=entry,
            changes=changes,
            reason=reason,
            derived=self._derived(act, right, changes),
        )

    def _check_corrected(self, act: Act, right: Entry, changes: dict[str, Any]) -> None:
        for name in HAPPENED:
            if name in changes:
                self.check_day(act, getattr(right, name))
        if isinstance(right, Enrolled) and "birth_date" in changes:
            check_not_future(act, right.birth_date)
            self._check_birth(right.birth_date)
        if changes.keys() & {"first_absent_on", "seen_on", "occurred_on"}:
            self._check_return(right)
        if changes.keys() & {"occurred_on", "served_on"}:
            self._check_order(right)
        if isinstance(right, RollChanged) and "kind" in changes:
            check_roll_change(self.before(right.originator_version).state, right.kind)
        if changes.keys() & {"occurred_on", "to", "until"}:
            check_end(right)
        if isinstance(right, EnrolmentNoticeIssued):
            check_report(right.occurred_on, right.report_by)
        if "papers" in changes and right.TOPIC in PAPERS_DEMANDED:
            require_papers(PAPERS_DEMANDED[right.TOPIC], changes["papers"])

    def _check_birth(self, born: date) -> None:
        earliest = min(
            (
                getattr(entry, name)
                for entry in self.entries
                if not isinstance(entry, Enrolled)
                for name in HAPPENED
                if hasattr(entry, name)
            ),
            default=date.max,
        )
        if earliest < born:
            raise BeforeBirth(day=earliest)

    def _check_return(self, right: Entry) -> None:
        """Hold the order of absence and return within the episode the entry belongs to."""
        number = self.standings[right.originator_version - 1].episode
        if number is None:
            return
        episode = self.state.episodes[number - 1]
        absent, seen = episode.first_absent_on, episode.seen_on
        if isinstance(right, ReturnedToSchool):
            seen = right.seen_on
        elif episode.opened_by_entry == right.originator_version:
            absent = getattr(right, "first_absent_on", right.occurred_on)
        else:
            return
        if seen is not None and seen < absent:
            raise ReturnBeforeAbsence(seen_on=seen, first_absent_on=absent)
        if isinstance(right, ReturnedToSchool) and episode.relapsed:
            relapse = self.entries[self.state.episodes[number].opened_by_entry - 1]
            assert isinstance(relapse, AbsenceFlagged)
            if right.seen_on > relapse.first_absent_on:
                raise ReturnAfterRelapse(
                    seen_on=right.seen_on,
                    absent_on=relapse.first_absent_on,
                    entry=relapse.originator_version,
                )

    def _check_order(self, right: Entry) -> None:
        """Hold the order of what answers something: service, answer, observation."""
        number = right.originator_version
        if isinstance(right, OrderIssued):
            check_served(right, self.state.orders.get(number))
        elif isinstance(right, OrderServed):
            check_served(self.entry_of(right.order, OrderIssued), right.served_on)
        elif isinstance(right, ReferralMade):
            answered_by = self.state.referrals.get(number)
            if answered_by is not None:
                check_answered(right, self.entries[answered_by - 1])
        elif isinstance(right, ReferralAnswered):
            check_answered(self.entry_of(right.referral, ReferralMade), right)
        elif isinstance(right, AttendanceObserved):
            for entry in reversed(self.entries[:number]):
                if isinstance(entry, ReturnedToSchool):
                    check_observed(entry, right)
                    break

    def _derived(self, act: Act, right: Entry, changes: dict[str, Any]) -> dict[str, Any] | None:
        """Work out again what was decided from a corrected field, under the rules of today."""
        derived: dict[str, Any] = {}
        if isinstance(right, ReturnedToSchool) and "seen_on" in changes:
            derived["observed_until"] = act.rules.observation_ends(right.seen_on).isoformat()
            derived["occurred_on"] = changes["seen_on"]
        if isinstance(right, AbsenceFlagged):
            if "first_absent_on" in changes:
                derived["occurred_on"] = changes["first_absent_on"]
            if changes.keys() & {"absence_kind", "first_absent_on"}:
                derived |= self._opens(right)
        if isinstance(right, RollChanged) and changes.keys() & {"kind", "papers"}:
            derived["papers_missing"] = papers_missing(right.kind, right.papers)
        if isinstance(right, TransferRequested) and "papers" in changes:
            derived["papers_missing"] = papers_missing(TRANSFER, right.papers or [])
        if "occurred_on" in changes:
            derived.pop("occurred_on", None)
        return derived or None

    def _opens(self, right: AbsenceFlagged) -> dict[str, None]:
        """
        Say that a relapse is undone, where the corrected absence is none.

        A case that was only watched stays, for two people to rule out (C13).

        :raises RelapseWorkedOn: if anything else is recorded in the case it opened
        :raises FlagAnew: if the absence, corrected like this, would have opened a case
        """
        number = right.originator_version
        before = self.before(number).state
        would = what_absence_opens(before, right.absence_kind, right.first_absent_on)
        if would is not None and right.opens is None:
            raise FlagAnew
        if right.opens != "suspected" or would == "suspected":
            return {}
        episode = self.standings[number - 1].episode
        if any(
            standing.episode == episode and not isinstance(entry, Corrected)
            for entry, standing in zip(self.entries[number:], self.standings[number:], strict=True)
        ):
            raise RelapseWorkedOn(episode=episode)
        return {"opens": None}


def check_end(right: Entry) -> None:
    if isinstance(right, HomeTeachingAssigned):
        starts, ends = right.from_day, right.to
    elif isinstance(right, KeyGroupAssigned):
        starts, ends = right.occurred_on, right.until
    else:
        return
    if ends is not None and ends < starts:
        raise EndBeforeStart(ends=ends, starts=starts)


def check_served(order: Entry, served_on: date | None) -> None:
    if served_on is not None and served_on < order.occurred_on:
        raise ServedBeforeIssued(day=served_on, issued_on=order.occurred_on)


def check_answered(referral: Entry, answer: Entry) -> None:
    if answer.occurred_on < referral.occurred_on:
        raise AnsweredBeforeAsked(day=answer.occurred_on, asked_on=referral.occurred_on)


def check_observed(returned: ReturnedToSchool, observation: Entry) -> None:
    if observation.occurred_on < returned.seen_on:
        raise ObservationBeforeReturn(day=observation.occurred_on, seen_on=returned.seen_on)


def what_can_be(entry: Entry) -> dict[str, str]:
    names = ", ".join(sorted(entry.CORRECTABLE))
    if not names:
        return {
            "why_zh": "此类记录不能更正。",
            "why_en": "Entries of this kind cannot be corrected.",
        }
    return {"why_zh": f"可更正:{names}。", "why_en": f"It may be one of: {names}."}
