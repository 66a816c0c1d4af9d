"""The bodies about inspections (督查): plans, head counts, findings, what was put right."""

from typing import Annotated, Any, Self
from uuid import UUID

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from api.schemas.fields import (
    Body,
    Day,
    Grade,
    Line,
    OneOf,
    Papers,
    SchoolCode,
    Words,
    YesNo,
    whole,
    wrong,
)
from domain.inspection_codes import (
    FINDING_SEVERITY,
    INSPECTION_KIND,
    INSPECTION_METHOD,
    REMEDY,
)


def _once(value: list[Any]) -> list[Any]:
    if len(set(value)) < len(value):
        raise wrong("named_twice", "Name each once.", "同一项不能重复填写。")
    return value


Heads = Annotated[int, Field(ge=0, le=1000), BeforeValidator(whole)]
Schools = Annotated[list[SchoolCode], Field(min_length=1, max_length=200), AfterValidator(_once)]
Methods = Annotated[
    list[Annotated[str, OneOf(INSPECTION_METHOD)]],
    Field(min_length=1, max_length=5),
    AfterValidator(_once),
]


class InspectorBody(Body):
    """督查人员."""

    name: Line
    unit: Line


class InspectionPlan(Body):
    """督查计划; a joint check (联合检查) names the units that take part in ``joint_units``."""

    kind: Annotated[str, OneOf(INSPECTION_KIND)]
    title: Line
    schools: Schools
    starts_on: Day
    ends_on: Day
    methods: Methods
    inspectors: Annotated[list[InspectorBody], Field(min_length=1, max_length=50)]
    joint_units: Annotated[list[Line], Field(min_length=1, max_length=20)] | None = None

    @model_validator(mode="after")
    def days_and_units(self) -> Self:
        if self.ends_on < self.starts_on:
            raise wrong(
                "days",
                "ends_on lies before starts_on.",
                "结束日期(ends_on)早于开始日期。",
                pointer="/ends_on",
            )
        if self.kind == "joint" and self.joint_units is None:
            raise wrong(
                "joint_units",
                "A joint check names joint_units.",
                "联合检查须写明参与单位(joint_units)。",
                pointer="/joint_units",
            )
        return self


class InspectionChange(Body):
    """变更督查计划: what reads otherwise, and why."""

    reason: Line
    title: Line | None = None
    schools: Schools | None = None
    starts_on: Day | None = None
    ends_on: Day | None = None
    methods: Methods | None = None
    inspectors: Annotated[list[InspectorBody], Field(min_length=1, max_length=50)] | None = None
    joint_units: Annotated[list[Line], Field(min_length=1, max_length=20)] | None = None

    @model_validator(mode="after")
    def something(self) -> Self:
        if self.facts().keys() == {"reason"}:
            raise wrong("nothing", "Name something that changes.", "请至少填写一项变更内容。")
        return self


class InspectionCancellation(Body):
    """取消督查."""

    reason: Line


class InspectionStart(Body):
    """督查开始."""


class HeadCount(Body):
    """点人数; ``explained`` are absent with leave. ``missing`` names children, and is not kept."""

    grade: Grade
    class_name: Line
    counted: Heads
    explained: Heads = 0
    missing: Annotated[list[UUID], Field(max_length=100), AfterValidator(_once)] | None = None
    note: Line | None = None


class OwnerBody(Body):
    """整改责任人; ``role`` in the school's own words."""

    name: Line
    role: Line | None = None


class FindingBody(Body):
    """发现问题; ``by_day`` (限期整改) needs ``due_on``, ``at_once`` is due the same day."""

    what: Words
    remedy: Annotated[str, OneOf(REMEDY)]
    owner: OwnerBody
    due_on: Day | None = None
    severity: Annotated[str, OneOf(FINDING_SEVERITY)] | None = None

    @model_validator(mode="after")
    def due_if_by_day(self) -> Self:
        if self.remedy == "by_day" and self.due_on is None:
            raise wrong(
                "due_on",
                "Say by which day (due_on).",
                "限期整改须写明整改期限(due_on)。",
                pointer="/due_on",
            )
        return self


class Rectification(Body):
    """整改, with its proof: papers, a note, or both."""

    done_on: Day
    papers: Papers = Field(default_factory=list)
    note: Words | None = None

    @model_validator(mode="after")
    def proved(self) -> Self:
        if not self.papers and self.note is None:
            raise wrong(
                "proof",
                "Give papers or a note as proof.",
                "请附整改证明材料(papers)或说明(note)。",
                pointer="/papers",
            )
        return self


class RectificationDecision(Body):
    """整改销号; who does not approve says why in ``note``."""

    approve: YesNo
    note: Words | None = None

    @model_validator(mode="after")
    def reasoned(self) -> Self:
        if not self.approve and self.note is None:
            raise wrong(
                "note", "Say in note why not.", "退回重改须写明理由(note)。", pointer="/note"
            )
        return self


class InspectionEnd(Body):
    """督查结束."""

    summary: Words
