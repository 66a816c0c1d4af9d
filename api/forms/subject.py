"""Whom a form is about: the child as its stream tells it, masked as lists are, or nobody yet."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from api.child_record import child_record
from api.forms.sheet import Table, written_day
from api.showing import Masks, kinds_of, shown
from application.directory import Directory
from domain import codes
from domain.entry import Entry
from projections.history import shown_data
from projections.replay import Child

FIND_AGAIN = ("name", "school", "grade", "class_name")  # what a blank form carries of a child


@dataclass(frozen=True)
class Subject:
    """
    A child and, where the form is about one, an entry, as answers show them.

    ``record`` and ``data`` are empty on a blank form; one with a code has what finds the child.
    ``number`` is the entry's.
    """

    today: date
    record: Mapping[str, Any] = field(default_factory=dict)
    data: Mapping[str, Any] = field(default_factory=dict)
    child: Child | None = None
    entry: Entry | None = None
    number: int = 0
    masks: Masks = field(default_factory=dict)
    code: str | None = None
    receipt: str | None = None

    @classmethod
    def of(
        cls,
        child: Child,
        number: int | None,
        directory: Directory,
        masks: Masks,
        today: date,
        receipt: str | None = None,
    ) -> "Subject":
        """Tell a child, as it stood at an entry where one is given, for a form to be filled in."""
        whole = child_record(child, directory, today)
        entry, data = None, {}
        if number is not None:
            entry = child.student.entries[number - 1]
            standing = child.student.standings[number - 1]
            whole |= {
                "school": directory.name_of(standing.school_code),
                "school_code": standing.school_code,
                "grade": standing.grade,
                "class_name": standing.class_name,
            }
            kinds = kinds_of(entry.entry_kind())
            told = {**shown_data(entry), "occurred_on": entry.occurred_on}
            if "school_code" in told:  # the one the entry names, which may be another
                told["school"] = directory.name_of(str(told["school_code"]))
            data = shown(told, "zh", masks=masks, kinds=kinds)
        record = shown(whole, "zh", masks=masks)
        return cls(today, record, data, child, entry, number or 0, masks=masks, receipt=receipt)

    @classmethod
    def to_fill_in(cls, child: Child, directory: Directory, today: date, code: str) -> "Subject":
        """Tell of a child what finds it again, for a form to be filled in by hand."""
        record = child_record(child, directory, today)
        found = {name: record[name] for name in FIND_AGAIN}
        found["guardians"] = [{"name": one["name"]} for one in record["guardians"]]
        return cls(today, found, code=code)

    @property
    def name(self) -> str | None:
        return self.record.get("name")

    @property
    def school(self) -> str | None:
        return self.record.get("school")

    @property
    def place(self) -> str | None:
        """School, grade and class, as far as there are any."""
        return " ".join(filter(None, (self.school, self.grade_and_class))) or None

    @property
    def grade(self) -> str | None:
        grade = self.record.get("grade")
        return f"{grade}年级" if grade else None

    @property
    def grade_and_class(self) -> str | None:
        return "".join(filter(None, (self.grade, self.record.get("class_name")))) or None

    @property
    def guardian(self) -> str | None:
        """The first guardian's name, which letters are addressed to."""
        guardians = self.record.get("guardians") or []
        return guardians[0]["name"] if guardians else None

    @property
    def guardians(self) -> str | None:
        told = [
            f"{one['name']}({one['relation']})" if "relation" in one else one["name"]
            for one in self.record.get("guardians") or []
        ]
        return "、".join(told) or None

    @property
    def phones(self) -> str | None:
        guardians = self.record.get("guardians") or []
        return "、".join(one["phone"] for one in guardians if one.get("phone")) or None

    @property
    def reference(self) -> str:
        """The number a paper is filed under: the child's in this log, and the entry's."""
        if self.child is None:
            return ""
        return "-".join(map(str, filter(None, (f"{self.child.positions[0]:07}", self.number))))

    @property
    def blank(self) -> bool:
        return self.child is None

    def text(self, field_name: str) -> str | None:
        """Give a field of the entry as text: a label for a code, a day as papers write it."""
        return in_words(self.data, field_name)

    def roll(self, field_name: str) -> str | None:
        """Give a field of the record, likewise."""
        return in_words(self.record, field_name)

    def heading_rows(self, *, whole: bool = True) -> Table:
        """Begin a table with who the child is."""
        sex = self.roll("sex") if not self.blank else None
        table = Table().row(
            ("学生姓名", self.name),
            ("性别", sex or {"choices": [[sex.zh, False] for sex in codes.SEX.values()]}),
            ("出生日期", written_or(self.record.get("birth_date"))),
            spans=(2, 2, 1, 2, 2, 3),
        )
        table.row(("学校", self.school), ("年级班级", self.grade_and_class))
        table.row(("监护人", self.guardians), ("联系电话", self.phones))
        if whole:
            table.row(("家庭住址", self.roll("home_address")))
        return table


def written_or(value: Any) -> str | None:
    """Write a day as papers do; one that is masked stays as it is."""
    try:
        return written_day(value)
    except ValueError:
        return str(value)


def in_words(told: Mapping[str, Any], name: str) -> str | None:
    """Give a field as text, or nothing where it is empty."""
    value = told.get(f"{name}_label", told.get(name))
    if isinstance(value, date):
        return written_day(value)
    if isinstance(value, list):
        return "、".join(map(str, value)) or None
    return None if value is None else str(value)
