"""Given entries, one act, everything recorded compared: the vocabulary of the domain's tests."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from domain.entry import Act, Actor
from domain.refusals import Refusal
from domain.rules import DEFAULT_RULES
from domain.student import Student

TODAY = date(2026, 11, 24)
AUTUMN = date(2026, 10, 12)  # a Monday in the middle of the term
TEACHER = Actor("acc-teacher", "测甲", "teacher", "晴川中学", "school")
PRINCIPAL = Actor("acc-principal", "测乙", "principal", "晴川中学", "school")
TOWNSHIP = Actor("acc-township", "测丙", "township", "晴川镇", "township")
BUREAU = Actor("acc-bureau", "测丁", "bureau", "区教体局", "bureau", superior=True)
BUREAU2 = Actor("acc-bureau2", "测庚", "bureau", "区教体局", "bureau", superior=True)

Command = Callable[[Student], None]


def acting(by: Actor = TEACHER, today: date = TODAY) -> Act:
    """One person acting at noon of a day, under the rules of that day."""
    at = datetime(today.year, today.month, today.day, 4, tzinfo=UTC)
    return Act(by=by, at=at, today=today, rules=DEFAULT_RULES.on(today))


def a_child(**facts: Any) -> Student:
    """A child of seventh grade, on the roll, with nothing recorded since."""
    known = {
        "name": "测小舟",
        "sex": "female",
        "birth_date": date(2014, 9, 15),
        "student_number": "G410399201409150027",
        "school_code": "3141000058",
        "grade": 7,
        "class_name": "1班",
        "township": "晴川镇",
    }
    student = Student.new(acting(), **{**known, **facts})
    student.collect_events()
    return student


@pytest.fixture
def given() -> Callable[..., Student]:
    """A child with a past: each command done in turn, nothing of it pending any more."""

    def make(*commands: Command, **facts: Any) -> Student:
        student = a_child(**facts)
        for command in commands:
            command(student)
        student.collect_events()
        return student

    return make


@pytest.fixture
def refused() -> Callable[..., Any]:
    """A refusal of the given kind, with nothing recorded and both sentences filled."""

    @contextmanager
    def refusing(kind: type[Refusal], student: Student) -> Iterator[None]:
        version, state = student.version, repr(student.state)
        with pytest.raises(kind) as raised:
            yield
        assert raised.type is kind
        assert raised.value.sentence("zh")
        assert raised.value.sentence("en")
        assert student.collect_events() == []
        assert (student.version, repr(student.state)) == (version, state)

    return refusing


def facts_of(student: Student) -> list[tuple[str, dict[str, Any]]]:
    """Everything recorded by the act: each entry's kind and facts, and who recorded it when."""
    common = {"originator_id", "originator_version", "timestamp", "by"}
    return [
        (
            type(event).__name__,
            {name: value for name, value in vars(event).items() if name not in common},
        )
        for event in student.collect_events()
    ]


def days_before(days: int) -> date:
    return TODAY - timedelta(days=days)


# Commands as a past is told, each with what it usually says ------------------------------------


def absence_flagged(**facts: Any) -> Command:
    known = {
        "first_absent_on": date(2026, 9, 14),
        "absence_kind": "truancy",
        "found_by": "roll_call",
    }
    return lambda student: student.flag_absence(acting(), **{**known, **facts})


def suspected(**facts: Any) -> Command:
    known = {
        "occurred_on": date(2026, 9, 17),
        "days_absent": 3,
        "reported_reasons": ["R02"],
    }
    return lambda student: student.suspect(acting(), **{**known, **facts})


def visited(**facts: Any) -> Command:
    known = {
        "occurred_on": date(2026, 9, 15),
        "mode": "at_home",
        "visitors": ["测甲"],
        "met": ["guardian"],
    }
    return lambda student: student.visit_home(acting(), **{**known, **facts})


def persuaded(**facts: Any) -> Command:
    known = {
        "occurred_on": date(2026, 9, 18),
        "persuaders": [{"name": "测甲", "unit": "晴川中学", "level": "school"}],
        "met": ["student"],
        "outcome": "refused",
    }
    return lambda student: student.persuade(acting(), **{**known, **facts})


def returned(seen_on: date = date(2026, 9, 24), **facts: Any) -> Command:
    known = {"seen_on": seen_on, "class_name": "1班", "confirmed_by": "测甲"}
    return lambda student: student.confirm_return(acting(), **{**known, **facts})


def observed(occurred_on: date, *, attending: bool = True) -> Command:
    return lambda student: student.observe_attendance(
        acting(), occurred_on=occurred_on, attending=attending
    )


def home_teaching_assigned(**facts: Any) -> Command:
    known = {
        "occurred_on": date(2026, 9, 20),
        "from_day": date(2026, 9, 20),
        "school_code": "5141000077",
        "teachers": ["测戊"],
        "planned_hours_per_month": 4,
        "papers": [{"kind": "disability_certificate"}, {"kind": "guardian_application"}],
    }
    return lambda student: student.assign_home_teaching(acting(BUREAU), **{**known, **facts})


def placed(**facts: Any) -> Command:
    known = {
        "occurred_on": date(2026, 9, 20),
        "kind": "special_school",
        "papers": [{"kind": "approval"}],
    }
    return lambda student: student.place(acting(BUREAU), **{**known, **facts})


def contact_lost(**facts: Any) -> Command:
    known = {
        "occurred_on": date(2026, 9, 21),
        "statement_by": "晴川村村委会",
        "papers": [{"kind": "village_statement"}],
    }
    return lambda student: student.lose_contact(acting(), **{**known, **facts})


def reported(to_level: str = "township", **facts: Any) -> Command:
    known = {
        "to_level": to_level,
        "report_number": "示例报1号",
        "occurred_on": date(2026, 9, 21),
        "summary": "劝返未果",
    }
    return lambda student: student.report(acting(PRINCIPAL), **{**known, **facts})


def marked_as_dropout(**facts: Any) -> Command:
    known = {"occurred_on": date(2026, 10, 20), "summary": "三次劝返未果"}
    return lambda student: student.mark_dropout(acting(), **{**known, **facts})


def confirmed_as_dropout(**facts: Any) -> Command:
    known = {"occurred_on": date(2026, 10, 21), "summary": "情况属实"}
    return lambda student: student.confirm_dropout(acting(BUREAU), **{**known, **facts})


def close_out_asked(reason: str, papers: list[str], by: Actor = PRINCIPAL, **facts: Any) -> Command:
    return lambda student: student.request_close_out(
        acting(by), reason=reason, papers=[{"kind": kind} for kind in papers], **facts
    )


def close_out_decided(*, approve: bool = True, by: Actor = BUREAU, **facts: Any) -> Command:
    return lambda student: student.decide_close_out(acting(by), approve=approve, **facts)


def ordered(by: Actor = TOWNSHIP, **facts: Any) -> Command:
    known = {
        "document_number": "示例责改1号",
        "occurred_on": AUTUMN,
        "issued_by": "晴川镇人民政府",
        "due_on": date(2026, 10, 19),
    }
    return lambda student: student.issue_order(acting(by), **{**known, **facts})


def served(entry: int = 4, **facts: Any) -> Command:
    known = {"served_on": date(2026, 10, 13), "served_to": "测大舟", "place": "家中"}
    return lambda student: student.serve_order(acting(TOWNSHIP), entry=entry, **{**known, **facts})


def referred(**facts: Any) -> Command:
    known = {"to_unit": "民政", "occurred_on": AUTUMN, "question": "能否落实低保"}
    return lambda student: student.refer(acting(BUREAU), **{**known, **facts})


def answered(entry: int = 4, **facts: Any) -> Command:
    known = {"occurred_on": date(2026, 10, 14), "answer": "已落实"}
    return lambda student: student.answer_referral(
        acting(BUREAU), entry=entry, **{**known, **facts}
    )


def roll_changed(kind: str, *papers: str, **facts: Any) -> Command:
    given_papers = [{"kind": paper} for paper in papers]
    return lambda student: student.change_roll(
        acting(), kind=kind, papers=given_papers, **{"occurred_on": AUTUMN, **facts}
    )


def restricted(by: Actor = BUREAU, **facts: Any) -> Command:
    known = {"reason": "监护人要求停止使用", "legal_basis": "个人信息保护法第四十七条"}
    return lambda student: student.restrict(acting(by), **{**known, **facts})


def restriction_lifted(by: Actor = BUREAU) -> Command:
    return lambda student: student.lift_restriction(acting(by), reason="监护人撤回要求")


def erasure_requested(by: Actor = BUREAU, today: date = TODAY) -> Command:
    known = {"reason": "保存期已满", "legal_basis": "个人信息保护法第四十七条"}
    return lambda student: student.request_erasure(acting(by, today), **known)


def erasure_decided(by: Actor, *, approve: bool = True, **facts: Any) -> Command:
    return lambda student: student.decide_erasure(acting(by), approve=approve, **facts)


def transfer_requested(to_school: str = "3141000059", **facts: Any) -> Command:
    known = {"occurred_on": AUTUMN, "reason": "随父母迁居"}
    return lambda student: student.request_transfer(
        acting(), to_school=to_school, **{**known, **facts}
    )
