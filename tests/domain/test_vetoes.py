"""A veto is a person's: evidence decides nothing, a decision is final, restated only by name."""

from datetime import UTC, date, datetime
from uuid import UUID

import pytest

from domain.inspection_refusals import OwnSchool
from domain.refusals import NoSuchEntry
from domain.supervision_periods import Period
from domain.supervision_refusals import PeriodNotBegun, VetoDecided
from domain.vetoes import Veto, VetoDecidedUpon, rebounded
from tests.domain.conftest import AUTUMN, BUREAU, acting

SCHOOL, NOBODYS = "3141000058", frozenset[str]()
EVIDENCE = {"dropouts": 2, "relapses": 0, "dropouts_before": 1, "relapses_before": 0}


def decided(veto=True, today=AUTUMN, **changes):
    facts = {
        "school_code": SCHOOL,
        "period": Period.read("2026-2027"),
        "veto": veto,
        "reason": "辍学反弹",
        "evidence": EVIDENCE,
        "position": 52,
        "own": NOBODYS,
        **changes,
    }
    return lambda one: one.decide(acting(BUREAU, today), **facts)


def after(*done):
    one = Veto.blank(UUID("00000000-0000-8000-8000-000000000007"), datetime(2026, 9, 1, tzinfo=UTC))
    for do in done:
        do(one)
    one.collect_events()
    return one


def test_a_decision_is_recorded_with_the_figures_and_where_they_stood():
    one = after()
    assert one.state == "evidence"

    decided()(one)

    [fact] = one.collect_events()
    assert type(fact) is VetoDecidedUpon
    told = (fact.school_code, fact.period, fact.veto, fact.reason, fact.evidence, fact.position)
    assert told == (SCHOOL, "2026-2027", True, "辍学反弹", EVIDENCE, 52)
    assert (fact.restates, one.state) == (None, "vetoed")


def test_a_restated_decision_holds_and_the_former_stays():
    one = after(decided())

    decided(veto=False, restates=1)(one)

    assert [fact.veto for fact in one.decisions] == [True, False]
    assert one.state == "not_vetoed"


@pytest.mark.parametrize(
    ("act", "refusal"),
    [
        (decided(), VetoDecided),
        (decided(restates=2), NoSuchEntry),
        (decided(restates=1, own={SCHOOL}), OwnSchool),
        (decided(restates=1, today=date(2026, 8, 31)), PeriodNotBegun),
    ],
)
def test_what_cannot_be_decided_is_refused_and_nothing_recorded(act, refusal):
    one = after(decided())

    with pytest.raises(refusal):
        act(one)

    assert (one.collect_events(), one.version) == ([], 1)


@pytest.mark.parametrize(
    ("changes", "rose"),
    [
        ({}, True),
        ({"dropouts": 1}, False),
        ({"dropouts": 0, "relapses": 1}, True),
        ({"dropouts": 0}, False),
    ],
)
def test_a_rebound_is_more_than_the_period_before(changes, rose):
    assert rebounded({**EVIDENCE, **changes}) is rose
