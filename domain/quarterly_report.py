"""A unit's report at a quarter's end (季度末报送): a narrative, and the figures drawn with it."""

from datetime import date
from typing import Any

from domain.code_list import CodeList
from domain.entry import Act
from domain.return_periods import Period
from domain.return_refusals import ReturnNotDueYet, RevisionReasonMissing
from domain.subject import Fact, Subject

UNIT_KIND = CodeList.read(
    "报送单位类别",
    "domain.md section 2 (16), S3; the task force's own is ours (D)",
    """
    township    | 镇(街道) | Township
    member_unit | 成员单位 | Member unit
    task_force  | 工作专班办公室 | Task force office
    """,
)
REPORT_STATE = CodeList.read(
    "季度报送状态",
    "D",
    """
    due      | 待报 | Due
    late     | 逾期未报 | Late
    reported | 已报 | Reported
    """,
)


class Reported(Fact):
    """A unit reported its quarter (季度末报送); ``number`` is the version, a later one says why."""

    TOPIC = "quarterly_report.reported"

    unit: str
    quarter: str
    kind: str
    number: int
    position: int
    due_on: date
    narrative: str
    figures: dict[str, int]
    reason: str | None = None

    def apply(self, subject: Any) -> None:
        subject.versions.append(self)


class QuarterlyReport(Subject):
    """One unit's report of one quarter; every version of it stays."""

    SUBJECT = "quarterly_report"

    versions: list[Reported]

    def begin(self) -> None:
        self.versions = []

    def state(self, period: Period, today: date) -> str:
        """Give the code of ``REPORT_STATE`` of the report on a day."""
        if self.versions:
            return "reported"
        return "late" if today > period.due_on else "due"

    def report(
        self,
        act: Act,
        period: Period,
        *,
        opens_on: date,
        unit: str,
        kind: str,
        position: int,
        figures: dict[str, int],
        narrative: str,
        reason: str | None = None,
    ) -> None:
        """
        Report the quarter; again, as another version beside the former, with the reason.

        :raises ReturnNotDueYet: before the day from which on the quarter is reported
        :raises RevisionReasonMissing: if it was reported and no reason is given
        """
        if act.today < opens_on:
            raise ReturnNotDueYet(period=period.name, opens_on=opens_on)
        if self.versions and not reason:
            raise RevisionReasonMissing(number=self.versions[-1].number)
        self.record(
            Reported,
            act,
            act.today,
            unit=unit,
            quarter=period.name,
            kind=kind,
            number=len(self.versions) + 1,
            position=position,
            due_on=period.due_on,
            narrative=narrative,
            figures=figures,
            reason=reason if self.versions else None,
        )
