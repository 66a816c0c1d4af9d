"""How high a missed duty stands that is still open: school, township, bureau, by school days."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import NamedTuple

from domain.rules import RuleBook

LEVELS = ("school", "township", "bureau")  # of domain.md section 3; what is legal, people decide
ROLE_AT = {"school": "principal", "township": "township_office", "bureau": "bureau"}
# How many levels lie below whose duty it is: it goes on from there.
BELOW = {"principal": 1, "township": 2, "bureau": 3}
WITHOUT_SCHOOL = 1  # a child at no school is its township government's (domain.md section 3)
ONE_DAY = timedelta(days=1)


class Rung(NamedTuple):
    """
    The duties whose last day lies from ``first`` to ``last``, under the rules of ``under``.

    ``before`` holds a day for each level: what stood missed before it has reached that many.
    """

    first: date
    last: date
    under: date
    before: tuple[date, ...]


def rungs(book: RuleBook, today: date) -> list[Rung]:
    """
    Say for a day, by the rules in force when a duty was due, which level it has reached.

    It rises by one level each time ``escalate_after_school_days`` whole school days have passed.
    """
    found = []
    for number, rules in enumerate(book.editions):
        following = book.editions[number + 1 :]
        steps = [rules.escalate_after_school_days * n for n in range(1, len(LEVELS) + 1)]
        found.append(
            Rung(
                rules.in_force_from if number else date.min,
                following[0].in_force_from - ONE_DAY if following else date.max,
                rules.in_force_from,
                tuple(rules.calendar.school_day_before(today, n) for n in steps),
            )
        )
    return found


class Level(NamedTuple):
    """A level that a duty has reached, whose it is there, and under which rules."""

    name: str
    role: str
    under: date


def reached(
    on: Sequence[Rung], *, due_on: date, known_on: date, for_role: str, at_school: bool
) -> list[Level]:
    """
    Give the levels that a duty has reached which was not done by its day, lowest first.

    It counts from its last day; told late, from the day it was ``known_on``, so that nobody
    answers for days on which nobody could know. ``for_role`` is whose duty it is.
    """
    rung = next(one for one in on if one.first <= due_on <= one.last)
    since = max(due_on, known_on - ONE_DAY)
    steps = sum(since < day for day in rung.before)
    below = below_level(for_role, at_school=at_school)
    return [
        Level(name, role_at(name, at_school=at_school), rung.under)
        for name in LEVELS[below : below + steps]
    ]


def below_level(for_role: str, *, at_school: bool) -> int:
    """Count the levels that are not above whose duty it is."""
    return max(BELOW.get(for_role, 0), 0 if at_school else WITHOUT_SCHOOL)


def role_at(level: str, *, at_school: bool) -> str:
    """Name the role that answers for a level; the township's is the 中心校 of the school."""
    return ROLE_AT[level] if at_school or level != "township" else "township"
