"""What became of every row of a roll file, and which children it should have named."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from api.showing import MASKS, shown
from application.roll_matching import Change
from domain.student import Student

OUTCOMES = ("enrolled", "changed", "already_on_roll", "refused")


@dataclass
class Report:
    """
    What became of every row.

    ``items`` are ``{row, outcome, student_id?, errors?, changes?, questions?}``, ``changes`` being
    :class:`Change`. ``schools`` are those of the children recorded for, ``known`` those of the
    children known before, by ``student_id``.
    ``vanished`` is ``None`` while nobody can tell.
    """

    dry_run: bool
    language: str
    sheet: str | None
    ignored: tuple[str, ...]
    items: list[dict[str, Any]] = field(default_factory=list)
    schools: dict[UUID, str | None] = field(default_factory=dict)
    known: dict[UUID, str | None] = field(default_factory=dict)
    unused: set[str] = field(default_factory=set)
    vanished: list[dict[str, Any]] | None = field(default_factory=list)
    _grades: dict[tuple[str, int], Counter[int | None]] = field(default_factory=dict)

    def count(self, outcome: str) -> int:
        return sum(item["outcome"] == outcome for item in self.items)

    def covers(self, school: str, grade: int, child: Student | None) -> None:
        """Note that the file has a child in a grade, and in which one it was at that school."""
        grades = self._grades.setdefault((school, grade), Counter())
        if child is not None and child.state.school_code == school:
            grades[child.state.grade] += 1

    def covered(self) -> list[tuple[str, int]]:
        """
        Give the schools and grades the file covers, as they are known here.

        A grade that moved up in the file is here the one below: that of most of its children.
        """
        known = {
            (school, grades.most_common(1)[0][0] if grades else grade)
            for (school, grade), grades in self._grades.items()
        }
        return sorted((school, grade) for school, grade in known if grade is not None)

    def told(self, *, whole: bool) -> dict[str, Any]:
        """
        Give the report as an answer.

        ``whole`` tells what stood in a changed field and what stands there now, masked as in
        lists, and the names of those vanished. What is kept beside an Idempotency-Key holds
        neither: it would outlive the erasure (销毁) of a child.
        """
        unused = [heading for heading in sorted(self.unused) if heading not in self.ignored]
        return {
            "dry_run": self.dry_run,
            "rows": len(self.items),
            **{outcome: self.count(outcome) for outcome in OUTCOMES},
            "sheet": self.sheet,
            "ignored_columns": [*self.ignored, *unused],
            "items": [self._item(item, whole=whole) for item in self.items],
            "vanished": self.vanished
            if whole or self.vanished is None
            else [without_name(child) for child in self.vanished],
        }

    def _item(self, item: Mapping[str, Any], *, whole: bool) -> dict[str, Any]:
        if "changes" not in item:
            return dict(item)
        return {**item, "changes": list(self._changes(item["changes"], whole=whole))}

    def _changes(self, changes: Iterable[Change], *, whole: bool) -> Iterable[dict[str, Any]]:
        for change in changes:
            told: dict[str, Any] = {"field": change.field}
            if whole:
                for when in ("before", "after"):
                    value = getattr(change, when)
                    if value is not None:
                        told[when] = self._shown(change.field, value)
            yield told

    def _shown(self, name: str, value: Any) -> Any:
        return shown({name: value}, self.language, masks=MASKS)[name]


def without_name(child: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in child.items() if name != "name"}
