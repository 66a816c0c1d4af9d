"""No-shows (应入未入): what an enrolment notice comes to whose child is on no school's roll."""

from datetime import date, timedelta

from domain.case import AbsenceFlagged
from domain.child import FINISHED, GONE, LAST_GRADE_OF_ALL, ChildStream
from domain.code_list import CodeList
from domain.codes import COUNTING_ABSENCE
from domain.enrolment_notices import EnrolmentNoticeIssued, latest_notice, reported_on
from domain.roll import ON_ROLL
from domain.rules import RuleBook, Rules
from domain.screening import SCREENER, Finding, is_elsewhere

FOUND_BY, ABSENCE = "enrolment_no_show", "not_reported"
ONE_DAY = timedelta(days=1)
NO_SHOW_OUTCOME = CodeList.read(
    "应入未入排查结果",
    "D",
    """
    flagged         | 已预警 | Flagged
    already_flagged | 此通知书此前已预警 | This notice was flagged before
    reported        | 已报到 | Reported
    on_roll         | 在读 | On a school's roll
    not_due         | 未满期限 | Not due yet
    not_expected    | 死亡、转出、休学、延缓入学、安置或送教上门 | Not expected at school
    restricted      | 档案已封存,未登记 | The record is restricted; nothing is recorded
    to_look_into    | 与现有记录不合,请人工核查 | Does not fit what is recorded; look into it
    """,
)


def week_one(report_by: date, rules: Rules) -> tuple[date, date]:
    """Give the first and the last of the school days in which the child may still report."""
    eve = report_by - ONE_DAY if report_by > date.min else report_by
    days = rules.no_show_school_days
    return rules.calendar.school_day_after(eve, 1), rules.calendar.school_day_after(eve, days)


def no_show(child: ChildStream, today: date, book: RuleBook) -> Finding:
    """
    Decide whether a child is flagged as not having reported, upon its latest notice.

    It is when the school days from ``report_by`` on, as the rules of that day count them, have
    passed and it is on no school's roll; once for a notice, by whomever.
    """
    state = child.state
    if state.restricted_by is not None or state.erased_by is not None:
        return Finding("restricted")
    number = latest_notice(child)
    if number is None:
        return Finding("not_expected")
    notice = child.entries[number - 1]
    assert isinstance(notice, EnrolmentNoticeIssued)
    if reported_on(child, number) is not None:
        return Finding("reported")
    flag = flag_of(child, number)
    if flag is not None:
        return Finding("already_flagged", entry=flag)
    rules = book.on(notice.report_by)
    first, last = week_one(notice.report_by, rules)
    why_not = not_flagged(child, first, last, today)
    if why_not is not None:
        return Finding(why_not)
    return Finding(
        "flagged",
        flag={
            "first_absent_on": first,
            "absence_kind": ABSENCE,
            "days": rules.no_show_school_days,
            "found_by": FOUND_BY,
            "note": why(notice, first, last, rules),
        },
    )


def not_flagged(child: ChildStream, first: date, last: date, today: date) -> str | None:
    """Say why a child that has not answered its notice is not flagged; ``None`` if it is."""
    state = child.state
    if state.student_status in ON_ROLL:
        return "on_roll"
    done = state.student_status in FINISHED and state.grade == LAST_GRADE_OF_ALL
    if done or state.student_status in GONE or is_elsewhere(child, first):
        return "not_expected"
    return "not_due" if today <= last else None


def flag_of(child: ChildStream, number: int) -> int | None:
    """
    Give the flag that tells that a notice was not answered, by whomever.

    That is one recorded after the notice as found by its not being answered, or any of screening
    or of a kind that counts for a day on which the child should have reported.
    """
    notice = child.entries[number - 1]
    assert isinstance(notice, EnrolmentNoticeIssued)
    for flag in child.entries[number:]:
        if isinstance(flag, AbsenceFlagged) and (
            flag.found_by == FOUND_BY
            or (
                flag.first_absent_on >= notice.report_by
                and (flag.absence_kind in COUNTING_ABSENCE or is_ours(flag))
            )
        ):
            return flag.originator_version
    return None


def is_ours(flag: AbsenceFlagged) -> bool:
    return flag.by["account"] == SCREENER.account


def why(notice: EnrolmentNoticeIssued, first: date, last: date, rules: Rules) -> str:
    """Say why a child is flagged, as its entry keeps it."""
    number = f"({notice.document_number})" if notice.document_number else ""
    return (
        f"应入未入排查:第 {notice.originator_version} 条入学通知书{number}要求 {notice.report_by}"
        f" 前到学校 {notice.school_code} 报到,{first} 至 {last} 连续"
        f" {rules.no_show_school_days} 个上课日未报到,且不在任何学校的学籍中;自"
        f" {rules.in_force_from} 起的规则:满 {rules.no_show_school_days} 个上课日即预警。"
    )
