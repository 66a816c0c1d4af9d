"""Whatever people do to a child, each act is recorded whole or refused, and it all loads again."""

import inspect
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from application.store.mapper import EntryMapper
from domain import codes
from domain.case import ReturnedToSchool
from domain.closing import CloseOutApproved
from domain.corrections import Corrected
from domain.duties import duties
from domain.entry import Act, Entry, optional_fields
from domain.escalation import OrderIssued, ReferralMade
from domain.refusals import Refusal
from domain.roll import TransferRequested
from domain.rules import RuleBook, Rules
from domain.student import Student
from tests.domain.conftest import (
    BUREAU,
    PRINCIPAL,
    TEACHER,
    TODAY,
    TOWNSHIP,
    a_child,
    absence_flagged,
    acting,
    close_out_asked,
    close_out_decided,
    confirmed_as_dropout,
    contact_lost,
    home_teaching_assigned,
    marked_as_dropout,
    observed,
    persuaded,
    placed,
    reported,
    returned,
    suspected,
)

BOOK = RuleBook(
    editions=(
        Rules(in_force_from=date(2021, 9, 1)),
        Rules(in_force_from=date(2026, 12, 10), observation_ladder=(1, 3, 5)),
    )
)
MAPPER = EntryMapper()
AUTUMN = date(2026, 10, 12)


def ordered(student):
    student.issue_order(
        acting(TOWNSHIP),
        document_number="示例责改1号",
        occurred_on=AUTUMN,
        issued_by="晴川镇",
        due_on=date(2026, 10, 19),
    )


def referred(student):
    student.refer(acting(BUREAU), to_unit="民政", occurred_on=AUTUMN, question="能否落实低保")


def transfer_requested(student):
    student.request_transfer(
        acting(), to_school="3141000059", occurred_on=AUTUMN, reason="随父母迁居"
    )


# Lives to begin with, so that every status is worked upon.
SUSPECTED = [absence_flagged(), suspected()]
RETURNED = [*SUSPECTED, persuaded(), returned()]
OBSERVED = [*RETURNED, observed(date(2026, 11, 12))]
MARKED = [*SUSPECTED, persuaded(), reported("bureau"), marked_as_dropout()]
LIVES = [
    [],
    [absence_flagged()],
    SUSPECTED,
    RETURNED,
    OBSERVED,
    [*OBSERVED, close_out_asked("C01", ["attendance_sheet"])],
    [*OBSERVED, close_out_asked("C01", ["attendance_sheet"]), close_out_decided()],
    [*RETURNED, absence_flagged(first_absent_on=date(2026, 10, 19))],
    MARKED,
    [*MARKED, confirmed_as_dropout()],
    [absence_flagged(), contact_lost()],
    [absence_flagged(), home_teaching_assigned()],
    [absence_flagged(), placed()],
    [*SUSPECTED, close_out_asked("C02", ["roll_extract"]), close_out_decided()],
    [*SUSPECTED, ordered, referred, transfer_requested],
    [*SUSPECTED, close_out_asked("C02", ["roll_extract"], by=BUREAU)],
    [absence_flagged(), close_out_asked("C13", [], by=TEACHER, note="病假已补")],
    [*SUSPECTED, close_out_asked("C03", ["host_school_letter"]), home_teaching_assigned()],
]

# What people type: mostly what could be, sometimes what never was ------------------------------

AGO = st.one_of(
    *(st.integers(0, 5), st.integers(0, 30), st.integers(0, 60), st.integers(0, 75)),
    st.sampled_from([-50_000, -400, -1, 5_000, 800_000]),
)
PICK = st.integers(0, 59)
NOWHERE = [-1, 0, 99, 10**9]
TEXT = st.sampled_from(["甲", "示例", "", "{day}", "O'Brien", "=1+1"]) | st.text(
    st.characters(codec="utf-8"), max_size=6
)
NOTE = st.none() | TEXT
NAMES = st.lists(TEXT, min_size=1, max_size=2)
GRADE = st.integers(1, 9)
SCHOOL = st.sampled_from(["3141000058", "3141000059", "2141000001", "5141000077"])
ACTORS = [TEACHER, PRINCIPAL, TOWNSHIP, BUREAU]
PEOPLE = st.sampled_from(ACTORS)
SOME_PAPERS = st.lists(
    st.fixed_dictionaries(
        {"kind": st.sampled_from(list(codes.PAPER_KIND))},
        optional={"title": TEXT, "issued_on": st.just("2026-09-01")},
    ),
    max_size=3,
)
PAPERS = st.one_of(
    SOME_PAPERS,
    st.just([{"kind": kind} for kind in codes.PAPER_KIND]),
    st.sampled_from(sorted(codes.CLOSE_REASON)).map(
        lambda reason: [{"kind": kind} for kind in sorted(codes.CLOSE_REASON[reason].papers)]
    ),
)


def one_of(code_list):
    return st.sampled_from(list(code_list))


def some_of(code_list):
    return st.lists(one_of(code_list), min_size=1, max_size=3)


REASONS = some_of(codes.DROPOUT_REASON)
DISABILITY = st.none() | st.fixed_dictionaries(
    {"type": one_of(codes.DISABILITY_TYPE), "level": one_of(codes.DISABILITY_LEVEL)}
)
PERSUADERS = st.lists(
    st.fixed_dictionaries({"name": TEXT, "unit": TEXT, "level": one_of(codes.ESCALATION_LEVEL)}),
    min_size=1,
    max_size=2,
)
# The fields of a correction that are neither a text nor a day, as the forms check them.
SHAPES = {
    "absence_kind": one_of(codes.ABSENCE_KIND),
    "amount": st.floats(0, 10_000),
    "attending": st.booleans(),
    "days": st.integers(0, 400),
    "days_absent": st.integers(0, 400),
    "disability": DISABILITY,
    "found_by": one_of(codes.FOUND_BY),
    "grade": GRADE,
    "guardian_present": st.booleans(),
    "guardians": st.just([{"name": "测大舟", "relation": "父亲"}]),
    "met": some_of(codes.MET),
    "minutes": st.integers(1, 1440),
    "mode": one_of(codes.VISIT_MODE),
    "outcome": one_of(codes.PERSUASION_OUTCOME),
    "papers": PAPERS,
    "persuaders": PERSUADERS,
    "planned_hours_per_month": st.integers(1, 744),
    "reasons": REASONS,
    "reported_reasons": REASONS,
    "school_code": SCHOOL,
    "sex": one_of(codes.SEX),
    "teachers": NAMES,
    "to_grade": GRADE,
    "verified_reasons": REASONS,
    "visitors": NAMES,
}
DAYS = {"occurred_on", "birth_date", "first_absent_on", "seen_on", "served_on", "due_on"}
DAYS_OR_NONE = {"to", "until"}
KINDS = {
    "student.roll_changed": one_of(codes.ROLL_CHANGE),
    "student.support_given": one_of(codes.SUPPORT_KIND),
    "student.placement_arranged": one_of(codes.PLACEMENT_KIND),
}


def day(today, ago):
    """A day so long ago, held between the first and the last there are."""
    ordinal = today.toordinal() - ago
    return date.fromordinal(min(max(ordinal, 1), date.max.toordinal()))


def seen(student):
    """Everything a rule or a page can see of a stream; moments are the database's."""
    return (
        student.version,
        repr(student.state),
        student.standings,
        student.corrected_by,
        [
            {
                name: getattr(entry, name)
                for name in type(entry).__dataclass_fields__
                if name != "timestamp"
            }
            for entry in student.entries
        ],
    )


def reloaded(stored):
    student = None
    for event in stored:
        student = MAPPER.to_domain_event(event).mutate(student)
    return student


class LifeOfAChild(RuleBasedStateMachine):
    """Every command, by anybody, on any day, in any order."""

    def __init__(self):
        super().__init__()
        self.today = TODAY
        self.stored = []
        self.student = None
        self.levels = {}
        self.returns_were_moved = False

    @initialize(life=st.sampled_from(LIVES), grade=GRADE, number=st.booleans())
    def a_child_with_a_past(self, life, grade, number):
        known = {} if number else {"student_number": None, "found_by": "screening"}
        self.student = Student.blank(a_child().id, datetime(2026, 9, 1, tzinfo=UTC))
        facts = dict(vars(a_child(grade=grade, **known).entries[0]))
        for name in ("originator_id", "originator_version", "timestamp", "occurred_on", "by"):
            del facts[name]
        self.student.enrol(self.acting(TEACHER), **facts)
        for command in life:
            command(self.student)
        self.store()

    # One act ----------------------------------------------------------------------------------

    def acting(self, by):
        at = datetime(self.today.year, self.today.month, self.today.day, 4, tzinfo=UTC)
        return Act(by=by, at=at, today=self.today, rules=BOOK.on(self.today))

    def store(self):
        events = self.student.collect_events()
        self.stored += [MAPPER.to_stored_event(event) for event in events]
        return events

    def does(self, by, command, **facts):
        before = seen(self.student)
        refusal = None
        try:
            getattr(self.student, command)(self.acting(by), **facts)
        except Refusal as no:
            refusal = no
        if refusal is not None:
            assert refusal.sentence("zh") != refusal.sentence("en")
            assert self.student.collect_events() == []
            assert seen(self.student) == before
            return
        [event] = self.store()
        assert event.by == by.as_recorded()
        assert event.occurred_on <= self.today
        assert seen(reloaded(self.stored)) == seen(self.student)
        if isinstance(event, Corrected):
            corrected = self.student.entries[event.entry - 1]
            self.returns_were_moved |= isinstance(corrected, ReturnedToSchool)
        if isinstance(event, CloseOutApproved):
            self.was_closed_by_two(event)

    def was_closed_by_two(self, approved):
        asked = self.student.entries[approved.request - 1]
        assert asked.by["account"] != approved.by["account"]
        assert approved.reason == asked.reason == self.student.state.episode.close_reason
        if approved.reason == "C13":
            assert asked.note or approved.note
        else:
            assert approved.by["account"] == BUREAU.account
        if approved.reason == "C01":
            episode = self.student.state.episode
            until = episode.observed_until
            assert self.today > until
            assert any(attending and day >= until for day, attending in episode.observations)

    def pick(self, kind, pick):
        """The number of some entry of a kind, and now and then of none."""
        numbers = [
            number
            for number, entry in enumerate(self.student.entries, start=1)
            if isinstance(entry, kind)
        ]
        among = NOWHERE if pick % 6 == 0 else numbers or range(1, self.student.version + 1)
        return among[pick // 6 % len(among)]

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

    # The roll ---------------------------------------------------------------------------------

    @rule(by=PEOPLE, ago=AGO, kind=one_of(codes.ROLL_CHANGE), papers=PAPERS, to=st.none() | GRADE)
    def change_roll(self, by, ago, kind, papers, to):
        self.does(
            by,
            "change_roll",
            kind=kind,
            occurred_on=day(self.today, ago),
            papers=papers,
            to_school="3141000058" if kind == "22" else None,
            to_grade=to,
        )

    @rule(by=PEOPLE, ago=AGO)
    def promote(self, by, ago):
        self.does(by, "promote", occurred_on=day(self.today, ago))

    @rule(by=PEOPLE, ago=AGO, to=SCHOOL)
    def request_transfer(self, by, ago, to):
        self.does(
            by,
            "request_transfer",
            to_school=to,
            occurred_on=day(self.today, ago),
            reason="随父母迁居",
        )

    @rule(by=PEOPLE, pick=PICK, accept=st.booleans(), grade=GRADE)
    def decide_transfer(self, by, pick, accept, grade):
        self.does(
            by,
            "decide_transfer",
            entry=self.pick(TransferRequested, pick),
            accept=accept,
            grade=grade,
            class_name="3班",
        )

    @rule(by=PEOPLE, ago=AGO, code=one_of(codes.KEY_GROUP), until=st.none() | AGO)
    def assign_key_group(self, by, ago, code, until):
        self.does(
            by,
            "assign_key_group",
            code=code,
            source="排查",
            purpose="关爱",
            from_day=day(self.today, ago),
            until=None if until is None else day(self.today, -until),
        )

    @rule(by=PEOPLE, pick=PICK, ago=AGO)
    def end_key_group(self, by, pick, ago):
        among = sorted(self.student.state.key_groups) or list(codes.KEY_GROUP)
        code = "orphan" if pick % 6 == 0 else among[pick % len(among)]
        self.does(by, "end_key_group", code=code, occurred_on=day(self.today, ago))

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

    # What always holds --------------------------------------------------------------------------

    @invariant()
    def entries_are_numbered_without_gaps(self):
        count = self.student.version
        assert [event.originator_version for event in self.stored] == [*range(1, count + 1)]
        assert len(self.student.entries) == len(self.student.standings) == count
        assert {event.originator_id for event in self.stored} == {self.student.id}
        assert set(self.student.corrected_by) <= set(range(1, count))

    @invariant()
    def words_are_known(self):
        state = self.student.state
        assert self.student.status in codes.STATUS
        assert state.student_status in codes.STUDENT_STATUS
        assert set(state.key_groups) <= set(codes.KEY_GROUP)
        for standing in self.student.standings:
            assert standing.status in codes.STATUS
            assert standing.level in {None, *codes.ESCALATION_LEVEL}

    @invariant()
    def at_most_the_latest_episode_is_open(self):
        state = self.student.state
        assert state.episode is (state.episodes[-1] if state.episodes else None)
        assert [episode.number for episode in state.episodes] == [
            *range(1, len(state.episodes) + 1)
        ]
        assert not any(episode.is_open for episode in state.episodes[:-1])
        for episode in state.episodes:
            assert episode.status in episode.reached
            assert (episode.status == "closed") == (episode.closed_on is not None)
            assert episode.close_out is None or episode.is_open or episode.relapsed

    @invariant()
    def levels_only_rise(self):
        for episode in self.student.state.episodes:
            before = self.levels.get(episode.number, "school")
            order = codes.ESCALATION_ORDER.index
            assert order(episode.level) >= order(before)
            self.levels[episode.number] = episode.level

    @invariant()
    def absence_return_and_observation_are_in_order(self):
        for episode in self.student.state.episodes:
            if episode.status != "returned":
                continue
            assert episode.first_absent_on <= episode.seen_on <= episode.observed_until
            if not self.returns_were_moved:
                assert all(on >= episode.seen_on for on, _ in episode.observations)

    @invariant()
    def no_day_lies_before_the_birth_or_after_today(self):
        for entry in self.student.entries[1:]:
            for name in {"occurred_on", "first_absent_on", "seen_on"} & set(vars(entry)):
                assert self.student.state.born <= getattr(entry, name) <= self.today

    @invariant()
    def what_is_due_can_be_told(self):
        due = duties(self.student, self.today, BOOK.on(self.today))
        assert all(one.due_on <= other.due_on for one, other in pairwise(due))
        assert all(duty.told("zh")["kind_label"] for duty in due)


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
    source = inspect.getsource(LifeOfAChild)
    asides = {"check_day", "enrol", "mark_dropout", "confirm_dropout"}

    assert {name for name in commands - asides if f'"{name}"' not in source} == set()
    assert asides <= commands
