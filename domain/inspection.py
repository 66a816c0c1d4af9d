"""An inspection (督查) of schools: planned, started, heads counted, findings put right, ended."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from domain.entry import Act, Paper
from domain.inspection_codes import TO_DO
from domain.inspection_facts import (
    Ended,
    FindingKey,
    FindingNoted,
    HeadsCounted,
    Inspector,
    Owner,
    Planned,
    RectificationAccepted,
    RectificationRejected,
    Rectified,
    Started,
)
from domain.inspection_refusals import (
    FindingAwaitsDecision,
    FindingClosed,
    FindingDueEarly,
    InspectionDaysAway,
    InspectionEnded,
    InspectionNotStarted,
    InspectionNotYet,
    InspectionStarted,
    MissingNotOfClass,
    NotRectified,
    OwnSchool,
    RectifiedBeforeFound,
)
from domain.refusals import SamePerson
from domain.return_refusals import ClassUnknown
from domain.subject import Subject

PLANNED_AHEAD = timedelta(days=366)  # D: at most; past ones are entered from paper
Step = Rectified | RectificationAccepted | RectificationRejected


@dataclass
class Finding:
    """Something found wrong, what the school did last, and the last step of either side."""

    noted: FindingNoted
    rectified: Rectified | None = None
    last: Step | None = None

    @property
    def state(self) -> str:
        """The code of ``FINDING_STATE``."""
        match self.last:
            case None:
                return "open"
            case Rectified():
                return "rectified"
            case RectificationAccepted():
                return "closed"
            case RectificationRejected():
                return "rejected"

    def overdue(self, today: date) -> bool:
        """Say whether the school's turn went by: what awaits the inspecting side is not late."""
        return self.state in TO_DO and today > self.noted.due_on


class Inspection(Subject):
    """
    One inspection; ``heads`` holds the last count of each class, by school, grade and class.

    ``own`` in its methods are the schools at which the person holds a post: nobody inspects the
    own school.
    """

    SUBJECT = "inspection"

    planned: Planned
    started: Started | None
    ended: Ended | None
    heads: dict[tuple[str, int, str], HeadsCounted]
    findings: dict[tuple[str, int], Finding]

    def begin(self) -> None:
        self.started = None
        self.ended = None
        self.heads = {}
        self.findings = {}

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

    def start(self, act: Act, *, own: Collection[str]) -> None:
        """
        Start it; a surprise check is seen by its schools from now on.

        :raises OwnSchool: if the person holds a post at one of the schools
        :raises InspectionEnded: if it ended
        :raises InspectionStarted: if it started
        :raises InspectionNotYet: before its first day
        """
        _require_other(own, self.planned.schools)
        if self.ended is not None:
            raise InspectionEnded(day=self.ended.occurred_on)
        if self.started is not None:
            raise InspectionStarted(day=self.started.occurred_on)
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

    def _require_running(self) -> None:
        if self.started is None:
            raise InspectionNotStarted
        if self.ended is not None:
            raise InspectionEnded(day=self.ended.occurred_on)


def _require_other(own: Collection[str], schools: Collection[str]) -> None:
    if not set(own).isdisjoint(schools):
        raise OwnSchool
