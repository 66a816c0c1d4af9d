"""The rules of the day decide, once; what they decided is written into the entry and stays."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given as whatever
from hypothesis import strategies as st

from domain.duties import duties
from domain.entry import Act
from domain.refusals import ObservationNotOver
from domain.rules import DEFAULT_RULES, RuleBook, Rules
from tests.domain.conftest import (
    PRINCIPAL,
    TODAY,
    absence_flagged,
    acting,
    facts_of,
    observed,
    returned,
    suspected,
)
from tests.domain.golden.add import entry_from, stored_again

OLD = Rules(in_force_from=date(2021, 9, 1))
SHORT = Rules(in_force_from=date(2026, 10, 1), observation_ladder=(1, 5, 10))
LONG = Rules(in_force_from=date(2027, 1, 1), observation_ladder=(1, 7, 15, 30, 60))
BOOK = RuleBook(editions=(OLD, SHORT, LONG))
SEEN = date(2026, 9, 24)
OVER = date(2026, 11, 12)  # the 30th school day after SEEN


def under(rules, today=TODAY, by=PRINCIPAL):
    return Act(by=by, at=acting(by, today).at, today=today, rules=rules)


def confirmed_return(rules, seen_on=SEEN):
    return lambda student: student.confirm_return(
        under(rules), seen_on=seen_on, class_name="1班", confirmed_by="测甲"
    )


@pytest.mark.parametrize(
    ("day", "edition"),
    [
        (date.min, OLD),
        (date(2021, 8, 31), OLD),
        (date(2021, 9, 1), OLD),
        (date(2026, 9, 30), OLD),
        (date(2026, 10, 1), SHORT),
        (date(2026, 12, 31), SHORT),
        (date(2027, 1, 1), LONG),
        (date.max, LONG),
    ],
)
def test_the_rules_of_the_day_are_chosen(day, edition):
    assert BOOK.on(day) is edition


@whatever(st.dates())
def test_rules_are_never_chosen_before_they_are_in_force(day):
    chosen = BOOK.on(day)

    assert chosen.in_force_from <= day or chosen is OLD
    assert not any(chosen.in_force_from < one.in_force_from <= day for one in BOOK.editions)


def test_the_district_starts_with_the_thresholds_of_the_field():
    rules = DEFAULT_RULES.on(TODAY)

    assert rules.first_visit_school_days == 1
    assert rules.written_report_school_days == 3
    assert rules.persuasion_every_days == 7
    assert rules.observation_ladder == (1, 7, 15, 30)
    assert rules.order_days == 7


def test_the_ladder_is_counted_in_school_days_and_ends_with_the_observation():
    checks = OLD.observation_checks(SEEN)

    assert checks == [date(2026, 9, 28), date(2026, 10, 12), date(2026, 10, 22), OVER]
    assert OLD.observation_ends(SEEN) == checks[-1]


def test_rules_do_not_change_once_they_are_made():
    with pytest.raises(AttributeError):
        OLD.persuasion_every_days = 99


# Written into the entry ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rules", "until"), [(OLD, OVER), (SHORT, date(2026, 10, 15)), (LONG, date(2026, 12, 24))]
)
def test_the_end_of_the_observation_is_decided_under_the_rules_of_the_day(given, rules, until):
    student = given(absence_flagged(), suspected())

    confirmed_return(rules)(student)

    [(_, facts)] = facts_of(student)
    assert facts["observed_until"] == until


@pytest.mark.parametrize("rules", [OLD, SHORT, LONG])
def test_the_written_end_does_not_move_when_the_rules_change(given, refused, rules):
    student = given(absence_flagged(), suspected(), returned(SEEN), observed(OVER))
    ask = {"reason": "C01", "papers": [{"kind": "attendance_sheet"}]}

    with refused(ObservationNotOver, student):
        student.request_close_out(under(rules, OVER), **ask)
    student.request_close_out(under(rules, OVER + timedelta(days=1)), **ask)

    assert student.open_episode().observed_until == OVER


def test_the_written_end_is_stored_with_the_entry(given):
    student = given(absence_flagged(), suspected(), confirmed_return(SHORT))
    entry = student.entries[-1]

    again = entry_from(entry.TOPIC, stored_again(entry), 4)

    assert stored_again(entry)["observed_until"] == "2026-10-15"
    assert again.observed_until == date(2026, 10, 15)


@pytest.mark.parametrize("rules", [SHORT, LONG])
def test_the_last_check_due_is_the_written_end_whatever_the_rules_say_since(given, rules):
    student = given(absence_flagged(), suspected(), returned(SEEN))

    checks = [
        duty.due_on
        for duty in duties(student, TODAY, RuleBook((rules,)))
        if duty.kind == "observation_check"
    ]

    assert checks[-1] == OVER
    assert all(check <= OVER for check in checks)


def test_a_corrected_return_is_decided_anew_under_the_rules_of_the_correction(given):
    student = given(absence_flagged(), suspected(), returned(SEEN))

    student.correct(under(SHORT), entry=4, changes={"seen_on": "2026-09-28"}, reason="笔误")

    [(_, facts)] = facts_of(student)
    assert facts["derived"] == {"observed_until": "2026-10-16", "occurred_on": "2026-09-28"}


def test_a_due_date_of_an_order_is_the_one_in_the_document(given):
    student = given(absence_flagged(), suspected())
    student.issue_order(
        acting(),
        document_number="示例责改1号",
        occurred_on=date(2026, 10, 12),
        issued_by="晴川镇人民政府",
        due_on=date(2026, 10, 19),
    )

    due = [
        d.due_on
        for d in duties(student, TODAY, RuleBook((replace(OLD, order_days=30),)))
        if d.kind == "order_due"
    ]

    assert due == [date(2026, 10, 19)]
