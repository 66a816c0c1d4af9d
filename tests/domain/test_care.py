"""Visits, counselling, support and responsible persons are recorded, with or without a case."""

from datetime import date

import pytest

from domain.refusals import ChildDied
from tests.domain.conftest import (
    absence_flagged,
    acting,
    facts_of,
    home_teaching_assigned,
    placed,
    roll_changed,
    visited,
)

DAY = date(2026, 9, 21)
BEFORE = date(2026, 9, 14)
DAY_OF_VISIT = date(2026, 9, 15)
VISIT = {"purpose": None, "family_situation": None, "school_situation": None}
VISIT |= {"guardian_view": None, "verified_reasons": None, "next_step": None}


def counselled(**facts):
    known = {"kind": "psychological", "counsellor": "测戊", "minutes": 40, "notes": "sealed"}
    return lambda student: student.counsel(acting(), occurred_on=DAY, **{**known, **facts})


def supported(**facts):
    known = {"kind": "hardship_aid", "amount": 625.0, "note": None}
    return lambda student: student.support(acting(), from_day=DAY, **{**known, **facts})


def made_responsible(name="测甲", role="responsible", from_day=DAY):
    return lambda student: student.name_responsible(
        acting(), name=name, role=role, from_day=from_day
    )


CARE = [
    (
        visited(),
        "HomeVisited",
        {
            "occurred_on": date(2026, 9, 15),
            "mode": "at_home",
            "visitors": ["测甲"],
            "met": ["guardian"],
            **VISIT,
        },
    ),
    (
        counselled(),
        "CounsellingGiven",
        {
            "occurred_on": DAY,
            "kind": "psychological",
            "counsellor": "测戊",
            "minutes": 40,
            "notes": "sealed",
        },
    ),
    (
        supported(),
        "SupportGiven",
        {"occurred_on": DAY, "kind": "hardship_aid", "amount": 625.0, "note": None},
    ),
    (
        made_responsible(),
        "ResponsiblePersonNamed",
        {"occurred_on": DAY, "name": "测甲", "role": "responsible", "phone": None},
    ),
]


@pytest.mark.parametrize(("act", "name", "facts"), CARE, ids=[name for _, name, _ in CARE])
@pytest.mark.parametrize("past", [[], [absence_flagged()]], ids=["no case", "a case"])
def test_care_is_recorded_whether_or_not_a_case_is_open(given, act, name, facts, past):
    student = given(*past)
    status = student.status

    act(student)

    assert facts_of(student) == [(name, facts)]
    assert student.status == status


def test_the_first_visit_of_a_case_is_its_earliest_in_whatever_order_they_are_told(given):
    student = given(absence_flagged(), visited(occurred_on=date(2026, 9, 18)))

    visited(occurred_on=date(2026, 9, 16))(student)

    assert student.open_episode().first_visit_on == date(2026, 9, 16)


def test_a_new_responsible_person_takes_the_place_of_the_last_and_not_of_the_mentor(given):
    student = given(made_responsible("测甲"), made_responsible("测乙", "mentor"))

    made_responsible("测丙")(student)

    assert student.state.responsible == {"responsible": "测丙", "mentor": "测乙"}


@pytest.mark.parametrize(
    "act",
    [visited(), counselled(), supported(), made_responsible(), home_teaching_assigned(), placed()],
)
def test_a_child_whose_death_is_recorded_needs_no_care(given, refused, act):
    student = given(roll_changed("51", "death_certificate", occurred_on=BEFORE))

    with refused(ChildDied, student):
        act(student)


@pytest.mark.parametrize("act", [visited(), counselled(), supported()])
def test_what_was_done_before_the_death_may_be_told_late(given, act):
    student = given(roll_changed("51", "death_certificate"))

    act(student)

    assert student.version == 3


def test_of_two_responsible_persons_the_one_named_for_the_later_day_stands(given):
    student = given(made_responsible("测新", from_day=DAY))

    made_responsible("测旧", from_day=BEFORE)(student)

    assert student.state.responsible == {"responsible": "测新"}


def test_a_call_is_a_contact_and_no_home_visit(given):
    student = given(absence_flagged(), visited(mode="phone"))

    assert student.open_episode().first_contact_on == DAY_OF_VISIT
    assert student.open_episode().first_visit_on is None
