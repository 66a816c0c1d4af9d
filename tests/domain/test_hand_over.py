"""A hand-over names who follows, for each role the teacher has, and changes nothing else."""

from datetime import date

import pytest

from domain.hand_over import HandOver, NamedLater
from tests.domain.conftest import acting

SEPTEMBER, OCTOBER = date(2026, 9, 1), date(2026, 10, 1)


def named(name, role="responsible", from_day=SEPTEMBER):
    return lambda student: student.name_responsible(
        acting(), name=name, role=role, from_day=from_day
    )


def test_each_role_the_person_has_for_the_child_is_handed_over(given):
    student = given(named("测甲"), named("测甲", "mentor"))

    assert HandOver("测甲", "测乙", OCTOBER, phone="13800005678").record(student, acting()) == 2
    assert student.state.responsible == {"responsible": "测乙", "mentor": "测乙"}
    assert [entry.phone for entry in student.entries[3:]] == ["13800005678"] * 2


def test_a_child_that_is_not_theirs_is_not_touched(given):
    student = given(named("测甲"), named("测丁"))

    assert HandOver("测甲", "测乙", OCTOBER).record(student, acting()) == 0
    assert HandOver("测丁", "测乙", OCTOBER, role="mentor").record(student, acting()) == 0


def test_somebody_named_from_a_later_day_on_is_not_replaced(given):
    student = given(named("测甲", from_day=date(2026, 10, 12)))

    with pytest.raises(NamedLater):
        HandOver("测甲", "测乙", OCTOBER).record(student, acting())
