"""The bodies of roll changes and transfers (学籍异动、转学), and what is never among them."""

from typing import Annotated, Self

from pydantic import BeforeValidator, Field, StringConstraints, model_validator

from api.schemas.fields import (
    Body,
    Day,
    Grade,
    Line,
    OneOf,
    PaperBody,
    Papers,
    Phone,
    SchoolCode,
    StudentNumber,
    Words,
    YesNo,
    wrong,
)
from domain import codes

# L: 义务教育法 art. 27; domain.md section 5. By any word or code people try.
NEVER_OFFERED = ("退学", "开除", "除名", "withdraw", "expel", "expulsion", "dismiss")
NO_CODES = frozenset({"31", "32", "41", "42"})  # where national lists have them
NOT_OFFERED_ZH = (
    "义务教育学校不得开除学生,也不得让学生退学(义务教育法第二十七条),本服务不受理此类登记。"
    "学生不到校的,请登记缺勤预警;确有去向的,请办理转出、休学等手续。"
)
NOT_OFFERED_EN = (
    "A school of compulsory education may neither expel a student nor let one withdraw "
    "(Compulsory Education Law, art. 27); such entries are not taken. Flag the absence of a child "
    "that stays away; record a transfer or suspension where there is one."
)


def never_offered(word: str) -> bool:
    """Say whether a word names withdrawal (退学) or expulsion (开除)."""
    return word in NO_CODES or any(name in word.lower() for name in NEVER_OFFERED)


def refuse_withdrawal(value: object) -> object:
    """Refuse what names withdrawal or expulsion, saying why."""
    if isinstance(value, str) and never_offered(value[:200]):
        raise wrong("not_offered", NOT_OFFERED_EN, NOT_OFFERED_ZH)
    return value


class RollChange(Body):
    """学籍异动; 21 and 22 only across the district's border, transfers inside it."""

    kind: Annotated[str, OneOf(codes.ROLL_CHANGE), BeforeValidator(refuse_withdrawal)]
    occurred_on: Day
    papers: Papers
    to_grade: Grade | None = None
    to_class: Line | None = None
    reason: Words | None = None

    @model_validator(mode="after")
    def class_change_names_the_class(self) -> Self:
        if self.kind == "29" and self.to_class is None:
            raise wrong(
                "missing",
                "A class change (29) names to_class.",
                "转班级(29)须填写 to_class。",
                pointer="/to_class",
            )
        return self


class Admission(Body):
    """新生报到、升学: onto the roll of ``school_code``, for a child on no school's roll."""

    school_code: SchoolCode
    grade: Grade
    class_name: Line
    occurred_on: Day
    student_number: StudentNumber | None = None


ChildId = Annotated[
    str,
    StringConstraints(pattern=r"^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$"),
]


class EnrolmentNotice(Body):
    """入学通知书: the child is expected at ``school_code`` by ``report_by`` (报到日)."""

    school_code: SchoolCode
    grade: Grade
    report_by: Day
    occurred_on: Day
    document_number: Line | None = None
    served_to: Line | None = None


class SchoolNotices(Body):
    """入学通知书 of a school, to many children at once."""

    grade: Grade
    report_by: Day
    occurred_on: Day
    student_ids: Annotated[list[ChildId], Field(min_length=1, max_length=500)]
    document_number: Annotated[Line, Field(max_length=190)] | None = None


class NoShowScreening(Body):
    """应入未入排查 of a school, or of all the person answers for."""

    school_code: SchoolCode | None = None


class RollChangePapers(Body):
    """补交异动材料: papers of a roll change or transfer that came later."""

    papers: Annotated[list[PaperBody], Field(min_length=1, max_length=50)]
    occurred_on: Day | None = None


class Transfer(Body):
    to_school: SchoolCode
    occurred_on: Day
    reason: Words
    papers: Papers | None = None


class TransferDecision(Body):
    accept: YesNo
    grade: Grade | None = None
    class_name: Line | None = None
    note: Words | None = None
    occurred_on: Day | None = None

    @model_validator(mode="after")
    def acceptance_names_the_class(self) -> Self:
        if self.accept and (self.grade is None or self.class_name is None):
            field = "grade" if self.grade is None else "class_name"
            raise wrong(
                "missing",
                "To accept, name grade and class_name.",
                "接收转学须填写 grade 和 class_name。",
                pointer=f"/{field}",
            )
        return self


class HandOverBody(Body):
    """交接: who follows a responsible person, for every child of the school or of one class."""

    from_name: Line
    to_name: Line
    from_day: Day = Field(alias="from")
    phone: Phone | None = None
    grade: Grade | None = None
    class_name: Line | None = None
    role: Annotated[str, OneOf(codes.RESPONSIBILITY_ROLE)] | None = None

    @model_validator(mode="after")
    def _another(self) -> Self:
        if self.from_name == self.to_name:
            raise wrong(
                "same_name",
                "`from_name` and `to_name` are the same.",
                "交接人与接任人相同(from_name、to_name)。",
            )
        return self
