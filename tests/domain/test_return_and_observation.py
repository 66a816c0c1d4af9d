"""A return is a child seen in class; then it is observed for thirty school days."""

from datetime import date

import pytest

from domain.refusals import (
    AlreadyReturned,
    NoOpenEpisode,
    NotUnderObservation,
    ObservationBeforeReturn,
    ReturnBeforeAbsence,
)
from tests.domain.conftest import (
    BUREAU,
    absence_flagged,
    acting,
    close_out_asked,
    close_out_decided,
    confirmed_as_dropout,
    contact_lost,
    facts_of,
    home_teaching_assigned,
    marked_as_dropout,
    observed,
    persuaded,
    placed,
    returned,
    suspected,
)

SEEN = date(2026, 9, 24)
OVER = date(2026, 11, 12)  # the 30th school day after SEEN, past two holidays and a made-up day


def test_a_child_seen_in_class_has_returned_and_is_observed_for_thirty_school_days(given):
    student = given(absence_flagged(), suspected())

    student.confirm_return(acting(), seen_on=SEEN, class_name="1班", confirmed_by="测甲")

    assert facts_of(student) == [
        (
            "ReturnedToSchool",
            {
                "occurred_on": SEEN,
                "seen_on": SEEN,
                "class_name": "1班",
                "confirmed_by": "测甲",
                "observed_until": OVER,
            },
        )
    ]
    assert student.status == "returned"


@pytest.mark.parametrize(
    "past",
    [
        [],
        [suspected()],
        [home_teaching_assigned()],
        [placed()],
        [contact_lost()],
        [suspected(), persuaded(), marked_as_dropout(), confirmed_as_dropout()],
    ],
    ids=["watched", "suspected", "home_taught", "placed", "unreachable", "dropped_out"],
)
def test_a_child_can_return_from_any_open_status(given, past):
    student = given(absence_flagged(), *past)

    returned(date(2026, 11, 2))(student)

    assert student.status == "returned"
    assert student.open_episode().seen_on == date(2026, 11, 2)


def test_a_promise_to_come_back_is_not_a_return(given):
    student = given(absence_flagged(), suspected())

    persuaded(outcome="agreed")(student)

    assert [name for name, _ in facts_of(student)] == ["PersuasionAttempted"]
    assert student.status == "suspected"


def test_a_child_without_a_case_cannot_return(given, refused):
    student = given()

    with refused(NoOpenEpisode, student):
        returned()(student)


def test_a_child_whose_case_is_closed_cannot_return(given, refused):
    student = given(
        absence_flagged(), close_out_asked("C02", ["roll_extract"]), close_out_decided()
    )

    with refused(NoOpenEpisode, student):
        returned()(student)


def test_a_returned_child_does_not_return_again(given, refused):
    student = given(absence_flagged(), suspected(), returned())

    with refused(AlreadyReturned, student):
        returned(date(2026, 9, 28))(student)


def test_a_return_before_the_first_absent_day_is_refused(given, refused):
    student = given(absence_flagged())

    with refused(ReturnBeforeAbsence, student):
        returned(date(2026, 9, 13))(student)


def test_a_return_on_the_first_absent_day_itself_stands(given):
    student = given(absence_flagged())

    returned(date(2026, 9, 14))(student)

    assert student.status == "returned"


def test_a_return_told_later_keeps_both_days(given):
    student = given(absence_flagged())

    returned(SEEN, occurred_on=date(2026, 9, 26))(student)

    [(_, facts)] = facts_of(student)
    assert (facts["occurred_on"], facts["seen_on"]) == (date(2026, 9, 26), SEEN)


@pytest.mark.parametrize("attending", [True, False])
def test_an_observation_is_recorded_and_changes_no_status(given, attending):
    student = given(absence_flagged(), suspected(), returned())

    observed(date(2026, 9, 28), attending=attending)(student)

    assert facts_of(student) == [
        (
            "AttendanceObserved",
            {"occurred_on": date(2026, 9, 28), "attending": attending, "note": None},
        )
    ]
    assert student.status == "returned"
    assert student.open_episode().observations == [(date(2026, 9, 28), attending)]


def test_extra_observations_are_welcome(given):
    student = given(absence_flagged(), suspected(), returned(), observed(date(2026, 9, 28)))

    observed(date(2026, 9, 28))(student)

    assert len(student.open_episode().observations) == 2


def test_an_observation_on_the_day_of_the_return_stands(given):
    student = given(absence_flagged(), suspected(), returned())

    observed(SEEN)(student)

    assert student.open_episode().observations == [(SEEN, True)]


def test_an_observation_before_the_return_is_refused(given, refused):
    student = given(absence_flagged(), suspected(), returned())

    with refused(ObservationBeforeReturn, student):
        observed(date(2026, 9, 23))(student)


def test_a_child_not_yet_returned_is_not_observed(given, refused):
    student = given(absence_flagged(), suspected())

    with refused(NotUnderObservation, student):
        observed(date(2026, 9, 28))(student)


def test_a_child_without_a_case_is_not_observed(given, refused):
    student = given()

    with refused(NoOpenEpisode, student):
        observed(date(2026, 9, 28))(student)


def test_a_child_lost_during_the_observation_is_observed_anew_after_the_next_return(given):
    student = given(
        absence_flagged(),
        returned(),
        observed(date(2026, 9, 28)),
        contact_lost(occurred_on=date(2026, 10, 9)),
    )

    student.confirm_return(
        acting(BUREAU), seen_on=date(2026, 10, 19), class_name="1班", confirmed_by="测甲"
    )

    assert student.open_episode().observations == []
    assert student.open_episode().observed_until == date(2026, 11, 30)
