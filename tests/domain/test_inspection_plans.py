"""The plan of an inspection is changed and cancelled before it starts, each with its reason."""

from datetime import date

import pytest

from domain.inspection_facts import Cancelled, PlanChanged
from domain.inspection_refusals import (
    InspectionCancelled,
    InspectionDaysAway,
    InspectionInAnotherYear,
    InspectionStarted,
    OwnSchool,
)
from domain.refusals import EndBeforeStart, NothingChanged
from tests.domain.conftest import BUREAU, acting
from tests.domain.test_inspection import (
    BEGUN,
    FIRST,
    NEXT,
    NOBODYS,
    OTHER,
    SCHOOL,
    after,
    counted,
    planned,
    started,
)

TENTH = date(2026, 10, 10)


def changed(own=NOBODYS, **changes):
    return lambda one: one.change(
        acting(BUREAU, TENTH), changes=changes, reason="改期", own=own, first_day=BEGUN
    )


def cancelled(own=NOBODYS):
    return lambda one: one.cancel(acting(BUREAU, TENTH), reason="考试冲突", own=own)


def test_a_changed_plan_reads_otherwise_and_the_former_stays_on_record():
    one = after(planned())
    former = one.planned
    one.collect_events()

    changed(starts_on=NEXT, ends_on=NEXT, schools=[SCHOOL])(one)

    [fact] = one.collect_events()
    assert type(fact) is PlanChanged
    days = {"starts_on": "2026-10-14", "ends_on": "2026-10-14"}
    assert (fact.inspection, fact.changes, fact.reason) == (
        *("2026-3", {**days, "schools": [SCHOOL]}),
        "改期",
    )
    plan = one.planned
    assert (plan.starts_on, plan.ends_on, plan.schools, plan.title) == (
        *(NEXT, NEXT, [SCHOOL]),
        former.title,
    )
    assert (former.starts_on, one.facts[0]) == (FIRST, former)
    assert (one.changes, one.state, one.hidden) == ([fact], "planned", True)


def test_a_cancelled_surprise_check_stays_unknown_to_its_schools():
    one = after(planned())
    one.collect_events()

    cancelled()(one)

    [fact] = one.collect_events()
    assert type(fact) is Cancelled
    assert (fact.inspection, fact.reason) == ("2026-3", "考试冲突")
    assert (one.state, one.hidden) == ("cancelled", True)


REFUSED = {
    "change of an own school": ([], changed(own={OTHER}, title="改"), OwnSchool),
    "change to an own school": ([], changed(own={"2141000001"}, schools=["2141000001"]), OwnSchool),
    "change of nothing": ([], changed(starts_on=FIRST), NothingChanged),
    "end before start": ([], changed(starts_on=date(2026, 10, 20)), EndBeforeStart),
    "too far": (
        [],
        changed(starts_on=date(2028, 1, 1), ends_on=date(2028, 1, 2)),
        InspectionDaysAway,
    ),
    "another school year": (
        [],
        changed(starts_on=date(2026, 8, 31)),
        InspectionInAnotherYear,
    ),
    "change once started": ([started()], changed(title="改"), InspectionStarted),
    "cancelling once started": ([started()], cancelled(), InspectionStarted),
    "cancelling an own school's": ([], cancelled(own={SCHOOL}), OwnSchool),
    "cancelling twice": ([cancelled()], cancelled(), InspectionCancelled),
    "change once cancelled": ([cancelled()], changed(title="改"), InspectionCancelled),
    "start once cancelled": ([cancelled()], started(), InspectionCancelled),
    "count once cancelled": ([cancelled()], counted(), InspectionCancelled),
}


@pytest.mark.parametrize("why", REFUSED)
def test_what_cannot_be_planned_anew_is_refused_and_nothing_recorded(why):
    past, act, refusal = REFUSED[why]
    one = after(planned(), *past)
    one.collect_events()
    version = one.version

    with pytest.raises(refusal) as raised:
        act(one)

    assert raised.type is refusal
    assert (one.collect_events(), one.version) == ([], version)
