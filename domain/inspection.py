"""An inspection (督查) of schools: planned, started, heads counted, findings put right, ended."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from domain.cohorts import school_year_begins
from domain.entry import Act, Paper, plain
from domain.inspection_facts import (
    Cancelled,
    Ended,
    FindingKey,
    FindingNoted,
    HeadsCounted,
    Inspector,
    Owner,
    PlanChanged,
    Planned,
    RectificationAccepted,
    RectificationRejected,
    Rectified,
    Started,
)
from domain.inspection_findings import Finding, Step
from domain.inspection_refusals import (
    FindingAwaitsDecision,
    FindingClosed,
    FindingDueEarly,
    InspectionCancelled,
    InspectionDaysAway,
    InspectionEnded,
    InspectionInAnotherYear,
    InspectionNotStarted,
    InspectionNotYet,
    InspectionStarted,
    MissingNotOfClass,
    NotRectified,
    OwnSchool,
    RectifiedBeforeFound,
)
from domain.refusals import EndBeforeStart, NothingChanged, SamePerson
from domain.return_refusals import ClassUnknown
from domain.subject import Subject

PLANNED_AHEAD = timedelta(days=366)  # D: at most; past ones are entered from paper


class Inspection(Subject):
    """
    One inspection; ``heads`` holds the last count of each class, by school, grade and class.

    ``own`` in its methods are the schools at which the person holds a post: nobody inspects the
    own school.
    """

    SUBJECT = "inspection"

    planned: Planned  # as it stands, whatever was changed
    changes: list[PlanChanged]
    cancelled: Cancelled | None
    started: Started | None
    ended: Ended | None
    heads: dict[tuple[str, int, str], HeadsCounted]
    findings: dict[tuple[str, int], Finding]

    def begin(self) -> None:
        self.changes = []
        self.cancelled = None
        self.started = None
        self.ended = None
        self.heads = {}
        self.findings = {}

    def replan(self, change: PlanChanged) -> None:
        """Remember that the plan reads otherwise."""
        self.changes.append(change)
        self.planned = replace(self.planned, **change.revived())

    def note(self, noted: FindingNoted) -> None:
        """Remember a finding."""
        self.findings[FindingKey(noted.school_code, noted.number)] = Finding(noted)

    def take(self, step: Step) -> None:
        """Remember a step of putting a finding right."""
        if finding := self.findings.get(FindingKey(step.school_code, step.number)):
            finding.last = step
            if isinstance(step, Rectified):
                finding.rectified = step

    @property
    def state(self) -> str:
        """The code of ``INSPECTION_STATE``."""
        if self.cancelled:
            return "cancelled"
        return "ended" if self.ended else "running" if self.started else "planned"

    @property
    def hidden(self) -> bool:
        """Whether the schools may not know of it yet (突击检查, S1): until it starts."""
        return self.planned.kind == "surprise" and self.started is None

    def findings_at(self, school_code: str) -> list[Finding]:
        """Give what was found at a school, in the order of its numbers."""
        return [one for one in self.findings.values() if one.noted.school_code == school_code]

    def plan(
        self,
        act: Act,
        *,
        inspection: str,
        kind: str,
        title: str,
        schools: Sequence[str],
        starts_on: date,
        ends_on: date,
        methods: Sequence[str],
        inspectors: Sequence[Inspector],
        own: Collection[str],
        first_day: date,
        joint_units: Sequence[str] | None = None,
    ) -> None:
        """
        Plan an inspection; ``first_day`` is the first under any rules.

        :raises OwnSchool: if the planner holds a post at one of the schools
        :raises InspectionDaysAway: if it starts before all rules, or more than a year ahead
        """
        _require_other(own, schools)
        last = act.today + PLANNED_AHEAD
        if not first_day <= starts_on <= last:
            raise InspectionDaysAway(first=first_day, last=last)
        self.record(
            Planned,
            act,
            act.today,
            inspection=inspection,
            kind=kind,
            title=title,
            schools=list(schools),
            starts_on=starts_on,
            ends_on=ends_on,
            methods=list(methods),
            inspectors=list(inspectors),
            joint_units=list(joint_units) if joint_units else None,
        )

    def change(
        self,
        act: Act,
        *,
        changes: Mapping[str, Any],
        reason: str,
        own: Collection[str],
        first_day: date,
    ) -> None:
        """
        Change the plan before it starts; what it read before stays on record.

        :raises OwnSchool: if the person holds a post at one of its schools, old or new
        :raises InspectionCancelled: if it was cancelled
        :raises InspectionStarted: if it started
        :raises NothingChanged: if it reads so already
        :raises EndBeforeStart: if it would end before it starts
        :raises InspectionDaysAway: if it would start before all rules, or more than a year ahead
        :raises InspectionInAnotherYear: if it would start in another school year than its number
        """
        plan = self.planned
        _require_other(own, [*plan.schools, *changes.get("schools", ())])
        self._require_not_begun()
        if all(getattr(plan, name) == value for name, value in changes.items()):
            raise NothingChanged(entry=plan.originator_version)
        starts, ends = (changes.get(name, getattr(plan, name)) for name in ("starts_on", "ends_on"))
        if ends < starts:
            raise EndBeforeStart(starts=starts, ends=ends)
        last = act.today + PLANNED_AHEAD
        if "starts_on" in changes and not first_day <= starts <= last:
            raise InspectionDaysAway(first=first_day, last=last)
        if school_year_begins(starts) != school_year_begins(max(plan.starts_on, first_day)):
            raise InspectionInAnotherYear(inspection=plan.inspection)
        told = {name: plain(value) for name, value in changes.items()}
        self.record(
            PlanChanged, act, act.today, inspection=plan.inspection, changes=told, reason=reason
        )

    def cancel(self, act: Act, *, reason: str, own: Collection[str]) -> None:
        """
        Cancel it before it starts; a surprise check stays unknown to its schools.

        :raises OwnSchool: if the person holds a post at one of the schools
        :raises InspectionCancelled: if it was cancelled
        :raises InspectionStarted: if it started
        """
        _require_other(own, self.planned.schools)
        self._require_not_begun()
        told = {"inspection": self.planned.inspection, "reason": reason}
        self.record(Cancelled, act, act.today, **told)

    def start(self, act: Act, *, own: Collection[str]) -> None:
        """
        Start it; a surprise check is seen by its schools from now on.

        :raises OwnSchool: if the person holds a post at one of the schools
        :raises InspectionCancelled: if it was cancelled
        :raises InspectionStarted: if it started
        :raises InspectionNotYet: before its first day
        """
        _require_other(own, self.planned.schools)
        self._require_not_begun()
        if act.today < self.planned.starts_on:
            raise InspectionNotYet(starts_on=self.planned.starts_on)
        self.record(Started, act, act.today, inspection=self.planned.inspection)

    def count_heads(
        self,
        act: Act,
        *,
        school_code: str,
        grade: int,
        class_name: str,
        counted: int,
        on_roll: int | None,
        position: int,
        own: Collection[str],
        strangers: int = 0,
        explained: int = 0,
        note: str | None = None,
    ) -> None:
        """
        Record how many sat in a class; again is well too, the last count stands.

        ``on_roll`` is how many its roll held at a position, nothing for no class of the school;
        ``strangers`` are children named as missing who are not on it.

        :raises OwnSchool: if the person holds a post at the school
        :raises InspectionNotStarted: if it has not started
        :raises InspectionEnded: if it ended
        :raises ClassUnknown: if the school has no such class
        :raises MissingNotOfClass: if there are strangers
        """
        _require_other(own, [school_code])
        self._require_running()
        if on_roll is None:
            raise ClassUnknown(grade=grade, class_name=class_name)
        if strangers:
            raise MissingNotOfClass(count=strangers)
        self.record(
            HeadsCounted,
            act,
            act.today,
            inspection=self.planned.inspection,
            school_code=school_code,
            grade=grade,
            class_name=class_name,
            counted=counted,
            on_roll=on_roll,
            position=position,
            explained=explained,
            note=note,
        )

    def note_finding(
        self,
        act: Act,
        *,
        school_code: str,
        what: str,
        remedy: str,
        owner: Owner,
        own: Collection[str],
        due_on: date | None = None,
        severity: str | None = None,
    ) -> None:
        """
        Note what was found wrong; what is to be put right at once is due the day it is found.

        :raises OwnSchool: if the person holds a post at the school
        :raises InspectionNotStarted: if it has not started
        :raises InspectionEnded: if it ended
        :raises FindingDueEarly: if it would be due before today
        """
        _require_other(own, [school_code])
        self._require_running()
        due = due_on or act.today
        if due < act.today:
            raise FindingDueEarly(due_on=due, day=act.today)
        self.record(
            FindingNoted,
            act,
            act.today,
            inspection=self.planned.inspection,
            school_code=school_code,
            number=len(self.findings_at(school_code)) + 1,
            what=what,
            remedy=remedy,
            owner=owner,
            due_on=due,
            severity=severity,
        )

    def rectify(
        self,
        act: Act,
        key: FindingKey,
        *,
        done_on: date,
        papers: Sequence[Paper],
        note: str | None = None,
    ) -> None:
        """
        Record that the school put a finding right, running or ended.

        :raises FindingClosed: if the finding is closed
        :raises FindingAwaitsDecision: if it was put right already
        :raises RectifiedBeforeFound: if the day lies before it was found
        :raises FutureDay: if the day lies after today
        """
        finding = self.findings[key]
        if isinstance(finding.last, RectificationAccepted):
            raise FindingClosed(day=finding.last.occurred_on)
        if isinstance(finding.last, Rectified):
            raise FindingAwaitsDecision(done_on=finding.last.occurred_on)
        if done_on < finding.noted.occurred_on:
            raise RectifiedBeforeFound(done_on=done_on, found_on=finding.noted.occurred_on)
        self.record(
            Rectified,
            act,
            done_on,
            inspection=self.planned.inspection,
            **key._asdict(),
            papers=list(papers),
            note=note,
        )

    def decide_rectification(
        self,
        act: Act,
        key: FindingKey,
        *,
        approve: bool,
        own: Collection[str],
        note: str | None = None,
    ) -> None:
        """
        Accept what was put right, which closes the finding (整改销号), or send it back.

        :raises OwnSchool: if the person holds a post at the school
        :raises FindingClosed: if the finding is closed
        :raises NotRectified: if nothing awaits a decision
        :raises SamePerson: by who recorded that it was put right
        """
        _require_other(own, [key.school_code])
        finding = self.findings[key]
        if isinstance(finding.last, RectificationAccepted):
            raise FindingClosed(day=finding.last.occurred_on)
        if not isinstance(finding.last, Rectified):
            raise NotRectified
        if finding.last.by["account"] == act.by.account:
            raise SamePerson
        self.record(
            RectificationAccepted if approve else RectificationRejected,
            act,
            act.today,
            inspection=self.planned.inspection,
            **key._asdict(),
            note=note,
        )

    def end(self, act: Act, *, summary: str, own: Collection[str]) -> None:
        """
        End it, with its summary.

        :raises OwnSchool: if the person holds a post at one of the schools
        :raises InspectionNotStarted: if it has not started
        :raises InspectionEnded: if it ended
        """
        _require_other(own, self.planned.schools)
        self._require_running()
        self.record(Ended, act, act.today, inspection=self.planned.inspection, summary=summary)

    def _require_not_begun(self) -> None:
        if self.cancelled is not None:
            raise InspectionCancelled(day=self.cancelled.occurred_on)
        if self.ended is not None:
            raise InspectionEnded(day=self.ended.occurred_on)
        if self.started is not None:
            raise InspectionStarted(day=self.started.occurred_on)

    def _require_running(self) -> None:
        if self.cancelled is not None:
            raise InspectionCancelled(day=self.cancelled.occurred_on)
        if self.started is None:
            raise InspectionNotStarted
        if self.ended is not None:
            raise InspectionEnded(day=self.ended.occurred_on)


def _require_other(own: Collection[str], schools: Collection[str]) -> None:
    if not set(own).isdisjoint(schools):
        raise OwnSchool
