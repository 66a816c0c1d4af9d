"""The body of a bulletin (督查结果公告): its sources, the words around them, fields confirmed."""

import re
from typing import Annotated, Self

from pydantic import AfterValidator, Field, model_validator

from api.schemas.fields import Body, Line, SchoolCode, wrong
from api.schemas.registers import PlainLine, PlainWords
from api.schemas.supervision import InspectionNumber, PeriodName

WHERE = re.compile(r"/(title|text|summaries/[0-9]{1,3}/text)", re.ASCII)


def _where(value: str) -> str:
    if not WHERE.fullmatch(value):
        raise wrong(
            "field",
            "Name a field: /title, /text or /summaries/0/text.",
            "须写明栏目:/title、/text 或 /summaries/0/text。",
        )
    return value


class SummaryBody(Body):
    """What is said of one school; no child, and not how few there were."""

    school_code: SchoolCode
    text: PlainWords


class BulletinBody(Body):
    """
    公告拟稿; tells of ended `inspections`, and of `scores` by their ids.

    `confirmed` names the fields in which two characters are also a child's name and none is meant.
    """

    title: PlainLine
    period: PeriodName
    text: PlainWords
    inspections: Annotated[list[InspectionNumber], Field(max_length=50)] | None = None
    scores: Annotated[list[Line], Field(max_length=200)] | None = None
    summaries: Annotated[list[SummaryBody], Field(max_length=200)] | None = None
    confirmed: (
        Annotated[list[Annotated[str, AfterValidator(_where)]], Field(max_length=300)] | None
    ) = None

    @model_validator(mode="after")
    def _of_something(self) -> Self:
        if not (self.inspections or self.scores):
            raise wrong(
                "sources",
                "Name inspections or scores.",
                "请列明所依据的督查(inspections)或考评(scores)。",
                pointer="/inspections",
            )
        return self


class BulletinPublication(Body):
    """发布公告."""
