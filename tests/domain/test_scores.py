"""Scores: every item once, deductions with evidence; corrected as versions, commended by people."""

from datetime import UTC, date, datetime
from uuid import UUID

import pytest

from domain.entry import Actor
from domain.inspection_refusals import OwnSchool
from domain.refusals import FutureDay, NoSuchEntry, NothingChanged
from domain.scores import SchoolScores, ScoreCommended, ScoreCorrected, ScoreGiven
from domain.supervision_periods import Period
from domain.supervision_refusals import (
    DeductionUnproven,
    ItemsDiffer,
    NotInspecting,
    PointsBeyondItem,
    RubricNotInForce,
    ScoredBeforePeriod,
)
from tests.domain.conftest import AUTUMN, BUREAU, TODAY, acting

SCHOOL = "3141000058"
WORTH = {"A1": 10.0, "A2": 5.0}
FULL = [{"code": "A1", "points": 10.0}, {"code": "A2", "points": 5.0}]
LESS = [{"code": "A1", "points": 8.5, "evidence": "两次未登记"}, FULL[1]]
YEAR = Period.read("2026-2027")
INSPECTOR = Actor("acc-inspector", "测午", "inspector", "区督查组", "bureau")
NOBODYS: frozenset[str] = frozenset()


def given(by=BUREAU, **changes):
    facts = {
        "school_code": SCHOOL,
        "period": YEAR,
        "rubric": 1,
        "worth": WORTH,
        "in_force": True,
        "occurred_on": AUTUMN,
        "points": LESS,
        "own": NOBODYS,
        "inspecting": False,
        **changes,
    }
    return lambda one: one.give(acting(by), **facts)


def corrected(entry=1, points=FULL, own=NOBODYS, **facts):
    return lambda one: one.correct(
        acting(BUREAU), entry, worth=WORTH, points=points, reason="复核", own=own, **facts
    )


def commended(commended=True, entry=1, own=NOBODYS):
    return lambda one: one.commend(
        acting(BUREAU), entry, commended=commended, reason="家访扎实", own=own
    )


def after(*done):
    one = SchoolScores.blank(
        UUID("00000000-0000-8000-8000-000000000006"), datetime(2026, 9, 1, tzinfo=UTC)
    )
    for do in done:
        do(one)
    one.collect_events()
    return one


def test_a_score_is_recorded_with_its_deductions_and_their_evidence():
    one = after()

    given(INSPECTOR, inspecting=True, inspection="2026-3")(one)

    [fact] = one.collect_events()
    assert type(fact) is ScoreGiven
    told = (fact.school_code, fact.period, fact.rubric, fact.points, fact.inspection, fact.note)
    assert told == (SCHOOL, "2026-2027", 1, LESS, "2026-3", None)
    assert (fact.occurred_on, one.score(1).total, one.score(1).commended) == (AUTUMN, 13.5, False)


def test_a_correction_is_a_version_beside_and_leaves_what_was_decided():
    one = after(given(), commended())

    corrected(note="补交登记表")(one)

    [fact] = one.collect_events()
    assert type(fact) is ScoreCorrected
    assert (fact.entry, fact.points, fact.reason, fact.note) == (1, FULL, "复核", "补交登记表")
    score = one.score(1)
    assert [version.points for version in score.versions] == [LESS, FULL]
    assert (score.total, score.commended) == (15.0, True)


def test_a_commendation_is_a_persons_and_can_be_taken_back():
    one = after(given(points=FULL))
    assert not one.score(1).commended  # full points commend nobody

    commended()(one)
    [fact] = one.collect_events()
    assert type(fact) is ScoreCommended
    assert (fact.entry, fact.commended, fact.reason) == (1, True, "家访扎实")
    commended(commended=False)(one)
    assert not one.score(1).commended


REFUSED = {
    "own school": (given(own={SCHOOL}), OwnSchool),
    "an inspector without an inspection": (given(INSPECTOR), NotInspecting),
    "before the period": (given(occurred_on=date(2026, 8, 31)), ScoredBeforePeriod),
    "a day to come": (given(occurred_on=date(2026, 11, 25)), FutureDay),
    "another rubric's time": (given(in_force=False), RubricNotInForce),
    "an item too few": (given(points=FULL[:1]), ItemsDiffer),
    "an item unknown": (given(points=[*FULL, {"code": "B1", "points": 1.0}]), ItemsDiffer),
    "an item twice": (given(points=[FULL[0], FULL[0]]), ItemsDiffer),
    "too many points": (given(points=[{"code": "A1", "points": 10.5}, FULL[1]]), PointsBeyondItem),
    "no evidence": (given(points=[{"code": "A1", "points": 9.5}, FULL[1]]), DeductionUnproven),
    "another entry": (corrected(2), NoSuchEntry),
    "a correction of one's own school": (corrected(own={SCHOOL}), OwnSchool),
    "a correction that is none": (corrected(points=LESS), NothingChanged),
    "a correction beyond": (corrected(points=FULL[:1]), ItemsDiffer),
    "commended nothing": (commended(entry=9), NoSuchEntry),
    "commended one's own": (commended(own={SCHOOL}), OwnSchool),
    "taken back what is none": (commended(commended=False), NothingChanged),
}


@pytest.mark.parametrize("why", REFUSED)
def test_what_is_no_score_is_refused_and_nothing_recorded(why):
    act, refusal = REFUSED[why]
    one = after(given())

    with pytest.raises(refusal) as raised:
        act(one)

    assert raised.type is refusal
    assert raised.value.sentence("zh") != raised.value.sentence("en")
    assert (one.collect_events(), one.version) == ([], 1)


@pytest.mark.parametrize(
    ("name", "first", "last", "before"),
    [
        ("2026-2027", date(2026, 9, 1), date(2027, 8, 31), "2025-2026"),
        ("2026-Q4", date(2026, 10, 1), date(2026, 12, 31), "2026-Q3"),
        ("2026-Q1", date(2026, 1, 1), date(2026, 3, 31), "2025-Q4"),
    ],
)
def test_a_period_is_a_school_year_or_a_quarter_and_knows_the_one_before(name, first, last, before):
    period = Period.read(name)

    assert (period.name, period.first, period.last) == (name, first, last)
    assert period.before == Period.read(before)


@pytest.mark.parametrize("name", ["", "2026", "2026-2028", "2026-Q5", "2026-13", "0001-0002", "Q"])
def test_nothing_else_is_a_period(name):
    assert Period.read(name) is None


def test_a_day_lies_in_its_school_year():
    assert Period.year_of(TODAY).name == "2026-2027"
    assert Period.year_of(date(2026, 8, 31)).name == "2025-2026"
