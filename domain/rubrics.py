"""Rubrics (考评细则): issued in versions, each in force from its day; none is ever changed."""

from collections.abc import Sequence
from datetime import date
from typing import Any, TypedDict

from domain.code_list import CodeList
from domain.entry import Act
from domain.subject import Fact, Subject
from domain.supervision_refusals import NoSuchRubric, RubricReplaced, RubricTooEarly

RUBRIC_STATE = CodeList.read(
    "考评细则状态",
    "D",
    """
    to_come  | 待施行 | To come into force
    in_force | 施行中 | In force
    replaced | 已替代 | Replaced
    """,
)


class RubricItem(TypedDict):
    """An item: what is looked at, how many points it is worth, and by what evidence."""

    code: str
    title: str
    points: float
    evidence: str


class RubricIssued(Fact):
    """A rubric was issued; ``replaces`` is the number of the version that it takes over from."""

    TOPIC = "rubric.issued"

    title: str
    in_force_from: date
    items: list[RubricItem]
    replaces: int | None = None

    @property
    def number(self) -> int:
        return self.originator_version

    @property
    def worth(self) -> dict[str, float]:
        """How many points each item is worth, by its code."""
        return {item["code"]: item["points"] for item in self.items}

    def apply(self, subject: Any) -> None:
        subject.issued[self.number] = self
        if self.replaces in subject.issued:
            subject.replaced_by[self.replaces] = self


class Rubrics(Subject):
    """Every rubric of the district, by the number under which it was issued."""

    SUBJECT = "rubric"

    issued: dict[int, RubricIssued]
    replaced_by: dict[int, RubricIssued]

    def begin(self) -> None:
        self.issued = {}
        self.replaced_by = {}

    def one(self, number: int) -> RubricIssued:
        """
        Give a rubric by its number.

        :raises NoSuchRubric: if there is none
        """
        if number not in self.issued:
            raise NoSuchRubric(rubric=number)
        return self.issued[number]

    def state(self, number: int, day: date) -> str:
        """Give the code of ``RUBRIC_STATE`` on a day."""
        by = self.replaced_by.get(number)
        if by is not None and by.in_force_from <= day:
            return "replaced"
        return "in_force" if self.issued[number].in_force_from <= day else "to_come"

    def in_force(self, number: int, first: date, last: date) -> bool:
        """Say whether a rubric is in force on some day of a period."""
        by = self.replaced_by.get(number)
        begun = self.issued[number].in_force_from <= last
        return begun and (by is None or by.in_force_from > first)

    def issue(
        self,
        act: Act,
        *,
        title: str,
        in_force_from: date,
        items: Sequence[RubricItem],
        replaces: int | None = None,
    ) -> None:
        """
        Issue a rubric, or a new version in place of one; the old stays as it is.

        :raises NoSuchRubric: if the one to be replaced is not there
        :raises RubricReplaced: if it is replaced already
        :raises RubricTooEarly: if the new one would be in force before it
        """
        if replaces is not None:
            old = self.one(replaces)
            if replaces in self.replaced_by:
                raise RubricReplaced(by=self.replaced_by[replaces].number)
            if in_force_from <= old.in_force_from:
                raise RubricTooEarly(first=old.in_force_from)
        self.record(
            RubricIssued,
            act,
            act.today,
            title=title,
            in_force_from=in_force_from,
            items=list(items),
            replaces=replaces,
        )
