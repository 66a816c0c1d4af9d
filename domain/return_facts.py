"""What is recorded of a monthly return (月报): its facts, and the draft they are made of."""

from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

from domain.return_figures import Figures
from domain.subject import Fact


class SchoolClass(NamedTuple):
    """A class of a school."""

    grade: int
    class_name: str


@dataclass(frozen=True)
class Draft:
    """
    A return as it would be: its figures, and the position of the log they are drawn at.

    ``school`` and ``township`` are as the directory names them; ``opening_from`` is the version
    whose closing figures it opens with, as ``{"month", "version"}``, and nothing where opening was
    counted.
    """

    position: int
    figures: Figures
    school: str
    township: str | None
    opening_from: dict[str, Any] | None

    def facts(self) -> dict[str, Any]:
        return {
            "position": self.position,
            "school": self.school,
            "township": self.township,
            "opening_from": self.opening_from,
            "figures": list(self.figures.lines),
            "adjustments": list(self.figures.adjustments),
        }


class ClassChecked(Fact):
    """A class was gone through child by child (全面排查核实), by its teacher or the principal."""

    TOPIC = "monthly_return.class_checked"

    school_code: str
    month: str
    grade: int
    class_name: str
    note: str | None = None

    def apply(self, subject: Any) -> None:
        subject.checked[SchoolClass(self.grade, self.class_name)] = self


class Submitted(Fact):
    """The principal submitted the return (提交), with its figures; ``number`` is its version."""

    TOPIC = "monthly_return.submitted"

    school_code: str
    month: str
    number: int
    position: int
    zero: bool
    due_on: date
    school: str
    figures: list[dict[str, int]]
    adjustments: list[dict[str, Any]]
    unchecked: list[dict[str, Any]]
    township: str | None = None
    opening_from: dict[str, Any] | None = None
    unchecked_reason: str | None = None
    note: str | None = None

    def apply(self, subject: Any) -> None:
        subject.versions.append(self)
        subject.stands, subject.sent_back = True, None


class SentBack(Fact):
    """The bureau sent the return back to the school (退回), which submits it again."""

    TOPIC = "monthly_return.sent_back"

    school_code: str
    month: str
    number: int
    reason: str

    def apply(self, subject: Any) -> None:
        subject.stands, subject.sent_back = False, self


class Frozen(Fact):
    """The bureau froze the return (冻结): it never changes again."""

    TOPIC = "monthly_return.frozen"

    school_code: str
    month: str
    number: int

    def apply(self, subject: Any) -> None:
        subject.frozen = self


class Restated(Fact):
    """
    The bureau restated a frozen return (更正): a version beside it, with the reason.

    ``causes`` are the places in the log of the entries that made it differ.
    """

    TOPIC = "monthly_return.restated"

    school_code: str
    month: str
    number: int
    position: int
    reason: str
    causes: list[int]
    school: str
    figures: list[dict[str, int]]
    adjustments: list[dict[str, Any]]
    township: str | None = None
    opening_from: dict[str, Any] | None = None

    def apply(self, subject: Any) -> None:
        subject.versions.append(self)


Version = Submitted | Restated


def figures_in(version: Version) -> Figures:
    """Give the figures a version holds."""
    return Figures(version.figures, version.adjustments)
