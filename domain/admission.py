"""Admission (新生报到、升学): a child on no school's roll comes onto one."""

from datetime import date
from typing import Any

from domain.child import FINISHED, GONE, LAST_GRADE_OF_ALL, ChildStream, State
from domain.entry import Act, Entry
from domain.roll import ON_ROLL, SUSPENDED, not_on_roll


class Admitted(Entry):
    """The child reported at a school and is on its roll: new, or from a school it finished."""

    TOPIC = "student.admitted"
    CORRECTABLE = frozenset({"occurred_on", "grade", "class_name", "student_number"})

    school_code: str
    grade: int
    class_name: str
    student_number: str | None = None

    def apply(self, aggregate: Any) -> None:
        state = aggregate.state
        state.moved = True
        state.transfer = None
        state.student_number = self.student_number or state.student_number
        state.school_code = self.school_code
        state.grade = self.grade
        state.class_name = self.class_name
        state.becomes("01", self.occurred_on)


class Admission(ChildStream):
    """How a child that is on no roll comes onto one, without a second stream."""

    def admit(
        self,
        act: Act,
        *,
        school_code: str,
        grade: int,
        class_name: str,
        occurred_on: date,
        student_number: str | None = None,
    ) -> None:
        """
        Put a child on a school's roll that is on none: found not enrolled, or done with primary.

        :raises ChildDied: if the child's death is recorded
        :raises NotOnRoll: if it is on a roll, or left the district; it moves by transfer or 22
        """
        self.require_alive()
        if not awaits_school(self.state):
            raise not_on_roll(self.state)
        self.record(
            Admitted,
            act,
            occurred_on,
            school_code=school_code,
            grade=grade,
            class_name=class_name,
            student_number=student_number,
        )


def awaits_school(state: State) -> bool:
    """Say whether a child is on no school's roll and still of an age to be on one."""
    if state.student_status in FINISHED:
        return state.grade != LAST_GRADE_OF_ALL
    return state.student_status not in ON_ROLL | GONE | {SUSPENDED}
