"""Quarterly reports (季度末报送): each loaded by unit and quarter, and told anew as a version."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from application.access import Post
from application.directory import Directory
from application.store.store import Appended
from application.store.streams import stream_of
from application.subjects import Subjects, Wish
from domain.quarterly_report import QuarterlyReport
from domain.return_periods import Period, quarter_opens


class ReportingUnit(NamedTuple):
    """A unit that reports a quarter: a township by its name, others by that of their post."""

    kind: str
    unit: str


def units_of(post: Post, directory: Directory) -> list[ReportingUnit]:
    """Give the units whose quarter a post reports; a township's by 中心校 and government alike."""
    if post.role in {"member_unit", "task_force"}:
        return [ReportingUnit(post.role, post.unit)]
    townships = {school.township for code in post.schools if (school := directory.school(code))}
    townships |= {post.township} if post.township else set()
    return [ReportingUnit("township", township) for township in sorted(townships)]


class QuarterlyReports:
    """What units report at each quarter's end; figures come with the wish, pinned to a position."""

    def __init__(self, subjects: Subjects) -> None:
        self._subjects = subjects

    async def of(
        self, quarter: str, units: Sequence[ReportingUnit], upto: int | None = None
    ) -> dict[ReportingUnit, QuarterlyReport]:
        """Load the reports of some units, as of a position if one is given."""
        streams = [_stream(unit, quarter) for unit in units]
        loaded = await self._subjects.load_all(QuarterlyReport, streams, upto)
        return dict(zip(units, loaded, strict=True))

    async def report(
        self, wish: Wish, period: Period, unit: ReportingUnit, **facts: Any
    ) -> Appended:
        opens_on = quarter_opens(period, self._subjects.rule_book)
        return await self._subjects.record(
            wish,
            QuarterlyReport,
            _stream(unit, period.name),
            lambda one, act: one.report(
                act, period, opens_on=opens_on, unit=unit.unit, kind=unit.kind, **facts
            ),
            quarter=period.name,
            unit=unit.unit,
        )


def _stream(unit: ReportingUnit, quarter: str) -> Any:
    return stream_of(QuarterlyReport.SUBJECT, unit.kind, unit.unit, quarter)
