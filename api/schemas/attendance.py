"""The body of a roll-call (点名): a class or a school, a day, and who was absent."""

from typing import Annotated, Self

from pydantic import Field, model_validator

from api.schemas.fields import Body, Day, Grade, Line, OneOf, SchoolCode, StudentNumber, wrong
from domain import codes

HALF_EN = "A class is named by grade and class_name; a whole school by neither."
HALF_ZH = "班级须同时填写 grade 和 class_name;全校点名则都不填。"


class AbsentChild(Body):
    """A child that was missed; whoever is not named was present."""

    student_number: StudentNumber
    absence_kind: Annotated[str, OneOf(codes.ABSENCE_KIND)]


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
