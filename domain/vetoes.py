"""Veto (一票否决): the evidence of a rebound is shown; a person decides, restates with reason."""

from collections.abc import Collection
from typing import Any, TypedDict

from domain.code_list import CodeList
from domain.entry import Act
from domain.inspection_refusals import OwnSchool
from domain.refusals import NoSuchEntry
from domain.subject import Fact, Subject
from domain.supervision_periods import Period
from domain.supervision_refusals import PeriodNotBegun, VetoDecided

VETO_STATE = CodeList.read(
    "一票否决状态",
    "S1, S2; D",
    """
    evidence   | 待研究   | Evidence, undecided
    vetoed     | 已否决   | Vetoed
    not_vetoed | 不予否决 | Not vetoed
    """,
)


class Evidence(TypedDict):
    """Confirmed dropouts and relapses of a school in a period, and in the one before it."""

    dropouts: int
    relapses: int
    dropouts_before: int
    relapses_before: int


def rebounded(evidence: Evidence) -> bool:
    """Say whether a school's dropouts or relapses rose over the period before (反弹)."""
    return (
        evidence["dropouts"] > evidence["dropouts_before"]
        or evidence["relapses"] > evidence["relapses_before"]
    )


class VetoDecidedUpon(Fact):
    """
    A person decided whether a school is vetoed for a period, by the evidence as it stood.

    ``position`` is where in the log the evidence stood; ``restates`` the entry of the decision
    that no longer holds.
    """

    TOPIC = "veto.decided"

    school_code: str
    period: str
    veto: bool
    reason: str
    evidence: Evidence
    position: int
    restates: int | None = None

    def apply(self, subject: Any) -> None:
        subject.decisions.append(self)


class Veto(Subject):
    """What was decided of one school for one period, oldest first; the last decision holds."""

    SUBJECT = "veto"

    decisions: list[VetoDecidedUpon]

    def begin(self) -> None:
        self.decisions = []

    @property
    def decision(self) -> VetoDecidedUpon | None:
        return self.decisions[-1] if self.decisions else None

    @property
    def state(self) -> str:
        """The code of ``VETO_STATE``: evidence until a person decides."""
        if self.decision is None:
            return "evidence"
        return "vetoed" if self.decision.veto else "not_vetoed"

    def decide(
        self,
        act: Act,
        *,
        school_code: str,
        period: Period,
        veto: bool,
        reason: str,
        evidence: Evidence,
        position: int,
        own: Collection[str],
        restates: int | None = None,
    ) -> None:
        """
        Decide, or restate what was decided.

        :raises OwnSchool: if the person holds a post at the school
        :raises PeriodNotBegun: before the period
        :raises NoSuchEntry: if what is restated is not the decision that holds
        :raises VetoDecided: if a decision holds and is not named
        """
        if school_code in own:
            raise OwnSchool
        if act.today < period.first:
            raise PeriodNotBegun(first=period.first)
        stands = self.decision
        if restates is not None and (stands is None or stands.originator_version != restates):
            raise NoSuchEntry(entry=restates)
        if restates is None and stands is not None:
            raise VetoDecided(entry=stands.originator_version, day=stands.occurred_on)
        self.record(
            VetoDecidedUpon,
            act,
            act.today,
            school_code=school_code,
            period=period.name,
            veto=veto,
            reason=reason,
            evidence=evidence,
            position=position,
            restates=restates,
        )
