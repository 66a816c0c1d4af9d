"""The bodies of supervision (考评、约谈): rubrics, scores, vetoes, talks, in texts of no child."""

from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field, PlainSerializer, StringConstraints

from api.schemas.fields import Body, Day, EntryNumber, refuse_control, wrong
from api.schemas.registers import PlainLine

MOST_POINTS = 1000


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
