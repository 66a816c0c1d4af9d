"""The body of a roll-call (点名): a class or a school, a day, and who was absent."""

from typing import Annotated, Self

from pydantic import Field, model_validator

from api.schemas.fields import Body, Day, Grade, Line, OneOf, SchoolCode, StudentNumber, wrong
from api.schemas.roll import ChildId
from domain import codes

HALF_EN = "A class is named by grade and class_name; a whole school by neither."
HALF_ZH = "班级须同时填写 grade 和 class_name;全校点名则都不填。"
ONE_NAME_EN = "A child is named by student_number or by student_id, one of them."
ONE_NAME_ZH = "学生须填写 student_number 或 student_id,只填其一。"


class AbsentChild(Body):
    """A child that was missed, by number or by id; whoever is not named was present."""

    absence_kind: Annotated[str, OneOf(codes.ABSENCE_KIND)]
    student_number: StudentNumber | None = None
    student_id: ChildId | None = None

    @model_validator(mode="after")
    def named_once(self) -> Self:
        if (self.student_number is None) == (self.student_id is None):
            raise wrong("missing", ONE_NAME_EN, ONE_NAME_ZH, pointer="/student_number")
        return self


class RollCall(Body):
    """A day's roll-call of a class, or of the whole school where neither part of it is named."""

    school_code: SchoolCode
    date: Day
    absences: Annotated[list[AbsentChild], Field(max_length=5000)]
    grade: Grade | None = None
    class_name: Line | None = None

    @model_validator(mode="after")
    def a_class_has_both(self) -> Self:
        if (self.grade is None) != (self.class_name is None):
            missing = "grade" if self.grade is None else "class_name"
            raise wrong(
                "missing",
                HALF_EN,
                HALF_ZH,
                pointer=f"/{missing}",
            )
        return self
