"""Import a roll file: check every row, say what is wrong where, enrol all of it or nothing."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from api.imports.columns import Columns, find_columns
from api.imports.roll import HEADINGS, READ_ONLY, REQUIRED, WrongRow, child_of
from api.imports.sheet import Cell, read_sheet
from application.access import OutOfReach
from application.directory import Directory
from application.store.store import Appended, IdempotencyKey
from application.tracking import CaseTracking
from domain.entry import Actor
from domain.identifiers import parse_student_number
from domain.refusals import AlreadyOnRoll, Refusal, SchoolUnknown
from domain.student import Student

BREATH = 200  # rows between which others get their turn
TRIES = 3
TWICE = {
    "zh": "与第 {row} 行的学籍号相同。",
    "en": "The student number is that of row {row}.",
}
NOT_YOURS = {
    "zh": "该校不在您的职责范围内。",
    "en": "This school is not in your scope.",
}


@dataclass
class Report:
    """
    What became of every row. ``items`` are ``{row, outcome, student_id?, errors?}``.

    ``schools`` are those of the children to enrol, by ``student_id``.
    """

    dry_run: bool
    ignored_columns: tuple[str, ...]
    items: list[dict[str, Any]] = field(default_factory=list)
    schools: dict[UUID, str | None] = field(default_factory=dict)

    def count(self, outcome: str) -> int:
        return sum(item["outcome"] == outcome for item in self.items)

    def told(self) -> dict[str, Any]:
        return {
            "dry_run": self.dry_run,
            "rows": len(self.items),
            "enrolled": self.count("enrolled"),
            "already_on_roll": self.count("already_on_roll"),
            "refused": self.count("refused"),
            "ignored_columns": list(self.ignored_columns),
            "items": self.items,
        }


@dataclass(frozen=True)
class Importing:
    """
    One import: whose it is, at which schools they may enrol, and how it is to be done.

    ``check_place`` takes a school code and a township and raises :class:`OutOfReach`.
    """

    tracking: CaseTracking
    directory: Directory
    by: Actor
    check_place: Callable[[str | None, str | None], object]
    language: str
    dry_run: bool = False
    partial: bool = False

    async def take(
        self, file: bytes, key: IdempotencyKey | None = None
    ) -> tuple[Report, Appended | None]:
        """
        Check a file and enrol its children: all or none, or the good rows if ``partial``.

        Children on the roll already are left as they are. Nothing is recorded for a dry run, nor
        while a row is refused and not ``partial``.

        :raises UnreadableFile: if the file is no table, or has not the headings
        """
        table = await read_sheet(file)
        columns = find_columns(table, HEADINGS, REQUIRED, READ_ONLY)
        for last in (False,) * (TRIES - 1) + (True,):
            report, drafts = await self._drafted(table, columns)
            if self.dry_run or not drafts or (report.count("refused") and not self.partial):
                break
            try:
                return report, await self.tracking.enrol_all(self.by, drafts, report.told(), key)
            except AlreadyOnRoll:  # somebody enrolled one of them just now
                if last:
                    raise
        return report, None

    async def _drafted(
        self, table: list[list[Cell]], columns: Columns
    ) -> tuple[Report, list[Student]]:
        report = Report(self.dry_run, columns.ignored)
        rows = list(columns.rows(table))
        holders = await self.tracking.holders(
            {number for _, cells in rows if (number := _number(cells))}
        )
        drafts: list[Student] = []
        seen: dict[str, int] = {}
        for row, cells in rows:
            if row % BREATH == 0:
                await asyncio.sleep(0)
            number = _number(cells)
            item: dict[str, Any]
            try:
                facts = self._facts(cells, columns, seen.get(number or ""))
                if number in holders:
                    item = {"outcome": "already_on_roll", "student_id": str(holders[number])}
                else:
                    child = self.tracking.drafted(self.by, **facts)
                    drafts.append(child)
                    report.schools[child.id] = child.state.school_code
                    item = {"outcome": "enrolled", "student_id": str(child.id)}
            except WrongRow as wrong:
                item = {"outcome": "refused", "errors": wrong.errors}
            except Refusal as refusal:
                said = {"column": "", "detail": refusal.sentence(self.language)}
                item = {"outcome": "refused", "errors": [said]}
            if number:
                seen.setdefault(number, row)
            report.items.append({"row": row, **item})
        return report, drafts

    def _facts(self, cells: dict[str, Cell], columns: Columns, twin: int | None) -> dict[str, Any]:
        """
        Give what a row enrols a child with; ``twin`` is an earlier row of the same number.

        :raises WrongRow: if it cannot be taken, or its school is not theirs
        """
        if twin is not None:
            said = TWICE[self.language].format(row=twin)
            raise WrongRow({columns.headings["student_number"]: said})
        facts = child_of(cells, columns, self.language)
        code, heading = facts["school_code"], columns.headings["school_code"]
        try:
            self.check_place(code, facts.get("township"))
        except OutOfReach:
            raise WrongRow({heading: NOT_YOURS[self.language]}) from None
        school = self.directory.school(code)
        if school is None:
            raise WrongRow({heading: SchoolUnknown(school_code=code).sentence(self.language)})
        facts.setdefault("township", school.township)
        return facts


def _number(cells: dict[str, Cell]) -> str | None:
    """Give a row's student number in normal form, if it has one."""
    text = cells.get("student_number")
    if not isinstance(text, str):
        return None
    try:
        return parse_student_number(text.strip()).text
    except ValueError:
        return None
