"""适龄儿童台账: one row per child known to the district, on a roll or not, and where it learns."""

from collections.abc import Iterable

from domain.admission import Admitted
from domain.care import HomeTeachingAssigned, PlacementArranged
from domain.case import (
    AbsenceFlagged,
    ContactLost,
    DropoutConfirmed,
    DropoutSuspected,
    ReturnedToSchool,
)
from domain.child import FINISHED, LAST_GRADE_OF_ALL
from domain.closing import CloseOutApproved
from domain.code_list import CodeList
from domain.corrections import Corrected
from domain.entry import Entry
from domain.roll import Enrolled, Graduated, KeyGroupAssigned, KeyGroupEnded, Promoted, RollChanged
from domain.transfers import TransferAccepted
from projections.replay import Child
from projections.view import LOOKED_UP, PLACE_COLUMNS, Row, View, entries_of, first_guardian, place

REMARK = CodeList.read(
    "适龄儿童台账备注",
    "D",
    """
    not_enrolled | 未入学   | At no school
    home_taught  | 送教上门 | Taught at home
    finished     | 已完成义务教育 | Finished compulsory education
    """,
)


class SchoolAgeLedger(View):
    """
    Every child, of whatever age: who is of school age is asked of a day, and stands in no row.

    ``disabled`` says that a disability is on record, by enrolment or home teaching plan, or the
    mark of the key group; ``finished`` that grade 9 is.
    """

    name = "school_age_ledger"
    moved_by = (
        *(Enrolled, RollChanged, Promoted, Graduated, Admitted, TransferAccepted),
        *(KeyGroupAssigned, KeyGroupEnded, HomeTeachingAssigned, PlacementArranged),
        *(AbsenceFlagged, DropoutSuspected, ContactLost, DropoutConfirmed, ReturnedToSchool),
        CloseOutApproved,
    )
    columns = (
        *PLACE_COLUMNS,
        ("sex", "text"),
        ("birth_date", "date"),
        ("id_number", "text"),
        ("student_number", "text"),
        ("registered_residence", "text"),
        ("home_address", "text"),
        ("guardian_name", "text"),
        ("guardian_phone", "text"),
        ("student_status", "text"),
        ("placement", "text"),
        ("home_taught", "boolean"),
        ("home_taught_until", "date"),
        ("remark", "text"),
        ("finished", "boolean"),
        ("disabled", "boolean"),
    )
    indexes = (*LOOKED_UP, "disability (opened) WHERE disabled")

    def all_keys(self, child: Child) -> Iterable[int]:  # noqa: ARG002
        return (1,)

    def keys(self, child: Child, entry: Entry) -> Iterable[int]:  # noqa: ARG002
        return (1,)

    def row(self, child: Child, key: int) -> Row:  # noqa: ARG002
        state, enrolment = child.student.state, child.enrolment
        last = entries_of(child, (*self.moved_by, Corrected))[-1]
        plan = state.home_teaching
        finished = state.student_status in FINISHED and state.grade == LAST_GRADE_OF_ALL
        return (
            *place(child, last, 0, enrolment.birth_date),
            enrolment.sex,
            enrolment.birth_date,
            state.id_number,
            state.student_number,
            enrolment.registered_residence,
            enrolment.home_address,
            *first_guardian(child),
            state.student_status,
            state.placement,
            plan is not None,
            plan.ends if plan else None,
            remark_of(child),
            finished,
            is_disabled(child),
        )


def remark_of(child: Child) -> str | None:
    """Give the code of the remark, if there is anything to remark."""
    state = child.student.state
    if state.school_code is None:
        return "not_enrolled"
    if state.student_status in FINISHED and state.grade == LAST_GRADE_OF_ALL:
        return "finished"
    return "home_taught" if state.home_teaching is not None else None


def is_disabled(child: Child) -> bool:
    """Say whether a disability of the child is on record."""
    plans = entries_of(child, HomeTeachingAssigned)
    told = (getattr(child.student.entries[index], "disability", None) for index in plans)
    return bool(
        child.enrolment.disability or "disabled" in child.student.state.key_groups or any(told)
    )
