"""A monthly return: classes checked, submitted from the due day on, frozen, restated beside it."""

from contextlib import contextmanager
from datetime import UTC, date, datetime
from uuid import UUID

import pytest

from domain.entry import Actor
from domain.monthly_return import MonthlyReturn
from domain.refusals import SamePerson
from domain.return_facts import Draft, SchoolClass
from domain.return_figures import figures_of
from domain.return_periods import month_named
from domain.return_refusals import (
    ClassesUnchecked,
    ClassUnknown,
    NothingToRestate,
    ReturnFrozen,
    ReturnNotDueYet,
    ReturnNotFrozen,
    ReturnNotSubmitted,
    ReturnNotZero,
    ReturnSubmitted,
)
from domain.rules import DEFAULT_RULES
from tests.domain.conftest import BUREAU, PRINCIPAL, TEACHER, acting

MONTH = month_named("2026-11", DEFAULT_RULES)
DUE, LATER = MONTH.due_on, date(2026, 11, 30)
SCHOOL = "3141000058"
CLASSES = [SchoolClass(7, "1班"), SchoolClass(7, "2班")]
STREAM = UUID("00000000-0000-8000-8000-000000000001")
WHOSE = {"school_code": SCHOOL, "month": "2026-11"}


def a_draft(position=100, **moved):
    figures = figures_of({7: 90}, {(7, name): count for name, count in moved.items()}, {})
    return Draft(position, figures, "晴川中学", "晴川镇", {"month": "2026-10", "version": 1})


def checked(class_name="1班", by=TEACHER, today=DUE):
    return lambda one: one.check_class(
        acting(by, today), MONTH, school_code=SCHOOL, grade=7, class_name=class_name,
        classes=CLASSES,
    )  # fmt: skip


def submitted(draft=None, by=PRINCIPAL, today=DUE, **facts):
    return lambda one: one.submit(
        acting(by, today), MONTH, school_code=SCHOOL, draft=draft or a_draft(), classes=CLASSES,
        **facts,
    )  # fmt: skip


def sent_back(today=LATER):
    return lambda one: one.send_back(
        acting(BUREAU, today), MONTH, school_code=SCHOOL, reason="缺证明材料"
    )


def frozen(by=BUREAU, today=LATER):
    return lambda one: one.freeze(acting(by, today), MONTH, school_code=SCHOOL)


def restated(draft, by=BUREAU, causes=(120, 131)):
    return lambda one: one.restate(
        acting(by, LATER), MONTH, school_code=SCHOOL, reason="转出登记有误", draft=draft,
        causes=causes,
    )  # fmt: skip


ZERO = submitted(zero=True)


def given(*acts):
    one = MonthlyReturn.blank(STREAM, datetime(2026, 11, 1, tzinfo=UTC))
    for act in acts:
        act(one)
    one.collect_events()
    return one


def facts_of(one):
    common = {"originator_id", "originator_version", "timestamp", "by"}
    return [
        (type(fact).__name__, {k: v for k, v in vars(fact).items() if k not in common})
        for fact in one.collect_events()
    ]


@contextmanager
def refused(kind, one):
    version = one.version
    with pytest.raises(kind) as raised:
        yield raised
    assert raised.type is kind
    assert raised.value.sentence("zh")
    assert raised.value.sentence("en")
    assert list(one.collect_events()) == []
    assert one.version == version


def test_a_class_is_checked_off_with_who_and_when():
    one = given()

    checked()(one)

    assert facts_of(one) == [
        (
            "ClassChecked",
            {**WHOSE, "occurred_on": DUE, "grade": 7, "class_name": "1班", "note": None},
        )
    ]
    assert one.checked[7, "1班"].by == TEACHER.as_recorded()


def test_a_class_the_school_has_not_is_not_checked_off():
    one = given()
    with refused(ClassUnknown, one):
        checked("9班")(one)


def test_a_return_is_submitted_with_its_figures_and_where_they_are_drawn():
    one = given(checked("1班"), checked("2班", PRINCIPAL))

    submitted(a_draft(transferred_in=2), note="已核实")(one)

    [(name, facts)] = facts_of(one)
    assert (name, facts) == (
        "Submitted",
        {
            **WHOSE,
            "occurred_on": DUE,
            "number": 1,
            "position": 100,
            "zero": False,
            "due_on": DUE,
            "school": "晴川中学",
            "township": "晴川镇",
            "figures": a_draft(transferred_in=2).figures.lines,
            "adjustments": [],
            "opening_from": {"month": "2026-10", "version": 1},
            "unchecked": [],
            "unchecked_reason": None,
            "note": "已核实",
        },
    )
    assert facts["figures"][0]["closing"] == 92
    assert one.state(MONTH, LATER) == "submitted"


def test_before_the_day_it_is_due_it_is_a_draft():
    one = given(checked("1班"), checked("2班"))
    with refused(ReturnNotDueYet, one) as raised:
        submitted(today=date(2026, 11, 24))(one)
    assert "2026-11-25" in raised.value.sentence("zh")


def test_classes_not_checked_off_are_named_unless_it_is_said_why():
    one = given(checked("1班"))
    with refused(ClassesUnchecked, one) as raised:
        submitted()(one)
    assert "7年级2班" in raised.value.sentence("zh")
    assert "1班" not in raised.value.sentence("zh")

    submitted(unchecked_reason="2班班主任住院")(one)

    [(_, facts)] = facts_of(one)
    assert facts["unchecked"] == [{"grade": 7, "class_name": "2班"}]
    assert facts["unchecked_reason"] == "2班班主任住院"


def test_a_zero_return_is_one_step_and_the_principal_speaks_for_every_class():
    one = given()

    ZERO(one)

    [(_, facts)] = facts_of(one)
    assert (facts["zero"], facts["unchecked"]) == (True, [])
    assert one.state(MONTH, LATER) == "zero"


@pytest.mark.parametrize("column", ["enrolled", "moved_grade_out", "suspected", "returned"])
def test_a_return_of_which_anything_is_not_zero_is_no_zero_return(column):
    one = given()
    with refused(ReturnNotZero, one):
        submitted(a_draft(**{column: 1}), zero=True)(one)


def test_home_visits_do_not_keep_a_return_from_being_zero():
    assert given(submitted(a_draft(visits=4), zero=True)).submitted.zero


def test_nobody_submits_twice_nor_checks_a_class_afterwards():
    one = given(ZERO)
    with refused(ReturnSubmitted, one):
        ZERO(one)
    with refused(ReturnSubmitted, one):
        checked()(one)


def test_what_is_sent_back_is_checked_and_submitted_again_as_another_version():
    one = given(ZERO, sent_back())
    assert (one.state(MONTH, LATER), one.latest) == ("returned", None)
    with refused(ReturnNotSubmitted, one):
        sent_back()(one)
    with refused(ReturnNotSubmitted, one):
        frozen()(one)

    checked(today=LATER)(one)
    submitted(a_draft(120), today=LATER, zero=True)(one)

    assert (one.submitted.number, one.latest.position) == (2, 120)
    assert one.days_late(MONTH, LATER) == 0  # the first one was in time


def test_what_nobody_submitted_is_neither_sent_back_nor_frozen():
    one = given()
    for act in (sent_back(), frozen()):
        with refused(ReturnNotSubmitted, one):
            act(one)


def test_a_frozen_return_never_changes():
    one = given(ZERO, frozen())
    assert one.state(MONTH, LATER) == "frozen"
    for act in (ZERO, checked(), sent_back(), frozen()):
        with refused(ReturnFrozen, one):
            act(one)


def test_who_submitted_it_may_neither_freeze_nor_restate_it():
    both = Actor(PRINCIPAL.account, "测乙", "bureau", "区教体局", "bureau")
    one = given(ZERO)
    with refused(SamePerson, one):
        frozen(both)(one)
    frozen()(one)
    one.collect_events()
    with refused(SamePerson, one):
        restated(a_draft(140, transferred_out=1), both)(one)


def test_a_restatement_stands_beside_what_is_frozen_with_its_reason_and_causes():
    one = given(ZERO, frozen())

    restated(a_draft(140, transferred_out=1))(one)

    [(name, facts)] = facts_of(one)
    assert name == "Restated"
    assert (facts["number"], facts["position"], facts["causes"]) == (2, 140, [120, 131])
    assert facts["reason"] == "转出登记有误"
    assert one.state(MONTH, LATER) == "restated"
    assert [version.figures[0]["closing"] for version in one.versions] == [90, 89]
    with refused(ReturnFrozen, one):
        ZERO(one)


def test_what_is_not_frozen_is_not_restated():
    for past in ((), (ZERO,), (ZERO, sent_back())):
        one = given(*past)
        with refused(ReturnNotFrozen, one):
            restated(a_draft(140, transferred_out=1))(one)


def test_where_no_figure_differs_there_is_nothing_to_restate():
    one = given(ZERO, frozen())
    with refused(NothingToRestate, one):
        restated(a_draft(140))(one)


@pytest.mark.parametrize(
    ("past", "today", "state", "late"),
    [
        ((), date(2026, 11, 25), "due", 0),
        ((), date(2026, 11, 28), "late", 3),
        ((submitted(zero=True, today=LATER),), date(2026, 12, 20), "zero", 5),
        ((ZERO, sent_back()), date(2026, 12, 20), "returned", 0),
    ],
)
def test_a_return_is_late_from_the_day_after_it_was_due(past, today, state, late):
    one = given(*past)

    assert (one.state(MONTH, today), one.days_late(MONTH, today)) == (state, late)


def test_a_stream_of_facts_loads_again_as_it_was():
    acts = (checked(), ZERO, frozen(), restated(a_draft(140, died=1)))
    one = given(*acts)

    again = MonthlyReturn.of(STREAM, one.created_on, one.facts)

    assert (again.version, again.versions, again.checked) == (4, one.versions, one.checked)
    assert again.state(MONTH, LATER) == "restated"
