"""Obligations: every duty a child's stream ever gave rise to, and how each came to its end."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from domain.care import HomeTeachingGiven, HomeVisited, PersuasionAttempted
from domain.case import AttendanceObserved, DropoutConfirmed
from domain.child import ChildStream
from domain.closing import CloseOutApproved, CloseOutRejected
from domain.duties import arising, papers_due
from domain.entry import Entry
from domain.escalation import OrderServed, WrittenReportFiled
from domain.papers_received import RollChangePapersReceived, RollPapers
from domain.rechecks import LOOKS, is_rechecked, looks
from domain.rules import RuleBook
from domain.transfers import TransferAccepted, TransferRejected, TransferRequested

# The entries that do what a duty asks for; whatever else ends one ends it with its ground.
MEETS: dict[str, tuple[type[Entry], ...]] = {
    "contact_guardian": (HomeVisited,),
    "first_home_visit": (HomeVisited,),
    "principal_visit": (HomeVisited,),
    "written_report": (WrittenReportFiled,),
    "persuasion": (PersuasionAttempted,),
    "order_due": (OrderServed,),
    "confirm_dropout": (DropoutConfirmed,),
    "observation_check": (AttendanceObserved,),
    "close_out_decision": (CloseOutApproved, CloseOutRejected),
    "transfer_answer": (TransferAccepted, TransferRejected),
    "missing_papers": (RollChangePapersReceived,),
}


OF_AN_ENTRY = frozenset({"home_teaching_hours", "missing_papers", "order_due"})


@dataclass(slots=True)
class Obligation:
    """
    One duty: ``arose`` with an entry, ``ended`` with another, which did it if ``met``.

    ``due_on`` is the last day in time; ``None`` for what comes again: each month while a
    home-teaching plan holds (with the minutes ``taught`` by month), each term for a recheck (with
    the days on which somebody ``looked``).
    """

    kind: str
    due_on: date | None
    arose: int
    episode: int | None
    ended: int | None = None
    ended_on: date | None = None
    met: bool = False
    taught: dict[str, int] | None = None
    looked: tuple[date, ...] | None = None


class Obligations:
    """
    A child's obligations in the order they arose, brought along entry by entry.

    An entry that changes the ground of a duty ends it and lets the next arise: a persuasion
    attempt is due every so many days, and there is one such duty at a time.
    """

    def __init__(self, rule_book: RuleBook) -> None:
        self.all: list[Obligation] = []
        self._book = rule_book
        self._open: list[Obligation] = []

    @classmethod
    def of(cls, child: RollPapers, rule_book: RuleBook) -> "Obligations":
        """Work out those of a child from its entries, as corrected."""
        found = cls(rule_book)
        before = object.__new__(type(child))
        before.begin()
        for entry in child.entries:
            before.adopt(entry)
            found.take(before, entry)
        return found

    def take(self, child: RollPapers, entry: Entry) -> None:
        """Go on by the entry that the child has just taken in."""
        if isinstance(entry, HomeTeachingGiven):
            self._teach(entry)
        if isinstance(entry, LOOKS):
            self._look(entry.occurred_on)
        if child.state.restricted_by is not None:
            return  # its duties rest
        due = Counter(self._due(child))
        number = len(child.entries)
        still: list[Obligation] = []
        for one in self._open:
            same = one.kind, one.due_on, self._ground(one)
            if due[same] > 0:
                due[same] -= 1
                still.append(one)
            else:
                one.ended, one.ended_on = number, entry.occurred_on
                one.met = isinstance(entry, MEETS.get(one.kind, ()))
        for (kind, day, _), count in due.items():
            for _ in range(count):
                episode = None if kind == "missing_papers" else _episode(child)  # of the roll
                new = Obligation(kind, day, number, episode)
                new.taught = {} if kind == "home_teaching_hours" else None
                new.looked = looks(child.entries) if kind == "recheck" else None
                self.all.append(new)
                still.append(new)
        self._open = still

    def _due(self, child: RollPapers) -> Iterable[tuple[str, date | None, int | None]]:
        state = child.state
        yield from arising(child, self._book)
        for number in child.lacking_papers():
            change = child.entries[number - 1]
            yield "missing_papers", papers_due(change, self._book.on(change.occurred_on)), number
        if state.dead_since is None:
            if state.home_teaching is not None:
                yield "home_teaching_hours", None, state.home_teaching.entry
            if is_rechecked(state.episode):
                yield "recheck", None, state.episode.number if state.episode else None

    @staticmethod
    def _ground(one: Obligation) -> int | None:
        """Tell apart what its day does not: by its plan, roll change or order, or its case."""
        if one.kind in OF_AN_ENTRY:
            return one.arose
        return one.episode if one.kind == "recheck" else None

    def _look(self, day: date) -> None:
        for one in self._open:
            if one.looked is not None:
                one.looked = (*one.looked, day)

    def _teach(self, session: HomeTeachingGiven) -> None:
        month = f"{session.occurred_on:%Y-%m}"
        for one in self.all:
            if one.taught is not None and one.arose == session.plan:
                one.taught = {**one.taught, month: one.taught.get(month, 0) + session.minutes}


def school_of(child: ChildStream, duty: Obligation) -> str | None:
    """Give the school a duty is awaited of: the child's, where another school is not named."""
    arose = child.entries[duty.arose - 1]
    if duty.kind == "transfer_answer" and isinstance(arose, TransferRequested):
        return arose.to_school
    if duty.kind == "missing_papers":  # where the child was then
        return child.standings[duty.arose - 1].school_code
    return child.state.school_code


def _episode(child: ChildStream) -> int | None:
    episode = child.state.episode
    return episode.number if episode is not None and episode.is_open else None
