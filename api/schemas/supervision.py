"""The bodies of supervision (考评、约谈): rubrics, scores, vetoes, talks, in texts of no child."""

import re
from typing import Annotated, Any, Self

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    PlainSerializer,
    StringConstraints,
    model_validator,
)

from api.schemas.fields import (
    Body,
    Day,
    EntryNumber,
    Line,
    SchoolCode,
    YesNo,
    refuse_control,
    whole,
    wrong,
)
from api.schemas.registers import HeldOn, PlainLine, PlainWords
from domain.supervision_periods import Period

MOST_POINTS = 1000
INSPECTION = re.compile(r"[0-9]{4}-[1-9][0-9]{0,3}", re.ASCII)


def _period(value: str) -> str:
    if Period.read(value) is None:
        raise wrong(
            "period",
            "A period is a school year (2026-2027) or a quarter (2026-Q4).",
            "周期须为学年(如 2026-2027)或季度(如 2026-Q4)。",
        )
    return value


PeriodName = Annotated[
    str,
    AfterValidator(_period),
    Field(max_length=9, description="a school year (`2026-2027`) or a quarter (`2026-Q4`)"),
]


def _inspection(value: str) -> str:
    if not INSPECTION.fullmatch(value):
        raise wrong("inspection", "An inspection's number is 2026-3.", "督查编号写作 2026-3。")
    return value


InspectionNumber = Annotated[str, AfterValidator(_inspection), Field(max_length=9)]


def _points(value: object) -> object:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise wrong("points", "Points are a number.", "分值须为数字。")
    return value


def _halves(value: float) -> float:
    if value * 2 != int(value * 2):
        raise wrong("points", "Points are whole or half.", "分值须为整数或半分(0.5 的倍数)。")
    return value


Points = Annotated[
    float,
    Field(ge=0, le=MOST_POINTS, allow_inf_nan=False),
    AfterValidator(_halves),
    BeforeValidator(_points),
    PlainSerializer(float),
]
Code = Annotated[
    str,
    StringConstraints(strip_whitespace=True, pattern=r"^[A-Za-z0-9.\-]{1,20}$"),
    BeforeValidator(refuse_control),
]


def codes_once(items: list[Any]) -> list[Any]:
    """
    Check that no code stands twice.

    :raises PydanticCustomError: if one does
    """
    codes = [item.code for item in items]
    if len(set(codes)) < len(codes):
        raise wrong("code_twice", "Each code stands once.", "同一项目代码不能重复。")
    return items


class RubricItemBody(Body):
    """考评项目: what is looked at, its points, and by what evidence it is judged."""

    code: Code
    title: PlainLine
    points: Points
    evidence: PlainLine


class RubricBody(Body):
    """考评细则; `replaces` is the number of the version from which it takes over."""

    title: PlainLine
    in_force_from: Day
    items: Annotated[
        list[RubricItemBody], Field(min_length=1, max_length=200), AfterValidator(codes_once)
    ]
    replaces: EntryNumber | None = None


class ScoredItemBody(Body):
    """An item's points; a deduction needs evidence: in words, an inspection, a place in the log."""

    code: Code
    points: Points
    evidence: PlainLine | None = None
    inspection: InspectionNumber | None = None
    entry: Annotated[int, Field(ge=1, le=2**53), BeforeValidator(whole)] | None = None


ScoredItems = Annotated[
    list[ScoredItemBody], Field(min_length=1, max_length=200), AfterValidator(codes_once)
]


class ScoreBody(Body):
    """考评; an inspector names the running `inspection` of the school."""

    school_code: SchoolCode
    rubric: EntryNumber
    period: PeriodName
    occurred_on: Day
    points: ScoredItems
    inspection: InspectionNumber | None = None
    note: PlainWords | None = None


class ScoreCorrection(Body):
    """考评更正: the whole score as it stands from now on, and why."""

    points: ScoredItems
    reason: PlainLine
    note: PlainWords | None = None


class ScoreCommendation(Body):
    """表扬: a person's decision, or that it is taken back."""

    commended: YesNo
    reason: PlainLine


class VetoDecision(Body):
    """一票否决决定; `restates` is the `entry` of the decision that no longer holds."""

    school_code: SchoolCode
    period: PeriodName
    veto: YesNo
    reason: PlainWords
    restates: EntryNumber | None = None


class TalkedWithBody(Body):
    """约谈对象."""

    name: PlainLine
    role: PlainLine | None = None


class CommitmentBody(Body):
    """承诺: what, until which day, and who answers for it."""

    text: PlainWords
    due_on: Day
    owner: PlainLine


class TalkBody(Body):
    """约谈; with a school (`school_code`) or another `unit`: a 中心校 or a township by its name."""

    school_code: SchoolCode | None = None
    unit: Line | None = None
    with_whom: Annotated[list[TalkedWithBody], Field(min_length=1, max_length=50)]
    held_on: HeldOn
    reasons: Annotated[list[PlainWords], Field(min_length=1, max_length=50)]
    commitments: Annotated[list[CommitmentBody], Field(max_length=50)]

    @model_validator(mode="after")
    def _one_unit(self) -> Self:
        if (self.school_code is None) == (self.unit is None):
            raise wrong(
                "one_unit",
                "Name school_code or unit, one of them.",
                "学校(school_code)与单位(unit)须填写其一。",
                pointer="/school_code",
            )
        return self


class TalkFollowUp(Body):
    """约谈跟进; `commitment` is the promise's number in the talk, from 1."""

    commitment: Annotated[int, Field(ge=1, le=50), BeforeValidator(whole)]
    occurred_on: Day
    done: YesNo
    evidence: PlainWords
