"""The body in which a year's holiday notice is tried."""

from typing import Annotated

from pydantic import Field, StringConstraints

from api.schemas.fields import Body
from domain.changed_rules import YEARS
from domain.holiday_notice import LONGEST_TEXT


class HolidayNoticeBody(Body):
    """The text of a notice (放假通知), as published, and the year it is for."""

    year: Annotated[int, Field(strict=True, ge=YEARS[0], le=YEARS[-1])]
    text: Annotated[str, StringConstraints(min_length=1, max_length=LONGEST_TEXT)]
