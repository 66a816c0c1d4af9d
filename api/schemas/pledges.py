"""What people enter for a pledge (责任书): its level and sides, terms, days, signatures."""

import re
from typing import Annotated, Self

from pydantic import AfterValidator, Field, model_validator

from api.schemas.fields import Body, Day, EntryNumber, Grade, Line, OneOf, wrong
from api.schemas.registers import PlainLine, PlainWords
from domain.pledges import PLEDGE_LEVEL

YEAR = re.compile(r"(19[89]\d|20\d\d)-(19[89]\d|20\d\d)", re.ASCII)
NEEDS = {
    "county_township": (),
    "bureau_school": ("to_person", "term_from"),
    "school_grade": ("to_person", "grade"),
    "school_teacher": ("to_person", "grade", "class_name"),
}
OF_A_TERM = ("term_from", "term_to")
LACKS = {
    "county_township": ("grade", "class_name", *OF_A_TERM),
    "bureau_school": ("grade", "class_name"),
    "school_grade": ("class_name", *OF_A_TERM),
    "school_teacher": OF_A_TERM,
}


def _year(value: str) -> str:
    found = YEAR.fullmatch(value)
    if found is None or int(found[2]) != int(found[1]) + 1:
        raise wrong("school_year", "A school year is written 2026-2027.", "学年须写作 2026-2027。")
    return value


SchoolYear = Annotated[
    str, AfterValidator(_year), Field(max_length=9, description="by default, today's")
]


class PledgeBody(Body):
    """
    A pledge to issue.

    `to_unit` is a township, or the code of a school: whose principal `to_person` is, for the term
    from `term_from` on, whose leader of a `grade`, or whose homeroom teacher of `grade` and
    `class_name`. `replaces` is the
    `entry` of the one that no longer holds, with a `reason`.
    """

    level: Annotated[str, OneOf(PLEDGE_LEVEL)]
    to_unit: Line
    due_on: Day
    school_year: SchoolYear | None = None
    issued_on: Day | None = None
    text: PlainWords | None = None
    terms: Annotated[list[PlainLine], Field(max_length=50)] | None = None
    to_person: Line | None = None
    grade: Grade | None = None
    class_name: Line | None = None
    term_from: Day | None = None
    term_to: Day | None = None
    replaces: EntryNumber | None = None
    reason: PlainLine | None = None

    @model_validator(mode="after")
    def _whole(self) -> Self:
        for name in NEEDS[self.level]:
            if getattr(self, name) is None:
                raise wrong(
                    "missing_here",
                    f"This level needs {name}.",
                    "此类责任书须填写此项。",
                    below=[name],
                )
        for name in LACKS[self.level]:
            if getattr(self, name) is not None:
                raise wrong(
                    "not_here", f"This level has no {name}.", "此类责任书没有此项。", below=[name]
                )
        if not (self.text or self.terms):
            raise wrong(
                "nothing_pledged",
                "Say what is pledged, in text or terms.",
                "请填写责任书内容(text 或 terms)。",
                below=["text"],
            )
        if (self.replaces is None) != (self.reason is None):
            raise wrong(
                "replaced_why",
                "What is replaced, and why, go together.",
                "替换(replaces)与原因(reason)须同时填写。",
                below=["reason"],
            )
        return self


class PledgeSignature(Body):
    """One's own signature."""

    signed_on: Day


class PledgeWithdrawal(Body):
    """Why a pledge does not hold."""

    reason: PlainLine
