"""Cohorts (届): in which year the class a child came into graduates, and how long it stayed."""

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

from domain.mobility import Movement
from domain.roll import LAST_GRADE

AUGUST, SEPTEMBER = 8, 9
LAST_OF_ALL = 9


class Stay(NamedTuple):
    """
    What a movement is part of.

    ``left_on`` is the day a child that came left that school and grade again, if it did;
    ``cohort`` the year in which the class it came into finishes its school (届).
    """

    left_on: date | None
    cohort: int | None


def stays(moves: Sequence[Movement]) -> list[Stay]:
    """
    Give what each of a child's movements is part of.

    From 1 August on a day belongs to the school year that begins then (D): that is when the new
    first grade is put on the roll. Who leaves does so with the cohort it came with, whatever grade
    it has since repeated, so that what is added to a cohort can be taken from it; a graduate is of
    the year it graduates in.
    """
    found: list[Stay] = []
    came_with: dict[str | None, int | None] = {}
    for number, move in enumerate(moves):
        school, left_on = move.seat.school_code, None
        if move.change > 0:
            if move.kind in {"enrolled", "transferred_in"} or school not in came_with:
                came_with[school] = cohort_of(school, move.seat.grade, move.day)
            left_on = next((later.day for later in moves[number + 1 :] if later.change < 0), None)
        graduated = move.kind == "graduated"
        found.append(Stay(left_on, move.day.year if graduated else came_with.get(school)))
    return found


def cohort_of(school_code: str | None, grade: int | None, day: date) -> int | None:
    """Say in which year those finish a school who are in a grade of it on a day."""
    if school_code is None or grade is None:
        return None
    last = LAST_GRADE.get(school_code[:2], LAST_OF_ALL)
    return intake_year(day) + last - grade + 1


def intake_year(day: date) -> int:
    """Return the year in which the school year begins whose first grade a day belongs to."""
    return day.year if day.month >= AUGUST else day.year - 1


def school_year_begins(day: date) -> date:
    """Return 1 September of the school year (学年) in which a day lies."""
    return date(day.year if day.month >= SEPTEMBER else day.year - 1, SEPTEMBER, 1)
