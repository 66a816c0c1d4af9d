"""How duties are told, and the visit a principal leads."""

from datetime import date

import pytest

from domain.codes import OPEN_STATUS
from domain.duties import DUTY_KIND, FOR_ROLE, Duty
from domain.obligations import Obligations
from domain.rules import DEFAULT_RULES
from tests.domain.conftest import (
    PRINCIPAL,
    absence_flagged,
    acting,
    confirmed_as_dropout,
    contact_lost,
    home_teaching_assigned,
    placed,
    returned,
    suspected,
)
from tests.domain.test_duties import DROPPED_OUT, due, due_kinds, transfer_offered

TODAY = date(2026, 9, 18)
VISIT = {"occurred_on": TODAY, "mode": "at_home", "visitors": ["测乙"], "met": ["guardian"]}


def test_a_principal_leads_a_visit_within_five_school_days_of_the_suspicion(given):
    student = given(absence_flagged(), suspected(occurred_on=date(2026, 9, 17)))

    assert ("principal_visit", date(2026, 9, 23), False) in due(student)

    student.visit_home(acting(), **VISIT)
    student.visit_home(acting(PRINCIPAL), **{**VISIT, "mode": "phone"})
    assert "principal_visit" in due_kinds(student)

    student.visit_home(acting(PRINCIPAL), **VISIT)
    assert "principal_visit" not in due_kinds(student)
    [duty] = [
        one for one in Obligations.of(student, DEFAULT_RULES).all if one.kind == "principal_visit"
    ]
    assert (duty.arose, duty.ended, duty.met) == (3, 6, True)


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
