"""The case itself: absence, suspicion, contact loss, dropout, return and observation."""

from datetime import date
from typing import Any

from domain.care import HomeVisited
from domain.child import ChildStream, State, require_papers
from domain.codes import CONTACT_LOSS_PAPERS, COUNTING_ABSENCE
from domain.entry import Act, Entry, Paper
from domain.episode import Episode
from domain.refusals import (
    AlreadyDroppedOut,
    AlreadyMarked,
    NoOpenEpisode,
    NoPersuasionYet,
    NotMarked,
    ObservationBeforeReturn,
    ReturnBeforeAbsence,
)


def open_case(child: ChildStream, status: str, first_absent_on: date, entry: int) -> Episode:
    """
    Open the next case; visits of its days that were recorded before it are its own.

    A relapse and a reopened case are known to whoever knew the case before.
    """
    state = child.state
    episode = Episode(
        number=len(state.episodes) + 1,
        status=status,
        first_absent_on=first_absent_on,
        opened_by_entry=entry,
        reported=status == "suspected" and state.episode is not None and state.episode.reported,
    )
    for earlier, standing in zip(child.entries, child.standings, strict=False):
        if isinstance(earlier, HomeVisited) and falls_into(episode, earlier, standing.episode):
            episode.visited(earlier.occurred_on, earlier.mode, led=earlier.led)
    state.episodes.append(episode)
    state.episode = episode
    return episode


def falls_into(episode: Episode, entry: Entry, of: int | None) -> bool:
    """Say whether an entry of no case (``of``) lies in a case's days, whenever it was recorded."""
    last = episode.closed_on or date.max
    return of is None and episode.first_absent_on <= entry.occurred_on <= last


def what_absence_opens(state: State, absence_kind: str, first_absent_on: date) -> str | None:
    """Say what an absence does to the case, as ``AbsenceFlagged.opens`` keeps it."""
    if absence_kind not in COUNTING_ABSENCE or state.dead_since is not None:
        return None
    episode = state.episode
    if episode is None or not episode.is_open:
        return "watched"
    if episode.status == "returned" and episode.seen_on and first_absent_on >= episode.seen_on:
        return "suspected"
    return None


class AbsenceFlagged(Entry):
    """
    The child was missed; ``opens`` says what that did, decided once.

    ``watched`` opened a case, ``suspected`` ended the observed one as a relapse and opened the
    next, ``None`` was only recorded.
    """

    TOPIC = "student.absence_flagged"
    CORRECTABLE = frozenset(
        {"occurred_on", "first_absent_on", "absence_kind", "days", "found_by", "note"}
    )

    first_absent_on: date
    absence_kind: str
    found_by: str
    days: int | None = None
    note: str | None = None
    opens: str | None = None

    def apply(self, aggregate: Any) -> None:
        if self.opens is None:
            return
        if self.opens == "suspected" and aggregate.state.episode is not None:
            aggregate.state.episode.relapsed = True
        episode = open_case(aggregate, self.opens, self.first_absent_on, self.originator_version)
        if self.opens == "suspected":
            episode.suspected_on = self.first_absent_on
        episode.days_absent = self.days


class DropoutSuspected(Entry):
    """The school verified the absence as a suspected dropout (疑似辍学)."""

    TOPIC = "student.dropout_suspected"
    CORRECTABLE = frozenset({"occurred_on", "days_absent", "reported_reasons"})

    days_absent: int
    reported_reasons: list[str]
    reopens: bool = False

    def apply(self, aggregate: Any) -> None:
        if self.reopens:
            open_case(aggregate, "suspected", self.occurred_on, self.originator_version)
        episode = aggregate.state.episode
        if episode is not None:
            episode.enter("suspected")
            episode.suspected_on = self.occurred_on
            episode.days_absent = self.days_absent


class ContactLost(Entry):
    """Nobody can say where the child is (失联), by statement of police or village."""

    TOPIC = "student.contact_lost"
    CORRECTABLE = frozenset({"occurred_on", "statement_by", "papers"})

    statement_by: str
    papers: list[Paper]

    def apply(self, aggregate: Any) -> None:
        if aggregate.state.episode is not None:
            aggregate.state.episode.enter("unreachable")


class DropoutMarked(Entry):
    """The school marked the child as dropped out; the bureau confirms or does not."""

    TOPIC = "student.dropout_marked"
    CORRECTABLE = frozenset({"occurred_on", "summary"})

    summary: str

    def apply(self, aggregate: Any) -> None:
        if aggregate.state.episode is not None:
            aggregate.state.episode.marked_on = self.occurred_on


class DropoutConfirmed(Entry):
    """The bureau confirmed the dropout (确认辍学); persuasion goes on."""

    TOPIC = "student.dropout_confirmed"
    CORRECTABLE = frozenset({"occurred_on", "summary"})

    summary: str
    level: str = "bureau"

    def apply(self, aggregate: Any) -> None:
        if aggregate.state.episode is not None:
            aggregate.state.episode.enter("dropped_out")
            aggregate.state.episode.rise_to(self.level)


class ReturnedToSchool(Entry):
    """The child was seen in class again; observation runs to ``observed_until``."""

    TOPIC = "student.returned_to_school"
    CORRECTABLE = frozenset({"occurred_on", "seen_on", "class_name", "confirmed_by"})

    seen_on: date
    class_name: str
    confirmed_by: str
    observed_until: date | None = None

    def apply(self, aggregate: Any) -> None:
        episode = aggregate.state.episode
        if episode is not None:
            episode.enter("returned")
            episode.seen_on = self.seen_on
            episode.observed_until = self.observed_until
            episode.observations = []
        plan = aggregate.state.home_teaching
        if plan is not None:
            plan.ends = min(plan.ends or self.seen_on, self.seen_on)


class AttendanceObserved(Entry):
    """Somebody looked whether the returned child is in class."""

    TOPIC = "student.attendance_observed"
    CORRECTABLE = frozenset({"occurred_on", "attending", "note"})

    attending: bool
    note: str | None = None

    def apply(self, aggregate: Any) -> None:
        if aggregate.state.episode is not None:
            aggregate.state.episode.observations.append((self.occurred_on, self.attending))


class Case(ChildStream):
    """What moves a case from one status to the next (domain.md section 3)."""

    def flag_absence(
        self,
        act: Act,
        *,
        first_absent_on: date,
        absence_kind: str,
        found_by: str,
        days: int | None = None,
        note: str | None = None,
        occurred_on: date | None = None,
    ) -> None:
        """
        Record an absence; a counting one opens a case where none is open.

        Only truancy, not reported and out of contact count (domain.md section 5). While the child
        is under observation a counting absence since the return is a relapse (反弹).
        """
        self.require_alive(first_absent_on)
        self.check_day(act, first_absent_on)
        self.record(
            AbsenceFlagged,
            act,
            occurred_on or first_absent_on,
            first_absent_on=first_absent_on,
            absence_kind=absence_kind,
            found_by=found_by,
            days=days,
            note=note,
            opens=what_absence_opens(self.state, absence_kind, first_absent_on),
        )

    def suspect(
        self, act: Act, *, occurred_on: date, days_absent: int, reported_reasons: list[str]
    ) -> None:
        """
        Verify a watched child as suspected, or reopen a closed case that failed its audit.

        :raises NoOpenEpisode: if nothing was ever open
        :raises NotUnderWatch: if the case is past that point
        """
        episode = self.state.episode
        if episode is None:
            raise NoOpenEpisode
        reopens = not episode.is_open
        if not reopens:
            episode.require_watched()
        self.require_alive()
        self.record(
            DropoutSuspected,
            act,
            occurred_on,
            days_absent=days_absent,
            reported_reasons=reported_reasons,
            reopens=reopens,
        )

    def lose_contact(
        self, act: Act, *, occurred_on: date, statement_by: str, papers: list[Paper]
    ) -> None:
        """
        Record that nobody can say where the child is.

        :raises PapersMissing: without a police letter or a village statement
        """
        self.open_episode()
        require_papers(CONTACT_LOSS_PAPERS, papers)
        self.record(ContactLost, act, occurred_on, statement_by=statement_by, papers=papers)

    def mark_dropout(self, act: Act, *, occurred_on: date, summary: str) -> None:
        """
        Mark the child as dropped out, for the bureau to confirm.

        :raises NotUnderPersuasion: if the case is not suspected or unreachable
        :raises NoPersuasionYet: if a suspected child was never persuaded
        :raises AlreadyMarked: if a mark already awaits confirmation
        """
        episode = self.open_episode()
        episode.require_persuasion()
        if episode.status == "dropped_out":
            raise AlreadyDroppedOut
        if episode.status == "suspected" and episode.attempts == 0:
            raise NoPersuasionYet
        if episode.marked_on is not None:
            raise AlreadyMarked(marked_on=episode.marked_on)
        self.record(DropoutMarked, act, occurred_on, summary=summary)

    def confirm_dropout(self, act: Act, *, occurred_on: date, summary: str) -> None:
        """
        Confirm what the school marked.

        :raises AlreadyDroppedOut: if that was done
        :raises NotMarked: if the school marked nothing
        """
        episode = self.open_episode()
        if episode.status == "dropped_out":
            raise AlreadyDroppedOut
        if episode.marked_on is None:
            raise NotMarked
        self.record(DropoutConfirmed, act, occurred_on, summary=summary)

    def confirm_return(
        self,
        act: Act,
        *,
        seen_on: date,
        class_name: str,
        confirmed_by: str,
        occurred_on: date | None = None,
    ) -> None:
        """
        Record that the child was seen in class; a promise is not a return.

        :raises AlreadyReturned: if the observation already runs
        :raises ReturnBeforeAbsence: if the day lies before the first absent day
        """
        episode = self.open_episode()
        episode.require_not_returned()
        if seen_on < episode.first_absent_on:
            raise ReturnBeforeAbsence(seen_on=seen_on, first_absent_on=episode.first_absent_on)
        self.check_day(act, seen_on)
        self.record(
            ReturnedToSchool,
            act,
            occurred_on or seen_on,
            seen_on=seen_on,
            class_name=class_name,
            confirmed_by=confirmed_by,
            observed_until=act.rules.observation_ends(seen_on),
        )

    def observe_attendance(
        self, act: Act, *, occurred_on: date, attending: bool, note: str | None = None
    ) -> None:
        """
        Record an observation check; extra checks are welcome, absence alone changes no status.

        :raises NotUnderObservation: if no observation runs
        :raises ObservationBeforeReturn: if the day lies before the return
        """
        seen_on = self.open_episode().require_observation()
        if occurred_on < seen_on:
            raise ObservationBeforeReturn(day=occurred_on, seen_on=seen_on)
        self.record(AttendanceObserved, act, occurred_on, attending=attending, note=note)
