"""Responsibility pledges (责任书) down the line: issued, signed by both sides, renewed, over."""

from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

from domain.code_list import CodeList
from domain.entry import Act
from domain.refusals import (
    AlreadySigned,
    BothSides,
    EndBeforeStart,
    NamedAnother,
    NoSuchEntry,
    PledgeOver,
    PledgeStands,
    SignedBeforeIssued,
)
from domain.subject import Fact, Subject

PLEDGE_LEVEL = CodeList.read(
    "责任书层级",
    "domain.md section 2: 19, 20",
    """
    county_township | 区与乡镇(街道)责任书 | District and township
    bureau_school   | 区教体局与校长责任书   | Bureau and principal
    school_grade    | 校长与包年级领导责任书 | Principal and the leader of a grade
    school_teacher  | 校长与班主任责任书     | Principal and homeroom teacher
    """,
)
PLEDGE_STATE = CodeList.read(
    "责任书状态",
    "D",
    """
    open      | 待签   | To be signed
    overdue   | 逾期未签 | Overdue
    signed    | 已签订 | Signed
    replaced  | 已替换 | Replaced
    withdrawn | 已撤回 | Withdrawn
    """,
)
PLEDGE_SIDE = CodeList.read(
    "责任书签订方",
    "D",
    """
    from | 发责方 | Who it is made to
    to   | 承诺方 | Who makes it
    """,
)
WITHIN_SCHOOL = frozenset({"school_grade", "school_teacher"})  # 领导包年级、教师包学生
UNSIGNED = frozenset({"open", "overdue"})


class Counterpart(NamedTuple):
    """Who pledges in a unit: a class's homeroom teacher, a grade's leader, or the unit's head."""

    grade: int | None
    class_name: str | None


class PledgeIssued(Fact):
    """
    A pledge was put before both sides, to be signed by ``due_on``.

    ``replaces`` is the entry of the one that no longer holds, for a ``reason`` such as a new
    principal's term, which is ``term_from`` to ``term_to``.
    """

    TOPIC = "pledge.issued"

    level: str
    from_unit: str
    to_unit: str
    school_year: str
    due_on: date
    terms: list[str]
    text: str | None = None
    to_person: str | None = None
    grade: int | None = None
    class_name: str | None = None
    term_from: date | None = None
    term_to: date | None = None
    replaces: int | None = None
    reason: str | None = None

    @property
    def counterpart(self) -> Counterpart:
        return Counterpart(self.grade, self.class_name)

    def apply(self, subject: "Pledges") -> None:
        subject.pledges[self.originator_version] = Pledge(self)
        if (older := subject.pledges.get(self.replaces or 0)) is not None:
            older.replaced_by = self.originator_version


class PledgeSigned(Fact):
    """One side signed a pledge, ``from`` or ``to``; ``occurred_on`` is the day."""

    TOPIC = "pledge.signed"

    entry: int
    side: str

    def apply(self, subject: "Pledges") -> None:
        if (pledge := subject.pledges.get(self.entry)) is not None:
            pledge.signatures[self.side] = self


class PledgeWithdrawn(Fact):
    """A pledge was withdrawn by who issued it, as one issued in error."""

    TOPIC = "pledge.withdrawn"

    entry: int
    reason: str

    def apply(self, subject: "Pledges") -> None:
        if (pledge := subject.pledges.get(self.entry)) is not None:
            pledge.withdrawn = self


@dataclass
class Pledge:
    """A pledge and what became of it."""

    issued: PledgeIssued
    signatures: dict[str, PledgeSigned] = field(default_factory=dict)
    replaced_by: int | None = None
    withdrawn: PledgeWithdrawn | None = None

    @property
    def entry(self) -> int:
        return self.issued.originator_version

    @property
    def stands(self) -> bool:
        return self.replaced_by is None and self.withdrawn is None

    @property
    def late(self) -> bool:
        """Whether a side signed after the day by which both should have."""
        return any(one.occurred_on > self.issued.due_on for one in self.signatures.values())

    def state(self, today: date) -> str:
        """Name the state on a day, as a code of ``PLEDGE_STATE``."""
        if self.withdrawn is not None:
            return "withdrawn"
        if self.replaced_by is not None:
            return "replaced"
        if len(self.signatures) == len(PLEDGE_SIDE):
            return "signed"
        return "overdue" if self.issued.due_on < today else "open"


class Pledges(Subject):
    """The pledges of one level that one unit makes in one school year."""

    SUBJECT = "pledge"

    pledges: dict[int, Pledge]

    def begin(self) -> None:
        self.pledges = {}

    def issue(
        self,
        act: Act,
        *,
        level: str,
        from_unit: str,
        to_unit: str,
        school_year: str,
        due_on: date,
        issued_on: date | None = None,
        terms: list[str] | None = None,
        text: str | None = None,
        to_person: str | None = None,
        grade: int | None = None,
        class_name: str | None = None,
        term_from: date | None = None,
        term_to: date | None = None,
        replaces: int | None = None,
        reason: str | None = None,
    ) -> None:
        """
        Put a pledge before both sides; who pledged already this year has the older one replaced.

        :raises PledgeStands: if one stands that this does not replace
        :raises NoSuchEntry: if what it replaces does not stand, or is another's
        :raises EndBeforeStart: if it is due before its day, or the term ends before it begins
        :raises FutureDay: if its day lies after today
        """
        day = issued_on or act.today
        for starts, ends in ((day, due_on), (term_from, term_to)):
            if starts is not None and ends is not None and ends < starts:
                raise EndBeforeStart(starts=starts, ends=ends)
        asked = Counterpart(grade, class_name)
        standing = next(
            (
                one.entry
                for one in self.pledges.values()
                if one.stands and one.issued.counterpart == asked
            ),
            None,
        )
        if replaces is not None and replaces != standing:
            raise NoSuchEntry(entry=replaces)
        if standing is not None and replaces is None:
            raise PledgeStands(entry=standing)
        self.record(
            PledgeIssued,
            act,
            day,
            level=level,
            from_unit=from_unit,
            to_unit=to_unit,
            school_year=school_year,
            due_on=due_on,
            terms=terms or [],
            text=text,
            to_person=to_person,
            grade=grade,
            class_name=class_name,
            term_from=term_from,
            term_to=term_to,
            replaces=replaces,
            reason=reason,
        )

    def pledge(self, entry: int) -> Pledge:
        """
        Give a pledge.

        :raises NoSuchEntry: if none was issued there
        """
        if entry not in self.pledges:
            raise NoSuchEntry(entry=entry)
        return self.pledges[entry]

    def _standing(self, entry: int) -> Pledge:
        pledge = self.pledge(entry)
        if not pledge.stands:
            raise PledgeOver(entry=entry)
        return pledge

    def sign(self, act: Act, entry: int, side: str, signed_on: date) -> None:
        """
        Sign for a side.

        :raises NoSuchEntry: if there is no such pledge
        :raises PledgeOver: if it was replaced or withdrawn
        :raises AlreadySigned: if that side signed
        :raises BothSides: if the same person signed for the other side
        :raises NamedAnother: if it names another person
        :raises SignedBeforeIssued: if the day lies before the pledge's
        :raises FutureDay: if the day lies after today
        """
        pledge = self._standing(entry)
        issued = pledge.issued
        if side in pledge.signatures:
            raise AlreadySigned(signed_on=pledge.signatures[side].occurred_on)
        if any(one.by["account"] == act.by.account for one in pledge.signatures.values()):
            raise BothSides
        if side == "to" and issued.to_person not in {None, act.by.name}:
            raise NamedAnother(person=issued.to_person)
        if signed_on < issued.occurred_on:
            raise SignedBeforeIssued(day=signed_on, issued_on=issued.occurred_on)
        self.record(PledgeSigned, act, signed_on, entry=entry, side=side)

    def withdraw(self, act: Act, entry: int, reason: str) -> None:
        """
        Withdraw a pledge.

        :raises NoSuchEntry: if there is no such pledge
        :raises PledgeOver: if it was replaced or withdrawn
        """
        self._standing(entry)
        self.record(PledgeWithdrawn, act, act.today, entry=entry, reason=reason)
