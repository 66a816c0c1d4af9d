"""The difference between two moments of a child: which fields changed, and what last set each."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, cast

from application.store.mapper import RecordedEvent
from domain.child import groups_in_force
from domain.corrections import Corrected
from domain.entry import Entry, plain
from projections.history import SEALED, SPELT
from projections.replay import MAPPER, Child

Fields = Mapping[str, Any]
Telling = Callable[[Child, date], Fields]
WHATEVER_EXPIRED = date.min  # as of this day every mark is still in force
NOTHING: tuple[Any, ...] = (None, False, 0, [], {})


@dataclass(frozen=True, slots=True)
class Change:
    """
    A field that differs; ``entry`` is the version of the entry that last set it.

    ``expired`` names the key groups whose mark ran out between the two days, which no entry says.
    """

    field: str
    before: Any
    after: Any
    entry: int
    expired: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Replaced:
    """A field of an entry as it stood before a correction, and after it; plain values."""

    field: str
    before: Any
    after: Any
    derived: bool


@dataclass(frozen=True, slots=True)
class Correcting:
    """A correction: its own version, that of the entry it corrects, and what it replaced there."""

    entry: int
    corrects: int
    kind: str
    replaced: tuple[Replaced, ...]


class Difference:
    """
    What changed of a child from when ``known[:start]`` was all that was known to all of ``known``.

    ``happened_by`` cuts both ends by the day things happened; ``days`` are those as of which they
    are told. ``tell`` gives the fields that are compared.
    """

    def __init__(
        self,
        known: Sequence[RecordedEvent],
        start: int,
        days: tuple[date, date],
        happened_by: date | None,
        tell: Telling,
    ) -> None:
        self._known, self._start, self._days = known, start, days
        self._happened_by, self._tell = happened_by, tell
        self.child = Child.replayed(known)
        self.before = self._told(Child.replayed(known[:start]), days[0]) if start else None
        self.after = self._told(self.child, days[1])

    def changes(self) -> list[Change]:
        """Name every field that differs, in the order in which the record tells them."""
        before = self.before or {}
        differing = [
            field
            for field, value in self.after.items()
            if value != before.get(field) and not (self.before is None and value in NOTHING)
        ]
        setters = self._setters(set(differing))
        expired = self._expired()
        return [
            Change(
                field=field,
                before=before.get(field),
                after=self.after[field],
                entry=setters[field],
                expired=expired if field == "key_groups" else (),
            )
            for field in differing
        ]

    def corrections(self) -> list[Correcting]:
        """Give the corrections made between the two, of entries that either end tells of."""
        shown: set[int] = set()
        ends = [self.child, *([Child.replayed(self._known[: self._start])] if self._start else [])]
        for child in ends:
            shown |= {entry.originator_version for entry in self._cut(child).recorded}
        found = []
        child = Child.replayed(self._known[: self._start or 1])
        for event in self._known[self._start or 1 :]:
            entry = cast("Entry", MAPPER.to_domain_event(event))
            if isinstance(entry, Corrected) and entry.entry in shown:
                wrong = child.student.entries[entry.entry - 1]
                found.append(correcting(entry, wrong))
            child.take(entry, event.position)
        return found

    def _cut(self, child: Child) -> Child:
        return child.happened_by(self._happened_by) if self._happened_by else child

    def _told(self, child: Child, day: date) -> Fields:
        return self._tell(self._cut(child), day)

    def _setters(self, fields: set[str]) -> dict[str, int]:
        """Find the entry that last set each field: between the two if one did, else before."""
        found = self._last_set(fields, self._start, len(self._known))
        missing = fields - found.keys()
        if missing:  # what only time changed was set before
            found |= self._last_set(missing, 0, self._start)
        return found

    def _last_set(self, fields: set[str], start: int, end: int) -> dict[str, int]:
        found: dict[str, int] = {}
        if start == end or not fields:
            return found
        child = Child.replayed(self._known[: start or 1])
        before = self._told(child, WHATEVER_EXPIRED)
        if start == 0:
            found = dict.fromkeys(fields, child.version)
        for event in self._known[start or 1 : end]:
            child.take(cast("Entry", MAPPER.to_domain_event(event)), event.position)
            after = self._told(child, WHATEVER_EXPIRED)
            changed = [field for field in fields if after[field] != before[field]]
            found |= dict.fromkeys(changed, event.originator_version)
            before = after
        return found

    def _expired(self) -> tuple[str, ...]:
        """Name the marks both ends know of that were in force on the first day, not the last."""
        if not self._start:
            return ()
        marks = self._cut(self.child).student.state.key_groups
        first, last = self._days
        return tuple(
            code
            for code in groups_in_force(marks, first)
            if code not in groups_in_force(marks, last)
        )


def correcting(entry: Corrected, wrong: Entry) -> Correcting:
    """Say what a correction replaced in an entry, as that one stood before."""
    derived = entry.derived or {}
    return Correcting(
        entry=entry.originator_version,
        corrects=entry.entry,
        kind=wrong.entry_kind(),
        replaced=tuple(
            Replaced(
                field=SPELT.get(field, field),
                before=None if field == SEALED else plain(getattr(wrong, field)),
                after=None if field == SEALED else value,
                derived=field in derived,
            )
            for field, value in entry.corrects()[1].items()
        ),
    )
