"""An absence by roll-call is flagged once, on school days, for kinds that count, and says why."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given as whatever
from hypothesis import strategies as st

from domain.codes import ABSENCE_KIND, COUNTING_ABSENCE
from domain.entry import Actor
from domain.refusals import FlagAnew
from domain.rules import DEFAULT_RULES
from domain.screening import PRESENT_AFTER_ALL, Finding, Place, beside, places_on, screened
from tests.domain.conftest import (
    BUREAU,
    PRINCIPAL,
    TODAY,
    a_child,
    absence_flagged,
    acting,
    facts_of,
    home_teaching_assigned,
    observed,
    placed,
    restricted,
    returned,
    roll_changed,
    suspected,
    transfer_requested,
)

SCREENER = Actor("guixue-screening", "考勤排查", "screening", "归学", "school")
RULES = DEFAULT_RULES.on(TODAY)
LATE = replace(RULES, screening_school_days=3)
SCHOOL = "3141000058"
MONDAY = date(2026, 9, 14)
TUESDAY, WEDNESDAY, THURSDAY, FRIDAY, SATURDAY = (MONDAY + timedelta(days=n) for n in range(1, 6))
ALREADY, BELOW = "already_flagged", "below_threshold"


def absent(*days, kind="truancy"):
    return dict.fromkeys(days, kind)


def screen(student, marks, day, rules=RULES):
    """Do what screening finds, as its account does; a flag put right sets its neighbours free."""
    finding = screened(student, marks, day, rules, SCREENER.account)
    if finding.correction:
        try:
            student.correct(acting(SCREENER), **finding.correction)
        except FlagAnew:
            absence_flagged(first_absent_on=day, absence_kind=marks[day])(student)
        for other in beside(marks, day):
            screen(student, marks, other, rules)
    elif finding.flag:
        student.flag_absence(acting(SCREENER), **finding.flag)
    return finding.outcome


def screened_before(marks, *days):
    """A past in which days were screened, one after the other."""

    def command(student):
        for day in days:
            screen(student, marks, day)

    return command


def test_the_first_missed_school_day_is_flagged_and_the_entry_says_why(given):
    student = given()

    assert screen(student, absent(MONDAY), MONDAY) == "flagged"

    assert facts_of(student) == [
        (
            "AbsenceFlagged",
            {
                "occurred_on": MONDAY,
                "first_absent_on": MONDAY,
                "absence_kind": "truancy",
                "found_by": "screening",
                "days": 1,
                "note": "考勤排查:点名记为旷课,2026-09-14 至 2026-09-14 连续 1 个上课日;"
                "自 2021-09-01 起的规则:满 1 个上课日即预警。",
                "opens": "watched",
            },
        )
    ]


@pytest.mark.parametrize("kind", ABSENCE_KIND)
def test_only_kinds_that_count_are_flagged(given, kind):
    student = given()

    outcome = screen(student, absent(MONDAY, kind=kind), MONDAY)

    assert (outcome == "flagged") == (kind in COUNTING_ABSENCE)
    assert len(facts_of(student)) == (kind in COUNTING_ABSENCE)


@pytest.mark.parametrize("day", [SATURDAY, date(2026, 10, 1), date(2026, 8, 3)])
def test_no_day_without_school_is_flagged(given, day):
    student = given()

    assert screen(student, absent(day), day) == "no_school_day"
    assert facts_of(student) == []


def test_a_made_up_saturday_is_a_school_day(given):
    day = date(2026, 10, 10)

    assert screen(given(), absent(day), day) == "flagged"


def test_an_absence_over_a_weekend_is_one(given):
    friday, monday = date(2026, 10, 16), date(2026, 10, 19)
    student = given(screened_before(absent(friday), friday))

    assert screen(student, absent(friday, monday), monday) == ALREADY
    assert facts_of(student) == []


def test_a_day_in_class_between_makes_two(given):
    marks = absent(MONDAY, WEDNESDAY)
    student = given(screened_before(marks, MONDAY))

    assert screen(student, marks, WEDNESDAY) == "flagged"
    assert [facts["opens"] for _, facts in facts_of(student)] == [None]


def test_days_that_arrive_in_any_order_are_one_absence(given):
    student = given(screened_before(absent(WEDNESDAY), WEDNESDAY))

    assert screen(student, absent(TUESDAY, WEDNESDAY), TUESDAY) == ALREADY
    assert facts_of(student) == []


def test_under_a_rule_of_three_days_the_third_is_flagged_from_the_first(given):
    student, marks = given(), absent(MONDAY, TUESDAY, WEDNESDAY)

    outcomes = [screen(student, absent(*list(marks)[:n]), MONDAY, LATE) for n in (1, 2, 3)]

    assert outcomes == [BELOW, BELOW, "flagged"]
    ((_, facts),) = facts_of(student)
    assert (facts["first_absent_on"], facts["days"]) == (MONDAY, 3)
    assert "满 3 个上课日" in facts["note"]


def test_what_a_teacher_flagged_by_hand_is_not_flagged_again(given):
    student = given(absence_flagged(first_absent_on=MONDAY, days=3))

    assert screen(student, absent(MONDAY), MONDAY) == ALREADY
    assert screen(student, absent(WEDNESDAY), WEDNESDAY) == ALREADY
    assert screen(student, absent(THURSDAY), THURSDAY) == "flagged"


def test_what_a_teacher_recorded_as_leave_is_excused(given):
    student = given(absence_flagged(first_absent_on=MONDAY, absence_kind="sick_leave", days=2))
    marks = absent(MONDAY, TUESDAY, WEDNESDAY)

    assert [screen(student, marks, day) for day in marks] == ["excused", "excused", "flagged"]
    ((_, facts),) = facts_of(student)
    assert facts["first_absent_on"] == WEDNESDAY


def test_an_absence_after_the_return_is_a_relapse_and_none_on_the_day_it_was_seen(given):
    marks = absent(MONDAY, TUESDAY, WEDNESDAY, THURSDAY)
    past = screened_before(absent(MONDAY, TUESDAY, THURSDAY), MONDAY)
    student = given(past, suspected(), returned(WEDNESDAY))

    assert screen(student, marks, WEDNESDAY) == "seen_in_class"
    assert screen(student, marks, THURSDAY) == "flagged"
    assert [facts["opens"] for _, facts in facts_of(student)] == ["suspected"]


def test_a_child_observed_in_class_was_not_absent(given):
    student = given(absence_flagged(), suspected(), returned(WEDNESDAY), observed(THURSDAY))

    assert screen(student, absent(THURSDAY), THURSDAY) == "seen_in_class"


def test_an_absence_that_goes_on_after_the_close_out_is_a_new_one(given):
    student = given(screened_before(absent(MONDAY, TUESDAY, WEDNESDAY), WEDNESDAY))
    papers = [{"kind": "roll_extract"}]
    student.request_close_out(acting(PRINCIPAL, TUESDAY), reason="C05", papers=papers)
    student.decide_close_out(acting(BUREAU, TUESDAY), approve=True)
    marks = absent(MONDAY, TUESDAY, WEDNESDAY, THURSDAY)
    student.collect_events()

    outcomes = [screen(student, marks, day) for day in marks]

    assert outcomes == [ALREADY, ALREADY, "flagged", ALREADY]
    assert [facts["opens"] for _, facts in facts_of(student)] == ["watched"]


@pytest.mark.parametrize(
    "past",
    [
        [roll_changed("11", "medical_proof", occurred_on=MONDAY)],
        [placed(occurred_on=MONDAY)],
        [home_teaching_assigned(occurred_on=MONDAY, from_day=MONDAY)],
    ],
)
def test_a_child_that_is_not_expected_in_class_is_not_flagged(given, past):
    student = given(*past)

    assert screen(student, absent(FRIDAY), FRIDAY) == "not_expected"
    assert facts_of(student) == []


def test_a_child_of_an_inclusive_class_is_expected(given):
    student = given(placed(kind="inclusive_class"))

    assert screen(student, absent(FRIDAY), FRIDAY) == "flagged"


def test_for_a_restricted_child_nothing_is_decided(given):
    assert screened(given(restricted()), absent(MONDAY), MONDAY, RULES, "x") == Finding(
        "restricted"
    )


# A corrected roll-call ------------------------------------------------------------


def test_present_after_all_is_a_correction_of_the_flag_and_deletes_nothing(given):
    student = given(screened_before(absent(MONDAY), MONDAY))

    assert screen(student, {}, MONDAY) == "put_right"

    ((kind, facts),) = facts_of(student)
    assert (kind, facts["entry"], facts["reason"]) == ("Corrected", 2, "2026-09-14 的点名已更正。")
    assert facts["changes"]["note"].endswith(PRESENT_AFTER_ALL)
    assert student.status == "watched"  # for two people to rule out
    assert screen(student, {}, MONDAY) == "present"
    assert facts_of(student) == []


def test_a_flag_follows_the_roll_call_to_another_kind_and_back(given):
    student = given(screened_before(absent(MONDAY), MONDAY))
    outcomes = []
    for marks in (absent(MONDAY, kind="sick_leave"), {}, absent(MONDAY)):
        outcomes += [screen(student, marks, MONDAY), screen(student, marks, MONDAY)]

    assert outcomes == ["put_right", "excused", "put_right", "present", "put_right", ALREADY]
    assert (student.entries[1].absence_kind, student.version) == ("truancy", 5)
    assert not student.entries[1].note.endswith(PRESENT_AFTER_ALL)


def test_a_flag_somebody_corrected_is_left_to_them(given):
    student = given(screened_before(absent(MONDAY), MONDAY))
    student.correct(acting(), entry=2, changes={"absence_kind": "sick_leave"}, reason="有假条")
    student.collect_events()

    assert screen(student, absent(MONDAY), MONDAY) == "excused"
    assert screen(student, {}, MONDAY) == "present"
    assert facts_of(student) == []


def test_the_days_after_one_that_turned_out_excused_are_flagged(given):
    student = given(screened_before(absent(MONDAY, TUESDAY), MONDAY, TUESDAY))

    screen(student, {**absent(MONDAY, kind="sick_leave"), **absent(TUESDAY)}, MONDAY)

    kinds = [(kind, facts.get("first_absent_on")) for kind, facts in facts_of(student)]
    assert kinds == [("Corrected", None), ("AbsenceFlagged", TUESDAY)]


def test_a_relapse_that_turns_out_excused_is_undone(given):
    student = given(absence_flagged(), suspected(), returned(WEDNESDAY))
    screen(student, absent(FRIDAY), FRIDAY)

    screen(student, absent(FRIDAY, kind="sick_leave"), FRIDAY)

    assert student.status == "returned"


# Any number of times, in any order ------------------------------------------------------------

DAYS = [MONDAY + timedelta(days=n) for n in range(15)]
KINDS = st.sampled_from([None, "truancy", "out_of_contact", "sick_leave", "late"])
ROLL_CALLS = st.lists(st.tuples(st.sampled_from(DAYS), KINDS), max_size=25)


def missed_runs(marks):
    """The absences there are: school days in a row whose kind counts, said a second time."""
    runs, last = [], None
    for day in DAYS:
        if not RULES.calendar.is_school_day(day):
            continue
        counts = marks.get(day) in COUNTING_ABSENCE
        if counts and last:
            runs[-1].append(day)
        elif counts:
            runs.append([day])
        last = counts
    return runs


@whatever(ROLL_CALLS, st.randoms(use_true_random=False))
def test_whatever_roll_calls_say_each_absence_is_flagged_and_nothing_is_twice(calls, chance):
    """Corrected, repeated, late: screening all of it anew records nothing more."""
    student, marks = a_child(), {}
    for day, kind in calls:
        marks = {**marks, day: kind} if kind else {d: k for d, k in marks.items() if d != day}
        for _ in range(chance.randrange(1, 3)):
            screen(student, marks, day)
    flags = [e for e in student.entries if e.entry_kind() == "absence_flagged"]
    standing = [
        f
        for f in flags
        if f.absence_kind in COUNTING_ABSENCE and not f.note.endswith(PRESENT_AFTER_ALL)
    ]
    assert len({flag.first_absent_on for flag in flags}) == len(flags)
    for run in missed_runs(marks):
        assert any(flag.first_absent_on in run for flag in standing)
    assert {f.first_absent_on for f in standing} <= {d for run in missed_runs(marks) for d in run}

    version = student.version
    for day in chance.sample(DAYS, len(DAYS)):
        screen(student, marks, day)
    assert student.version == version


@whatever(st.dictionaries(st.sampled_from(DAYS), KINDS.filter(bool)))
def test_roll_calls_day_by_day_flag_each_absence_exactly_once(marks):
    student = a_child()
    for today in DAYS:
        known = {day: kind for day, kind in marks.items() if day <= today}
        screen(student, known, today)
    flagged = [e.first_absent_on for e in student.entries if e.entry_kind() == "absence_flagged"]
    assert flagged == [run[0] for run in missed_runs(marks)]


# Where a child sat ------------------------------------------------------------

HERE = Place(SCHOOL, 7, "1班")


def test_a_child_sits_where_the_roll_put_it_even_before_it_was_enrolled_here(given):
    assert places_on(given(), date(2026, 9, 1)) == {HERE}


def test_on_the_day_of_its_transfer_a_child_sits_at_both_schools(given):
    student = given(transfer_requested(occurred_on=MONDAY))
    student.decide_transfer(
        acting(), entry=2, accept=True, grade=7, class_name="3班", occurred_on=WEDNESDAY
    )
    there = Place("3141000059", 7, "3班")

    assert places_on(student, TUESDAY) == {HERE}
    assert places_on(student, WEDNESDAY) == {HERE, there}
    assert places_on(student, THURSDAY) == {there}


def test_a_child_that_left_the_district_sits_nowhere_after(given):
    student = given(roll_changed("21", "host_school_letter", occurred_on=MONDAY))

    assert (places_on(student, MONDAY), places_on(student, TUESDAY)) == ({HERE}, set())
