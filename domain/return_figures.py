"""The figures of a return (学生流动情况月报表): per grade, adding up by construction."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from domain.code_list import CodeList

# domain.md section 4, in print order; children who change grade are ours (D): without them no
# grade's line would add up, and in the school's total they cancel.
COLUMN = CodeList.read(
    "学生流动情况月报表栏目",
    "domain.md section 4, 学生流动情况月报表",
    """
    opening         | 期初人数 | Opening
    enrolled        | 招生 | Enrolled
    resumed         | 复学 | Resumed
    transferred_in  | 转入 | Transferred in
    moved_grade_in  | 调入年级 | Moved into the grade
    graduated       | 毕业 | Graduated
    suspended       | 休学 | Suspended
    died            | 死亡 | Died
    transferred_out | 转出 | Transferred out
    dropped_out     | 辍学 | Dropped out
    moved_grade_out | 调出年级 | Moved out of the grade
    closing         | 期末人数 | Closing
    suspected       | 疑似辍学 | Suspected
    returned        | 劝返 | Returned
    visits          | 家访人次 | Home visits
    """,
)
INCREASES = ("enrolled", "resumed", "transferred_in", "moved_grade_in")
DECREASES = (
    *("graduated", "suspended", "died", "transferred_out", "dropped_out"),
    "moved_grade_out",
)
MOVED = (*INCREASES, *DECREASES)
CASES = ("suspected", "returned", "visits")
COUNTED = (*MOVED, *CASES)
NO_GRADE = 0  # of who sits in none

Line = dict[str, int]  # of a grade: ``grade`` and every column
Cell = tuple[int, str]  # grade and column


@dataclass(frozen=True)
class Adjustment:
    """What is recorded later with a day of an earlier return, or was undone: more, or less."""

    grade: int
    column: str
    count: int

    def told(self) -> dict[str, int | str]:
        return {"grade": self.grade, "column": self.column, "count": self.count}


@dataclass(frozen=True)
class Figures:
    """
    A school's figures of a period, as facts hold them: a line a grade, lowest first.

    A column's number includes its ``adjustments``.
    """

    lines: Sequence[Line]
    adjustments: Sequence[Mapping[str, int | str]] = field(default=())

    @property
    def total(self) -> Line:
        """The lines added up."""
        return {name: sum(line[name] for line in self.lines) for name in COLUMN}

    @property
    def closing(self) -> dict[int, int]:
        """How many of each grade are on the roll in the end."""
        return {line["grade"]: line["closing"] for line in self.lines}

    @property
    def not_zero(self) -> list[str]:
        """The columns that keep this from being a zero return (零报告), home visits aside."""
        told = [one for one in COUNTED if one != "visits" and any(ln[one] for ln in self.lines)]
        adjusted = (str(one["column"]) for one in self.adjustments)
        return list(dict.fromkeys([*told, *(one for one in adjusted if one != "visits")]))


def balanced(line: Mapping[str, int]) -> bool:
    """Say whether a line adds up: opening + increases - decreases = closing."""
    return line["closing"] == closing_of(line)


def closing_of(line: Mapping[str, int]) -> int:
    more = sum(line[name] for name in INCREASES)
    return line["opening"] + more - sum(line[name] for name in DECREASES)


def figures_of(
    opening: Mapping[int, int], within: Mapping[Cell, int], adjusted: Mapping[Cell, int]
) -> Figures:
    """Make the figures of what was counted within the period, and of earlier days since."""
    adjustments = [
        Adjustment(grade, column, count)
        for column in COUNTED
        for (grade, of), count in sorted(adjusted.items())
        if of == column and count
    ]
    grades = {
        *(grade for grade, count in opening.items() if count),
        *(grade for (grade, _), count in within.items() if count),
        *(one.grade for one in adjustments),
    }
    return Figures(
        [_line(grade, opening, within, adjusted) for grade in sorted(grades)],
        [one.told() for one in adjustments],
    )


def _line(
    grade: int,
    opening: Mapping[int, int],
    within: Mapping[Cell, int],
    adjusted: Mapping[Cell, int],
) -> Line:
    line = {"grade": grade, "opening": opening.get(grade, 0)}
    for column in COUNTED:
        cell = grade, column
        line[column] = within.get(cell, 0) + adjusted.get(cell, 0)
    line["closing"] = closing_of(line)
    return line


def added(all_figures: Iterable[Figures]) -> Figures:
    """Add the figures of several schools, grade by grade."""
    lines: dict[int, Line] = {}
    for figures in all_figures:
        for line in figures.lines:
            sums = lines.setdefault(line["grade"], {"grade": line["grade"]})
            for name in COLUMN:
                sums[name] = sums.get(name, 0) + line[name]
    return Figures([lines[grade] for grade in sorted(lines)])
