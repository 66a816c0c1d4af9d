"""Past cases under other deadlines: which duties were missed, and which would have been."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta

from application.store.log import Log
from domain.case import ReturnedToSchool
from domain.changed_rules import ChangedRules
from domain.corrections import Corrected
from domain.duties import duties
from domain.entry import Entry
from domain.escalation import OrderIssued
from domain.roll import Enrolled
from domain.rules import RuleBook
from projections.replay import Child

EVERY = 1_000  # entries between two words about how far it is


@dataclass(frozen=True, slots=True)
class Missed:
    """A duty that was overdue, and where its child was when it first was."""

    kind: str
    due_on: date
    school_code: str | None
    township: str | None


@dataclass
class Counted:
    """How often each duty was overdue under the rules in force, and under the others."""

    position: int
    children: int = 0
    left_out: Counter[str] = field(default_factory=Counter)
    in_force: Counter[tuple[str, str | None, str | None]] = field(default_factory=Counter)
    changed: Counter[tuple[str, str | None, str | None]] = field(default_factory=Counter)


def what_if(
    log: Log,
    book: RuleBook,
    other: ChangedRules,
    stretch: tuple[date, date],
    told: Callable[[int], None] = lambda _: None,
) -> Counted:
    """
    Count the duties overdue on some day of a stretch, both days included; changes nothing.

    A duty is done on the day it happened, whenever that was recorded, and as corrected since.
    Restricted and erased children, and those with a damaged entry, are left out and counted.
    ``told`` hears how many entries were read.
    """
    counted, read = Counted(log.head()), 0
    with log.connection.transaction():
        for events in log.by_child(counted.position):
            read += len(events)
            if read % EVERY < len(events):
                told(read)
            if any(event.erased for event in events):
                counted.left_out["erased"] += 1
            elif any(event.damaged for event in events):
                counted.left_out["damaged"] += 1
            else:
                count(Child.replayed(events), book, other, stretch, counted)
    return counted


def count(
    child: Child, book: RuleBook, other: ChangedRules, stretch: tuple[date, date], counted: Counted
) -> None:
    """Count one child's."""
    if child.student.state.restricted_by is not None:
        counted.left_out["restricted"] += 1
        return
    counted.children += 1
    for one in missed(child, book, stretch):
        counted.in_force[one.kind, one.school_code, one.township] += 1
    decide_anew(child, other)
    for one in missed(child, other.book, stretch):
        counted.changed[one.kind, one.school_code, one.township] += 1


def missed(child: Child, book: RuleBook, stretch: tuple[date, date]) -> Iterable[Missed]:
    """
    Give every duty of a child that was overdue on some day of a stretch, once.

    Between two days on which something happened, nothing but the day changes: what is overdue on
    the morning of the second tells for all of them, and what was done late that day is among it.
    """
    found: dict[tuple[object, ...], Missed] = {}
    for begins, last in spans(child, book, stretch):
        student = child.happened_by(begins).student
        seen: Counter[tuple[str, date]] = Counter()
        for duty in duties(student, last, book):
            if not duty.overdue:
                continue
            same = duty.kind, duty.due_on
            seen[same] += 1
            episode = student.state.episode
            key = (*same, seen[same], episode.number if episode else None)
            if key not in found:
                at = student.state.school_code, student.state.township
                found[key] = Missed(*same, *at)
    return found.values()


def spans(child: Child, book: RuleBook, stretch: tuple[date, date]) -> Iterator[tuple[date, date]]:
    """Give each day on which something happened, with that on whose morning all still was so."""
    first, last = stretch
    happened = {
        entry.occurred_on
        for entry in child.student.entries
        if not isinstance(entry, Corrected | Enrolled)
    }
    if not happened:
        return
    turns = {edition.in_force_from for edition in book.editions}
    begins = sorted(happened | {day for day in turns if day > min(happened)})
    for day, following in zip(begins, [*begins[1:], date.max], strict=True):
        ends = min(following, last)
        if day <= ends and ends >= first:
            yield day, ends


def decide_anew(child: Child, other: ChangedRules) -> None:
    """Put in place of what entries decided under the rules in force what the others would."""
    child.student.entries = [decided(entry, other) for entry in child.student.entries]


def decided(entry: Entry, other: ChangedRules) -> Entry:
    rules = other.book.on(entry.occurred_on)
    if isinstance(entry, ReturnedToSchool) and other.moves_observation:
        return entry.amended({"observed_until": rules.observation_ends(entry.seen_on)})
    if isinstance(entry, OrderIssued) and other.moves_orders:
        return entry.amended({"due_on": entry.occurred_on + timedelta(days=rules.order_days)})
    return entry
