"""Close-out (销号): one person asks with papers, another decides."""

from datetime import date
from typing import Any

from domain.child import ChildStream, require_papers
from domain.codes import CLOSE_REASON
from domain.entry import Act, Entry, Paper
from domain.episode import CloseOutRequest, Episode, status_words
from domain.refusals import (
    CloseOutBeforeAbsence,
    CloseOutPending,
    DecisionBeforeRequest,
    ExplanationMissing,
    NoCloseOutPending,
    ReasonDoesNotFit,
    SamePerson,
    SuperiorUnitRequired,
)

RETURNED_TO_SCHOOL = "C01"
WARNING_RULED_OUT = "C13"


class CloseOutRequested(Entry):
    """The school asked to close the case, with the papers its reason demands."""

    TOPIC = "student.close_out_requested"
    CORRECTABLE = frozenset({"note"})

    reason: str
    papers: list[Paper]
    note: str | None = None

    def apply(self, aggregate: Any) -> None:
        if aggregate.state.episode is not None:
            aggregate.state.episode.close_out = CloseOutRequest(
                entry=self.originator_version,
                reason=self.reason,
                asked_by=self.by["account"],
                asked_on=self.occurred_on,
                explained=bool(self.note),
            )


class CloseOutApproved(Entry):
    """Another person approved; the case is closed (已销号)."""

    TOPIC = "student.close_out_approved"
    CORRECTABLE = frozenset({"note"})

    request: int
    reason: str
    note: str | None = None

    def apply(self, aggregate: Any) -> None:
        episode = aggregate.state.episode
        if episode is not None:
            episode.enter("closed")
            episode.closed_on = self.occurred_on
            episode.close_reason = self.reason


class CloseOutRejected(Entry):
    """Another person rejected; the case goes on as it was."""

    TOPIC = "student.close_out_rejected"
    CORRECTABLE = frozenset({"note"})

    request: int
    reason: str
    note: str | None = None

    def apply(self, aggregate: Any) -> None:
        if aggregate.state.episode is not None:
            aggregate.state.episode.close_out = None


class Closing(ChildStream):
    """Only a verified return, placement or ruled-out reason ends a case (domain.md section 3)."""

    def request_close_out(
        self,
        act: Act,
        *,
        reason: str,
        papers: list[Paper],
        note: str | None = None,
        occurred_on: date | None = None,
    ) -> None:
        """
        Ask for the close-out, with a reason that fits and its papers.

        :raises ObservationNotOver: for C01 while the observation runs
        :raises ReasonDoesNotFit: if the reason is not for this status
        :raises PapersMissing: without the papers the reason demands
        :raises CloseOutPending: if a request already awaits its decision
        :raises CloseOutBeforeAbsence: if the day lies before the first absent day
        """
        episode = self.open_episode()
        if episode.close_out is not None:
            raise CloseOutPending(entry=episode.close_out.entry)
        day = occurred_on or act.today
        if day < episode.first_absent_on:
            raise CloseOutBeforeAbsence(day=day, first_absent_on=episode.first_absent_on)
        require_reason_holds(episode, reason, act.today)
        demanded = CLOSE_REASON[reason].papers
        require_papers((demanded,) if demanded else (), papers)
        self.record(
            CloseOutRequested,
            act,
            day,
            reason=reason,
            papers=papers,
            note=note,
        )

    def decide_close_out(
        self,
        act: Act,
        *,
        approve: bool,
        note: str | None = None,
        occurred_on: date | None = None,
    ) -> None:
        """
        Approve or reject the request, as another person.

        A superior unit decides; a ruled-out warning (C13) is the school's own, by two people.

        :raises NoCloseOutPending: if nothing was asked
        :raises SamePerson: if the same person asked
        :raises SuperiorUnitRequired: if the reason is decided above the school
        :raises ExplanationMissing: if neither person explained a C13
        :raises DecisionBeforeRequest: if the day lies before the request's
        """
        request = self.open_episode().close_out
        if request is None:
            raise NoCloseOutPending
        if act.by.account == request.asked_by:
            raise SamePerson
        if request.reason != WARNING_RULED_OUT and not act.by.superior:
            raise SuperiorUnitRequired
        day = occurred_on or act.today
        if day < request.asked_on:
            raise DecisionBeforeRequest(day=day, asked_on=request.asked_on)
        if not approve:
            event: type[Entry] = CloseOutRejected
        else:
            require_reason_holds(self.open_episode(), request.reason, act.today)
            if request.reason == WARNING_RULED_OUT and not (request.explained or note):
                raise ExplanationMissing
            event = CloseOutApproved
        self.record(
            event,
            act,
            day,
            request=request.entry,
            reason=request.reason,
            note=note,
        )


def require_reason_holds(episode: Episode, reason: str, today: date) -> None:
    if reason == RETURNED_TO_SCHOOL:
        episode.require_observation_over(today)
    if episode.status not in CLOSE_REASON[reason].fits:
        raise ReasonDoesNotFit(
            reason_zh=CLOSE_REASON.label(reason, "zh"),
            reason_en=CLOSE_REASON.label(reason, "en"),
            **status_words(episode.status),
        )
