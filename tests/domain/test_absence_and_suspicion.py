"""An absence opens a case when it counts; the school verifies it as a suspected dropout."""

from datetime import date, timedelta

import pytest

from domain.codes import ABSENCE_KIND, COUNTING_ABSENCE
from domain.refusals import ChildDied, NoOpenEpisode, NotUnderWatch
from tests.domain.conftest import (
    absence_flagged,
    acting,
    close_out_asked,
    close_out_decided,
    confirmed_as_dropout,
    contact_lost,
    facts_of,
    home_teaching_assigned,
    marked_as_dropout,
    persuaded,
    placed,
    returned,
    roll_changed,
    suspected,
    visited,
)

MONDAY = date(2026, 9, 14)


def flagged(**facts):
    """What an absence flagged on that Monday records."""
    known = {
        "occurred_on": MONDAY,
        "first_absent_on": MONDAY,
        "absence_kind": "truancy",
        "found_by": "roll_call",
        "days": None,
        "note": None,
        "opens": "watched",
    }
    return ("AbsenceFlagged", {**known, **facts})


def test_the_first_counting_absence_opens_a_watched_case(given):
    student = given()

    student.flag_absence(
        acting(), first_absent_on=MONDAY, absence_kind="truancy", found_by="roll_call"
    )

    assert facts_of(student) == [flagged()]
    assert student.status == "watched"
    assert student.open_episode().level == "school"


@pytest.mark.parametrize("kind", sorted(COUNTING_ABSENCE))
def test_a_counting_kind_of_absence_opens_a_case(given, kind):
    student = given()

    absence_flagged(absence_kind=kind)(student)

    assert facts_of(student) == [flagged(absence_kind=kind)]
    assert student.status == "watched"


@pytest.mark.parametrize("kind", sorted(set(ABSENCE_KIND) - COUNTING_ABSENCE))
def test_an_excused_kind_of_absence_is_recorded_and_opens_nothing(given, kind):
    student = given()

    absence_flagged(absence_kind=kind)(student)

    assert facts_of(student) == [flagged(absence_kind=kind, opens=None)]
    assert student.status == "none"
    assert student.state.episodes == []


def test_another_counting_absence_in_an_open_case_is_only_recorded(given):
    student = given(absence_flagged())

    absence_flagged(first_absent_on=date(2026, 9, 16))(student)

    day = date(2026, 9, 16)
    assert facts_of(student) == [flagged(occurred_on=day, first_absent_on=day, opens=None)]
    assert [episode.first_absent_on for episode in student.state.episodes] == [MONDAY]


def test_an_absence_told_later_keeps_the_day_it_was_told_beside_the_first_absent_day(given):
    student = given()

    absence_flagged(occurred_on=date(2026, 9, 16), days=3, note="同学反映")(student)

    assert facts_of(student) == [flagged(occurred_on=date(2026, 9, 16), days=3, note="同学反映")]
    assert student.open_episode().first_absent_on == MONDAY


def test_an_absence_found_on_a_day_without_school_is_not_refused(given):
    student = given()

    absence_flagged(first_absent_on=date(2026, 10, 1))(student)

    assert student.status == "watched"


def test_a_watched_child_is_verified_as_suspected(given):
    student = given(absence_flagged())

    student.suspect(
        acting(), occurred_on=date(2026, 9, 17), days_absent=3, reported_reasons=["R02", "R11"]
    )

    assert facts_of(student) == [
        (
            "DropoutSuspected",
            {
                "occurred_on": date(2026, 9, 17),
                "days_absent": 3,
                "reported_reasons": ["R02", "R11"],
                "reopens": False,
            },
        )
    ]
    assert student.status == "suspected"
    assert len(student.state.episodes) == 1


def test_the_days_absent_are_the_reporters_count_whatever_the_calendar_says(given):
    student = given(absence_flagged())

    suspected(days_absent=40)(student)

    assert student.open_episode().days_absent == 40


def test_suspicion_needs_a_case(given, refused):
    student = given()

    with refused(NoOpenEpisode, student):
        suspected()(student)


@pytest.mark.parametrize(
    "past",
    [
        [suspected()],
        [suspected(), returned()],
        [home_teaching_assigned()],
        [placed()],
        [contact_lost()],
        [suspected(), persuaded(), marked_as_dropout(), confirmed_as_dropout()],
    ],
    ids=["suspected", "returned", "home_taught", "placed", "unreachable", "dropped_out"],
)
def test_only_a_watched_case_can_be_verified_as_suspected(given, refused, past):
    student = given(absence_flagged(), *past)

    with refused(NotUnderWatch, student):
        suspected()(student)


def test_a_closed_case_that_failed_its_audit_is_reopened_as_suspected(given):
    student = given(
        absence_flagged(), close_out_asked("C02", ["roll_extract"]), close_out_decided()
    )

    suspected(occurred_on=date(2026, 11, 20), days_absent=10)(student)

    [(name, facts)] = facts_of(student)
    assert (name, facts["reopens"]) == ("DropoutSuspected", True)
    assert [(e.number, e.status) for e in student.state.episodes] == [
        (1, "closed"),
        (2, "suspected"),
    ]
    assert student.open_episode().first_absent_on == date(2026, 11, 20)


def test_a_child_is_not_flagged_for_days_after_its_death(given, refused):
    student = given(roll_changed("51", "death_certificate", occurred_on=MONDAY))

    with refused(ChildDied, student):
        absence_flagged(first_absent_on=MONDAY + timedelta(days=1))(student)


def test_an_absence_before_the_death_that_was_told_late_is_kept_and_opens_nothing(given):
    student = given(roll_changed("51", "death_certificate", occurred_on=MONDAY))

    absence_flagged(first_absent_on=MONDAY)(student)

    assert (student.version, student.status) == (3, "none")


def test_visits_told_before_the_flag_are_of_the_case_if_they_lie_in_its_days(given):
    student = given(
        visited(occurred_on=MONDAY - timedelta(days=1)),
        visited(occurred_on=MONDAY + timedelta(days=1), mode="phone"),
        visited(occurred_on=MONDAY + timedelta(days=2)),
    )

    absence_flagged(first_absent_on=MONDAY)(student)

    episode = student.open_episode()
    assert episode.first_contact_on == MONDAY + timedelta(days=1)
    assert episode.first_visit_on == MONDAY + timedelta(days=2)


def test_the_note_that_a_child_came_late_never_ends_an_observation(given):
    student = given(absence_flagged(), suspected(), returned())

    absence_flagged(first_absent_on=date(2026, 9, 28), absence_kind="late")(student)

    assert student.status == "returned"
