"""The school marks a dropout and the bureau confirms it; a lost child never counts as returned."""

from datetime import date

import pytest

from domain.refusals import (
    AlreadyDroppedOut,
    AlreadyMarked,
    NoOpenEpisode,
    NoPersuasionYet,
    NotMarked,
    NotUnderPersuasion,
    PapersMissing,
)
from tests.domain.conftest import (
    absence_flagged,
    confirmed_as_dropout,
    contact_lost,
    facts_of,
    marked_as_dropout,
    persuaded,
    returned,
    suspected,
)

MARKED = [absence_flagged(), suspected(), persuaded(), marked_as_dropout()]


def test_a_persuasion_attempt_is_registered_with_who_met_whom_and_what_came_of_it(given):
    student = given(absence_flagged(), suspected())

    persuaded(outcome="hesitant", reasons=["R02"], support_offered="学业辅导")(student)

    assert facts_of(student) == [
        (
            "PersuasionAttempted",
            {
                "occurred_on": date(2026, 9, 18),
                "persuaders": [{"name": "测甲", "unit": "晴川中学", "level": "school"}],
                "met": ["student"],
                "outcome": "hesitant",
                "reasons": ["R02"],
                "support_offered": "学业辅导",
                "note": None,
            },
        )
    ]


def test_two_visits_of_one_day_with_two_outcomes_are_both_kept(given):
    student = given(absence_flagged(), suspected(), persuaded(outcome="agreed"))

    persuaded(outcome="refused")(student)

    assert len(facts_of(student)) == 1
    assert student.open_episode().attempts == 2


def test_without_a_case_nobody_is_persuaded(given, refused):
    student = given()

    with refused(NoOpenEpisode, student):
        persuaded()(student)


def test_the_school_marks_a_dropout_after_failed_persuasion(given):
    student = given(absence_flagged(), suspected(), persuaded())

    marked_as_dropout()(student)

    assert facts_of(student) == [
        ("DropoutMarked", {"occurred_on": date(2026, 10, 20), "summary": "三次劝返未果"})
    ]
    assert student.status == "suspected"


def test_a_suspected_child_nobody_persuaded_is_not_marked(given, refused):
    student = given(absence_flagged(), suspected())

    with refused(NoPersuasionYet, student):
        marked_as_dropout()(student)


def test_an_unreachable_child_is_marked_without_a_persuasion(given):
    student = given(absence_flagged(), contact_lost())

    marked_as_dropout()(student)

    assert [name for name, _ in facts_of(student)] == ["DropoutMarked"]


def test_a_mark_awaits_its_confirmation(given, refused):
    student = given(*MARKED)

    with refused(AlreadyMarked, student):
        marked_as_dropout()(student)


def test_the_bureau_confirms_what_the_school_marked(given):
    student = given(*MARKED)

    confirmed_as_dropout()(student)

    assert facts_of(student) == [
        (
            "DropoutConfirmed",
            {"occurred_on": date(2026, 10, 21), "summary": "情况属实", "level": "bureau"},
        )
    ]
    assert (student.status, student.open_episode().level) == ("dropped_out", "bureau")


def test_nothing_is_confirmed_that_the_school_did_not_mark(given, refused):
    student = given(absence_flagged(), suspected(), persuaded())

    with refused(NotMarked, student):
        confirmed_as_dropout()(student)


def test_a_mark_lapses_when_the_child_returns(given, refused):
    student = given(*MARKED, returned(date(2026, 10, 21)))

    with refused(NotMarked, student):
        confirmed_as_dropout()(student)


@pytest.mark.parametrize("act", [marked_as_dropout(), confirmed_as_dropout()])
def test_a_confirmed_dropout_is_neither_marked_nor_confirmed_again(given, refused, act):
    student = given(*MARKED, confirmed_as_dropout())

    with refused(AlreadyDroppedOut, student):
        act(student)


def test_persuasion_goes_on_after_the_dropout_is_confirmed(given):
    student = given(*MARKED, confirmed_as_dropout())

    persuaded(occurred_on=date(2026, 11, 2))(student)

    assert student.open_episode().attempts == 2
    assert student.status == "dropped_out"


@pytest.mark.parametrize("past", [[], [suspected(), returned()]], ids=["watched", "returned"])
def test_only_a_case_under_persuasion_is_marked(given, refused, past):
    student = given(absence_flagged(), *past)

    with refused(NotUnderPersuasion, student):
        marked_as_dropout()(student)


@pytest.mark.parametrize("act", [marked_as_dropout(), confirmed_as_dropout(), contact_lost()])
def test_without_a_case_nobody_drops_out_or_is_lost(given, refused, act):
    student = given()

    with refused(NoOpenEpisode, student):
        act(student)


@pytest.mark.parametrize("paper", ["police_letter", "village_statement"])
def test_a_child_is_unreachable_by_statement_of_police_or_village(given, paper):
    student = given(absence_flagged())

    contact_lost(papers=[{"kind": paper}])(student)

    assert facts_of(student) == [
        (
            "ContactLost",
            {
                "occurred_on": date(2026, 9, 21),
                "statement_by": "晴川村村委会",
                "papers": [{"kind": paper}],
            },
        )
    ]
    assert student.status == "unreachable"


@pytest.mark.parametrize("papers", [[], [{"kind": "other"}]])
def test_a_contact_loss_without_a_statement_is_refused(given, refused, papers):
    student = given(absence_flagged())

    with refused(PapersMissing, student):
        contact_lost(papers=papers)(student)


def test_an_unreachable_child_never_counts_as_returned(given):
    student = given(absence_flagged(), suspected())

    contact_lost()(student)

    assert student.open_episode().is_open
    assert "returned" not in student.open_episode().reached
