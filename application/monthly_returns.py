"""Monthly returns (学生流动情况月报表): each loaded by school and month, and decided upon."""

from collections.abc import Callable, Collection, Sequence
from typing import Any

from application.store.store import Appended
from application.store.streams import stream_of
from application.subjects import Subjects, Wish
from domain.entry import Act
from domain.monthly_return import MonthlyReturn
from domain.return_facts import Draft, SchoolClass, Version
from domain.return_periods import Period, month_before

Decide = Callable[[MonthlyReturn, Act], None]


class MonthlyReturns:
    """
    What schools return each month, and the bureau decides of it.

    Drafts come with the wish: they are pinned to a position, whenever they are recorded.
    """

    def __init__(self, subjects: Subjects) -> None:
        self._subjects = subjects

    async def of(
        self, month: str, schools: Sequence[str], upto: int | None = None
    ) -> dict[str, MonthlyReturn]:
        """Load the returns of some schools, as of a position if one is given."""
        streams = [stream_of(MonthlyReturn.SUBJECT, school, month) for school in schools]
        loaded = await self._subjects.load_all(MonthlyReturn, streams, upto)
        return dict(zip(schools, loaded, strict=True))

    async def before(
        self, month: str, schools: Sequence[str], upto: int
    ) -> dict[str, Version | None]:
        """Give the version that held of each school's return of the month before, if one did."""
        earlier = await self.of(month_before(month), schools, upto)
        return {school: one.latest for school, one in earlier.items()}

    async def check_class(
        self,
        wish: Wish,
        period: Period,
        school_code: str,
        classes: Collection[SchoolClass],
        **facts: Any,
    ) -> Appended:
        return await self._record(
            wish,
            period,
            school_code,
            lambda one, act: one.check_class(
                act, period, school_code=school_code, classes=classes, **facts
            ),
        )

    async def submit(
        self,
        wish: Wish,
        period: Period,
        school_code: str,
        draft: Draft,
        classes: Collection[SchoolClass],
        **facts: Any,
    ) -> Appended:
        return await self._record(
            wish,
            period,
            school_code,
            lambda one, act: one.submit(
                act, period, school_code=school_code, draft=draft, classes=classes, **facts
            ),
        )

    async def send_back(
        self, wish: Wish, period: Period, school_code: str, reason: str
    ) -> Appended:
        return await self._record(
            wish,
            period,
            school_code,
            lambda one, act: one.send_back(act, period, school_code=school_code, reason=reason),
        )

    async def freeze(self, wish: Wish, period: Period, school_code: str) -> Appended:
        return await self._record(
            wish,
            period,
            school_code,
            lambda one, act: one.freeze(act, period, school_code=school_code),
        )

    async def restate(
        self,
        wish: Wish,
        period: Period,
        school_code: str,
        reason: str,
        draft: Draft,
        causes: Sequence[int],
    ) -> Appended:
        return await self._record(
            wish,
            period,
            school_code,
            lambda one, act: one.restate(
                act, period, school_code=school_code, reason=reason, draft=draft, causes=causes
            ),
        )

    async def _record(
        self, wish: Wish, period: Period, school_code: str, decide: Decide
    ) -> Appended:
        stream = stream_of(MonthlyReturn.SUBJECT, school_code, period.name)
        told = {"month": period.name, "school_code": school_code}
        return await self._subjects.record(wish, MonthlyReturn, stream, decide, **told)
