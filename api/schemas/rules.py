"""The bodies about rules and calendar: a notice tried, and what is put in force."""

from datetime import date
from itertools import pairwise
from typing import Annotated, Any, Self

from pydantic import AfterValidator, BeforeValidator, Field, StringConstraints, model_validator

from api.schemas.fields import Body, Day, Line, YesNo, whole, wrong
from domain.changed_rules import YEARS
from domain.holiday_notice import LONGEST_TEXT

Year = Annotated[int, Field(strict=True, ge=YEARS[0], le=YEARS[-1])]
SchoolDays = Annotated[int, Field(ge=0, le=200), BeforeValidator(whole)]
SchoolDaysFromOne = Annotated[int, Field(ge=1, le=200), BeforeValidator(whole)]
CalendarDays = Annotated[int, Field(ge=1, le=400), BeforeValidator(whole)]
YearsKept = Annotated[int, Field(ge=1, le=100), BeforeValidator(whole)]


def _rises(steps: list[int]) -> list[int]:
    if any(later <= earlier for earlier, later in pairwise(steps)):
        raise wrong(
            "ladder",
            "Each check is later than the one before: 1, 7, 15, 30.",
            "各次观察须依次延后,例如 1、7、15、30。",
        )
    return steps


Ladder = Annotated[
    list[SchoolDaysFromOne], Field(min_length=1, max_length=20), AfterValidator(_rises)
]


class HolidayNoticeBody(Body):
    """The text of a notice (放假通知), as published, and the year it is for."""

    year: Year
    text: Annotated[str, StringConstraints(min_length=1, max_length=LONGEST_TEXT)]


class HolidaysBody(HolidayNoticeBody):
    """
    A notice to be put in force; ``source`` is its number and date (发文字号).

    ``accept_missing`` confirms that festivals the text says nothing of have no day off.
    """

    source: Line
    accept_missing: YesNo = False


class DaysBody(Body):
    """
    Single days of no school (停课), and others of school (补课), of all schools of the district.

    ``source`` is the notice.
    """

    closed: Annotated[list[Day], Field(default_factory=list, max_length=60)]
    opened: Annotated[list[Day], Field(default_factory=list, max_length=60)]
    source: Line

    @model_validator(mode="after")
    def name_each_day_once(self) -> Self:
        days = [*self.closed, *self.opened]
        if not days or len({*days}) < len(days):
            raise wrong(
                "days",
                "Name at least one day, and each once.",
                "请至少写明一天;每个日期只写一次。",
            )
        return self


class TermsBody(Body):
    """The terms of the school year that begins in ``school_year``; ``source`` is the notice."""

    school_year: Year
    autumn_from: Day
    autumn_to: Day
    spring_from: Day
    spring_to: Day
    source: Line

    @property
    def terms(self) -> list[date]:
        return [self.autumn_from, self.autumn_to, self.spring_from, self.spring_to]

    @model_validator(mode="after")
    def lie_in_the_year(self) -> Self:
        first, last = date(self.school_year, 9, 1), date(self.school_year + 1, 8, 31)
        days = [first, *self.terms, last]
        if any(later < earlier for earlier, later in pairwise(days)) or len(set(self.terms)) < len(
            self.terms
        ):
            raise wrong(
                "terms",
                "Four days in order, between 1 September and 31 August.",
                "须为秋季学期起止、春季学期起止四日,依次排列,在 9 月 1 日至次年 8 月 31 日之间。",
            )
        return self


class DeadlinesBody(Body):
    """
    Deadlines of another length for what begins from a day on; those not named stay.

    Names and units are those of ``GET /v1/rules``.
    """

    in_force_from: Day
    reason: Line
    first_visit_school_days: SchoolDays | None = None
    principal_visit_school_days: SchoolDays | None = None
    written_report_school_days: SchoolDays | None = None
    persuasion_every_days: CalendarDays | None = None
    persuasion_rests_in_holidays: YesNo | None = None
    observation_ladder: Ladder | None = None
    screening_school_days: SchoolDaysFromOne | None = None
    no_show_school_days: SchoolDaysFromOne | None = None
    order_days: CalendarDays | None = None
    close_out_decision_school_days: SchoolDays | None = None
    transfer_answer_school_days: SchoolDays | None = None
    escalate_after_school_days: SchoolDaysFromOne | None = None
    missing_papers_school_days: SchoolDays | None = None
    referral_answer_days: CalendarDays | None = None
    return_cut_off_day: Annotated[int, Field(ge=1, le=31), BeforeValidator(whole)] | None = None
    school_age: Annotated[int, Field(ge=6, le=7), BeforeValidator(whole)] | None = None
    retention_years: YearsKept | None = None
    retention_years_after_case: YearsKept | None = None
    roll_call_retention_years: YearsKept | None = None

    @property
    def deadlines(self) -> dict[str, Any]:
        facts = self.facts()
        return {name: facts[name] for name in facts if name not in {"in_force_from", "reason"}}

    @model_validator(mode="after")
    def names_some(self) -> Self:
        if not self.deadlines:
            raise wrong("deadlines", "Name at least one deadline.", "请至少写明一项期限。")
        return self
