"""Corrections (更正): a new entry that says what an older one should have said; both stay."""

from datetime import date
from typing import Any

from domain.case import AbsenceFlagged, ReturnedToSchool
from domain.child import ChildStream, check_not_future, require_papers
from domain.codes import CONTACT_LOSS_PAPERS, HOME_TEACHING_PAPERS
from domain.entry import Act, Entry, plain
from domain.refusals import (
    BeforeBirth,
    NoSuchEntry,
    NotCorrectable,
    NothingChanged,
    ReturnBeforeAbsence,
)
from domain.roll import Enrolled, RollChanged, papers_missing

PAPERS_DEMANDED = {
    "student.contact_lost": CONTACT_LOSS_PAPERS,
    "student.home_teaching_assigned": HOME_TEACHING_PAPERS,
}


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

    def apply(self, aggregate: Any) -> None:
        aggregate.amend(
            self.entry, {**self.changes, **(self.derived or {})}, self.originator_version
        )

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
        :raises NotCorrectable: if one of the fields cannot be corrected
        :raises NothingChanged: if the entry already says so
        """
        if not 1 <= entry <= len(self.entries):
            raise NoSuchEntry(entry=entry)
        wrong = self.entries[entry - 1]
        for field in changes:
            if field not in wrong.CORRECTABLE:
                raise NotCorrectable(entry=entry, field=field, **what_can_be(wrong))
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
            derived=derive(act, right, changes),
        )

    def _check_corrected(self, act: Act, right: Entry, changes: dict[str, Any]) -> None:
        for name in ("occurred_on", "first_absent_on", "seen_on", "served_on"):
            if name in changes:
                self.check_day(act, getattr(right, name))
        if isinstance(right, Enrolled):
            check_not_future(act, right.birth_date)
            self._check_birth(right.birth_date)
        if isinstance(right, AbsenceFlagged | ReturnedToSchool):
            self._check_return(right)
        if "papers" in changes and right.TOPIC in PAPERS_DEMANDED:
            require_papers(PAPERS_DEMANDED[right.TOPIC], changes["papers"])

    def _check_birth(self, born: date) -> None:
        earliest = min(
            (entry.occurred_on for entry in self.entries if not isinstance(entry, Enrolled)),
            default=date.max,
        )
        if earliest < born:
            raise BeforeBirth(day=earliest)

    def _check_return(self, right: AbsenceFlagged | ReturnedToSchool) -> None:
        """Hold the order of absence and return within the episode the entry belongs to."""
        number = self.standings[right.originator_version - 1].episode
        if number is None:
            return
        episode = self.state.episodes[number - 1]
        absent, seen = episode.first_absent_on, episode.seen_on
        if isinstance(right, AbsenceFlagged):
            if episode.opened_by_entry != right.originator_version:
                return
            absent = right.first_absent_on
        else:
            seen = right.seen_on
        if seen is not None and seen < absent:
            raise ReturnBeforeAbsence(seen_on=seen, first_absent_on=absent)


def derive(act: Act, right: Entry, changes: dict[str, Any]) -> dict[str, Any] | None:
    """Work out again what was decided from a corrected field, under the rules of today."""
    if isinstance(right, ReturnedToSchool) and "seen_on" in changes:
        derived = {"observed_until": act.rules.observation_ends(right.seen_on).isoformat()}
        if "occurred_on" not in changes:
            derived["occurred_on"] = right.seen_on.isoformat()
        return derived
    if isinstance(right, AbsenceFlagged) and "first_absent_on" in changes:
        return None if "occurred_on" in changes else {"occurred_on": changes["first_absent_on"]}
    if isinstance(right, RollChanged) and "papers" in changes:
        return {"papers_missing": papers_missing(right.kind, right.papers)}
    return None


def what_can_be(entry: Entry) -> dict[str, str]:
    names = ", ".join(sorted(entry.CORRECTABLE))
    if not names:
        return {
            "why_zh": "此类记录不能更正。",
            "why_en": "Entries of this kind cannot be corrected.",
        }
    return {"why_zh": f"可更正:{names}。", "why_en": f"It may be one of: {names}."}
