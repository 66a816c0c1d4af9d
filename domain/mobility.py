"""Mobility (学生流动): how a child came onto rolls, changed grade and left, by its entries."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import NamedTuple

from domain.admission import Admitted
from domain.care import HomeTeachingAssigned, PlacementArranged
from domain.case import DropoutConfirmed, ReturnedToSchool
from domain.code_list import CodeList
from domain.entry import Entry
from domain.roll import STATUS_AFTER, Enrolled, Graduated, Promoted, RollChanged
from domain.transfers import TransferAccepted

MOBILITY = CodeList.read(
    "学生流动类别",
    "domain.md section 4, 学生流动情况月报表; moving to another grade is ours (D)",
    """
    enrolled        | 招生 | Enrolled
    resumed         | 复学 | Resumed
    transferred_in  | 转入 | Transferred in
    graduated       | 毕业 | Graduated
    suspended       | 休学 | Suspended
    died            | 死亡 | Died
    transferred_out | 转出 | Transferred out
    dropped_out     | 辍学 | Dropped out
    moved_grade     | 调整年级 | Moved to another grade
    """,
)
WAY = CodeList.read("增减", "domain.md section 4", "in | 增加 | Increase\nout | 减少 | Decrease")
MOVING = (
    Enrolled,
    RollChanged,
    Promoted,
    Graduated,
    Admitted,
    TransferAccepted,
    DropoutConfirmed,
    ReturnedToSchool,
    HomeTeachingAssigned,
    PlacementArranged,
)
LEAVING = {"11": "suspended", "21": "transferred_out", "51": "died"}  # XJYDLB
COMING = {"12": "resumed", "22": "transferred_in"}


class Seat(NamedTuple):
    """A place on the roll: school and grade."""

    school_code: str | None
    grade: int | None


class Movement(NamedTuple):
    """
    A child comes onto the roll of a school and grade (``+1``) or leaves it (``-1``).

    ``entry`` is the number of the entry that says so, ``kind`` a code of ``MOBILITY``. What a
    child's movements add up to is whether it is on a roll, and on which.
    """

    entry: int
    kind: str
    day: date
    seat: Seat
    change: int


class _Walk:
    """One child's way over the rolls, entry by entry."""

    def __init__(self) -> None:
        self.at = Seat(None, None)  # where it belongs, on the roll or suspended from it
        self.on_roll = False
        self.suspended = False
        self.dropped = False

    @property
    def seat(self) -> Seat | None:
        return self.at if self.on_roll and self.at.school_code else None

    def take(self, entry: Entry) -> tuple[str, str]:
        """Go on by an entry; give the kind by which the child leaves, and comes."""
        leaves, comes = "moved_grade", "moved_grade"
        match entry:
            case Enrolled():
                self.at = Seat(entry.school_code, entry.grade)
                self.on_roll = bool(entry.student_number)
                comes = "enrolled"
            case RollChanged():
                leaves, comes = self._roll_changed(entry)
            case Promoted():
                self.at = self.at._replace(grade=entry.to_grade)
            case Graduated():
                self.on_roll = False
                leaves = "graduated"
            case Admitted():
                self._comes_to(Seat(entry.school_code, entry.grade))
                comes = "enrolled"
            case TransferAccepted():
                self._comes_to(Seat(entry.school_code, entry.grade))
                self.on_roll = not self.suspended
                leaves, comes = "transferred_out", "transferred_in"
            case DropoutConfirmed() if self.on_roll:
                self.on_roll, self.dropped = False, True
                leaves = "dropped_out"
            case ReturnedToSchool() | HomeTeachingAssigned() | PlacementArranged() if self.dropped:
                self.on_roll, self.dropped = True, False
                comes = "resumed"
        return leaves, comes

    def _roll_changed(self, entry: RollChanged) -> tuple[str, str]:
        school, grade = self.at
        self.at = Seat(entry.to_school or school, entry.to_grade or grade)
        if entry.kind in STATUS_AFTER:
            self.on_roll = entry.kind in COMING
            self.suspended = entry.kind == "11"
            self.dropped = False
        return LEAVING.get(entry.kind, "moved_grade"), COMING.get(entry.kind, "moved_grade")

    def _comes_to(self, seat: Seat) -> None:
        self.at = seat
        self.on_roll, self.dropped = True, False


def movements(entries: Sequence[Entry]) -> list[Movement]:
    """
    Give a child's movements in the order of its entries, which are as corrected.

    A child just enrolled of whom a roll change (22) says that it came from outside the district
    was transferred in by its enrolment. Who dropped out is no longer counted (domain.md section
    4: 减少 辍学) until seen in class, taught at home or placed, which counts as 复学.
    """
    walk = _Walk()
    found: list[Movement] = []
    for number, entry in enumerate(entries, start=1):
        if not isinstance(entry, MOVING):
            continue
        before = walk.seat
        leaves, comes = walk.take(entry)
        after = walk.seat
        if before == after:
            if comes == "transferred_in" and len(found) == 1 and found[0].kind == "enrolled":
                found[0] = found[0]._replace(kind=comes)
            continue
        day = entry.occurred_on
        found += [Movement(number, leaves, day, before, -1)] if before else []
        found += [Movement(number, comes, day, after, +1)] if after else []
    return found


def add_up(moves: Iterable[Movement]) -> dict[Seat, int]:
    """Say how many are on the roll of each school and grade, after some movements."""
    total: dict[Seat, int] = {}
    for move in moves:
        total[move.seat] = total.get(move.seat, 0) + move.change
    return {seat: count for seat, count in total.items() if count}
