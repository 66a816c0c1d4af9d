"""Whom nobody can find, or who is at school on no roll, is looked into each term."""

from datetime import date

import pytest

from domain.calendar import Calendar, default_calendar
from domain.duties import duties
from domain.obligations import Obligations
from domain.rechecks import deadlines, terms_missed
from domain.rules import DEFAULT_RULES
from tests.domain.conftest import (
    BUREAU,
    TEACHER,
    absence_flagged,
    acting,
    close_out_asked,
    close_out_decided,
    contact_lost,
    suspected,
)

LATER = date(2027, 9, 10)
SPRING = date(2027, 3, 15)
UNREACHABLE = absence_flagged(), suspected(), contact_lost()
ELSEWHERE = (
    *(absence_flagged(), suspected()),
    *(close_out_asked("C03", ["host_school_letter"]), close_out_decided()),
)


def visit(student, day):
    student.visit_home(
        acting(today=LATER), occurred_on=day, mode="phone", visitors=["测甲"], met=["nobody"]
    )


def attempt(student, day):
    who = {"name": "测甲", "unit": "晴川中学", "level": "school"}
    student.persuade(
        acting(today=LATER), occurred_on=day, persuaders=[who], met=["nobody"], outcome="not_met"
    )


def answer(student, day):
    act = acting(BUREAU, LATER)
    student.refer(act, to_unit="公安", occurred_on=day, question="在哪里")
    student.answer_referral(act, entry=student.version, occurred_on=day, answer="在外地")


def statement(student, day):
    papers = [{"kind": "village_statement"}]
    student.lose_contact(
        acting(TEACHER, LATER), occurred_on=day, statement_by="晴川村村委会", papers=papers
    )


def seen(student, day):
    student.confirm_return(
        acting(TEACHER, LATER), seen_on=day, class_name="1班", confirmed_by="测甲"
    )


def missed(student, today=LATER):
    found = []
    for one in Obligations.of(student, DEFAULT_RULES).all:
        if one.looked is not None and one.ended is None:
            since = student.entries[one.arose - 1].occurred_on
            found += terms_missed(default_calendar(), since, one.looked, today)
    return found


@pytest.mark.parametrize("past", [UNREACHABLE, ELSEWHERE], ids=["unreachable", "elsewhere"])
def test_a_term_in_which_nobody_looked_is_missed_when_it_is_over_and_the_first_is_spared(
    given, past
):
    student = given(*past)

    assert missed(student, date(2027, 7, 9)) == []
    assert missed(student, date(2027, 7, 10)) == [date(2027, 7, 9)]


@pytest.mark.parametrize("look", [visit, attempt, answer, statement, seen])
def test_each_way_of_looking_meets_the_term_it_is_dated_in(given, look):
    student = given(*UNREACHABLE)
    look(student, SPRING)

    assert missed(student) == []


@pytest.mark.parametrize("day", [date(2027, 2, 10), date(2027, 8, 1)])
def test_what_is_dated_between_terms_meets_none(given, day):
    student = given(*UNREACHABLE)
    visit(student, day)

    assert missed(student) == [date(2027, 7, 9)]


def test_a_visit_told_after_the_term_meets_it_when_it_is_dated_in_it(given):
    student = given(*UNREACHABLE)
    visit(student, date(2027, 9, 3))
    visit(student, date(2027, 7, 9))

    assert missed(student, date(2028, 9, 1)) == [date(2028, 7, 5)]


def test_a_visit_corrected_out_of_the_term_meets_it_no_more(given):
    student = given(*UNREACHABLE)
    visit(student, SPRING)
    student.correct(
        acting(today=LATER), entry=5, changes={"occurred_on": "2027-08-15"}, reason="录错"
    )

    assert missed(student) == [date(2027, 7, 9)]


def test_it_is_due_by_the_end_of_the_term_or_of_the_next_once_somebody_looked(given):
    student = given(*UNREACHABLE)

    def due(today):
        return [
            one.due_on for one in duties(student, today, DEFAULT_RULES) if one.kind == "recheck"
        ]

    assert due(date(2026, 11, 24)) == [date(2027, 7, 9)]  # lost in this term
    assert due(date(2027, 2, 1)) == due(SPRING) == [date(2027, 7, 9)]
    visit(student, SPRING)
    assert due(SPRING) == [date(2028, 1, 20)]


def test_years_nobody_knows_have_terms_by_rule_of_thumb_up_to_the_last_day_there_is():
    bare = Calendar(holidays={}, made_up={}, terms={})

    assert [*terms_missed(bare, date(2031, 10, 1), [], date(2032, 9, 1))] == [date(2032, 7, 5)]
    assert deadlines(bare, date.max) == (date.max, date.max, date.max)
    assert [*terms_missed(bare, date.max, [], date.max)] == []
