"""Plain registers (登记簿) of meetings, documents, publicity, appraisals; no child's name."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from domain.child import check_not_future
from domain.code_list import CodeList
from domain.entry import Act, Paper, plain
from domain.refusals import (
    EndBeforeStart,
    HeldInAnotherYear,
    NoSuchEntry,
    NothingChanged,
)
from domain.subject import Fact, Subject

REGISTER_KIND = CodeList.read(
    "登记簿",
    "domain.md section 2: 25, 26, 28, 29",
    """
    meetings   | 会议登记(专题会议、专班、领导小组) | Meetings
    documents  | 文件登记(实施方案等)             | Documents in force
    publicity  | 宣传登记                           | Publicity
    appraisals | 考核表彰登记                       | Appraisals and commendations
    """,
)
# The Compulsory Education Law came into force that day: no register of it goes further back.
BEGINNING = date(1986, 7, 1)


class RegisterEntered(Fact):
    """
    A unit held a meeting, issued a document, did publicity, was appraised.

    ``occurred_on`` is the day held or issued; ``until`` the last day a document is in force.
    """

    TOPIC = "register.entered"

    kind: str
    unit: str
    title: str
    papers: list[Paper]
    note: str | None = None
    until: date | None = None

    def apply(self, subject: "Register") -> None:
        subject.lines[self.originator_version] = RegisterLine(
            self,
            {
                "title": self.title,
                "held_on": self.occurred_on,
                "papers": self.papers,
                "note": self.note,
                "until": self.until,
                "withdrawn": False,
            },
        )


class RegisterCorrected(Fact):
    """
    A line of a register reads otherwise from now on; the line as it was stays beside it.

    ``changes`` in stored form; ``withdrawn`` among them says that the line does not hold at all.
    """

    TOPIC = "register.corrected"

    entry: int
    changes: dict[str, Any]
    reason: str

    def apply(self, subject: "Register") -> None:
        if (line := subject.lines.get(self.entry)) is not None:
            line.corrections.append(self)
            line.reads.update(revived(self.changes))


@dataclass
class RegisterLine:
    """A line as it was entered, how it reads now, and what corrected it, oldest first."""

    entered: RegisterEntered
    reads: dict[str, Any]
    corrections: list[RegisterCorrected] = field(default_factory=list)

    @property
    def entry(self) -> int:
        return self.entered.originator_version

    @property
    def held_on(self) -> date:
        day: date = self.reads["held_on"]
        return day

    def in_force(self, today: date) -> bool:
        """Say whether a document is in force on a day."""
        until: date | None = self.reads["until"]
        begun = self.held_on <= today and not self.reads["withdrawn"]
        return begun and (until is None or today <= until)


class Register(Subject):
    """The register of one kind that one unit keeps in one school year."""

    SUBJECT = "register"

    lines: dict[int, RegisterLine]

    def begin(self) -> None:
        self.lines = {}

    def enter(
        self,
        act: Act,
        *,
        kind: str,
        unit: str,
        title: str,
        held_on: date,
        papers: list[Paper],
        note: str | None = None,
        until: date | None = None,
    ) -> None:
        """
        Enter a line.

        :raises FutureDay: if its day lies after today
        :raises EndBeforeStart: if it ends before that day
        """
        check_order(held_on, until)
        self.record(
            RegisterEntered,
            act,
            held_on,
            kind=kind,
            unit=unit,
            title=title,
            papers=papers,
            note=note,
            until=until,
        )

    def line(self, entry: int) -> RegisterLine:
        """
        Give a line.

        :raises NoSuchEntry: if no line was entered there
        """
        if entry not in self.lines:
            raise NoSuchEntry(entry=entry)
        return self.lines[entry]

    def correct(self, act: Act, entry: int, changes: Mapping[str, Any], reason: str) -> None:
        """
        Record that a line reads otherwise.

        :raises NoSuchEntry: if there is no such line
        :raises NothingChanged: if it reads so already
        :raises FutureDay: if its day would lie after today
        :raises EndBeforeStart: if it would end before its day
        :raises HeldInAnotherYear: if its day would lie in another school year, whose register is
            another stream
        """
        line = self.line(entry)
        reads = {**line.reads, **changes}
        if reads == line.reads:
            raise NothingChanged(entry=entry)
        held_on = reads["held_on"]
        check_not_future(act, held_on)
        check_order(held_on, reads["until"])
        year, other = (act.rules.calendar.school_year_of(day) for day in (line.held_on, held_on))
        if other != year:
            raise HeldInAnotherYear(day=held_on, year=year)
        told = {name: plain(value) for name, value in changes.items()}
        self.record(RegisterCorrected, act, act.today, entry=entry, changes=told, reason=reason)


def check_order(held_on: date, until: date | None) -> None:
    if until is not None and until < held_on:
        raise EndBeforeStart(starts=held_on, ends=until)


def revived(changes: Mapping[str, Any]) -> dict[str, Any]:
    """Turn the stored days among some changes back into dates."""
    days = {"held_on", "until"}
    return {
        name: date.fromisoformat(value) if name in days and isinstance(value, str) else value
        for name, value in changes.items()
    }
