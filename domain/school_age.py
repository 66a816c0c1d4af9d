"""School age (适龄): which birth dates make a child of compulsory school age on a day."""

from datetime import date
from typing import NamedTuple

from domain.cohorts import school_year_begins
from domain.rules import Rules


class Born(NamedTuple):
    """Who is of school age was born after one day and not after another."""

    after: date
    not_after: date


def born_of_school_age(day: date, rules: Rules) -> Born:
    """
    Return when the children were born that are of compulsory school age on a day.

    L, 义务教育法 art. 11: a child that is six goes to school; reckoned, as schools do, by 31 August
    before the school year. D: it stays of school age until it comes of age or, whatever its age,
    until it finishes grade 9, which its roll tells.
    """
    starts = school_year_begins(day)
    six_by = date(starts.year - rules.school_age, *rules.school_age_by)
    return Born(after=years_before(day, rules.adult_age), not_after=six_by)


def years_before(day: date, years: int) -> date:
    """Return the same day some years before; of 29 February, the 28th where there is none."""
    try:
        return day.replace(year=day.year - years)
    except ValueError:
        return day.replace(year=day.year - years, day=28)
