"""A child as the log tells it: the stream replayed, with the place and moment of each entry."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any, Self
from uuid import UUID

from application.store.mapper import EntryMapper, RecordedEvent
from domain.corrections import Corrected
from domain.entry import Entry
from domain.obligations import Obligation, Obligations
from domain.roll import Enrolled
from domain.rules import RuleBook
from domain.student import Student

MAPPER = EntryMapper()
PLACE = ("originator_id", "originator_version", "timestamp", "occurred_on", "by")


class NotYet(Entry):
    """An entry that had not happened by a day: the number is kept, so that others keep theirs."""

    KIND = "not_yet"


class Child:
    """
    One child, replayed up to some entry.

    ``recorded[n - 1]`` is entry ``n`` as it was recorded, ``student.entries[n - 1]`` as corrected
    since; ``positions`` and ``moments`` say where and when the log took it in; ``gathered`` is what
    views have put together of the child as it is, by episode.
    """

    __slots__ = (
        *("_book", "_obligations", "gathered", "moments"),
        *("positions", "recorded", "student"),
    )

    def __init__(self, student_id: UUID, at: datetime, book: RuleBook | None = None) -> None:
        self._book = book
        self.student = Student.blank(student_id, at)
        self.recorded: list[Entry] = []
        self.positions: list[int] = []
        self.moments: list[datetime] = []
        self.gathered: dict[int, Any] = {}
        self._obligations: Obligations | None = None

    @classmethod
    def replayed(cls, events: Iterable[RecordedEvent], book: RuleBook | None = None) -> Self:
        """Replay stored entries, oldest first; at least one."""
        stored = list(events)
        entries: list[Any] = [MAPPER.to_domain_event(event) for event in stored]
        child = cls(entries[0].originator_id, entries[0].timestamp, book)
        child.recorded = entries
        child.positions = [event.position for event in stored]
        child.moments = [event.recorded_at for event in stored]
        child.student.recall(entries)
        return child

    def take(self, entry: Entry, position: int) -> None:
        """Take in the next entry."""
        self.recorded.append(entry)
        self.positions.append(position)
        self.moments.append(entry.timestamp)
        self.student.remember(entry)
        self.gathered.clear()
        if isinstance(entry, Corrected):
            self._obligations = None
        elif self._obligations is not None:
            self._obligations.take(self.student, entry)

    @property
    def version(self) -> int:
        return self.student.version

    @property
    def enrolment(self) -> Enrolled:
        """The first entry, as corrected: who the child is."""
        first = self.student.entries[0]
        assert isinstance(first, Enrolled)
        return first

    @property
    def obligations(self) -> list[Obligation]:
        """Every duty that ever arose under the rules it is replayed with; brought along."""
        if self._obligations is None:
            assert self._book is not None, "replayed without rules"
            self._obligations = Obligations.of(self.student, self._book)
        return self._obligations.all

    def happened_by(self, day: date) -> Self:
        """
        Return the child as of what had happened by a day, as far as is known here.

        Entries are cut by the day they happened, as corrected; the enrolment always stands, and a
        correction stands with the entry it corrects. ``recorded`` holds those that stand;
        ``student.entries`` keeps the numbers, by which entries speak of one another.
        """
        kept = type(self)(self.student.id, self.moments[0])
        kept_versions: set[int] = set()
        for version, entry in enumerate(self.student.entries, start=1):
            wanted = (
                entry.entry in kept_versions
                if isinstance(entry, Corrected)
                else version == 1 or entry.occurred_on <= day
            )
            if not wanted:
                continue
            kept_versions.add(version)
            kept.recorded.append(self.recorded[version - 1])
            kept.positions.append(self.positions[version - 1])
            kept.moments.append(self.moments[version - 1])
            for passed in self.student.entries[len(kept.student.entries) : version - 1]:
                kept.student.adopt(not_yet(passed))
            kept.student.adopt(entry)
        kept.student.corrected_by = {
            entry: by for entry, by in self.student.corrected_by.items() if entry in kept_versions
        }
        return kept


def not_yet(entry: Entry) -> NotYet:
    """Keep the place of an entry, and nothing of what it says."""
    place = object.__new__(NotYet)
    place.__dict__.update({name: getattr(entry, name) for name in PLACE})
    return place
