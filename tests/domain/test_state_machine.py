"""Whatever people do to a child, each act is recorded whole or refused, and it all loads again."""

import inspect
from datetime import timedelta

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import initialize, rule

from domain import codes
from domain.entry import Entry, optional_fields
from domain.escalation import OrderIssued, ReferralMade
from domain.student import Student
from tests.domain.what_happens_on_the_roll import LifeOnTheRoll
from tests.domain.what_people_type import (
    ACTORS,
    AGO,
    DAYS,
    DAYS_OR_NONE,
    DISABILITY,
    GRADE,
    KINDS,
    LIVES,
    NOTE,
    PAPERS,
    PEOPLE,
    PERSUADERS,
    PICK,
    REASONS,
    SHAPES,
    TEXT,
    day,
    one_of,
    some_of,
)
from tests.domain.what_restricts import RestrictedLife


class LifeOfAChild(LifeOnTheRoll, RestrictedLife):
    """Every command, by anybody, on any day, in any order."""

    @initialize(life=st.sampled_from(LIVES), grade=GRADE, number=st.booleans())
    def a_child_with_a_past(self, life, grade, number):
        known = {} if number else {"student_number": None, "found_by": "screening"}
        self.begins(life, grade=grade, **known)

    @rule(days=st.integers(1, 30))
    def time_passes(self, days):
        self.today += timedelta(days=days)

    # The case ---------------------------------------------------------------------------------

    @rule(by=PEOPLE, ago=AGO, told=st.none() | AGO, kind=one_of(codes.ABSENCE_KIND), note=NOTE)
    def flag_absence(self, by, ago, told, kind, note):
        self.does(
            by,
            "flag_absence",
            first_absent_on=day(self.today, ago),
            absence_kind=kind,
            found_by="roll_call",
            days=3,
            note=note,
            occurred_on=None if told is None else day(self.today, told),
        )

    @rule(by=PEOPLE, ago=AGO, days=st.integers(0, 400), reasons=REASONS)
    def suspect(self, by, ago, days, reasons):
        self.does(
            by,
            "suspect",
            occurred_on=day(self.today, ago),
            days_absent=days,
            reported_reasons=reasons,
        )

    @rule(by=PEOPLE, ago=AGO, papers=PAPERS)
    def lose_contact(self, by, ago, papers):
        self.does(
            by,
            "lose_contact",
            occurred_on=day(self.today, ago),
            statement_by="村委会",
            papers=papers,
        )

    @rule(by=PEOPLE, ago=AGO, summary=TEXT, command=st.sampled_from(["mark", "confirm"]))
    def mark_or_confirm_dropout(self, by, ago, summary, command):
        self.does(by, f"{command}_dropout", occurred_on=day(self.today, ago), summary=summary)

    @rule(by=PEOPLE, ago=AGO, told=st.none() | AGO)
    def confirm_return(self, by, ago, told):
        self.does(
            by,
            "confirm_return",
            seen_on=day(self.today, ago),
            class_name="1班",
            confirmed_by="测甲",
            occurred_on=None if told is None else day(self.today, told),
        )

    @rule(by=PEOPLE, ago=AGO, attending=st.booleans(), note=NOTE)
    def observe_attendance(self, by, ago, attending, note):
        self.does(
            by,
            "observe_attendance",
            occurred_on=day(self.today, ago),
            attending=attending,
            note=note,
        )

    @rule(by=PEOPLE, reason=one_of(codes.CLOSE_REASON), papers=PAPERS, note=NOTE, ago=AGO)
    def request_close_out(self, by, reason, papers, note, ago):
        self.does(
            by,
            "request_close_out",
            reason=reason,
            papers=papers,
            note=note,
            occurred_on=day(self.today, ago),
        )

    @rule(by=PEOPLE, as_the_asker=st.booleans(), approve=st.booleans(), note=NOTE)
    def decide_close_out(self, by, as_the_asker, approve, note):
        episode = self.student.state.episode
        if as_the_asker and episode is not None and episode.close_out is not None:
            by = next(one for one in ACTORS if one.account == episode.close_out.asked_by)
        self.does(by, "decide_close_out", approve=approve, note=note)

    # Going upward and sideways ----------------------------------------------------------------

    @rule(by=PEOPLE, ago=AGO, level=st.sampled_from(["township", "bureau"]))
    def report(self, by, ago, level):
        self.does(
            by,
            "report",
            to_level=level,
            report_number="示例报1号",
            occurred_on=day(self.today, ago),
            summary="劝返未果",
        )

    @rule(by=PEOPLE, ago=AGO, due=AGO)
    def issue_order(self, by, ago, due):
        self.does(
            by,
            "issue_order",
            document_number="示例责改1号",
            occurred_on=day(self.today, ago),
            issued_by="晴川镇",
            due_on=day(self.today, -due),
        )

    @rule(by=PEOPLE, pick=PICK, ago=AGO)
    def serve_order(self, by, pick, ago):
        self.does(
            by,
            "serve_order",
            entry=self.pick(OrderIssued, pick),
            served_on=day(self.today, ago),
            served_to="测大舟",
            place="家中",
        )

    @rule(by=PEOPLE, ago=AGO, result=NOTE)
    def take_legal_action(self, by, ago, result):
        self.does(
            by,
            "take_legal_action",
            occurred_on=day(self.today, ago),
            kind="提起诉讼",
            document_number="示例诉1号",
            legal_basis="义务教育法第五十八条",
            result=result,
        )

    @rule(by=PEOPLE, ago=AGO, question=TEXT)
    def refer(self, by, ago, question):
        self.does(by, "refer", to_unit="民政", occurred_on=day(self.today, ago), question=question)

    @rule(by=PEOPLE, pick=PICK, ago=AGO)
    def answer_referral(self, by, pick, ago):
        self.does(
            by,
            "answer_referral",
            entry=self.pick(ReferralMade, pick),
            occurred_on=day(self.today, ago),
            answer="已落实",
        )

    # Work with the family ---------------------------------------------------------------------

    @rule(by=PEOPLE, ago=AGO, name=TEXT, role=one_of(codes.RESPONSIBILITY_ROLE))
    def name_responsible(self, by, ago, name, role):
        self.does(by, "name_responsible", name=name, role=role, from_day=day(self.today, ago))

    @rule(by=PEOPLE, ago=AGO, mode=one_of(codes.VISIT_MODE), met=some_of(codes.MET))
    def visit_home(self, by, ago, mode, met):
        self.does(
            by,
            "visit_home",
            occurred_on=day(self.today, ago),
            mode=mode,
            visitors=["测甲"],
            met=met,
        )

    @rule(by=PEOPLE, ago=AGO, notes=NOTE)
    def counsel(self, by, ago, notes):
        self.does(
            by,
            "counsel",
            occurred_on=day(self.today, ago),
            kind="psychological",
            counsellor="测辛",
            notes=notes,
        )

    @rule(by=PEOPLE, ago=AGO, persuaders=PERSUADERS, outcome=one_of(codes.PERSUASION_OUTCOME))
    def persuade(self, by, ago, persuaders, outcome):
        self.does(
            by,
            "persuade",
            occurred_on=day(self.today, ago),
            persuaders=persuaders,
            met=["student"],
            outcome=outcome,
        )

    @rule(by=PEOPLE, ago=AGO, amount=st.none() | st.floats(0, 10_000))
    def support(self, by, ago, amount):
        self.does(
            by, "support", from_day=day(self.today, ago), kind="two_exemptions", amount=amount
        )

    @rule(by=PEOPLE, ago=AGO, start=AGO, to=st.none() | AGO, papers=PAPERS, disability=DISABILITY)
    def assign_home_teaching(self, by, ago, start, to, papers, disability):
        self.does(
            by,
            "assign_home_teaching",
            occurred_on=day(self.today, ago),
            from_day=day(self.today, start),
            to=None if to is None else day(self.today, -to),
            papers=papers,
            school_code="5141000077",
            teachers=["测戊"],
            planned_hours_per_month=4,
            disability=disability,
        )

    @rule(by=PEOPLE, ago=AGO, minutes=st.integers(1, 1440))
    def teach_at_home(self, by, ago, minutes):
        self.does(
            by,
            "teach_at_home",
            occurred_on=day(self.today, ago),
            teachers=["测戊"],
            minutes=minutes,
            topic="识字",
            guardian_present=True,
        )

    @rule(by=PEOPLE, ago=AGO, kind=one_of(codes.PLACEMENT_KIND), papers=PAPERS)
    def place(self, by, ago, kind, papers):
        self.does(by, "place", occurred_on=day(self.today, ago), kind=kind, papers=papers)

    # Corrections --------------------------------------------------------------------------------

    @rule(data=st.data(), by=PEOPLE, pick=PICK, reason=TEXT)
    def correct(self, data, by, pick, reason):
        entry = self.pick(Entry, pick)
        changes = {"no_such_field": "甲"}
        if 1 <= entry <= self.student.version:
            wrong = self.student.entries[entry - 1]
            fields = sorted(wrong.CORRECTABLE) or ["by"]
            field = data.draw(st.sampled_from(fields), label="field")
            changes = {field: data.draw(self.values(wrong, field), label="value")}
        self.does(by, "correct", entry=entry, changes=changes, reason=reason)

    @rule(by=PEOPLE, pick=st.integers(0, 999), ago=AGO)
    def correct_a_day(self, by, pick, ago):
        days = [
            (number, field)
            for number, entry in enumerate(self.student.entries, start=1)
            for field in sorted(entry.CORRECTABLE & DAYS)
        ]
        entry, field = days[pick % len(days)]
        changes = {field: day(self.today, ago).isoformat()}
        self.does(by, "correct", entry=entry, changes=changes, reason="笔误")

    def values(self, wrong, field):
        """What a form would let through for a field of an entry, in stored form."""
        if field in DAYS | DAYS_OR_NONE:
            shape = AGO.map(lambda ago: day(self.today, ago).isoformat())
        elif field == "kind":
            shape = KINDS.get(wrong.TOPIC, TEXT)
        else:
            shape = SHAPES.get(field, TEXT)
        return shape | st.none() if field in optional_fields(type(wrong)) else shape


TestLifeOfAChild = LifeOfAChild.TestCase
TestLifeOfAChild.settings = settings(
    max_examples=150,
    stateful_step_count=30,
    deadline=None,
    phases=set(Phase) - {Phase.explain},
    suppress_health_check=[HealthCheck.too_slow],
)


def test_every_command_of_a_child_is_among_the_rules():
    commands = {
        name
        for name, member in inspect.getmembers(Student, inspect.isfunction)
        if not name.startswith("_") and list(inspect.signature(member).parameters)[1:2] == ["act"]
    }
    source = "".join(map(inspect.getsource, (LifeOfAChild, LifeOnTheRoll, RestrictedLife)))
    asides = {"check_day", "enrol", "mark_dropout", "confirm_dropout"}

    assert {name for name in commands - asides if f'"{name}"' not in source} == set()
    assert asides <= commands
