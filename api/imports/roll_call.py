"""A roll-call that arrives as a file: student numbers and kinds of absence, row by row."""

from collections.abc import Mapping
from typing import Any

from api.imports.columns import find_columns
from api.imports.headings import HEADINGS
from api.imports.refusing import UnreadableFile
from api.imports.roll import AS_NUMBER, MISSING
from api.imports.sheet import Cell, Table
from application.screening import Missing
from domain.codes import ABSENCE_KIND
from domain.identifiers import MalformedIdentifier, parse_student_number

ABSENT_LIMIT = 5000
COLUMNS: Mapping[str, tuple[str, ...]] = {
    "student_number": HEADINGS["student_number"],
    "absence_kind": ("缺勤类型", "缺勤类别", "缺勤原因", "考勤"),
}
NO_HEADINGS = (
    "未找到表头:须有“学籍号”和“缺勤类型”两列,每名缺勤学生一行。",
    "Headings not found: it takes the columns 学籍号 and 缺勤类型, a row for each absent child.",
)
TOO_MANY = (
    f"一次点名最多 {ABSENT_LIMIT} 行。",
    f"A roll-call has at most {ABSENT_LIMIT} rows.",
)
KIND_BY_WORD = {
    word.lower(): code for code, kind in ABSENCE_KIND.items() for word in (code, kind.zh, kind.en)
}
KNOWN = "、".join(kind.zh for kind in ABSENCE_KIND.values())
NO_KIND = {
    "zh": f"缺勤类型须为:{KNOWN}。",
    "en": f"The kind of absence is one of: {', '.join(ABSENCE_KIND)}.",
}


class WrongCells(Exception):
    """Cells that cannot be read: ``errors`` are ``{row, column, detail}``."""

    def __init__(self, errors: list[dict[str, Any]]) -> None:
        self.errors = errors
        super().__init__(errors)


def missing_of(table: Table, language: str) -> list[Missing]:
    """
    Give the children a file names; a file of headings alone says that nobody was absent.

    :raises UnreadableFile: if it has not the headings, or too many rows
    :raises WrongCells: with every cell that cannot be read
    """
    try:
        columns = find_columns(table, COLUMNS, list(COLUMNS))
    except UnreadableFile:
        raise UnreadableFile(*NO_HEADINGS) from None
    found: list[Missing] = []
    errors: list[dict[str, Any]] = []
    for row, cells in columns.rows(table):
        if len(found) == ABSENT_LIMIT:
            raise UnreadableFile(*TOO_MANY)
        number, why_no_number = read_number(cells.get("student_number"), language)
        kind, why_no_kind = read_kind(cells.get("absence_kind"), language)
        wrong = {"student_number": why_no_number, "absence_kind": why_no_kind}
        errors += [
            {"row": row, "column": columns.headings[field], "detail": why}
            for field, why in wrong.items()
            if why is not None
        ]
        found.append(Missing(row, number, kind))
    if errors:
        raise WrongCells(errors)
    return found


def read_number(cell: Cell, language: str) -> tuple[str, str | None]:
    """Give a student number in normal form, or why the cell holds none."""
    if cell is None:
        return "", MISSING[language]
    if not isinstance(cell, str):
        return "", AS_NUMBER[language]
    try:
        return parse_student_number(cell.strip()).text, None
    except MalformedIdentifier as malformed:
        return "", malformed.zh if language == "zh" else malformed.en


def read_kind(cell: Cell, language: str) -> tuple[str, str | None]:
    """Give a kind of absence by its code or label, or why the cell holds none."""
    kind = KIND_BY_WORD.get(str(cell or "").strip().lower())
    return (kind, None) if kind is not None else ("", NO_KIND[language])
