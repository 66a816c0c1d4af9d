"""What is recorded of an inspection (督查): its facts. They hold counts and staff, and no child."""

from datetime import date
from typing import Any, NamedTuple, NotRequired, TypedDict

from domain.entry import Paper
from domain.subject import Fact


class Inspector(TypedDict):
    """Who inspects (督查人员)."""

    name: str
    unit: str


class Owner(TypedDict):
    """Who answers for putting a finding right (整改责任人); ``role`` in the school's own words."""

    name: str
    role: NotRequired[str]


class FindingKey(NamedTuple):
    """A finding of an inspection: findings are numbered by school, from 1."""

    school_code: str
    number: int


class Planned(Fact):
    """An inspection was planned; ``starts_on`` and ``ends_on`` are the days it is to take."""

    TOPIC = "inspection.planned"

    inspection: str
    kind: str
    title: str
    schools: list[str]
    starts_on: date
    ends_on: date
    methods: list[str]
    inspectors: list[Inspector]
    joint_units: list[str] | None = None

    def apply(self, subject: Any) -> None:
        subject.planned = self


class PlanChanged(Fact):
    """The plan reads otherwise from now on; ``changes`` in stored form, days as ``YYYY-MM-DD``."""

    TOPIC = "inspection.plan_changed"

    inspection: str
    changes: dict[str, Any]
    reason: str

    def revived(self) -> dict[str, Any]:
        """Give the changes with their days as dates."""
        return {
            name: date.fromisoformat(value) if name.endswith("_on") else value
            for name, value in self.changes.items()
        }

    def apply(self, subject: Any) -> None:
        if hasattr(subject, "planned"):
            subject.replan(self)


class Cancelled(Fact):
    """The inspection was cancelled before it started, and why."""

    TOPIC = "inspection.cancelled"

    inspection: str
    reason: str

    def apply(self, subject: Any) -> None:
        subject.cancelled = self


class Started(Fact):
    """An inspection started; from here on the schools see a surprise check."""

    TOPIC = "inspection.started"

    inspection: str

    def apply(self, subject: Any) -> None:
        subject.started = self


class HeadsCounted(Fact):
    """
    Heads were counted in a class (点人数), against its roll as it stood at ``position``.

    ``explained`` are those absent with leave; who the others are is no part of the fact.
    """

    TOPIC = "inspection.heads_counted"

    inspection: str
    school_code: str
    grade: int
    class_name: str
    counted: int
    on_roll: int
    position: int
    explained: int = 0
    note: str | None = None

    @property
    def unaccounted(self) -> int:
        """How many of the roll were neither counted nor explained."""
        return max(self.on_roll - self.counted - self.explained, 0)

    @property
    def beyond_roll(self) -> int:
        """How many more sat in class than its roll holds."""
        return max(self.counted - self.on_roll, 0)

    def apply(self, subject: Any) -> None:
        subject.heads[self.school_code, self.grade, self.class_name] = self


class FindingNoted(Fact):
    """Something was found wrong at a school, to be put right by ``owner`` until ``due_on``."""

    TOPIC = "inspection.finding_noted"

    inspection: str
    school_code: str
    number: int
    what: str
    remedy: str
    owner: Owner
    due_on: date
    severity: str | None = None

    def apply(self, subject: Any) -> None:
        subject.note(self)


class Rectified(Fact):
    """The school put a finding right (整改) on the day this happened, with its proof."""

    TOPIC = "inspection.rectified"

    inspection: str
    school_code: str
    number: int
    papers: list[Paper]
    note: str | None = None

    def apply(self, subject: Any) -> None:
        subject.take(self)


class RectificationAccepted(Fact):
    """The inspecting side accepted what was put right, which closes the finding (整改销号)."""

    TOPIC = "inspection.rectification_accepted"

    inspection: str
    school_code: str
    number: int
    note: str | None = None

    def apply(self, subject: Any) -> None:
        subject.take(self)


class RectificationRejected(Fact):
    """The inspecting side did not accept what was put right (退回重改), and says why."""

    TOPIC = "inspection.rectification_rejected"

    inspection: str
    school_code: str
    number: int
    note: str

    def apply(self, subject: Any) -> None:
        subject.take(self)


class Ended(Fact):
    """An inspection ended, with its summary; what it found is still put right."""

    TOPIC = "inspection.ended"

    inspection: str
    summary: str

    def apply(self, subject: Any) -> None:
        subject.ended = self
