"""What people enter into the registers (登记簿): texts that name no child, papers, days."""

from typing import Annotated, Any, Self

from pydantic import AfterValidator, Field, model_validator

from api.schemas.fields import Body, Day, Line, PaperBody, Words, YesNo, wrong
from domain.identifiers import names_a_person
from domain.registers import BEGINNING

NO_CHILD = "不得写入学生姓名、学籍号或身份证号。No child's name or number belongs here."


def _no_number(value: str) -> str:
    if names_a_person(value):
        raise wrong(
            "names_a_person",
            "This looks like somebody's ID number or student number; no child's name or number"
            " belongs here. Leave it out: cases are recorded with the child.",
            "文字中疑似含有身份证号或学籍号;此处不得写入学生姓名或号码。请删去,个案情况请登记在"
            "学生档案中。",
        )
    return value


def _in_time(value: Any) -> Any:
    if value < BEGINNING:
        raise wrong(
            "before_the_law",
            "Registers go back to 1 July 1986, when the Compulsory Education Law came into force.",
            "登记簿最早记到 1986-07-01(义务教育法施行之日)。请核对日期。",
        )
    return value


# The check for numbers stands first: what follows it runs before it.
PlainLine = Annotated[Line, AfterValidator(_no_number), Field(description=NO_CHILD)]
PlainWords = Annotated[Words, AfterValidator(_no_number), Field(description=NO_CHILD)]
HeldOn = Annotated[Day, AfterValidator(_in_time)]


class RegisterPaper(PaperBody):
    """A paper of a register's line: minutes, photographs, the document itself."""

    title: PlainLine | None = None
    number: PlainLine | None = None


RegisterPapers = Annotated[list[RegisterPaper], Field(max_length=50)]


class RegisterEntryBody(Body):
    """
    A line of a register.

    `unit` is a school code, the name of a 中心校 or a township, `bureau` or `task_force`;
    `until`, of a document, its last day in force.
    """

    title: PlainLine
    held_on: HeldOn
    unit: Line
    papers: RegisterPapers
    note: PlainWords | None = None
    until: Day | None = None


class RegisterChanges(Body):
    """What reads otherwise; `null` takes `note` or `until` away, `withdrawn` the whole line."""

    title: PlainLine | None = None
    held_on: HeldOn | None = None
    papers: RegisterPapers | None = None
    note: PlainWords | None = None
    until: Day | None = None
    withdrawn: YesNo | None = None

    @model_validator(mode="after")
    def _some(self) -> Self:
        if not self.told():
            raise wrong("nothing", "Name something that changes.", "请至少填写一项更正内容。")
        return self

    def told(self) -> dict[str, Any]:
        """Give the changes, those that take something away as ``None``."""
        gone = [name for name in ("note", "until") if name in self.model_fields_set]
        return {**dict.fromkeys(gone), **self.facts()}


class RegisterCorrection(Body):
    """A correction of a line."""

    changes: RegisterChanges
    reason: PlainLine
