"""An inspection from plan to end: hidden until it starts, heads counted, findings closed."""

from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest

from domain.entry import Actor
from domain.inspection import PLANNED_AHEAD, Inspection
from domain.inspection_facts import (
    Ended,
    FindingKey,
    FindingNoted,
    HeadsCounted,
    Planned,
    RectificationAccepted,
    RectificationRejected,
    Rectified,
    Started,
)
from domain.inspection_refusals import (
    FindingAwaitsDecision,
    FindingClosed,
    FindingDueEarly,
    InspectionDaysAway,
    InspectionEnded,
    InspectionNotStarted,
    InspectionNotYet,
    InspectionStarted,
    MissingNotOfClass,
    NotRectified,
    OwnSchool,
    RectifiedBeforeFound,
)
from domain.refusals import FutureDay, SamePerson
from domain.return_refusals import ClassUnknown
from tests.domain.conftest import BUREAU, PRINCIPAL, acting

SCHOOL, OTHER = "3141000058", "3141000059"
FIRST, NEXT, DUE = date(2026, 10, 13), date(2026, 10, 14), date(2026, 10, 20)
BEGUN = date(2021, 9, 1)
INSPECTOR = Actor("acc-inspector", "测午", "inspector", "区督查组", "bureau")
KEY = FindingKey(SCHOOL, 1)
NOBODYS: frozenset[str] = frozenset()


def planned(by=BUREAU, today=date(2026, 10, 10), own=NOBODYS, **facts):
    whole = {
        "kind": "surprise",
        "title": "十月突击检查",
        "schools": [SCHOOL, OTHER],
        "starts_on": FIRST,
        "ends_on": NEXT,
        "methods": ["heads"],
        "inspectors": [{"name": "测午", "unit": "区督查组"}],
        **facts,
    }
    return lambda one: one.plan(
        acting(by, today), inspection="2026-3", own=own, first_day=BEGUN, **whole
    )


def started(by=INSPECTOR, today=FIRST, own=NOBODYS):
    return lambda one: one.start(acting(by, today), own=own)


def counted(heads=42, on_roll=45, by=INSPECTOR, own=NOBODYS, **facts):
    return lambda one: one.count_heads(
        acting(by, FIRST), school_code=SCHOOL, grade=7, class_name="1班",
        counted=heads, on_roll=on_roll, position=9, own=own, **facts,
    )  # fmt: skip


def noted(school=SCHOOL, due_on=DUE, own=NOBODYS, **facts):
    whole = {"what": "缺家访记录", "remedy": "by_day", "owner": {"name": "测乙"}, **facts}
    return lambda one: one.note_finding(
        acting(INSPECTOR, FIRST), school_code=school, due_on=due_on, own=own, **whole
    )


def rectified(done_on=DUE, today=DUE, by=PRINCIPAL):
    return lambda one: one.rectify(acting(by, today), KEY, done_on=done_on, papers=[], note="已补")


def decided(approve=True, by=BUREAU, own=NOBODYS):
    return lambda one: one.decide_rectification(
        acting(by, DUE), KEY, approve=approve, own=own, note="已看"
    )


def ended(own=NOBODYS):
    return lambda one: one.end(acting(INSPECTOR, NEXT), summary="点名 1 个班", own=own)


def after(*done):
    """An inspection of which some things are done."""
    one = Inspection.blank(
        UUID("00000000-0000-8000-8000-000000000003"), datetime(2026, 10, 1, tzinfo=UTC)
    )
    for do in done:
        do(one)
    one.collect_events()
    return one


@contextmanager
def refused(rule, one):
    """Something is refused by a rule, and nothing of it recorded."""
    before = one.version
    with pytest.raises(rule):
        yield
    assert one.version == before


RUNNING = planned(), started()
WITH_FINDING = *RUNNING, noted()


def test_an_inspection_goes_from_plan_to_end_and_its_findings_on_until_they_are_closed():
    one = after(
        *WITH_FINDING, counted(), ended(), rectified(), decided(approve=False), rectified(),
        decided(),
    )  # fmt: skip

    assert [type(fact) for fact in one.facts] == [
        *(Planned, Started, FindingNoted, HeadsCounted, Ended),
        *(Rectified, RectificationRejected, Rectified, RectificationAccepted),
    ]
    assert one.state == "ended"
    assert one.findings[KEY].state == "closed"
    assert {fact.inspection for fact in one.facts} == {"2026-3"}


def test_a_surprise_check_is_hidden_until_it_starts_and_no_other_is():
    assert after(planned()).hidden
    assert not after(*RUNNING).hidden
    assert not after(planned(kind="routine")).hidden


@pytest.mark.parametrize(
    ("heads", "explained", "unaccounted", "beyond"),
    [(45, 0, 0, 0), (42, 1, 2, 0), (42, 3, 0, 0), (44, 5, 0, 0), (47, 0, 0, 2), (0, 0, 45, 0)],
)
def test_heads_neither_counted_nor_explained_are_unaccounted_for(
    heads, explained, unaccounted, beyond
):
    one = after(*RUNNING, counted(heads, explained=explained))

    (count,) = one.heads.values()
    assert (count.unaccounted, count.beyond_roll, count.on_roll) == (unaccounted, beyond, 45)


def test_a_class_is_counted_again_and_the_last_count_stands():
    one = after(*RUNNING, counted(40), counted(44))

    assert [count.counted for count in one.heads.values()] == [44]
    assert len(one.facts) == 4


def test_a_class_of_no_roll_and_children_of_another_class_are_refused():
    one = after(*RUNNING)

    with refused(ClassUnknown, one):
        counted(on_roll=None)(one)
    with refused(MissingNotOfClass, one):
        counted(strangers=2)(one)


def test_before_its_start_and_after_its_end_nothing_is_counted_or_noted():
    before, over = after(planned()), after(*RUNNING, ended())

    for act in (counted(), noted(), ended()):
        with refused(InspectionNotStarted, before):
            act(before)
        with refused(InspectionEnded, over):
            act(over)
    with refused(InspectionEnded, over):
        started()(over)


def test_it_starts_once_and_not_before_its_first_day():
    early, running = after(planned()), after(*RUNNING)

    with refused(InspectionNotYet, early):
        started(today=FIRST - timedelta(days=1))(early)
    with refused(InspectionStarted, running):
        started()(running)


def test_nobody_inspects_the_school_they_hold_a_post_at():
    blank, plan, running = after(), after(planned()), after(*RUNNING)
    put_right = after(*WITH_FINDING, rectified())

    for one, act in (
        (blank, planned(own={OTHER})),
        (plan, started(own={OTHER})),
        (running, counted(own={SCHOOL})),
        (running, noted(own={SCHOOL})),
        (put_right, decided(own={SCHOOL})),
        (running, ended(own={OTHER})),
    ):
        with refused(OwnSchool, one):
            act(one)
    counted(own={OTHER})(running)  # another school of the inspection is not the own one


@pytest.mark.parametrize(
    "starts_on",
    [BEGUN - timedelta(days=1), date.min, date(2026, 10, 11) + PLANNED_AHEAD, date.max],
)
def test_it_starts_under_the_rules_and_within_a_year(starts_on):
    one = after()

    with refused(InspectionDaysAway, one):
        planned(starts_on=starts_on)(one)


def test_findings_are_numbered_by_school():
    one = after(*RUNNING, noted(), noted(OTHER), noted(), noted(remedy="at_once", due_on=None))

    assert list(one.findings) == [(SCHOOL, 1), (OTHER, 1), (SCHOOL, 2), (SCHOOL, 3)]
    assert one.findings[SCHOOL, 3].noted.due_on == FIRST
    assert [f.noted.number for f in one.findings_at(OTHER)] == [1]


def test_a_finding_is_not_due_before_it_is_found():
    one = after(*RUNNING)

    with refused(FindingDueEarly, one):
        noted(due_on=FIRST - timedelta(days=1))(one)


def test_a_finding_is_overdue_the_day_after_it_was_due_while_it_is_the_schools_turn():
    late = DUE + timedelta(days=1)
    finding = after(*WITH_FINDING).findings[KEY]
    waiting = after(*WITH_FINDING, rectified()).findings[KEY]
    sent_back = after(*WITH_FINDING, rectified(), decided(approve=False)).findings[KEY]
    closed = after(*WITH_FINDING, rectified(), decided()).findings[KEY]

    assert [finding.overdue(DUE), finding.overdue(late)] == [False, True]
    assert [one.state for one in (finding, waiting, sent_back, closed)] == [
        *("open", "rectified", "rejected", "closed")
    ]
    assert [one.overdue(late) for one in (waiting, sent_back, closed)] == [False, True, False]


def test_a_finding_is_put_right_between_the_day_it_was_found_and_today():
    one = after(*WITH_FINDING)

    with refused(RectifiedBeforeFound, one):
        rectified(done_on=FIRST - timedelta(days=1))(one)
    with refused(FutureDay, one):
        rectified(done_on=DUE + timedelta(days=1))(one)


def test_what_awaits_a_decision_or_is_closed_is_not_put_right_again():
    waiting, closed = (
        after(*WITH_FINDING, rectified()),
        after(*WITH_FINDING, rectified(), decided()),
    )

    with refused(FindingAwaitsDecision, waiting):
        rectified()(waiting)
    for act in (rectified(), decided()):
        with refused(FindingClosed, closed):
            act(closed)


def test_only_what_was_put_right_is_decided_and_never_by_who_did():
    fresh, waiting = after(*WITH_FINDING), after(*WITH_FINDING, rectified())

    with refused(NotRectified, fresh):
        decided()(fresh)
    with refused(SamePerson, waiting):
        decided(by=PRINCIPAL)(waiting)
