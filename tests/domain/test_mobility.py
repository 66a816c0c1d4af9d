"""What comes onto a school's roll and leaves it adds up to who is on it."""

from datetime import date

import pytest

from domain.mobility import add_up, movements
from tests.domain.conftest import (
    TODAY,
    absence_flagged,
    acting,
    confirmed_as_dropout,
    home_teaching_assigned,
    marked_as_dropout,
    persuaded,
    reported,
    returned,
    roll_changed,
    suspected,
    transfer_requested,
)

SCHOOL, OTHER = "3141000058", "3141000059"
HERE, THERE = (SCHOOL, 7), (OTHER, 8)
DAY = date(2026, 10, 12)
DROPPED = [
    *(absence_flagged(), suspected(), persuaded(), reported("bureau")),
    *(marked_as_dropout(), confirmed_as_dropout()),
]


def moves(student):
    """Entry, kind, seat and change of each movement; the days are the entries'."""
    found = movements(student.entries)
    assert [m.day for m in found] == [student.entries[m.entry - 1].occurred_on for m in found]
    return [(m.entry, m.kind, tuple(m.seat), m.change) for m in found]


def accepted(entry, **facts):
    known = {"accept": True, "grade": 8, "class_name": "3班", **facts}
    return lambda student: student.decide_transfer(acting(), entry=entry, **known)


def promoted():
    return lambda student: student.promote(acting(), occurred_on=date(2026, 9, 1))


def corrected(entry, **changes):
    return lambda student: student.correct(acting(), entry=entry, changes=changes, reason="录错")


ENROLLED = (1, "enrolled", HERE, 1)


@pytest.mark.parametrize(
    ("life", "told"),
    [
        ([], [ENROLLED]),
        ([roll_changed("11")], [ENROLLED, (2, "suspended", HERE, -1)]),
        (
            [roll_changed("11"), roll_changed("12", to_grade=8)],
            [ENROLLED, (2, "suspended", HERE, -1), (3, "resumed", (SCHOOL, 8), 1)],
        ),
        ([roll_changed("29", to_class="9班")], [ENROLLED]),
        (
            [transfer_requested(), accepted(2)],
            [ENROLLED, (3, "transferred_out", HERE, -1), (3, "transferred_in", THERE, 1)],
        ),
        (
            [roll_changed("11"), transfer_requested(), accepted(3), roll_changed("12")],
            [ENROLLED, (2, "suspended", HERE, -1), (5, "resumed", THERE, 1)],
        ),
        (
            [promoted()],
            [ENROLLED, (2, "moved_grade", HERE, -1), (2, "moved_grade", (SCHOOL, 8), 1)],
        ),
        ([roll_changed("22")], [(1, "transferred_in", HERE, 1)]),
        (
            [roll_changed("21"), roll_changed("22", to_school=OTHER, to_grade=8)],
            [ENROLLED, (2, "transferred_out", HERE, -1), (3, "transferred_in", THERE, 1)],
        ),
        (
            [*DROPPED, returned()],
            [ENROLLED, (7, "dropped_out", HERE, -1), (8, "resumed", HERE, 1)],
        ),
        (
            [*DROPPED, home_teaching_assigned()],
            [ENROLLED, (7, "dropped_out", HERE, -1), (8, "resumed", HERE, 1)],
        ),
        ([*DROPPED, roll_changed("21")], [ENROLLED, (7, "dropped_out", HERE, -1)]),
        ([roll_changed("51")], [ENROLLED, (2, "died", HERE, -1)]),
        ([corrected(1, grade=8)], [(1, "enrolled", (SCHOOL, 8), 1)]),
    ],
    ids=range(14),
)
def test_each_entry_that_moves_a_child_is_told_with_where_from_and_where_to(given, life, told):
    assert moves(given(*life)) == told


def test_a_child_at_no_school_is_on_no_roll_until_it_is_admitted(given):
    nowhere = dict.fromkeys(("student_number", "school_code", "grade", "class_name"))
    student = given(**nowhere)
    assert moves(student) == []

    student.admit(acting(), school_code=OTHER, grade=8, class_name="1班", occurred_on=TODAY)

    assert moves(student) == [(2, "enrolled", THERE, 1)]


def test_movements_add_up_to_who_is_on_which_roll(given):
    moved = given(transfer_requested(), accepted(2))
    gone = given(roll_changed("21"))

    assert add_up([*movements(moved.entries), *movements(gone.entries)]) == {THERE: 1}
