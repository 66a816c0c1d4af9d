"""What the ledgers tell of one case: its entries, gathered once for every ledger."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from operator import attrgetter
from typing import Any, TypeVar

from domain.care import HomeVisited, PersuasionAttempted, ResponsiblePersonNamed, SupportGiven
from domain.case import (
    AbsenceFlagged,
    ContactLost,
    DropoutConfirmed,
    DropoutSuspected,
    falls_into,
)
from domain.child import ChildStream
from domain.codes import IN_PERSON_VISIT, SUPPORT_KIND
from domain.entry import Entry
from domain.episode import Episode
from projections.replay import Child

E = TypeVar("E", bound=Entry)
day_of = attrgetter("occurred_on")


@dataclass(slots=True)
class CaseFile:
    """
    One episode with its entries by kind, oldest first; ``last`` is the index of the latest one.

    ``visits`` and ``attempts`` are by day, those of one day in the order recorded. ``flag`` is the
    absence that opened the case; none when a failed audit reopened it.
    """

    episode: Episode
    opened: int
    entries: dict[type[Entry], list[Any]] = field(default_factory=dict)
    last: int = 0
    responsible: str | None = None
    visits: list[HomeVisited] = field(default_factory=list)
    attempts: list[PersuasionAttempted] = field(default_factory=list)
    flag: AbsenceFlagged | None = None

    def of(self, kind: type[E]) -> list[E]:
        return self.entries.get(kind, [])

    @property
    def reasons(self) -> list[str]:
        """Dropout reasons, primary first: as last verified, else as last reported."""
        for visit in reversed(self.visits):
            if visit.verified_reasons:
                return visit.verified_reasons
        for suspicion in reversed(self.of(DropoutSuspected)):
            if suspicion.reported_reasons:
                return suspicion.reported_reasons
        return []

    @property
    def needed_persuasion_on(self) -> date | None:
        """The first day of needing persuasion (劝返): suspected, out of contact or dropped out."""
        kinds = (DropoutSuspected, ContactLost, DropoutConfirmed)
        days = [entry.occurred_on for kind in kinds for entry in self.of(kind)]
        if self.flag is not None and self.flag.opens == "suspected":
            days.append(self.episode.first_absent_on)  # a relapse is suspected from its first day
        return min(days, default=None)

    @property
    def dropped_out_on(self) -> date | None:
        """The day the dropout was first confirmed."""
        return min((entry.occurred_on for entry in self.of(DropoutConfirmed)), default=None)

    @property
    def visited_in_person(self) -> bool:
        return any(visit.mode in IN_PERSON_VISIT for visit in self.visits)

    @property
    def support_taken(self) -> str | None:
        """Support given and offered (已采取的帮扶措施), in words."""
        words = [SUPPORT_KIND.label(given.kind, "zh") for given in self.of(SupportGiven)]
        words += [a.support_offered for a in self.attempts if a.support_offered]
        return "、".join(dict.fromkeys(words)) or None


def case_file(child: Child, number: int) -> CaseFile:
    """
    Gather the entries of one episode; visits of its days too that were told before or after.

    What was gathered is kept for as long as the child takes no more in: several ledgers ask.
    """
    known: CaseFile | None = child.gathered.get(number)
    if known is None:
        known = child.gathered[number] = _gathered(child, number)
    return known


def _gathered(child: Child, number: int) -> CaseFile:
    student = child.student
    episode = student.state.episodes[number - 1]
    case = CaseFile(episode, episode.opened_by_entry - 1)
    responsible: str | None = None
    since = date.min
    for index, (entry, standing) in enumerate(zip(student.entries, student.standings, strict=True)):
        if (
            isinstance(entry, ResponsiblePersonNamed)
            and entry.role == "responsible"
            and entry.occurred_on >= since
        ):
            responsible, since = entry.name, entry.occurred_on
        if standing.episode == number:
            case.last = index
            case.responsible = responsible
        elif type(entry) is not HomeVisited or not falls_into(episode, entry, standing.episode):
            continue
        case.entries.setdefault(type(entry), []).append(entry)
    case.visits = sorted(case.of(HomeVisited), key=day_of)
    case.attempts = sorted(case.of(PersuasionAttempted), key=day_of)
    opened_by = episode.opened_by_entry
    flags = (flag for flag in case.of(AbsenceFlagged) if flag.originator_version == opened_by)
    case.flag = next(flags, None)
    return case


def episode_numbers(child: Child) -> Iterable[int]:
    return range(1, len(child.student.state.episodes) + 1)


def touched_episodes(student: ChildStream) -> Iterable[int]:
    """Name the episodes the latest entry may have changed: its own and one it ended, or any."""
    number = student.standings[-1].episode
    if number is None:
        return range(1, len(student.state.episodes) + 1)
    return (number - 1, number) if number > 1 else (number,)
