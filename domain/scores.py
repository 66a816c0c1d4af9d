"""Scores (考评): a school's points by a rubric, corrected as versions, commended by a person."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, NotRequired, TypedDict

from domain.entry import Act
from domain.inspection_refusals import OwnSchool
from domain.refusals import NoSuchEntry, NothingChanged
from domain.subject import Fact, Subject
from domain.supervision_periods import Period
from domain.supervision_refusals import (
    DeductionUnproven,
    ItemsDiffer,
    NotInspecting,
    PointsBeyondItem,
    RubricNotInForce,
    ScoredBeforePeriod,
)


class ScoredItem(TypedDict):
    """
    The points given for an item, and what a deduction rests on.

    ``inspection`` names one, ``entry`` is a place in the log.
    """

    code: str
    points: float
    evidence: NotRequired[str]
    entry: NotRequired[int]
    inspection: NotRequired[str]


class ScoreGiven(Fact):
    """A school was scored by a rubric for a period; ``occurred_on`` is the day of the scoring."""

    TOPIC = "score.given"

    school_code: str
    period: str
    rubric: int
    points: list[ScoredItem]
    inspection: str | None = None
    note: str | None = None

    def apply(self, subject: Any) -> None:
        subject.scores[self.originator_version] = Score(self, [self])


class ScoreCorrected(Fact):
    """A score stands otherwise from now on; the version before stays beside it."""

    TOPIC = "score.corrected"

    entry: int
    points: list[ScoredItem]
    reason: str
    note: str | None = None

    def apply(self, subject: Any) -> None:
        if score := subject.scores.get(self.entry):
            score.versions.append(self)


class ScoreCommended(Fact):
    """A person decided whether the school is commended for this score, and says why."""

    TOPIC = "score.commended"

    entry: int
    commended: bool
    reason: str

    def apply(self, subject: Any) -> None:
        if score := subject.scores.get(self.entry):
            score.commendation = self


@dataclass
class Score:
    """A score as it was given, every version of it, and the last word on a commendation."""

    given: ScoreGiven
    versions: list[ScoreGiven | ScoreCorrected]
    commendation: ScoreCommended | None = None

    @property
    def entry(self) -> int:
        return self.given.originator_version

    @property
    def stands(self) -> ScoreGiven | ScoreCorrected:
        """The version that holds."""
        return self.versions[-1]

    @property
    def total(self) -> float:
        return sum(item["points"] for item in self.stands.points)

    @property
    def commended(self) -> bool:
        return self.commendation is not None and self.commendation.commended


class SchoolScores(Subject):
    """The scores of one school for one period; ``own`` are the schools where a person has posts."""

    SUBJECT = "score"

    scores: dict[int, Score]

    def begin(self) -> None:
        self.scores = {}

    def score(self, entry: int) -> Score:
        """
        Give a score.

        :raises NoSuchEntry: if none was given there
        """
        if entry not in self.scores:
            raise NoSuchEntry(entry=entry)
        return self.scores[entry]

    def give(
        self,
        act: Act,
        *,
        school_code: str,
        period: Period,
        rubric: int,
        worth: Mapping[str, float],
        in_force: bool,
        occurred_on: date,
        points: Sequence[ScoredItem],
        own: Collection[str],
        inspecting: bool,
        inspection: str | None = None,
        note: str | None = None,
    ) -> None:
        """
        Score a school for a period by a rubric, ``in_force`` then and whose items are ``worth``.

        ``inspecting`` says that the inspection named runs, and takes in the school.

        :raises OwnSchool: if the person holds a post at the school
        :raises NotInspecting: if an inspector scores without an inspection of it running
        :raises ScoredBeforePeriod: if the day lies before the period
        :raises RubricNotInForce: if the rubric was not in force in the period
        :raises FutureDay: if the day lies after today
        """
        if school_code in own:
            raise OwnSchool
        if act.by.role == "inspector" and not inspecting:
            raise NotInspecting
        if occurred_on < period.first:
            raise ScoredBeforePeriod(day=occurred_on, first=period.first)
        if not in_force:
            raise RubricNotInForce(rubric=rubric)
        check_points(points, worth)
        self.record(
            ScoreGiven,
            act,
            occurred_on,
            school_code=school_code,
            period=period.name,
            rubric=rubric,
            points=list(points),
            inspection=inspection,
            note=note,
        )

    def correct(
        self,
        act: Act,
        entry: int,
        *,
        worth: Mapping[str, float],
        points: Sequence[ScoredItem],
        reason: str,
        own: Collection[str],
        note: str | None = None,
    ) -> None:
        """
        Put a new version of a score beside the one that stood.

        :raises NoSuchEntry: if there is no such score
        :raises OwnSchool: if the person holds a post at the school
        :raises NothingChanged: if it stands so already
        """
        score = self.score(entry)
        if score.given.school_code in own:
            raise OwnSchool
        check_points(points, worth)
        if (list(points), note) == (score.stands.points, score.stands.note):
            raise NothingChanged(entry=entry)
        told = {"entry": entry, "points": list(points), "reason": reason, "note": note}
        self.record(ScoreCorrected, act, act.today, **told)

    def commend(
        self, act: Act, entry: int, *, commended: bool, reason: str, own: Collection[str]
    ) -> None:
        """
        Decide whether the school is commended for a score (表扬); no number decides it.

        :raises NoSuchEntry: if there is no such score
        :raises OwnSchool: if the person holds a post at the school
        :raises NothingChanged: if it stands so already
        """
        score = self.score(entry)
        if score.given.school_code in own:
            raise OwnSchool
        if commended == score.commended:
            raise NothingChanged(entry=entry)
        told = {"entry": entry, "commended": commended, "reason": reason}
        self.record(ScoreCommended, act, act.today, **told)


def check_points(points: Sequence[ScoredItem], worth: Mapping[str, float]) -> None:
    """
    Check the points given against what each item is worth.

    :raises ItemsDiffer: if the items are not the rubric's, each once
    :raises PointsBeyondItem: if more is given than an item is worth
    :raises DeductionUnproven: if less is given without evidence
    """
    given = [item["code"] for item in points]
    if sorted(given) != sorted(worth):
        raise ItemsDiffer(items="、".join(worth))
    for item in points:
        code, most = item["code"], worth[item["code"]]
        if item["points"] > most:
            raise PointsBeyondItem(code=code, most=most)
        if item["points"] < most and not item.get("evidence"):
            raise DeductionUnproven(code=code)
