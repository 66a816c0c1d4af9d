"""学生流动情况台账: a row each time a child came onto a school's roll, changed grade, or left."""

from collections.abc import Iterable, Sequence

from domain.cohorts import stays
from domain.entry import Entry
from domain.mobility import MOVING, Movement, movements
from projections.replay import Child
from projections.view import PLACE_COLUMNS, Row, View, place

GATHERED = 0  # episodes are numbered from 1


class Mobility(View):
    """
    What the rows of a school and grade add up to, by a day, is how many are on its roll.

    ``school_code``, ``grade`` and ``class_name`` are those come to (``change`` +1) or left (-1);
    ``way`` and ``kind`` are codes of ``domain.mobility``, ``entry`` is the child's entry;
    ``left_on`` and ``cohort`` are those of ``domain.cohorts``.
    """

    name = "mobility"
    moved_by = MOVING
    rows_of_entry = 2  # out of one seat and into another
    columns = (
        *PLACE_COLUMNS,
        ("sex", "text"),
        ("student_number", "text"),
        ("way", "text"),
        ("kind", "text"),
        ("happened_on", "date"),
        ("change", "smallint"),
        ("entry", "bigint"),
        ("left_on", "date"),
        ("cohort", "smallint"),
    )
    indexes = (
        *("school (school_code, day)", "day", "cohort (cohort, kind)"),
        "first_day (day) WHERE entry = 1 AND until IS NULL",
        "on_roll (left_on, day) WHERE change = 1 AND until IS NULL",
    )

    def all_keys(self, child: Child) -> Iterable[int]:
        return [key_of(move) for move in moves_of(child)]

    def keys(self, child: Child, entry: Entry) -> Iterable[int]:  # noqa: ARG002
        return self.all_keys(child)  # few; a late entry may say what an earlier one was

    def row(self, child: Child, key: int) -> Row:
        moves = moves_of(child)
        number = next(number for number, move in enumerate(moves) if key_of(move) == key)
        move, stay = moves[number], stays(moves)[number]
        index = move.entry - 1
        stood = place(child, index if move.change > 0 else index - 1, index, move.day)
        return (
            *stood,
            child.enrolment.sex,
            child.student.state.student_number,
            "in" if move.change > 0 else "out",
            move.kind,
            move.day,
            move.change,
            move.entry,
            *stay,
        )


def key_of(move: Movement) -> int:
    """Number a movement: an entry may be two, out of one school and into another."""
    return 2 * move.entry + (move.change > 0)


def moves_of(child: Child) -> Sequence[Movement]:
    """Give a child's movements, worked out once until it takes more in."""
    known: Sequence[Movement] | None = child.gathered.get(GATHERED)
    if known is None:
        known = child.gathered[GATHERED] = movements(child.student.entries)
    return known
