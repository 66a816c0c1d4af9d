"""A record is restricted, then erased by two people when it need not be kept; nothing follows."""

import inspect
from dataclasses import replace
from datetime import date

import pytest

from domain.child import is_command
from domain.duties import duties
from domain.entry import Act
from domain.privacy import Privacy
from domain.refusals import (
    AlreadyRestricted,
    BeforeBirth,
    CaseStillOpen,
    ErasurePending,
    FutureDay,
    NoErasurePending,
    NotCorrectable,
    NotRestricted,
    RecordErased,
    RecordRestricted,
    RetentionNotBegun,
    RetentionNotOver,
    SamePerson,
)
from domain.rules import DEFAULT_RULES
from domain.student import Student
from tests.domain.conftest import (
    BUREAU,
    BUREAU2,
    TODAY,
    absence_flagged,
    acting,
    close_out_asked,
    close_out_decided,
    erasure_decided,
    erasure_requested,
    facts_of,
    home_teaching_assigned,
    ordered,
    referred,
    restricted,
    restriction_lifted,
    roll_changed,
    suspected,
    transfer_requested,
    visited,
)

WHY = {"reason": "监护人要求停止使用", "legal_basis": "个人信息保护法第四十七条"}
LONG_GONE = roll_changed("21", occurred_on=date(2022, 7, 1))  # to be kept until 2025-07-01
PENDING = [LONG_GONE, restricted(), erasure_requested()]
ERASED = [*PENDING, erasure_decided(BUREAU2)]
# Whatever these commands are told, they are refused before they look at it.
COMMANDS = sorted(name for name, method in inspect.getmembers(Student) if is_command(name, method))
PRIVACY = {name for name, method in vars(Privacy).items() if is_command(name, method)}
OTHERS = sorted(
    {name for name in COMMANDS if hasattr(getattr(Student, name), "__wrapped__")} - PRIVACY
)


# Restriction --------------------------------------------------------------------------------


def test_a_record_is_restricted_for_a_reason_on_a_basis_in_law(given):
    student = given()

    restricted(occurred_on=date(2026, 11, 20))(student)

    assert facts_of(student) == [("Restricted", {"occurred_on": date(2026, 11, 20), **WHY})]
    assert student.state.restricted_by == 2


def test_a_restriction_without_a_day_is_of_today(given):
    student = given()

    restricted()(student)

    assert facts_of(student) == [("Restricted", {"occurred_on": TODAY, **WHY})]


@pytest.mark.parametrize(
    ("day", "refusal"), [(date(2026, 11, 25), FutureDay), (date(2014, 9, 14), BeforeBirth)]
)
def test_a_restriction_cannot_be_of_tomorrow_or_before_the_birth(given, refused, day, refusal):
    student = given()

    with refused(refusal, student):
        restricted(occurred_on=day)(student)


def test_a_record_is_restricted_once(given, refused):
    student = given(restricted())

    with refused(AlreadyRestricted, student):
        restricted(BUREAU2)(student)


def test_the_commands_that_a_restriction_stops_are_all_but_its_own():
    assert set(COMMANDS) - PRIVACY == {*OTHERS, "check_day"}
    assert sorted(PRIVACY) == ["decide_erasure", "lift_restriction", "request_erasure", "restrict"]
    assert len(OTHERS) > 30


@pytest.mark.parametrize("command", OTHERS)
def test_while_restricted_nothing_else_is_recorded(given, refused, command):
    student = given(absence_flagged(), restricted())

    with refused(RecordRestricted, student):
        getattr(student, command)(acting(BUREAU))


def test_a_restricted_child_has_no_duties(given):
    past = [absence_flagged(), suspected(), home_teaching_assigned(), transfer_requested()]

    assert duties(given(*past), TODAY, DEFAULT_RULES) != []
    assert duties(given(*past, restricted()), TODAY, DEFAULT_RULES) == []
    assert duties(given(*past, restricted(), restriction_lifted()), TODAY, DEFAULT_RULES) != []


def test_work_goes_on_when_the_restriction_is_lifted(given):
    student = given(absence_flagged(), restricted())

    restriction_lifted()(student)

    assert facts_of(student) == [
        (
            "RestrictionLifted",
            {"occurred_on": TODAY, "restriction": 3, "reason": "监护人撤回要求"},
        )
    ]
    suspected()(student)
    assert student.status == "suspected"
    restricted()(student)
    assert student.state.restricted_by == 6


@pytest.mark.parametrize("past", [[], [restricted(), restriction_lifted()]])
@pytest.mark.parametrize("act", [restriction_lifted(), erasure_requested()])
def test_what_is_not_restricted_is_neither_lifted_nor_erased(given, refused, past, act):
    student = given(LONG_GONE, *past)

    with refused(NotRestricted, student):
        act(student)


def test_a_restriction_is_not_corrected(given, refused):
    student = given(restricted(), restriction_lifted())

    for entry in (2, 3):
        with refused(NotCorrectable, student):
            student.correct(acting(BUREAU), entry=entry, changes={"reason": "其他"}, reason="笔误")


# Erasure: asking ------------------------------------------------------------------------------


def test_erasure_is_asked_for_when_the_record_need_not_be_kept(given):
    student = given(LONG_GONE, restricted())

    erasure_requested()(student)

    assert facts_of(student) == [
        (
            "ErasureRequested",
            {
                "occurred_on": TODAY,
                "reason": "保存期已满",
                "legal_basis": "个人信息保护法第四十七条",
                "retention_ended_on": date(2025, 7, 1),
            },
        )
    ]
    assert student.state.erased_by is None


def test_erasure_is_asked_for_once(given, refused):
    student = given(*PENDING)

    with refused(ErasurePending, student):
        erasure_requested(BUREAU2)(student)


def test_a_record_is_kept_to_the_last_day_of_its_retention(given, refused):
    student = given(roll_changed("21", occurred_on=date(2023, 11, 24)), restricted())

    with refused(RetentionNotOver, student):
        erasure_requested()(student)

    erasure_requested(today=date(2026, 11, 25))(student)
    [(_, facts)] = facts_of(student)
    assert facts["retention_ended_on"] == date(2026, 11, 24)


def test_the_refusal_names_the_day_the_retention_ends(given):
    student = given(roll_changed("21"), restricted())

    with pytest.raises(RetentionNotOver) as refused:
        erasure_requested()(student)

    assert refused.value.facts == {"ends_on": date(2029, 10, 12)}
    assert "2029-10-12" in refused.value.sentence("zh")


def test_the_record_of_a_child_at_school_here_is_not_erased(given, refused):
    student = given(restricted())

    with refused(RetentionNotBegun, student):
        erasure_requested()(student)


def test_the_record_of_an_open_case_is_not_erased(given, refused):
    student = given(absence_flagged(), LONG_GONE, restricted())

    with refused(CaseStillOpen, student):
        erasure_requested()(student)


# Erasure: deciding ----------------------------------------------------------------------------


def test_another_person_approves(given):
    student = given(*PENDING)

    erasure_decided(BUREAU2, note="同意")(student)

    assert facts_of(student) == [
        ("ErasureApproved", {"occurred_on": TODAY, "request": 4, "note": "同意"})
    ]
    assert student.state.erased_by == 5


def test_another_person_rejects_and_it_may_be_asked_for_again(given):
    student = given(*PENDING)

    erasure_decided(BUREAU2, approve=False)(student)

    assert facts_of(student) == [
        ("ErasureRejected", {"occurred_on": TODAY, "request": 4, "note": None})
    ]
    assert (student.state.restricted_by, student.state.erased_by) == (3, None)
    erasure_requested()(student)
    assert student.state.erasure.entry == 6


@pytest.mark.parametrize("approve", [True, False])
def test_who_asked_does_not_decide(given, refused, approve):
    student = given(*PENDING)

    with refused(SamePerson, student):
        erasure_decided(BUREAU, approve=approve)(student)


def test_who_restricted_may_decide_what_another_asked_for(given):
    student = given(LONG_GONE, restricted(BUREAU), erasure_requested(BUREAU2))

    erasure_decided(BUREAU)(student)

    assert [name for name, _ in facts_of(student)] == ["ErasureApproved"]


@pytest.mark.parametrize(
    "past",
    [
        [],
        [restricted()],
        [*PENDING, erasure_decided(BUREAU2, approve=False)],
        [*PENDING, restriction_lifted()],
        [*PENDING, restriction_lifted(), restricted()],
    ],
    ids=["nothing", "restricted", "rejected", "lifted", "restricted-again"],
)
@pytest.mark.parametrize("approve", [True, False])
def test_what_nobody_asks_for_any_more_is_not_decided(given, refused, past, approve):
    student = given(*past)

    with refused(NoErasurePending, student):
        erasure_decided(BUREAU2, approve=approve)(student)


def test_an_erasure_is_not_approved_while_newer_rules_keep_the_record(given, refused):
    student = given(*PENDING)
    longer = replace(DEFAULT_RULES.on(TODAY), retention_years=10)
    act = Act(by=BUREAU2, at=acting().at, today=TODAY, rules=longer)

    with refused(RetentionNotOver, student):
        student.decide_erasure(act, approve=True)

    student.decide_erasure(act, approve=False)
    assert [name for name, _ in facts_of(student)] == ["ErasureRejected"]


@pytest.mark.parametrize("command", OTHERS)
def test_nothing_is_recorded_after_an_erasure(given, refused, command):
    student = given(*ERASED)

    with refused(RecordErased, student):
        getattr(student, command)(acting(BUREAU))


@pytest.mark.parametrize(
    "act",
    [
        restricted(),
        restriction_lifted(),
        erasure_requested(),
        erasure_decided(BUREAU),
        erasure_decided(BUREAU2, approve=False),
    ],
)
def test_an_erasure_is_not_undone(given, refused, act):
    student = given(*ERASED)

    with refused(RecordErased, student):
        act(student)


def test_a_restricted_stream_loads_again_as_it_was(given):
    student = given(absence_flagged(), suspected(), ordered(), referred(), visited(), restricted())

    again = Student.of(student.entries)

    assert repr(again.state) == repr(student.state)
    assert again.version == student.version


def test_a_case_keeps_the_record_of_a_child_that_is_long_gone(given, refused):
    student = given(
        LONG_GONE,
        absence_flagged(),
        close_out_asked("C02", ["roll_extract"]),
        close_out_decided(),
        restricted(),
    )

    with refused(RetentionNotOver, student):
        erasure_requested()(student)
