"""Every duty that arose is met, or ends with its ground, or is open; there is one of a kind."""

from datetime import date

from domain.duties import arising
from domain.obligations import MEETS, Obligations
from domain.rules import DEFAULT_RULES
from tests.domain.conftest import (
    AUTUMN,
    absence_flagged,
    acting,
    close_out_asked,
    close_out_decided,
    contact_lost,
    home_teaching_assigned,
    observed,
    persuaded,
    placed,
    reported,
    returned,
    roll_changed,
    suspected,
    transfer_requested,
    visited,
)

ABSENT = date(2026, 9, 14)  # a Monday


def told(student):
    """Kind, day, and what became of each: by which entry, on which day, met or not."""
    return [
        (one.kind, one.due_on, one.ended, one.ended_on, one.met)
        for one in Obligations.of(student, DEFAULT_RULES).all
    ]


def still_open(student):
    obligations = Obligations.of(student, DEFAULT_RULES).all
    return sorted((one.kind, one.due_on) for one in obligations if one.ended is None)


def taught(day, minutes=90):
    return lambda student: student.teach_at_home(
        acting(),
        occurred_on=day,
        teachers=["测教师"],
        minutes=minutes,
        topic="识字",
        guardian_present=True,
    )


def corrected(entry, **changes):
    return lambda student: student.correct(acting(), entry=entry, changes=changes, reason="录错")


def test_nothing_arises_for_a_child_at_school(given):
    assert told(given(visited())) == []


def test_a_visit_meets_the_contact_and_the_visit_on_the_day_it_happened(given):
    student = given(absence_flagged(), visited(occurred_on=date(2026, 9, 16)))

    assert told(student) == [
        ("contact_guardian", ABSENT, 3, date(2026, 9, 16), True),
        ("first_home_visit", date(2026, 9, 15), 3, date(2026, 9, 16), True),
        ("written_report", date(2026, 9, 17), None, None, False),
    ]


def test_a_case_that_ends_takes_its_duties_along_unmet(given):
    student = given(
        absence_flagged(), close_out_asked("C13", [], note="已返校上课"), close_out_decided()
    )

    assert [(kind, ended, met) for kind, _, ended, _, met in told(student)] == [
        ("contact_guardian", 4, False),
        ("first_home_visit", 4, False),
        ("written_report", 4, False),
        ("close_out_decision", 4, True),
    ]
    assert still_open(student) == []


def test_persuasion_is_due_again_and_never_twice_at_once(given):
    student = given(absence_flagged(), suspected(), persuaded(), persuaded())

    attempts = [one for one in told(student) if one[0] == "persuasion"]
    assert [(ended, met) for _, _, ended, _, met in attempts] == [(4, True), (None, False)]


def test_each_check_of_an_observation_is_a_duty_and_a_late_one_meets_those_before(given):
    student = given(absence_flagged(), suspected(), persuaded(), returned())
    checks = [one for one in told(student) if one[0] == "observation_check"]
    assert len(checks) == 4
    assert [ended for _, _, ended, _, _ in checks] == [None] * 4

    observed(checks[1][1])(student)

    checks = [one for one in told(student) if one[0] == "observation_check"]
    assert [met for *_, met in checks] == [True, True, False, False]


def test_an_unreachable_child_is_looked_for_each_term_until_it_is_found(given):
    student = given(absence_flagged(), contact_lost())
    assert still_open(student) == [("recheck", None)]

    returned()(student)

    assert ("recheck", None, 4, date(2026, 9, 24), False) in told(student)


def test_what_is_taught_at_home_is_added_up_by_month_and_by_plan(given):
    student = given(
        home_teaching_assigned(),
        taught(date(2026, 10, 15)),
        taught(date(2026, 10, 20)),
        taught(date(2026, 11, 3)),
    )

    [plan] = Obligations.of(student, DEFAULT_RULES).all
    assert (plan.kind, plan.due_on, plan.ended) == ("home_teaching_hours", None, None)
    assert plan.taught == {"2026-10": 180, "2026-11": 90}
    home_teaching_assigned()(student)
    first, second = Obligations.of(student, DEFAULT_RULES).all
    assert (first.ended, first.met, second.ended, second.taught) == (6, False, None, {})


def test_an_answer_ends_the_duty_of_the_other_school(given):
    student = given(transfer_requested(papers=[{"kind": "guardian_application"}]))
    student.decide_transfer(acting(), entry=2, accept=False)

    [(kind, due_on, ended, _, met)] = told(student)
    assert (kind, due_on, ended, met) == ("transfer_answer", date(2026, 10, 19), 3, True)


def test_a_corrected_stream_is_judged_as_corrected(given):
    student = given(absence_flagged(), visited(), corrected(3, mode="phone"))

    assert ("first_home_visit", date(2026, 9, 15)) in still_open(student)


def test_going_on_entry_by_entry_tells_the_same(given):
    whole = given(absence_flagged(), suspected(), visited(), persuaded(), reported(), placed())
    student, going = given(), Obligations(DEFAULT_RULES)
    for entry in whole.entries[1:]:
        student.remember(entry)
        going.take(student, entry)

    assert going.all == Obligations.of(whole, DEFAULT_RULES).all


def test_every_duty_that_can_be_met_says_by_what(given):
    student = given(absence_flagged(), suspected())

    assert {kind for kind, *_ in arising(student, DEFAULT_RULES)} <= MEETS.keys()


def test_the_papers_of_a_roll_change_are_due_until_they_come_each_change_by_itself(given):
    student = given(roll_changed("11"), roll_changed("12", occurred_on=AUTUMN))
    due = ("missing_papers", date(2026, 10, 26))  # ten school days
    assert still_open(student) == [due, due]

    student.receive_papers(acting(), entry=3, papers=[{"kind": "approval"}])

    assert told(student) == [(*due, None, None, False), (*due, 4, date(2026, 11, 24), True)]
    [first, _] = Obligations.of(student, DEFAULT_RULES).all
    assert (first.arose, first.episode) == (2, None)


def test_death_does_not_end_the_papers_it_asks_for(given):
    student = given(roll_changed("11"), roll_changed("51"))

    assert [kind for kind, _ in still_open(student)] == ["missing_papers", "missing_papers"]


def test_a_transfer_not_answered_by_taking_in_lacks_no_papers(given):
    student = given(transfer_requested())
    assert ("missing_papers", date(2026, 10, 26)) in still_open(student)

    student.decide_transfer(acting(), entry=2, accept=False)

    assert still_open(student) == []


def test_a_change_with_its_papers_or_that_demands_none_makes_nothing_due(given):
    student = given(roll_changed("29", to_class="2班"), roll_changed("11", "approval"))

    assert told(student) == []
