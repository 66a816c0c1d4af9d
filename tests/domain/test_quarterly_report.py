"""A quarter's report: told from the last cut-off on, and again with a reason, beside the former."""

from datetime import UTC, date, datetime
from uuid import UUID

import pytest

from domain.quarterly_report import QuarterlyReport
from domain.return_periods import quarter_named, quarter_opens
from domain.return_refusals import ReturnNotDueYet, RevisionReasonMissing
from domain.rules import DEFAULT_RULES
from tests.domain.conftest import TOWNSHIP, acting

PERIOD = quarter_named("2026-Q3", DEFAULT_RULES)
OPENS = quarter_opens(PERIOD, DEFAULT_RULES)
FIGURES = {"opening": 3, "closing": 3}


@pytest.fixture
def blank():
    stream = UUID("00000000-0000-8000-8000-000000000002")
    return QuarterlyReport.blank(stream, datetime(2026, 7, 1, tzinfo=UTC))


def report(one, today=OPENS, **facts):
    one.report(
        acting(TOWNSHIP, today),
        PERIOD,
        opens_on=OPENS,
        unit="晴川镇",
        kind="township",
        position=7,
        figures=FIGURES,
        **{"narrative": "零辍学", **facts},
    )


def test_a_report_holds_its_narrative_and_figures(blank):
    report(blank, reason="nothing to say yet")

    [fact] = blank.versions
    assert (fact.number, fact.narrative, fact.figures, fact.reason) == (1, "零辍学", FIGURES, None)
    assert (fact.position, fact.due_on, fact.unit) == (7, date(2026, 9, 30), "晴川镇")
    assert fact.by == TOWNSHIP.as_recorded()


def test_before_the_last_cut_off_of_the_quarter_it_is_too_early(blank):
    with pytest.raises(ReturnNotDueYet):
        report(blank, today=date(2026, 9, 23))
    assert blank.versions == []


def test_again_it_is_another_version_with_its_reason(blank):
    report(blank)
    with pytest.raises(RevisionReasonMissing):
        report(blank)
    assert len(blank.versions) == 1

    report(blank, reason="补充联合家访情况", narrative="零辍学,家访 3 次")

    assert [(v.number, v.reason) for v in blank.versions] == [(1, None), (2, "补充联合家访情况")]


@pytest.mark.parametrize(
    ("today", "state"), [(date(2026, 9, 30), "due"), (date(2026, 10, 1), "late")]
)
def test_it_is_late_from_the_day_after_it_was_due_until_it_is_told(blank, today, state):
    assert blank.state(PERIOD, today) == state
    report(blank)
    assert blank.state(PERIOD, today) == "reported"
