"""A case rises from school to township, bureau and law, each step with its document."""

from dataclasses import replace
from datetime import date

import pytest

from domain.codes import REFERRAL_KIND
from domain.refusals import (
    AlreadyAnswered,
    AlreadyServed,
    AnsweredBeforeAsked,
    FutureDay,
    NoOpenEpisode,
    NoSuchEntry,
    NotUnderPersuasion,
    ServedBeforeIssued,
)
from domain.rules import DEFAULT_RULES
from tests.domain.conftest import (
    AUTUMN,
    BUREAU,
    TOWNSHIP,
    absence_flagged,
    acting,
    answered,
    close_out_asked,
    close_out_decided,
    contact_lost,
    facts_of,
    ordered,
    referred,
    reported,
    returned,
    served,
    suspected,
)


def legal_action(**facts):
    known = {
        "occurred_on": date(2026, 11, 2),
        "kind": "提起诉讼",
        "document_number": "示例诉1号",
        "legal_basis": "义务教育法第五十八条",
        "result": None,
    }
    return lambda student: student.take_legal_action(acting(TOWNSHIP), **{**known, **facts})


def test_a_written_report_lifts_the_case_to_the_level_it_goes_to(given):
    student = given(absence_flagged(), suspected())

    reported("township")(student)

    assert facts_of(student) == [
        (
            "WrittenReportFiled",
            {
                "occurred_on": date(2026, 9, 21),
                "to_level": "township",
                "report_number": "示例报1号",
                "summary": "劝返未果",
            },
        )
    ]
    assert student.open_episode().level == "township"


def test_the_level_never_falls_within_an_episode(given):
    student = given(absence_flagged(), suspected(), reported("bureau"))

    reported("township")(student)

    assert len(facts_of(student)) == 1
    assert student.open_episode().level == "bureau"


def test_an_order_to_correct_is_issued_with_its_number_and_due_date(given):
    student = given(absence_flagged(), suspected())

    ordered()(student)

    assert facts_of(student) == [
        (
            "OrderIssued",
            {
                "occurred_on": AUTUMN,
                "document_number": "示例责改1号",
                "issued_by": "晴川镇人民政府",
                "due_on": date(2026, 10, 19),
                "level": "township",
            },
        )
    ]
    assert student.open_episode().level == "township"


def test_an_order_of_the_bureau_lifts_the_case_to_the_bureau(given):
    student = given(absence_flagged(), suspected())

    ordered(by=BUREAU)(student)

    assert student.open_episode().level == "bureau"


def test_an_order_is_served_with_proof(given):
    student = given(absence_flagged(), suspected(), ordered())

    served()(student)

    assert facts_of(student) == [
        (
            "OrderServed",
            {
                "occurred_on": date(2026, 10, 13),
                "order": 4,
                "served_on": date(2026, 10, 13),
                "served_to": "测大舟",
                "place": "家中",
            },
        )
    ]


def test_an_order_is_served_once(given, refused):
    student = given(absence_flagged(), suspected(), ordered(), served())

    with refused(AlreadyServed, student):
        served(served_on=date(2026, 10, 14))(student)


def test_each_of_two_orders_is_served_on_its_own(given):
    student = given(absence_flagged(), suspected(), ordered(), ordered(), served(4))

    served(5)(student)

    assert student.state.orders == {4: date(2026, 10, 13), 5: date(2026, 10, 13)}


def test_an_order_is_served_on_the_day_it_is_issued_at_the_earliest(given, refused):
    student = given(absence_flagged(), suspected(), ordered())

    with refused(ServedBeforeIssued, student):
        served(served_on=date(2026, 10, 11))(student)
    served(served_on=AUTUMN)(student)

    assert student.state.orders == {4: AUTUMN}


def test_an_order_is_not_served_tomorrow(given, refused):
    student = given(absence_flagged(), suspected(), ordered())

    with refused(FutureDay, student):
        served(served_on=date(2026, 11, 25), occurred_on=date(2026, 11, 24))(student)


@pytest.mark.parametrize("entry", [3, 5, 0, -1])
def test_only_an_order_can_be_served(given, refused, entry):
    student = given(absence_flagged(), suspected(), ordered())

    with refused(NoSuchEntry, student):
        served(entry)(student)


def test_an_order_of_a_closed_case_is_not_served_any_more(given, refused):
    student = given(
        *(absence_flagged(), suspected(), ordered()),
        *(close_out_asked("C02", ["roll_extract"]), close_out_decided()),
    )

    with refused(NoOpenEpisode, student):
        served()(student)


def test_a_legal_step_lifts_the_case_to_the_legal_level_on_its_own_basis(given):
    student = given(absence_flagged(), suspected(), reported("bureau"))

    legal_action()(student)

    assert facts_of(student) == [
        (
            "LegalActionTaken",
            {
                "occurred_on": date(2026, 11, 2),
                "kind": "提起诉讼",
                "document_number": "示例诉1号",
                "legal_basis": "义务教育法第五十八条",
                "result": None,
                "level": "legal",
            },
        )
    ]
    assert student.open_episode().level == "legal"


@pytest.mark.parametrize("step", [reported(), ordered(), legal_action()])
@pytest.mark.parametrize("past", [[], [suspected(), returned()]], ids=["watched", "returned"])
def test_only_a_case_under_persuasion_is_escalated(given, refused, step, past):
    student = given(absence_flagged(), *past)

    with refused(NotUnderPersuasion, student):
        step(student)


@pytest.mark.parametrize("step", [reported(), ordered(), legal_action(), referred()])
def test_without_a_case_nothing_is_escalated(given, refused, step):
    student = given()

    with refused(NoOpenEpisode, student):
        step(student)


@pytest.mark.parametrize("step", [reported(), ordered(), legal_action()])
def test_an_unreachable_child_can_be_escalated(given, step):
    student = given(absence_flagged(), contact_lost())

    step(student)

    assert student.status == "unreachable"
    assert student.open_episode().level != "school"


def test_a_referral_asks_a_member_unit_and_leaves_the_case_where_it_is(given):
    student = given(absence_flagged(), suspected())

    referred()(student)

    assert facts_of(student) == [
        (
            "ReferralMade",
            {
                "occurred_on": AUTUMN,
                "to_unit": "民政",
                "question": "能否落实低保",
                "kind": "other",
                "fields": ["name"],
            },
        )
    ]
    assert (student.status, student.open_episode().level) == ("suspected", "school")


@pytest.mark.parametrize("kind", REFERRAL_KIND)
def test_a_referral_keeps_the_fields_agreed_for_its_kind_on_that_day(given, kind):
    student = given(absence_flagged(), suspected())
    sends_more = replace(DEFAULT_RULES.editions[0], referral_fields={kind: ("name", "sex")})

    referred(kind=kind)(student)
    student.refer(
        replace(acting(BUREAU), rules=sends_more),
        kind=kind,
        to_unit="公安",
        occurred_on=AUTUMN,
        question="请核查",
    )

    first, second = student.open_referrals
    assert first.fields == list(DEFAULT_RULES.editions[0].referral_fields[kind])
    assert second.fields == ["name", "sex"]


def test_a_case_is_referred_while_a_referral_waits_and_while_the_case_is_open(given):
    student = given(absence_flagged(), suspected())
    told = [student.is_referred]
    for step in (
        *(referred(), answered()),
        *(close_out_asked("C02", ["roll_extract"]), close_out_decided()),
        absence_flagged(),
    ):
        step(student)
        told.append(student.is_referred)

    assert told == [False, True, True, True, False, False]


def test_a_referral_that_waits_outlives_its_case(given):
    student = given(
        *(absence_flagged(), suspected(), referred()),
        *(close_out_asked("C02", ["roll_extract"]), close_out_decided()),
    )
    told = [student.is_referred]

    answered()(student)

    assert [*told, student.is_referred] == [True, False]


def test_the_member_unit_answers_its_referral(given):
    student = given(absence_flagged(), suspected(), referred())

    answered()(student)

    assert facts_of(student) == [
        (
            "ReferralAnswered",
            {"occurred_on": date(2026, 10, 14), "referral": 4, "answer": "已落实"},
        )
    ]


def test_an_answer_may_come_after_the_case_is_closed(given):
    student = given(
        *(absence_flagged(), suspected(), referred()),
        *(close_out_asked("C02", ["roll_extract"]), close_out_decided()),
    )

    answered()(student)

    assert student.state.referrals == {4: 7}
    assert student.status == "closed"


def test_a_referral_is_answered_once(given, refused):
    student = given(absence_flagged(), suspected(), referred(), answered())

    with refused(AlreadyAnswered, student):
        answered()(student)


def test_an_answer_before_the_referral_is_refused(given, refused):
    student = given(absence_flagged(), suspected(), referred())

    with refused(AnsweredBeforeAsked, student):
        answered(occurred_on=date(2026, 10, 11))(student)


@pytest.mark.parametrize("entry", [3, 5, 0])
def test_only_a_referral_can_be_answered(given, refused, entry):
    student = given(absence_flagged(), suspected(), referred())

    with refused(NoSuchEntry, student):
        answered(entry)(student)


@pytest.mark.parametrize(
    ("act", "known"),
    [
        (reported("township"), True),
        (reported("bureau"), False),
        (ordered(), True),
        (ordered(by=BUREAU), False),
    ],
    ids=["township", "bureau", "its-own-order", "an-order-of-the-bureau"],
)
def test_the_township_knows_a_case_that_was_reported_to_it_or_that_it_acted_upon(given, act, known):
    student = given(absence_flagged(), suspected())

    act(student)

    assert student.is_reported is known


def test_a_relapse_is_known_to_who_knew_the_case_and_a_new_warning_is_not(given):
    relapsed = given(
        absence_flagged(),
        suspected(),
        reported("township"),
        returned(),
        absence_flagged(first_absent_on=date(2026, 10, 12)),
    )
    anew = given(
        absence_flagged(),
        suspected(),
        reported("township"),
        close_out_asked("C02", ["roll_extract"]),
        close_out_decided(),
        absence_flagged(first_absent_on=date(2026, 11, 24)),
    )

    assert (relapsed.is_reported, anew.is_reported) == (True, False)
