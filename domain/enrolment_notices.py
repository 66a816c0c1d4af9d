"""Enrolment notices (入学通知书): a child is expected at a school by a day, and comes or not."""

from datetime import date
from typing import Any

from domain.admission import Admitted
from domain.child import ChildStream
from domain.code_list import CodeList
from domain.entry import Act, Entry
from domain.refusals import ReportBeforeIssue
from domain.roll import TRANSFER_IN, Enrolled, Graduated, RollChanged
from domain.transfers import TransferAccepted

NOTICE_STATE = CodeList.read(
    "入学通知书状态",
    "D",
    """
    expected | 未到期 | Not due yet
    reported | 已报到 | Reported
    overdue  | 逾期未报到 | Overdue, not reported
    flagged  | 已预警 | Flagged
    replaced | 已换发 | Replaced by a later one
    """,
)
RESUMED = "12"  # XJYDLB
COMES, GOES = frozenset({TRANSFER_IN, RESUMED}), frozenset({"11", "21", "51"})  # XJYDLB


class EnrolmentNoticeIssued(Entry):
    """The child is expected at a school by ``report_by`` (入学通知书); coming on a roll answers."""

    TOPIC = "student.enrolment_notice_issued"
    CORRECTABLE = frozenset({"occurred_on", "grade", "report_by", "document_number", "served_to"})

    school_code: str
    grade: int
    report_by: date
    document_number: str | None = None
    served_to: str | None = None


class EnrolmentNotices(ChildStream):
    """What schools and authorities write to those who are to start school."""

    def issue_notice(
        self,
        act: Act,
        *,
        school_code: str,
        grade: int,
        report_by: date,
        occurred_on: date,
        document_number: str | None = None,
        served_to: str | None = None,
    ) -> None:
        """
        Issue an enrolment notice; it takes the place of an earlier one that is not answered.

        :raises ChildDied: if the child's death is recorded
        :raises ReportBeforeIssue: if the child would have had to report before the notice
        """
        self.require_alive()
        check_report(occurred_on, report_by)
        self.record(
            EnrolmentNoticeIssued,
            act,
            occurred_on,
            school_code=school_code,
            grade=grade,
            report_by=report_by,
            document_number=document_number,
            served_to=served_to,
        )


def check_report(issued_on: date, report_by: date) -> None:
    """
    Refuse a day to report by that lies before the notice.

    :raises ReportBeforeIssue: if so
    """
    if report_by < issued_on:
        raise ReportBeforeIssue(report_by=report_by, issued_on=issued_on)


def latest_notice(child: ChildStream) -> int | None:
    """Give the number of the last notice, answered or not."""
    for entry in reversed(child.entries):
        if isinstance(entry, EnrolmentNoticeIssued):
            return entry.originator_version
    return None


def reported_on(child: ChildStream, number: int) -> date | None:
    """
    Give the day on which the child came on a roll of the district after a notice.

    A child that was on the roll of that school when the notice was recorded had come before it.
    """
    notice: Any = child.entries[number - 1]
    since: date | None = None
    for place, entry in enumerate(child.entries, start=1):
        came = comes(entry)
        if came and place > number:
            return entry.occurred_on
        since = entry.occurred_on if came else None if goes(entry) else since
        at = child.standings[place - 1].school_code
        if place == number and since and at == notice.school_code:
            return since
    return None


def is_replaced(child: ChildStream, number: int) -> bool:
    """Say whether a later notice took the place of one that was not answered."""
    for entry in child.entries[number:]:
        if isinstance(entry, EnrolmentNoticeIssued):
            return True
        if comes(entry):
            return False
    return False


def comes(entry: Entry) -> bool:
    """Say whether a child comes on a school's roll with an entry."""
    if isinstance(entry, Enrolled):
        return bool(entry.student_number and entry.school_code)
    if isinstance(entry, RollChanged):
        return entry.kind in COMES
    return isinstance(entry, Admitted | TransferAccepted)


def goes(entry: Entry) -> bool:
    """Say whether a child is no longer expected at its school with an entry."""
    return isinstance(entry, Graduated) or (isinstance(entry, RollChanged) and entry.kind in GOES)
