"""入学通知书发放登记表: a row per enrolment notice, under the school that expects the child."""

from collections.abc import Iterable

from domain.admission import Admitted
from domain.case import AbsenceFlagged
from domain.enrolment_notices import EnrolmentNoticeIssued, is_replaced, reported_on
from domain.entry import Entry
from domain.no_shows import flag_of
from domain.roll import Graduated, RollChanged
from domain.transfers import TransferAccepted
from projections.replay import Child
from projections.view import LOOKED_UP, PLACE_COLUMNS, Row, View, entries_of, place

PLACED = (2, 3, 4)  # where PLACE_COLUMNS say school, grade and class


class EnrolmentNoticeRegister(View):
    """
    The rows of one child's notices.

    ``waiting`` marks what screening looks at: neither answered, nor replaced, nor flagged.
    """

    name = "enrolment_notice_register"
    moved_by = (
        *(EnrolmentNoticeIssued, Admitted, TransferAccepted, RollChanged, Graduated),
        AbsenceFlagged,
    )
    indexes = (*LOOKED_UP, "waits (report_by) WHERE waiting AND until IS NULL")
    columns = (
        *PLACE_COLUMNS,
        ("entry", "bigint"),
        ("student_number", "text"),
        ("document_number", "text"),
        ("issued_on", "date"),
        ("served_to", "text"),
        ("report_by", "date"),
        ("reported_on", "date"),
        ("flag", "bigint"),
        ("replaced", "boolean"),
        ("waiting", "boolean"),
    )

    def all_keys(self, child: Child) -> Iterable[int]:
        return [index + 1 for index in entries_of(child, EnrolmentNoticeIssued)]

    def keys(self, child: Child, entry: Entry) -> Iterable[int]:  # noqa: ARG002
        """What answers or tells of one notice may tell of an earlier one too."""
        return self.all_keys(child)

    def row(self, child: Child, key: int) -> Row:
        notice = child.student.entries[key - 1]
        assert isinstance(notice, EnrolmentNoticeIssued)
        stood = list(place(child, key - 1, key - 1, notice.occurred_on))
        for column, value in zip(PLACED, (notice.school_code, notice.grade, None), strict=True):
            stood[column] = value
        replaced = is_replaced(child.student, key)
        came = None if replaced else reported_on(child.student, key)
        flag = flag_of(child.student, key)
        return (
            *stood,
            key,
            child.enrolment.student_number,
            notice.document_number,
            notice.occurred_on,
            notice.served_to,
            notice.report_by,
            came,
            flag,
            replaced,
            not replaced and came is None and flag is None,
        )
