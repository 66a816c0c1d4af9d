"""What is due for a child follows from its case, in school days, and ends with the case."""

from dataclasses import replace
from datetime import date

import pytest

from domain.codes import OPEN_STATUS
from domain.duties import DUTY_KIND, FOR_ROLE, Duty, duties, persuasion_due
from domain.rules import DEFAULT_RULES
from tests.domain.conftest import (
    BUREAU,
    absence_flagged,
    acting,
    close_out_asked,
    close_out_decided,
    confirmed_as_dropout,
    contact_lost,
    home_teaching_assigned,
    marked_as_dropout,
    observed,
    ordered,
    persuaded,
    placed,
    reported,
    returned,
    served,
    suspected,
    transfer_requested,
    visited,
)

TODAY = date(2026, 9, 18)
ABSENT = date(2026, 9, 14)  # a Monday
DROPPED_OUT = [
    *(absence_flagged(), suspected(), visited(), persuaded()),
    *(reported("bureau"), marked_as_dropout()),
]


def due(student, today=TODAY):
    return [
        (duty.kind, duty.due_on, duty.overdue) for duty in duties(student, today, DEFAULT_RULES)
    ]


def due_kinds(student, today=TODAY):
    return {kind for kind, _, _ in due(student, today)}


def the_due(student, kind, today=TODAY):
    return [(day, overdue) for this, day, overdue in due(student, today) if this == kind]


def transfer_offered(student):
    papers = [{"kind": "guardian_application"}]
    transfer_requested(occurred_on=date(2026, 9, 18), papers=papers)(student)


def died(student):
    student.change_roll(
        acting(), kind="51", occurred_on=TODAY, papers=[{"kind": "death_certificate"}]
    )


def transfer_rejected(student):
    student.decide_transfer(acting(), entry=2, accept=False)


def test_nothing_is_due_for_a_child_at_school(given):
    assert due(given()) == []


def test_an_excused_absence_makes_nothing_due(given):
    assert due(given(absence_flagged(absence_kind="sick_leave"))) == []


def test_after_the_first_absent_day_guardian_visit_and_report_are_due_in_school_days(given):
    student = given(absence_flagged())

    assert due(student, ABSENT) == [
        ("contact_guardian", ABSENT, False),
        ("first_home_visit", date(2026, 9, 15), False),
        ("written_report", date(2026, 9, 17), False),
    ]


def test_a_weekend_and_a_holiday_do_not_count(given):
    student = given(absence_flagged(first_absent_on=date(2026, 9, 30)))

    assert due(student, date(2026, 9, 30)) == [
        ("contact_guardian", date(2026, 9, 30), False),
        ("first_home_visit", date(2026, 10, 8), False),
        ("written_report", date(2026, 10, 10), False),
    ]


@pytest.mark.parametrize(
    ("today", "overdue"), [(date(2026, 9, 15), False), (date(2026, 9, 16), True)]
)
def test_a_duty_is_in_time_on_its_day_and_overdue_the_day_after(given, today, overdue):
    student = given(absence_flagged())

    assert the_due(student, "first_home_visit", today) == [(date(2026, 9, 15), overdue)]


def test_a_visit_settles_the_contact_and_the_visit(given):
    student = given(absence_flagged(), visited())

    assert due_kinds(student) == {"written_report"}


def test_a_visit_before_the_case_settles_nothing(given):
    student = given(visited(occurred_on=date(2026, 9, 1)), absence_flagged())

    assert "first_home_visit" in due_kinds(student)


def test_a_report_settles_the_report(given):
    student = given(absence_flagged(), suspected(), reported("township"))

    assert "written_report" not in due_kinds(student)


def test_a_suspected_child_is_persuaded_every_week_from_the_suspicion_on(given):
    student = given(absence_flagged(), visited(), suspected())

    assert the_due(student, "persuasion") == [(date(2026, 9, 24), False)]


def test_the_next_persuasion_is_due_a_week_after_the_last_one_told_in_whatever_order(given):
    student = given(
        absence_flagged(),
        suspected(),
        persuaded(occurred_on=date(2026, 9, 23)),
        persuaded(occurred_on=date(2026, 9, 18)),
    )

    assert the_due(student, "persuasion") == [(date(2026, 9, 30), False)]


@pytest.mark.parametrize(
    ("last", "due_on"),
    [
        (date(2026, 9, 23), date(2026, 9, 30)),  # the day before the holiday
        (date(2026, 9, 24), date(2026, 10, 8)),  # the first day of the National Day week
        (date(2026, 9, 30), date(2026, 10, 8)),  # its last day
        (date(2026, 9, 26), date(2026, 10, 8)),  # its Saturday
        (date(2026, 10, 10), date(2026, 10, 17)),  # a Saturday is no holiday
        (date(2027, 1, 22), date(2027, 1, 29)),  # the last day of the term
        (date(2027, 1, 23), date(2027, 2, 22)),  # the first day of the vacation
        (date(2027, 2, 15), date(2027, 2, 22)),  # the first day of the term
        (date(2027, 7, 3), date(2027, 9, 1)),
        (date(2031, 9, 25), date(2031, 10, 8)),  # a year nobody knows yet
        (date(2032, 1, 15), date(2032, 2, 20)),
    ],
)
def test_persuasion_that_falls_into_a_holiday_is_due_on_the_first_school_day_after(last, due_on):
    assert persuasion_due(last, DEFAULT_RULES.on(last)) == due_on


def test_where_it_does_not_rest_in_holidays_persuasion_is_due_to_the_day():
    rules = replace(DEFAULT_RULES.on(TODAY), persuasion_rests_in_holidays=False)

    assert persuasion_due(date(2027, 1, 23), rules) == date(2027, 1, 30)


def test_persuasion_of_a_confirmed_dropout_goes_on(given):
    student = given(*DROPPED_OUT, confirmed_as_dropout())

    assert due_kinds(student, date(2026, 10, 22)) == {"persuasion"}


def test_a_marked_dropout_is_for_the_bureau_to_confirm(given):
    student = given(*DROPPED_OUT)

    [duty] = [d for d in duties(student, TODAY, DEFAULT_RULES) if "confirm" in d.kind]
    assert (duty.due_on, duty.for_role) == (date(2026, 10, 20), "bureau")


def test_a_return_leaves_the_four_checks_of_the_observation_and_nothing_else(given):
    student = given(absence_flagged(), suspected(), returned())

    assert due(student, date(2026, 9, 24)) == [
        ("observation_check", date(2026, 9, 28), False),
        ("observation_check", date(2026, 10, 12), False),
        ("observation_check", date(2026, 10, 22), False),
        ("observation_check", date(2026, 11, 12), False),
    ]


def test_a_check_settles_those_up_to_its_day(given):
    student = given(absence_flagged(), suspected(), returned(), observed(date(2026, 10, 13)))

    assert [day for day, _ in the_due(student, "observation_check")] == [
        date(2026, 10, 22),
        date(2026, 11, 12),
    ]


def test_after_the_last_check_nothing_is_due(given):
    student = given(absence_flagged(), suspected(), returned(), observed(date(2026, 11, 12)))

    assert due(student, date(2026, 11, 24)) == []


def test_a_relapse_starts_the_duties_of_a_new_case(given):
    student = given(
        *(absence_flagged(), visited(), suspected(), persuaded(), returned()),
        absence_flagged(first_absent_on=date(2026, 10, 19)),
    )

    assert due(student, date(2026, 10, 19)) == [
        ("contact_guardian", date(2026, 10, 19), False),
        ("first_home_visit", date(2026, 10, 20), False),
        ("written_report", date(2026, 10, 22), False),
        ("persuasion", date(2026, 10, 26), False),
    ]


def test_an_unreachable_child_is_looked_for_again_by_the_end_of_the_next_term(given):
    student = given(absence_flagged(), contact_lost())

    assert due(student) == [("recheck", date(2027, 7, 9), False)]


def test_an_order_not_served_falls_due_as_written(given):
    student = given(absence_flagged(), suspected(), ordered(), ordered(due_on=date(2026, 11, 2)))

    assert the_due(student, "order_due", date(2026, 10, 20)) == [
        (date(2026, 10, 19), True),
        (date(2026, 11, 2), False),
    ]


def test_an_order_served_is_no_longer_due(given):
    student = given(absence_flagged(), suspected(), ordered(), served(4))

    assert the_due(student, "order_due") == []


def test_an_order_of_an_earlier_case_is_not_due_in_the_next(given):
    student = given(
        *(absence_flagged(), suspected(), ordered(), returned()),
        absence_flagged(first_absent_on=date(2026, 10, 19)),
    )

    assert "order_due" not in due_kinds(student)


def test_a_close_out_is_decided_within_five_school_days(given):
    student = given(
        absence_flagged(),
        close_out_asked("C02", ["roll_extract"], occurred_on=date(2026, 9, 30)),
    )

    assert the_due(student, "close_out_decision") == [(date(2026, 10, 13), False)]


def test_a_transfer_is_answered_within_five_school_days_and_then_not_due(given):
    assert due(given(transfer_offered)) == [("transfer_answer", date(2026, 9, 24), False)]
    assert due(given(transfer_offered, transfer_rejected)) == []


@pytest.mark.parametrize(
    ("today", "end"),
    [
        (date(2026, 9, 20), date(2026, 9, 30)),
        (date(2026, 12, 31), date(2026, 12, 31)),
        (date(2027, 2, 1), date(2027, 2, 28)),
        (date(2028, 2, 29), date(2028, 2, 29)),
    ],
)
def test_hours_of_home_teaching_are_due_by_the_end_of_each_month(given, today, end):
    student = given(home_teaching_assigned())

    assert due(student, today) == [("home_teaching_hours", end, False)]


def test_a_plan_makes_hours_due_until_its_last_day(given):
    student = given(home_teaching_assigned(to=date(2026, 10, 31)))

    assert due_kinds(student, date(2026, 10, 31)) == {"home_teaching_hours"}
    assert due(student, date(2026, 11, 1)) == []


# Whom, and when it ends ---------------------------------------------------------------------


def test_a_duty_names_the_responsible_person_and_never_the_mentor(given):
    for role, person in (("responsible", "测己"), ("mentor", None)):
        student = given(absence_flagged())
        student.name_responsible(acting(), name="测己", role=role, from_day=TODAY)

        assert {d.person for d in duties(student, TODAY, DEFAULT_RULES)} == {person}


def test_the_calendar_says_when_it_guessed_a_due_day(given):
    student = given(absence_flagged(), suspected())
    far = date(2027, 2, 24)

    student.confirm_return(acting(BUREAU, far), seen_on=far, class_name="1班", confirmed_by="测甲")

    assert all(duty.provisional for duty in duties(student, far, DEFAULT_RULES))
    near = given(absence_flagged())
    assert not any(duty.provisional for duty in duties(near, TODAY, DEFAULT_RULES))


@pytest.mark.parametrize(
    "past",
    [
        [absence_flagged(), close_out_asked("C13", [], note="病假已补")],
        [absence_flagged(), suspected(), close_out_asked("C02", ["roll_extract"])],
        [absence_flagged(), suspected(), ordered(), close_out_asked("C10", ["exit_record"])],
        [absence_flagged(), contact_lost(), close_out_asked("C06", ["police_letter"])],
        [absence_flagged(), placed(), close_out_asked("C09", ["approval"])],
        [*DROPPED_OUT, close_out_asked("C07", ["roll_extract"])],
    ],
    ids=["watched", "suspected", "ordered", "unreachable", "placed", "marked"],
)
def test_everything_due_ends_with_the_case(given, past):
    student = given(*past)
    assert due(student)

    close_out_decided()(student)

    assert due(student) == []


@pytest.mark.parametrize("reason", ["C03", "C04"])
def test_a_child_at_school_elsewhere_on_no_roll_is_checked_again_each_term(given, reason):
    asked = close_out_asked(reason, ["host_school_letter"])
    student = given(absence_flagged(), suspected(), asked, close_out_decided())

    assert due_kinds(student) == {"recheck"}
    [(day, overdue)] = the_due(student, "recheck")
    assert (day.year, overdue) == (2027, False)


def test_a_call_settles_the_contact_and_not_the_first_home_visit(given):
    student = given(absence_flagged(), visited(mode="phone"))

    assert "contact_guardian" not in due_kinds(student)
    assert "first_home_visit" in due_kinds(student)


def test_no_home_teaching_is_due_once_the_child_is_back_in_class(given):
    student = given(absence_flagged(), home_teaching_assigned(), returned())

    assert "home_teaching_hours" not in due_kinds(student, date(2026, 11, 24))


def test_after_a_death_only_decisions_are_due(given):
    student = given(
        absence_flagged(),
        suspected(),
        home_teaching_assigned(),
        transfer_offered,
        close_out_asked("C11", ["death_certificate"]),
    )
    assert "home_teaching_hours" in due_kinds(student)

    died(student)

    assert due_kinds(student) == {"transfer_answer", "close_out_decision"}


def test_what_is_most_urgent_comes_first(given):
    student = given(absence_flagged(), home_teaching_assigned(), contact_lost(), transfer_offered)

    days = [day for _, day, _ in due(student)]

    assert days == sorted(days)
    assert len(days) == 3


# Words --------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", sorted(DUTY_KIND))
def test_a_duty_is_told_in_both_languages(kind):
    duty = Duty(kind, TODAY, "teacher", None, overdue=True, provisional=False)

    assert duty.told("zh") == {
        "kind": kind,
        "kind_label": DUTY_KIND.label(kind, "zh"),
        "due_on": TODAY,
        "for_role": "teacher",
        "person": None,
        "overdue": True,
        "provisional": False,
        "entry": None,
    }
    assert duty.told("en")["kind_label"] == DUTY_KIND.label(kind, "en")


def test_every_duty_for_a_role_has_its_words():
    assert set(FOR_ROLE) <= set(DUTY_KIND)


def test_every_open_status_leaves_something_to_do_or_is_settled_by_papers(given):
    pasts = {
        "watched": [absence_flagged()],
        "suspected": [absence_flagged(), suspected()],
        "returned": [absence_flagged(), returned()],
        "home_taught": [absence_flagged(), home_teaching_assigned()],
        "placed": [absence_flagged(), placed()],
        "unreachable": [absence_flagged(), contact_lost()],
        "dropped_out": [*DROPPED_OUT, confirmed_as_dropout()],
    }
    idle = {status for status, past in pasts.items() if not due(given(*past))}

    assert set(pasts) == OPEN_STATUS
    assert idle == {"placed"}
