"""A school's monthly return (学生流动情况月报表): checked, submitted, frozen, restated."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date

from domain.code_list import CodeList
from domain.entry import Act
from domain.refusals import SamePerson
from domain.return_facts import (
    ClassChecked,
    Draft,
    Frozen,
    Restated,
    SchoolClass,
    SentBack,
    Submitted,
    Version,
    figures_in,
)
from domain.return_figures import COLUMN, Figures
from domain.return_periods import Period
from domain.return_refusals import (
    ClassesUnchecked,
    ClassUnknown,
    NothingToRestate,
    ReturnFrozen,
    ReturnNotDueYet,
    ReturnNotFrozen,
    ReturnNotSubmitted,
    ReturnNotZero,
    ReturnSubmitted,
)
from domain.subject import Subject

MOST_CLASSES_NAMED = 12  # in a refusal
RETURN_STATE = CodeList.read(
    "月报状态",
    "api.md, monthly returns; returned is ours (D)",
    """
    due       | 待报 | Due
    late      | 逾期未报 | Late
    submitted | 已报 | Submitted
    zero      | 零报告 | Zero return
    returned  | 已退回 | Returned to the school
    frozen    | 已冻结 | Frozen
    restated  | 已更正 | Restated
    """,
)
AWAITED = frozenset({"due", "late", "returned"})


class MonthlyReturn(Subject):
    """One school's return of one month; ``stands`` says that it is submitted and not sent back."""

    SUBJECT = "monthly_return"

    checked: dict[SchoolClass, ClassChecked]
    versions: list[Version]
    stands: bool
    sent_back: SentBack | None
    frozen: Frozen | None

    def begin(self) -> None:
        self.checked = {}
        self.versions = []
        self.stands = False
        self.sent_back = None
        self.frozen = None

    @property
    def latest(self) -> Version | None:
        """The version that holds: the last restatement, or what is submitted and not sent back."""
        return self.versions[-1] if self.stands else None

    @property
    def submitted(self) -> Submitted | None:
        """The last submission, sent back or not."""
        return next((v for v in reversed(self.versions) if isinstance(v, Submitted)), None)

    def state(self, period: Period, today: date) -> str:
        """Give the code of ``RETURN_STATE`` of the return on a day."""
        if self.frozen is not None:
            return "restated" if isinstance(self.versions[-1], Restated) else "frozen"
        if self.stands:
            return "zero" if self.submitted and self.submitted.zero else "submitted"
        if self.sent_back is not None:
            return "returned"
        return "late" if today > period.due_on else "due"

    def days_late(self, period: Period, today: date) -> int:
        """
        Count the days after the due day until the school first submitted, or up to today.

        What the bureau asks to mend makes nobody late who was in time (D).
        """
        first = self.versions[0].occurred_on if self.versions else today
        return max((first - period.due_on).days, 0)

    def check_class(
        self,
        act: Act,
        period: Period,
        *,
        school_code: str,
        grade: int,
        class_name: str,
        classes: Collection[SchoolClass],
        note: str | None = None,
    ) -> None:
        """
        Sign off that a class was gone through; again is well too, the last one stands.

        :raises ClassUnknown: if the school has no such class
        :raises ReturnSubmitted: if the return is submitted, unless it was sent back
        :raises ReturnFrozen: if it is frozen
        """
        if SchoolClass(grade, class_name) not in classes:
            raise ClassUnknown(grade=grade, class_name=class_name)
        self._require_open()
        self.record(
            ClassChecked,
            act,
            act.today,
            school_code=school_code,
            month=period.name,
            grade=grade,
            class_name=class_name,
            note=note,
        )

    def submit(
        self,
        act: Act,
        period: Period,
        *,
        school_code: str,
        draft: Draft,
        classes: Collection[SchoolClass],
        zero: bool = False,
        unchecked_reason: str | None = None,
        note: str | None = None,
    ) -> None:
        """
        Submit the return as drafted; ``zero`` says that nothing moved and every class was checked.

        :raises ReturnNotDueYet: before the day it is due
        :raises ReturnSubmitted: if it is submitted, unless it was sent back
        :raises ReturnFrozen: if it is frozen
        :raises ReturnNotZero: if ``zero`` is said and something moved, or a case was
        :raises ClassesUnchecked: if classes are not checked off and no reason is given
        """
        if act.today < period.due_on:
            raise ReturnNotDueYet(period=period.name, opens_on=period.due_on)
        self._require_open()
        moved = draft.figures.not_zero
        if zero and moved:
            raise ReturnNotZero(**_columns(draft.figures, moved))
        unchecked = [] if zero else [one for one in classes if one not in self.checked]
        if unchecked and not unchecked_reason:
            raise ClassesUnchecked(**_classes(unchecked))
        self.record(
            Submitted,
            act,
            act.today,
            school_code=school_code,
            month=period.name,
            number=len(self.versions) + 1,
            zero=not moved,
            due_on=period.due_on,
            unchecked=[one._asdict() for one in unchecked],
            unchecked_reason=unchecked_reason if unchecked else None,
            note=note,
            **draft.facts(),
        )

    def send_back(self, act: Act, period: Period, *, school_code: str, reason: str) -> None:
        """
        Send the return back to the school, to be submitted again.

        :raises ReturnFrozen: if it is frozen
        :raises ReturnNotSubmitted: if nothing is submitted
        """
        number = self._require_submitted().number
        self.record(
            SentBack,
            act,
            act.today,
            school_code=school_code,
            month=period.name,
            number=number,
            reason=reason,
        )

    def freeze(self, act: Act, period: Period, *, school_code: str) -> None:
        """
        Freeze the return.

        :raises ReturnFrozen: if it is frozen
        :raises ReturnNotSubmitted: if nothing is submitted
        :raises SamePerson: by who submitted it
        """
        submitted = self._require_submitted()
        if submitted.by["account"] == act.by.account:
            raise SamePerson
        self.record(
            Frozen,
            act,
            act.today,
            school_code=school_code,
            month=period.name,
            number=submitted.number,
        )

    def restate(
        self,
        act: Act,
        period: Period,
        *,
        school_code: str,
        reason: str,
        draft: Draft,
        causes: Sequence[int],
    ) -> None:
        """
        Set another version beside a frozen return.

        :raises ReturnNotFrozen: if it is not frozen
        :raises SamePerson: by who submitted it
        :raises NothingToRestate: if every figure is that of the version that holds
        """
        if self.frozen is None:
            raise ReturnNotFrozen
        last = self.versions[-1]
        if any(v.by["account"] == act.by.account for v in self.versions if type(v) is Submitted):
            raise SamePerson
        if figures_in(last).lines == draft.figures.lines:
            raise NothingToRestate(number=last.number)
        self.record(
            Restated,
            act,
            act.today,
            school_code=school_code,
            month=period.name,
            number=len(self.versions) + 1,
            reason=reason,
            causes=list(causes),
            **draft.facts(),
        )

    def _require_open(self) -> None:
        if self.frozen is not None:
            raise ReturnFrozen(number=self.frozen.number)
        if self.stands:
            raise ReturnSubmitted(number=self.versions[-1].number)

    def _require_submitted(self) -> Submitted:
        if self.frozen is not None:
            raise ReturnFrozen(number=self.frozen.number)
        if not self.stands or self.submitted is None:
            raise ReturnNotSubmitted
        return self.submitted


def _columns(figures: Figures, names: Sequence[str]) -> Mapping[str, str]:
    total = figures.total
    return {
        f"what_{language}": between.join(
            f"{COLUMN.label(name, language)} {total[name]}" for name in names
        )
        for language, between in (("zh", "、"), ("en", ", "))
    }


def _classes(classes: Sequence[SchoolClass]) -> Mapping[str, str]:
    named = classes[:MOST_CLASSES_NAMED]
    more = "…" if len(classes) > len(named) else ""
    return {
        "classes_zh": "、".join(f"{grade}年级{name}" for grade, name in named) + more,
        "classes_en": ", ".join(f"grade {grade} {name}" for grade, name in named) + more,
    }
