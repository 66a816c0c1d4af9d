"""Rechecks (每学期复查): who is looked into each term, what counts as that, and terms without."""

from collections.abc import Iterable, Iterator
from datetime import date
from typing import NamedTuple

from domain.calendar import Calendar
from domain.care import HomeVisited, PersuasionAttempted
from domain.case import ContactLost, ReturnedToSchool
from domain.closing import CloseOutApproved
from domain.entry import Entry
from domain.episode import Episode
from domain.escalation import ReferralAnswered

RECHECKED = frozenset({"C03", "C04"})  # at school elsewhere, on no roll (domain.md section 5)
# D: each tells where the child is, or that somebody went to see: any visit or persuasion attempt,
# whoever was met, a unit's answer, a new statement of police or village, a return; and the
# decision to close, for the term in which it falls.
LOOKS = (
    *(HomeVisited, PersuasionAttempted, ReferralAnswered, ContactLost, ReturnedToSchool),
    CloseOutApproved,
)


def is_rechecked(episode: Episode | None) -> bool:
    """Say whether a case is looked into each term: at school elsewhere, or unreachable."""
    if episode is None:
        return False
    return episode.close_reason in RECHECKED or (
        episode.is_open and episode.status == "unreachable"
    )


def looks(entries: Iterable[Entry]) -> tuple[date, ...]:
    """Give the days on which somebody looked into where the child is."""
    return tuple(entry.occurred_on for entry in entries if isinstance(entry, LOOKS))


class Deadlines(NamedTuple):
    """The last days of the term that runs or comes next, and of the one after; its first day."""

    starts: date
    this: date
    following: date

    def due_on(self, looked_on: date | None) -> date:
        """Say by when a child is looked into again that somebody looked into on a day."""
        return self.following if looked_on and looked_on >= self.starts else self.this


def deadlines(calendar: Calendar, today: date) -> Deadlines:
    """Say by when children are to be looked into: by the last day of a term."""
    ahead = calendar.terms_from(today)
    this = next(ahead, None)
    after = next(ahead, None)
    if this is None:
        return Deadlines(date.max, date.max, date.max)
    return Deadlines(this.starts, this.ends, after.ends if after else date.max)


def terms_missed(
    calendar: Calendar, since: date, looked: Iterable[date], today: date
) -> Iterator[date]:
    """
    Give the last day of each whole term that is over and in which nobody looked.

    ``since`` is the day from which the child is to be looked into; the term it lies in is spared.
    """
    days = list(looked)
    for term in calendar.terms_from(since):
        if term.ends >= today:
            return
        if term.starts > since and not any(term.starts <= day <= term.ends for day in days):
            yield term.ends
