"""Enrolment notices: a child is expected by a day, comes or not, and is flagged once if not."""

from dataclasses import replace
from datetime import date

import pytest

from domain.enrolment_notices import is_replaced, latest_notice, reported_on
from domain.no_shows import no_show
from domain.refusals import ChildDied, RecordRestricted, ReportBeforeIssue
from domain.rules import DEFAULT_RULES, RuleBook
from domain.screening import SCREENER
from tests.domain.conftest import (
    BUREAU,
    acting,
    facts_of,
    placed,
    restricted,
    roll_changed,
    transfer_requested,
)

SCHOOL, OTHER = "3141000058", "3141000059"
AUGUST = date(2026, 8, 20)
REPORT_BY = date(2026, 9, 1)  # a Tuesday
WEEK_ONE_ENDS, DAY_AFTER = date(2026, 9, 7), date(2026, 9, 8)
# On no school's roll: found by the census, or done with primary school.
AT_NO_SCHOOL = dict.fromkeys(("student_number", "school_code", "grade", "class_name"))
PRIMARY = {"school_code": "2141000001", "grade": 6}


def notice(school=SCHOOL, report_by=REPORT_BY, occurred_on=AUGUST, **facts):
    return lambda student: student.issue_notice(
        acting(BUREAU),
        school_code=school,
        grade=7,
        report_by=report_by,
        occurred_on=occurred_on,
        **facts,
    )


def graduated(student):
    student.promote(acting(), occurred_on=date(2026, 7, 5))


def admitted(school=SCHOOL, occurred_on=date(2026, 9, 3)):
    return lambda student: student.admit(
        acting(),
        school_code=school,
        grade=7,
        class_name="1班",
        occurred_on=occurred_on,
        student_number="G410399201409150027",
    )


def flagged(student):
    """What the screening does with what it finds."""
    student.flag_absence(acting(SCREENER), **found(student).flag)


def found(student, today=DAY_AFTER):
    return no_show(student, today, DEFAULT_RULES)


def test_a_notice_says_where_and_by_when_and_opens_no_case(given):
    student = given(**AT_NO_SCHOOL)

    notice(document_number="示例1号", served_to="测大舟")(student)

    assert facts_of(student) == [
        (
            "EnrolmentNoticeIssued",
            {
                "occurred_on": AUGUST,
                "school_code": SCHOOL,
                "grade": 7,
                "report_by": REPORT_BY,
                "document_number": "示例1号",
                "served_to": "测大舟",
            },
        )
    ]
    assert student.status == "none"


def test_nobody_is_to_report_before_the_notice(given, refused):
    student = given(**AT_NO_SCHOOL)

    with refused(ReportBeforeIssue, student):
        notice(report_by=date(2026, 8, 19))(student)


def test_no_correction_makes_a_notice_late_for_its_own_day(given, refused):
    student = given(notice(), **AT_NO_SCHOOL)

    with refused(ReportBeforeIssue, student):
        student.correct(acting(), entry=2, changes={"report_by": "2026-08-01"}, reason="笔误")


def test_after_a_death_no_notice_goes_out(given, refused):
    student = given(roll_changed("51"))

    with refused(ChildDied, student):
        notice()(student)


def test_no_notice_for_a_restricted_record(given, refused):
    student = given(restricted())

    with refused(RecordRestricted, student):
        notice()(student)


@pytest.mark.parametrize("school", [SCHOOL, OTHER])
def test_admission_at_any_school_answers_a_notice(given, school):
    student = given(graduated, notice(), admitted(school), **PRIMARY)

    assert reported_on(student, 3) == date(2026, 9, 3)
    assert found(student).outcome == "reported"


def test_a_child_on_the_schools_roll_before_its_notice_has_reported(given):
    student = given(admitted(occurred_on=date(2026, 8, 18)), notice(), **AT_NO_SCHOOL)

    assert reported_on(student, 3) == date(2026, 8, 18)


def test_a_child_still_on_its_primary_schools_roll_has_not_reported_and_is_not_flagged(given):
    student = given(notice(), **PRIMARY)

    assert reported_on(student, 2) is None
    assert found(student).outcome == "on_roll"


def test_a_later_notice_replaces_one_not_answered(given):
    student = given(notice(), notice(OTHER), admitted(OTHER), notice(), **AT_NO_SCHOOL)

    assert [is_replaced(student, number) for number in (2, 3, 5)] == [True, False, False]
    assert latest_notice(student) == 5


@pytest.mark.parametrize("past", [[graduated], []], ids=["graduated", "found by the census"])
def test_who_is_on_no_roll_after_week_one_is_flagged_with_the_reason(given, past):
    student = given(*past, notice(document_number="示例1号"), **(PRIMARY if past else AT_NO_SCHOOL))
    number = len(past) + 2

    finding = found(student)

    assert finding.outcome == "flagged"
    assert finding.flag == {
        "first_absent_on": REPORT_BY,
        "absence_kind": "not_reported",
        "days": 5,
        "found_by": "enrolment_no_show",
        "note": f"应入未入排查:第 {number} 条入学通知书(示例1号)要求 2026-09-01 前到学校"
        " 3141000058 报到,2026-09-01 至 2026-09-07 连续 5 个上课日未报到,且不在任何学校的学籍中;"
        "自 2021-09-01 起的规则:满 5 个上课日即预警。",
    }
    flagged(student)
    assert student.status == "watched"


def test_week_one_has_to_pass(given):
    student = given(notice(), **AT_NO_SCHOOL)

    assert found(student, WEEK_ONE_ENDS).outcome == "not_due"
    assert found(student, DAY_AFTER).outcome == "flagged"


def test_school_days_are_counted_under_the_rules_of_the_day_to_report_on(given):
    student = given(notice(), **AT_NO_SCHOOL)
    (rules,) = DEFAULT_RULES.editions
    two = replace(rules, in_force_from=REPORT_BY, no_show_school_days=2)
    later = replace(two, in_force_from=date(2026, 9, 2))

    days = (date(2026, 9, 2), date(2026, 9, 3))
    assert [
        [no_show(student, day, RuleBook((rules, other))).outcome for day in days]
        for other in (two, later)
    ] == [["not_due", "flagged"], ["not_due", "not_due"]]


def test_a_day_to_report_on_without_school_counts_from_the_next_school_day(given):
    student = given(notice(report_by=date(2026, 8, 29)), **AT_NO_SCHOOL)

    assert found(student).flag["first_absent_on"] == REPORT_BY


@pytest.mark.parametrize(
    "since",
    [
        [],
        [lambda s: s.correct(acting(), entry=3, changes={"note": "已核"}, reason="核对")],
        [
            lambda s: s.correct(
                acting(), entry=3, changes={"absence_kind": "sick_leave"}, reason="请假"
            )
        ],
        [transfer_requested(OTHER)],
    ],
    ids=["nothing", "note corrected", "excused", "something else"],
)
def test_a_notice_is_flagged_once_whatever_came_since(given, since):
    student = given(notice(), flagged, *since, **AT_NO_SCHOOL)

    finding = found(student)

    assert (finding.outcome, finding.entry, finding.flag) == ("already_flagged", 3, {})


def test_what_a_person_flagged_for_it_is_not_flagged_again(given):
    by_hand = {"first_absent_on": DAY_AFTER, "absence_kind": "out_of_contact", "found_by": "report"}
    student = given(notice(), lambda s: s.flag_absence(acting(), **by_hand), **AT_NO_SCHOOL)

    assert found(student).outcome == "already_flagged"


def test_the_next_notice_may_be_flagged_again(given):
    student = given(
        notice(),
        flagged,
        notice(report_by=date(2026, 9, 14), occurred_on=DAY_AFTER),
        **AT_NO_SCHOOL,
    )

    assert found(student, date(2026, 9, 18)).outcome == "not_due"
    assert found(student, date(2026, 9, 21)).outcome == "flagged"


@pytest.mark.parametrize(
    ("facts", "since", "outcome"),
    [
        ({}, roll_changed("51", occurred_on=REPORT_BY), "not_expected"),
        ({}, roll_changed("21", occurred_on=REPORT_BY), "not_expected"),
        ({}, roll_changed("11", occurred_on=REPORT_BY), "not_expected"),
        (AT_NO_SCHOOL, placed(kind="deferred", occurred_on=REPORT_BY), "not_expected"),
        (AT_NO_SCHOOL, placed(occurred_on=REPORT_BY), "not_expected"),
        (AT_NO_SCHOOL, restricted(), "restricted"),
    ],
    ids=["died", "left", "suspended", "deferred", "placed", "restricted"],
)
def test_who_is_not_expected_is_not_flagged(given, facts, since, outcome):
    student = given(notice(OTHER), since, **facts)

    assert found(student).outcome == outcome


def test_without_a_notice_nobody_is_flagged(given):
    assert found(given(**AT_NO_SCHOOL)).outcome == "not_expected"
