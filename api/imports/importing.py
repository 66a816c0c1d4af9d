"""Import a roll file: check every row, say what is wrong where, record all of it or nothing."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from itertools import islice
from typing import Any
from uuid import UUID

from api.imports import words
from api.imports.columns import Columns, find_columns
from api.imports.headings import HEADINGS, REQUIRED, required_names
from api.imports.report import Report
from api.imports.roll import WrongRow, told_by
from api.imports.sheet import Cell, Table, read_sheet
from application.access import OutOfReach
from application.directory import Directory
from application.recording import Busy, Draft
from application.roll_matching import Told
from application.roll_questions import DAMAGED, Question
from application.store.store import Appended, IdempotencyKey, VersionConflict
from application.tracking import CaseTracking
from domain.codes import STUDENT_STATUS
from domain.entry import Actor
from domain.identifiers import parse_student_number
from domain.refusals import AlreadyOnRoll, Refusal, SchoolUnknown
from domain.roll import ON_ROLL, SUSPENDED
from domain.student import Student

BREATH = 200  # rows between which others get their turn, and whose children are loaded together
TRIES = 3
TWICE = {
    "zh": "与第 {row} 行的学籍号相同。",
    "en": "The student number is that of row {row}.",
}
NOT_YOURS = {
    "zh": "该校不在您的职责范围内。",
    "en": "This school is not in your scope.",
}
GONE = {
    "zh": "该生不在册,文件中的学籍状态为“{}”:不在校的学生不由导入建档,请逐一建档后办理。",
    "en": "This child is not on the roll here, and its status in the file is “{}”: an import puts"
    " nobody on the roll who is at no school. Enrol it by hand and record what happened.",
}


@dataclass(frozen=True)
class RollFile:
    """A roll as it was sent: its rows, and what stands where."""

    table: Table
    columns: Columns


async def read_roll(file: bytes) -> RollFile:
    """
    Read a roll file.

    :raises UnreadableFile: if the file is no table, or has not the headings
    """
    table = await read_sheet(file, required_names())
    return RollFile(table, find_columns(table, HEADINGS, REQUIRED))


async def nobody(_: Report) -> None:
    """Say that nobody can tell which children vanished."""


def all_done(_: int) -> None:
    """Take note of how many rows are done, and tell nobody."""


@dataclass(frozen=True)
class Importing:
    """
    One import: whose it is, for which children and schools they may act, and how it is to be done.

    ``check_place`` takes a school code and a township and raises :class:`OutOfReach`; ``may`` says
    whether they may take a step for a child. ``vanished`` finds the children of the grades a
    report covers that it does not name; ``None`` if nobody can tell.
    """

    tracking: CaseTracking
    directory: Directory
    by: Actor
    check_place: Callable[[str | None, str | None], object]
    may: Callable[[str, Student], bool]
    language: str
    dry_run: bool = False
    partial: bool = False
    vanished: Callable[[Report], Awaitable[list[dict[str, Any]] | None]] = nobody
    progress: Callable[[int], object] = all_done

    async def take(
        self, roll: RollFile, key: IdempotencyKey | None = None
    ) -> tuple[Report, Appended | None]:
        """
        Check a roll, enrol its new children and record what is new of the known: all of it or none.

        With ``partial``, the good rows go in. Nothing is recorded for a dry run, nor while a row
        is refused and not ``partial``.

        :raises Busy: if somebody else keeps recording for the same children
        """
        for _ in range(TRIES):
            report, drafts = await self._drafted(roll)
            report.vanished = await self.vanished(report)
            if not drafts or (report.count("refused") and not self.partial):
                return report, None
            answer = report.told(whole=False)
            try:
                return report, await self.tracking.record_all(self.by, drafts, answer, key)
            except (AlreadyOnRoll, VersionConflict):
                continue  # somebody recorded for one of them just now
        raise Busy

    async def _drafted(self, roll: RollFile) -> tuple[Report, list[Draft]]:
        report = Report(self.dry_run, self.language, roll.table.sheet, roll.columns.ignored)
        drafts: list[Draft] = []
        seen: dict[str, int] = {}
        done = roll.columns.heading_row
        coming = roll.columns.rows(roll.table)
        while rows := list(islice(coming, BREATH)):
            numbers = [_number(cells) for _, cells in rows]
            holders = await self.tracking.holders({number for number in numbers if number})
            known = await self.tracking.children(list(holders.values()))
            report.known |= {
                one: child.state.school_code if child else None for one, child in known.items()
            }
            for (row, cells), number in zip(rows, numbers, strict=True):
                twin = seen.setdefault(number, row) if number else row
                holder = holders.get(number) if number else None
                try:
                    told = self._told(cells, roll.columns, None if twin == row else twin)
                    child = known.get(holder) if holder else None
                    report.covers(told.facts["school_code"], told.facts["grade"], child)
                    item, draft = (
                        self._matched(holder, child, told) if holder else self._enrolled(told)
                    )
                except WrongRow as wrong:
                    item, draft = {"outcome": "refused", "errors": wrong.errors}, None
                except Refusal as refusal:
                    said = {"column": "", "detail": refusal.sentence(self.language)}
                    item, draft = {"outcome": "refused", "errors": [said]}, None
                else:
                    report.unused |= told.unused
                if draft is not None:
                    drafts.append(draft)
                    report.schools[draft.student_id] = told.facts["school_code"]
                report.items.append({"row": row, **item})
                done = row
            self.progress(done)
            await asyncio.sleep(0)
        return report, drafts

    def _told(self, cells: dict[str, Cell], columns: Columns, twin: int | None) -> Told:
        """
        Give what a row says of a child; ``twin`` is an earlier row of the same number.

        :raises WrongRow: if it cannot be taken, or its school is not theirs
        """
        if twin is not None:
            said = TWICE[self.language].format(row=twin)
            raise WrongRow({columns.headings["student_number"]: said})
        told = told_by(cells, columns, self.language, self.tracking.today())
        code, heading = told.facts["school_code"], columns.headings["school_code"]
        try:
            self.check_place(code, told.facts.get("township"))
        except OutOfReach:
            raise WrongRow({heading: NOT_YOURS[self.language]}) from None
        if self.directory.school(code) is None:
            raise WrongRow({heading: SchoolUnknown(school_code=code).sentence(self.language)})
        return told

    def _enrolled(self, told: Told) -> tuple[dict[str, Any], Draft | None]:
        """
        Enrol a child that is not known here.

        :raises WrongRow: if the file itself says that it is at no school
        """
        status = told.student_status
        if status is not None and status not in ON_ROLL | {SUSPENDED}:
            label = STUDENT_STATUS.label(status, self.language)
            raise WrongRow({HEADINGS["student_status"][0]: GONE[self.language].format(label)})
        school = self.directory.school(told.facts["school_code"])
        if school is not None:
            told.facts.setdefault("township", school.township)
        child = self.tracking.enrolled_from_file(self.by, told)
        draft = None if self.dry_run else self.tracking.set_down(child, begins=True)
        return {"outcome": "enrolled", "student_id": str(child.id)}, draft

    def _matched(
        self, holder: UUID, child: Student | None, told: Told
    ) -> tuple[dict[str, Any], Draft | None]:
        """Record what is new of a known child."""
        item: dict[str, Any] = {"outcome": "already_on_roll", "student_id": str(holder)}
        if child is None:
            return {**item, **self._asked([DAMAGED])}, None
        found = self.tracking.matched(self.by, child, told, lambda step: self.may(step, child))
        item |= self._asked(found.questions)
        if not found.changes:
            return item, None
        draft = None if self.dry_run else self.tracking.set_down(child, begins=False)
        return {**item, "outcome": "changed", "changes": found.changes}, draft

    def _asked(self, questions: list[Question]) -> dict[str, list[str]]:
        said = [question.sentence(self.language) for question in dict.fromkeys(questions)]
        return {"questions": said} if said else {}


def _number(cells: dict[str, Cell]) -> str | None:
    """Give a row's student number in normal form, if it has one."""
    text = cells.get("student_number")
    if not isinstance(text, str):
        return None
    try:
        return parse_student_number(words.long_number(text)).text
    except ValueError:
        return None
