"""What the ledgers tell of one case: its entries, gathered once for every ledger."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import TypeVar

from domain.care import HomeVisited, PersuasionAttempted, ResponsiblePersonNamed, SupportGiven
from domain.case import AbsenceFlagged, DropoutSuspected, falls_into
from domain.child import ChildStream
from domain.codes import SUPPORT_KIND
from domain.entry import Entry
from domain.episode import Episode
from projections.replay import Child

E = TypeVar("E", bound=Entry)


@dataclass
class CaseFile:
    """One episode with its entries; ``last`` is the index of the latest one."""

    episode: Episode
    entries: list[Entry] = field(default_factory=list)
    opened: int = 0
    last: int = 0
    responsible: str | None = None

    def of(self, kind: type[E]) -> list[E]:
        return [entry for entry in self.entries if isinstance(entry, kind)]

    @cached_property
    def visits(self) -> list[HomeVisited]:
        """Home visits by day, those of one day in the order recorded."""
        return sorted(self.of(HomeVisited), key=lambda visit: visit.occurred_on)

    @cached_property
    def attempts(self) -> list[PersuasionAttempted]:
        """Persuasion attempts by day, those of one day in the order recorded."""
        return sorted(self.of(PersuasionAttempted), key=lambda attempt: attempt.occurred_on)

    @property
    def flag(self) -> AbsenceFlagged | None:
        """The absence that opened the case; none when a failed audit reopened it."""
        opened_by = self.episode.opened_by_entry
        flags = (flag for flag in self.of(AbsenceFlagged) if flag.originator_version == opened_by)
        return next(flags, None)

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
    def support_taken(self) -> str | None:
        """Support given and offered (已采取的帮扶措施), in words."""
        words = [SUPPORT_KIND.label(given.kind, "zh") for given in self.of(SupportGiven)]
        words += [a.support_offered for a in self.attempts if a.support_offered]
        return "、".join(dict.fromkeys(words)) or None


def case_file(child: Child, number: int) -> CaseFile:
    """Gather the entries of one episode; visits of its days too that were told before or after."""
    student = child.student
    case = CaseFile(student.state.episodes[number - 1])
    case.opened = case.episode.opened_by_entry - 1
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
            case.entries.append(entry)
            case.last = index
            case.responsible = responsible
        elif isinstance(entry, HomeVisited) and falls_into(case.episode, entry, standing.episode):
            case.entries.append(entry)
    return case


def episode_numbers(child: Child) -> Iterable[int]:
    return range(1, len(child.student.state.episodes) + 1)


def touched_episodes(student: ChildStream) -> Iterable[int]:
    """Name the episodes the latest entry may have changed: its own and one it ended, or any."""
    number = student.standings[-1].episode
    if number is None:
        return range(1, len(student.state.episodes) + 1)
    return (number - 1, number) if number > 1 else (number,)
