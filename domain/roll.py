"""The roll (学籍): enrolment, roll changes, promotion, key groups."""

from datetime import date
from typing import Any

from domain.child import ChildStream, State, check_not_future
from domain.codes import KEY_GROUP, STUDENT_STATUS
from domain.entry import Act, Disability, Entry, Guardian, KeyGroup, Paper
from domain.refusals import (
    AlreadyPromoted,
    EndBeforeStart,
    KeyGroupNotHeld,
    NotOnRoll,
)
from domain.roll_papers import papers_missing

LAST_GRADE = {"21": 6, "31": 9, "51": 9}  # by school type, the first two digits of its code
PROMOTION_INTERVAL = 180  # days; promotion is yearly, whichever side of 1 September it is run
ON_ROLL = frozenset({"01", "05"})
SUSPENDED, LEFT_DISTRICT = "02", "10"  # XSDQZT
TRANSFER_IN, DEATH = "22", "51"  # XJYDLB
STATUS_AFTER = {"11": "02", "12": "05", "21": "10", "22": "01", "51": "11"}  # XJYDLB → XSDQZT
APPLIES_TO = {
    "11": ON_ROLL,
    "12": frozenset({"02"}),
    "21": ON_ROLL | {"02"},
    "29": ON_ROLL,
}


class Enrolled(Entry):
    """A child is on the roll, or was found not to be; the first entry of every stream."""

    TOPIC = "student.enrolled"
    CORRECTABLE = frozenset(
        {
            "name",
            "sex",
            "birth_date",
            "student_number",
            "school_code",
            "grade",
            "class_name",
            "id_number",
            "guardians",
            "home_address",
            "registered_residence",
            "township",
            "disability",
        }
    )

    name: str
    sex: str
    birth_date: date
    student_number: str | None = None
    school_code: str | None = None
    grade: int | None = None
    class_name: str | None = None
    found_by: str | None = None
    id_number: str | None = None
    guardians: list[Guardian] | None = None
    home_address: str | None = None
    registered_residence: str | None = None
    township: str | None = None
    key_groups: list[KeyGroup] | None = None
    disability: Disability | None = None

    def apply(self, aggregate: Any) -> None:
        state = aggregate.state
        state.born = self.birth_date
        state.student_number = self.student_number
        state.id_number = self.id_number
        state.school_code = self.school_code
        state.grade = self.grade
        state.class_name = self.class_name
        state.township = self.township
        state.student_status = "01" if self.student_number else "99"
        for group in self.key_groups or []:
            state.key_groups[group["code"]] = dict(group)


class RollChanged(Entry):
    """A roll change (学籍异动); incomplete while ``papers_missing`` names groups of papers."""

    TOPIC = "student.roll_changed"
    CORRECTABLE = frozenset({"occurred_on", "kind", "papers", "to_grade", "to_class", "reason"})

    kind: str
    papers: list[Paper]
    to_school: str | None = None
    to_grade: int | None = None
    to_class: str | None = None
    reason: str | None = None
    papers_missing: list[list[str]] | None = None

    def apply(self, aggregate: Any) -> None:
        state = aggregate.state
        state.moved = True
        if self.kind in STATUS_AFTER:
            state.becomes(STATUS_AFTER[self.kind], self.occurred_on)
        state.died_on = self.occurred_on if self.kind == DEATH else state.died_on
        state.school_code = self.to_school or state.school_code
        state.grade = self.to_grade or state.grade
        state.class_name = self.to_class or state.class_name


class Promoted(Entry):
    """The child moved up one grade with the class."""

    TOPIC = "student.promoted"

    school_code: str
    to_grade: int

    def apply(self, aggregate: Any) -> None:
        aggregate.state.moved = True
        aggregate.state.grade = self.to_grade
        aggregate.state.promoted_on = self.occurred_on


class Graduated(Entry):
    """The child finished the school's last grade."""

    TOPIC = "student.graduated"

    school_code: str
    from_grade: int

    def apply(self, aggregate: Any) -> None:
        aggregate.state.moved = True
        aggregate.state.becomes("07", self.occurred_on)
        aggregate.state.promoted_on = self.occurred_on


class KeyGroupAssigned(Entry):
    """The child was marked as one of a key group (重点群体); the same mark again renews it."""

    TOPIC = "student.key_group_assigned"
    CORRECTABLE = frozenset({"source", "purpose", "until"})

    code: str
    source: str
    purpose: str
    until: date | None = None

    def apply(self, aggregate: Any) -> None:
        aggregate.state.key_groups[self.code] = {
            "code": self.code,
            "source": self.source,
            "purpose": self.purpose,
            "until": self.until.isoformat() if self.until else None,
        }


class KeyGroupEnded(Entry):
    """The mark no longer holds."""

    TOPIC = "student.key_group_ended"
    CORRECTABLE = frozenset({"occurred_on", "reason"})

    code: str
    reason: str | None = None

    def apply(self, aggregate: Any) -> None:
        aggregate.state.key_groups.pop(self.code, None)


class Roll(ChildStream):
    """What people do with a child's place on the roll."""

    def enrol(self, act: Act, *, occurred_on: date | None = None, **facts: Any) -> None:
        """
        Put the child on the roll.

        :raises FutureDay: if the birth date has not come
        """
        check_not_future(act, facts["birth_date"])
        self.record(Enrolled, act, occurred_on or act.today, **facts)

    def change_roll(
        self,
        act: Act,
        *,
        kind: str,
        occurred_on: date,
        papers: list[Paper],
        to_school: str | None = None,
        to_grade: int | None = None,
        to_class: str | None = None,
        reason: str | None = None,
    ) -> None:
        """
        Record a roll change; without its papers it stands visibly incomplete.

        ``to_school`` is where a child comes in from outside the district (22); for a child just
        enrolled, 22 says that this is where it came from.

        :raises NotOnRoll: if the child's roll status does not allow it
        """
        self.require_alive()
        check_roll_change(self.state, kind)
        self.record(
            RollChanged,
            act,
            occurred_on,
            kind=kind,
            papers=papers,
            to_school=to_school,
            to_grade=to_grade,
            to_class=to_class,
            reason=reason,
            papers_missing=papers_missing(kind, papers),
        )

    def promote(self, act: Act, *, occurred_on: date) -> None:
        """
        Move the child up a grade, or graduate it from the school's last one.

        :raises AlreadyPromoted: if that was done less than half a year ago
        :raises NotOnRoll: if the child is not at school
        """
        state = self.state
        if state.student_status not in ON_ROLL or not state.school_code or not state.grade:
            raise not_on_roll(state)
        if state.promoted_on and abs((occurred_on - state.promoted_on).days) < PROMOTION_INTERVAL:
            raise AlreadyPromoted(promoted_on=state.promoted_on)
        if state.grade >= LAST_GRADE.get(state.school_code[:2], 9):
            self.record(
                Graduated,
                act,
                occurred_on,
                school_code=state.school_code,
                from_grade=state.grade,
            )
        else:
            self.record(
                Promoted,
                act,
                occurred_on,
                school_code=state.school_code,
                to_grade=state.grade + 1,
            )

    def assign_key_group(
        self,
        act: Act,
        *,
        code: str,
        source: str,
        purpose: str,
        from_day: date,
        until: date | None = None,
    ) -> None:
        """
        Mark the child as one of a key group.

        :raises EndBeforeStart: if the mark would end before it starts
        """
        if until is not None and until < from_day:
            raise EndBeforeStart(ends=until, starts=from_day)
        self.record(
            KeyGroupAssigned, act, from_day, code=code, source=source, purpose=purpose, until=until
        )

    def end_key_group(
        self, act: Act, *, code: str, occurred_on: date | None = None, reason: str | None = None
    ) -> None:
        """
        End a mark.

        :raises KeyGroupNotHeld: if the child does not carry it
        """
        if code not in self.state.key_groups:
            raise KeyGroupNotHeld(
                group_zh=KEY_GROUP.label(code, "zh"), group_en=KEY_GROUP.label(code, "en")
            )
        self.record(KeyGroupEnded, act, occurred_on or act.today, code=code, reason=reason)


def check_roll_change(state: State, kind: str) -> None:
    """
    Refuse a roll change that the child's roll status does not allow.

    :raises NotOnRoll: if so
    """
    if state.student_status not in APPLIES_TO.get(kind, frozenset(STUDENT_STATUS)):
        raise not_on_roll(state)
    if kind == TRANSFER_IN and state.student_status in ON_ROLL and state.moved:
        raise not_on_roll(state)


def not_on_roll(state: State) -> NotOnRoll:
    return NotOnRoll(
        status_zh=STUDENT_STATUS.label(state.student_status, "zh"),
        status_en=STUDENT_STATUS.label(state.student_status, "en"),
    )
