"""Over years, whatever is recorded: what is missed is what a second opinion says, each once."""

import os
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from application.missed_duties import missed
from domain.child_duties import SEVERAL, AlreadyTold, ChildDuties
from domain.entry import Act
from domain.obligations import Obligations
from domain.refusals import Refusal
from domain.rules import RuleBook, Rules
from tests.deeds import OFFICER, TEACHER, deed
from tests.domain.conftest import (
    AUTUMN,
    TODAY,
    a_child,
    absence_flagged,
    acting,
    home_teaching_assigned,
    ordered,
    returned,
    served,
    suspected,
    transfer_requested,
    visited,
)
from tests.second_opinion import KINDS, Line, late

BOOK = RuleBook(
    editions=(
        Rules(in_force_from=date(2021, 9, 1)),
        Rules(
            in_force_from=date(2026, 3, 2),
            first_visit_school_days=3,
            persuasion_every_days=5,
            observation_ladder=(1, 5, 12),
        ),
    )
)
CALENDAR = BOOK.editions[0].calendar
AGO = st.integers(0, 3) | st.integers(0, 60)
STRIDES = st.integers(0, 5) | st.integers(0, 60)
DEEDS = st.lists(st.tuples(st.integers(0, 999), AGO, st.integers(0, 59)), max_size=5)


def judged(told):
    """
    What the second opinion knows of, each as what it is known by.

    A duty whose day was corrected is the same one, but for those that several of arise at once.
    """
    return {
        (kind, arose, day if kind in SEVERAL else None)
        for kind, day, arose in told
        if kind in KINDS
    }


def tell(known, act, duty, which):
    """Put on record that a duty was missed."""
    known.miss(
        act,
        which,
        for_role="teacher",
        under=act.rules.in_force_from,
        person=None,
        episode=duty.episode,
        school_code=None,
    )


class YearsOfDuties(RuleBasedStateMachine):
    """One child, whoever works for it, and whoever looks for what was missed."""

    @initialize(begins=st.dates(date(2024, 8, 20), date(2027, 3, 1)))
    def a_child_on_the_roll(self, begins):
        self.today = begins
        self.student = a_child()
        self.known = ChildDuties.blank(self.student.id, self.noon())
        self.diary = [Line("enrol", TEACHER, BOOK.on(begins), {})]
        self.told = []

    def noon(self):
        return datetime(*self.today.timetuple()[:3], 4, tzinfo=UTC)

    def acting(self, by):
        return Act(by=by, at=self.noon(), today=self.today, rules=BOOK.on(self.today))

    @rule(days=STRIDES, deeds=DEEDS, behind=st.booleans(), again=st.booleans())
    def days_pass_and_somebody_looks(self, days, deeds, behind, again):
        """Any worker, just started or not, whose clock may be a day behind."""
        self.today += timedelta(days=days)
        for one in deeds:
            self.somebody_does(*one)
        today = self.today
        self.today -= timedelta(days=behind)
        before = set(self.told)
        expected = judged(late(self.diary, self.today, BOOK)) - judged(before)
        for _ in range(1 + again):
            self.look(ChildDuties.of(self.student.id, self.noon(), self.known.facts))
        assert judged(set(self.told) - before) == expected
        self.today = today

    def somebody_does(self, number, ago, pick):
        name, by, facts = deed(number, self.today, ago, pick, self.diary)
        try:
            getattr(self.student, name)(self.acting(by), **facts)
        except Refusal:
            return
        self.diary.append(Line(name, by, BOOK.on(self.today), facts))

    def look(self, known):
        if self.student.state.restricted_by is not None:
            return
        obligations = Obligations.of(self.student, BOOK).all
        for duty, which in missed(self.student, obligations, self.today, CALENDAR):
            try:
                tell(known, self.acting(OFFICER), duty, which)
            except AlreadyTold:
                continue
            assert which.due_on < self.today
            self.told.append(tuple(which))
        self.known = known

    @invariant()
    def each_is_told_once(self):
        told = getattr(self, "told", [])
        assert len(told) == len(judged(told)) + sum(kind not in KINDS for kind, *_ in told)

    @invariant()
    def each_duty_is_met_or_ended_once_or_is_open(self):
        if not hasattr(self, "student"):
            return
        for one in Obligations.of(self.student, BOOK).all:
            assert (one.ended is None) == (one.ended_on is None)
            assert not one.met or one.ended is not None
            assert one.ended is None or one.arose < one.ended <= self.student.version


TestYearsOfDuties = YearsOfDuties.TestCase
TestYearsOfDuties.settings = settings(
    max_examples=2_000 if os.environ.get("HYPOTHESIS_PROFILE") == "searching" else 60,
    stateful_step_count=25,
    deadline=None,
    phases=set(Phase) - {Phase.explain},
    suppress_health_check=[HealthCheck.too_slow],
)


def test_of_a_plan_the_child_came_back_from_no_month_is_missed_that_is_not_over(given):
    student = given(absence_flagged(), home_teaching_assigned(), returned(date(2026, 9, 28)))

    obligations = Obligations.of(student, BOOK).all
    told = [which for _, which in missed(student, obligations, date(2026, 12, 1), CALENDAR)]
    assert not [which for which in told if which.kind == "home_teaching_hours"]


def test_a_transfer_asked_for_under_old_rules_is_one_duty_whatever_is_recorded_later(given):
    new = replace(BOOK.editions[0], in_force_from=AUTUMN, transfer_answer_school_days=8)
    book = RuleBook(editions=(BOOK.editions[0], new))
    asked = transfer_requested(occurred_on=AUTUMN - timedelta(days=1))
    student = given(asked, visited(occurred_on=AUTUMN + timedelta(days=2)))

    kinds = [one.kind for one in Obligations.of(student, book).all]
    assert kinds.count("transfer_answer") == 1


def test_of_two_orders_due_on_one_day_the_one_served_is_the_one_met(given):
    student = given(absence_flagged(), suspected(), ordered(), ordered(), served(entry=4))

    orders = [one for one in Obligations.of(student, BOOK).all if one.kind == "order_due"]
    assert [(one.arose, one.met) for one in orders] == [(4, True), (5, False)]


def test_a_duty_that_was_told_is_not_told_again_when_its_day_is_corrected(given):
    first, right = date(2026, 9, 14), "2026-09-11"
    student = given(absence_flagged(first_absent_on=first))
    known = ChildDuties.blank(student.id, acting().at)
    for duty, which in missed(student, Obligations.of(student, BOOK).all, TODAY, CALENDAR):
        tell(known, acting(), duty, which)
    student.correct(acting(), entry=2, changes={"first_absent_on": right}, reason="笔误")

    again = [one for _, one in missed(student, Obligations.of(student, BOOK).all, TODAY, CALENDAR)]
    assert [which.due_on for which in again] != sorted(which.due_on for which in known.missed)
    assert all(known.tells(which, None) for which in again)
