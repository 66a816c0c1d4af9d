"""A relapse ends the observed episode and opens the next; a closed case opens a watched one."""

from datetime import date

import pytest

from domain.codes import ABSENCE_KIND, COUNTING_ABSENCE
from tests.domain.conftest import (
    absence_flagged,
    close_out_asked,
    close_out_decided,
    contact_lost,
    facts_of,
    observed,
    reported,
    returned,
    suspected,
)

RETURNED = [absence_flagged(), suspected(), reported("bureau"), returned()]
AGAIN = date(2026, 10, 19)


def episodes_of(student):
    return [(e.number, e.status, e.level, e.relapsed) for e in student.state.episodes]


@pytest.mark.parametrize("kind", sorted(COUNTING_ABSENCE))
def test_a_counting_absence_under_observation_opens_the_next_episode_as_suspected(given, kind):
    student = given(*RETURNED)

    absence_flagged(first_absent_on=AGAIN, absence_kind=kind, days=2)(student)

    assert facts_of(student) == [
        (
            "AbsenceFlagged",
            {
                "occurred_on": AGAIN,
                "first_absent_on": AGAIN,
                "absence_kind": kind,
                "found_by": "roll_call",
                "days": 2,
                "note": None,
                "opens": "suspected",
            },
        )
    ]
    assert episodes_of(student) == [
        (1, "returned", "bureau", True),
        (2, "suspected", "school", False),
    ]


@pytest.mark.parametrize("kind", sorted(set(ABSENCE_KIND) - COUNTING_ABSENCE))
def test_an_excused_absence_under_observation_is_never_a_relapse(given, kind):
    student = given(*RETURNED)

    absence_flagged(first_absent_on=AGAIN, absence_kind=kind)(student)

    [(_, facts)] = facts_of(student)
    assert facts["opens"] is None
    assert episodes_of(student) == [(1, "returned", "bureau", False)]


def test_an_absence_before_the_return_is_only_recorded(given):
    student = given(*RETURNED)

    absence_flagged(first_absent_on=date(2026, 9, 23))(student)

    [(_, facts)] = facts_of(student)
    assert facts["opens"] is None
    assert student.status == "returned"


def test_an_absence_on_the_day_of_the_return_is_a_relapse(given):
    student = given(*RETURNED)

    absence_flagged(first_absent_on=date(2026, 9, 24))(student)

    assert student.status == "suspected"


def test_an_observation_without_the_child_is_no_relapse(given):
    student = given(*RETURNED)

    observed(AGAIN, attending=False)(student)

    assert [name for name, _ in facts_of(student)] == ["AttendanceObserved"]
    assert episodes_of(student) == [(1, "returned", "bureau", False)]


def test_the_relapse_itself_belongs_to_the_episode_it_opened(given):
    student = given(*RETURNED)

    absence_flagged(first_absent_on=AGAIN)(student)

    assert [standing.episode for standing in student.standings] == [None, 1, 1, 1, 1, 2]


def test_a_relapsed_child_can_return_and_relapse_again(given):
    student = given(*RETURNED, absence_flagged(first_absent_on=AGAIN), returned(date(2026, 10, 26)))

    absence_flagged(first_absent_on=date(2026, 11, 2))(student)

    assert [(e.status, e.relapsed) for e in student.state.episodes] == [
        ("returned", True),
        ("returned", True),
        ("suspected", False),
    ]


def test_a_counting_absence_after_the_close_out_is_watched(given):
    student = given(*RETURNED, close_out_asked("C02", ["roll_extract"]), close_out_decided())

    absence_flagged(first_absent_on=date(2026, 11, 23))(student)

    [(_, facts)] = facts_of(student)
    assert facts["opens"] == "watched"
    assert episodes_of(student) == [
        (1, "closed", "bureau", False),
        (2, "watched", "school", False),
    ]


def test_an_excused_absence_after_the_close_out_opens_nothing(given):
    student = given(*RETURNED, close_out_asked("C02", ["roll_extract"]), close_out_decided())

    absence_flagged(first_absent_on=date(2026, 11, 23), absence_kind="sick_leave")(student)

    assert episodes_of(student) == [(1, "closed", "bureau", False)]


def test_an_absence_of_a_child_lost_after_its_return_is_only_recorded(given):
    student = given(*RETURNED, contact_lost(occurred_on=AGAIN))

    absence_flagged(first_absent_on=date(2026, 10, 26))(student)

    [(_, facts)] = facts_of(student)
    assert facts["opens"] is None
    assert episodes_of(student) == [(1, "unreachable", "bureau", False)]
