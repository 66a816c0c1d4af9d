"""Rubrics: issued in versions, each in force from its day until the one that replaces it."""

from datetime import UTC, date, datetime
from uuid import UUID

import pytest

from domain.rubrics import RubricIssued, Rubrics
from domain.supervision_refusals import NoSuchRubric, RubricReplaced, RubricTooEarly
from tests.domain.conftest import BUREAU, acting

SEPTEMBER, NEXT_YEAR = date(2026, 9, 1), date(2027, 9, 1)
ITEM = {"code": "A1", "title": "家访登记", "points": 10.0, "evidence": "登记表"}
BY = acting(BUREAU)


def rubrics(*issued):
    whole = Rubrics.blank(
        UUID("00000000-0000-8000-8000-000000000005"), datetime(2026, 9, 1, tzinfo=UTC)
    )
    for facts in issued:
        issue(whole, **facts)
    whole.collect_events()
    return whole


def issue(whole, first=SEPTEMBER, replaces=None):
    whole.issue(BY, title="考评细则", in_force_from=first, items=[ITEM], replaces=replaces)


def test_a_new_version_holds_from_its_day_and_leaves_the_old_one_as_it_was():
    whole = rubrics({})
    old = whole.one(1)

    issue(whole, NEXT_YEAR, replaces=1)

    [fact] = whole.collect_events()
    assert type(fact) is RubricIssued
    assert (fact.title, fact.in_force_from, fact.items, fact.replaces) == (
        *("考评细则", NEXT_YEAR, [ITEM], 1),
    )
    assert whole.one(1) is old
    days = (date(2026, 8, 31), SEPTEMBER, date(2027, 8, 31), NEXT_YEAR)
    assert [whole.state(1, day) for day in days] == ["to_come", "in_force", "in_force", "replaced"]
    assert [whole.state(2, day) for day in days] == [*["to_come"] * 3, "in_force"]


@pytest.mark.parametrize(
    ("facts", "refusal"),
    [
        ({"first": NEXT_YEAR, "replaces": 9}, NoSuchRubric),
        ({"first": NEXT_YEAR, "replaces": 1}, RubricReplaced),
        ({"first": date(2026, 10, 1), "replaces": 2}, RubricTooEarly),
    ],
)
def test_a_version_that_fits_none_is_refused_and_nothing_recorded(facts, refusal):
    whole = rubrics({}, {"first": date(2026, 10, 1), "replaces": 1})

    with pytest.raises(refusal):
        issue(whole, **facts)

    assert (whole.collect_events(), whole.version) == ([], 2)
