"""A correction is a new entry; both versions stay, and the state is read anew."""

from datetime import date

import pytest

from domain.refusals import (
    BeforeBirth,
    FlagAnew,
    FutureDay,
    NoSuchEntry,
    NotCorrectable,
    NothingChanged,
    NotOnRoll,
    PapersMissing,
    RelapseWorkedOn,
    ReturnAfterRelapse,
    ReturnBeforeAbsence,
)
from tests.domain.conftest import (
    absence_flagged,
    acting,
    close_out_asked,
    contact_lost,
    facts_of,
    home_teaching_assigned,
    observed,
    persuaded,
    returned,
    roll_changed,
    suspected,
    visited,
)

RETURNED = [absence_flagged(), suspected(), returned()]


def corrected(entry, reason="登记有误", **changes):
    return lambda student: student.correct(acting(), entry=entry, changes=changes, reason=reason)


def test_a_correction_names_the_entry_the_fields_and_the_reason(given):
    student = given(visited())

    student.correct(
        acting(), entry=2, changes={"mode": "phone", "met": ["relative"]}, reason="看错"
    )

    assert facts_of(student) == [
        (
            "Corrected",
            {
                "occurred_on": date(2026, 11, 24),
                "entry": 2,
                "changes": {"mode": "phone", "met": ["relative"]},
                "reason": "看错",
                "derived": None,
            },
        )
    ]


def test_both_versions_stay(given):
    student = given()
    visited()(student)
    [original] = student.collect_events()

    corrected(2, mode="phone")(student)

    assert original.mode == "at_home"
    assert student.entries[1].mode == "phone"
    assert student.corrected_by == {2: [3]}
    assert len(student.entries) == len(student.standings) == student.version == 3


def test_the_state_is_what_it_would_be_had_the_entry_been_right_at_once(given):
    right = given(absence_flagged(first_absent_on=date(2026, 9, 10)), suspected(), persuaded())
    wrong = given(absence_flagged(), suspected(), persuaded())

    corrected(2, first_absent_on="2026-09-10")(wrong)

    assert repr(wrong.state) == repr(right.state)
    assert wrong.standings[:-1] == right.standings


def test_a_later_correction_stands_upon_the_earlier_one(given):
    student = given(absence_flagged(), corrected(2, note="甲"), corrected(2, days=4))

    corrected(2, note="乙")(student)

    assert (student.entries[1].note, student.entries[1].days) == ("乙", 4)
    assert student.corrected_by == {2: [3, 4, 5]}


def test_a_corrected_return_day_moves_the_end_of_the_observation(given):
    student = given(*RETURNED)

    corrected(4, seen_on="2026-10-19")(student)

    [(_, facts)] = facts_of(student)
    assert facts["changes"] == {"seen_on": "2026-10-19"}
    assert facts["derived"] == {"observed_until": "2026-11-30", "occurred_on": "2026-10-19"}
    assert student.open_episode().seen_on == date(2026, 10, 19)
    assert student.open_episode().observed_until == date(2026, 11, 30)


def test_a_day_that_was_corrected_by_hand_is_not_derived(given):
    student = given(*RETURNED)

    corrected(4, seen_on="2026-10-19", occurred_on="2026-10-20")(student)

    [(_, facts)] = facts_of(student)
    assert facts["derived"] == {"observed_until": "2026-11-30"}
    assert student.entries[3].occurred_on == date(2026, 10, 20)


def test_a_corrected_first_absent_day_moves_the_day_of_the_entry(given):
    student = given(absence_flagged())

    corrected(2, first_absent_on="2026-09-10")(student)

    [(_, facts)] = facts_of(student)
    assert facts["derived"] == {"occurred_on": "2026-09-10"}
    assert student.open_episode().first_absent_on == date(2026, 9, 10)


def test_a_correction_keeps_the_observations_and_the_request(given):
    student = given(
        *RETURNED, observed(date(2026, 11, 13)), close_out_asked("C01", ["attendance_sheet"])
    )

    corrected(4, class_name="2班")(student)

    assert student.open_episode().close_out.reason == "C01"
    assert student.open_episode().observations == [(date(2026, 11, 13), True)]


def test_a_corrected_roll_shows_from_that_entry_on(given):
    student = given(absence_flagged())

    corrected(1, grade=8, class_name="2班")(student)

    assert [(s.grade, s.class_name) for s in student.standings] == [(8, "2班")] * 3


def test_a_watched_case_whose_absence_was_excused_stays_for_two_people_to_rule_out(given):
    student = given(absence_flagged())

    corrected(2, absence_kind="sick_leave")(student)

    assert student.status == "watched"


RELAPSE = date(2026, 10, 12)


@pytest.mark.parametrize(
    "changes", [{"absence_kind": "sick_leave"}, {"first_absent_on": "2026-09-21"}]
)
def test_a_relapse_that_was_none_is_undone_and_the_observation_goes_on(given, changes):
    student = given(*RETURNED, absence_flagged(first_absent_on=RELAPSE))

    corrected(5, **changes)(student)

    assert (student.status, len(student.state.episodes)) == ("returned", 1)
    assert not student.open_episode().relapsed
    assert student.entries[-1].derived["opens"] is None
    observed(date(2026, 11, 12))(student)


def test_a_relapse_that_was_worked_on_is_not_undone(given, refused):
    student = given(*RETURNED, absence_flagged(first_absent_on=RELAPSE), persuaded())

    with refused(RelapseWorkedOn, student):
        corrected(5, absence_kind="sick_leave")(student)


@pytest.mark.parametrize("past", [[], RETURNED])
def test_an_excused_absence_that_was_none_is_flagged_anew(given, refused, past):
    student = given(*past, absence_flagged(first_absent_on=RELAPSE, absence_kind="sick_leave"))

    with refused(FlagAnew, student):
        corrected(student.version, absence_kind="truancy")(student)


def test_in_an_open_case_an_absence_may_be_corrected_to_a_counting_one(given):
    student = given(absence_flagged(), absence_flagged(absence_kind="sick_leave"))

    corrected(3, absence_kind="truancy")(student)

    assert student.entries[2].absence_kind == "truancy"


def test_a_return_is_not_moved_past_the_relapse(given, refused):
    student = given(*RETURNED, absence_flagged(first_absent_on=RELAPSE))

    with refused(ReturnAfterRelapse, student):
        corrected(4, seen_on="2026-10-13")(student)
    corrected(4, seen_on="2026-10-12")(student)


def test_a_roll_change_is_corrected_only_to_one_that_applied(given, refused):
    student = given(roll_changed("11", "approval"))

    with refused(NotOnRoll, student):
        corrected(2, kind="12")(student)
    corrected(2, kind="21")(student)

    assert student.state.student_status == "10"


@pytest.mark.parametrize("entry", [0, -1, 3, 10**6])
def test_an_entry_that_is_not_there_is_not_corrected(given, refused, entry):
    student = given(absence_flagged())

    with refused(NoSuchEntry, student):
        corrected(entry, note="甲")(student)


@pytest.mark.parametrize("field", ["opens", "by", "originator_version", "no_such_field"])
def test_a_field_that_was_decided_and_not_told_is_not_corrected(given, refused, field):
    student = given(absence_flagged())

    with refused(NotCorrectable, student):
        corrected(2, **{field: "suspected"})(student)


def test_a_correction_itself_is_not_corrected(given, refused):
    student = given(absence_flagged(), corrected(2, note="甲"))

    with refused(NotCorrectable, student):
        corrected(3, changes={"note": "乙"})(student)


@pytest.mark.parametrize(
    "changes",
    [{}, {"absence_kind": "truancy"}, {"first_absent_on": "2026-09-14", "note": None}],
)
def test_a_correction_that_changes_nothing_is_refused(given, refused, changes):
    student = given(absence_flagged())

    with refused(NothingChanged, student):
        corrected(2, **changes)(student)


def test_a_correction_back_to_the_first_version_changes_something(given):
    student = given(absence_flagged(), corrected(2, absence_kind="not_reported"))

    corrected(2, absence_kind="truancy")(student)

    assert len(facts_of(student)) == 1


@pytest.mark.parametrize(
    ("entry", "field"),
    [(2, "occurred_on"), (2, "first_absent_on"), (4, "seen_on"), (4, "occurred_on")],
)
@pytest.mark.parametrize(("day", "kind"), [("2026-11-25", FutureDay), ("2014-09-14", BeforeBirth)])
def test_a_day_that_cannot_be_is_not_corrected_to(given, refused, entry, field, day, kind):
    student = given(*RETURNED)

    with refused(kind, student):
        corrected(entry, **{field: day})(student)


def test_a_birth_in_the_future_is_refused(given, refused):
    student = given()

    with refused(FutureDay, student):
        corrected(1, birth_date="2026-11-25")(student)


def test_a_birth_after_what_the_child_already_lived_through_is_refused(given, refused):
    student = given(absence_flagged())

    with refused(BeforeBirth, student):
        corrected(1, birth_date="2026-09-15")(student)


@pytest.mark.parametrize("changes", [{"first_absent_on": "2026-09-25"}])
def test_an_absence_is_not_moved_past_the_return(given, refused, changes):
    student = given(*RETURNED)

    with refused(ReturnBeforeAbsence, student):
        corrected(2, **changes)(student)


def test_a_return_is_not_moved_before_the_absence(given, refused):
    student = given(*RETURNED)

    with refused(ReturnBeforeAbsence, student):
        corrected(4, seen_on="2026-09-13")(student)


def test_an_absence_that_opened_nothing_may_lie_past_the_return(given):
    student = given(*RETURNED, absence_flagged(absence_kind="sick_leave"))

    corrected(5, first_absent_on="2026-10-19")(student)

    assert student.open_episode().first_absent_on == date(2026, 9, 14)


def test_the_days_of_one_episode_are_not_held_against_another(given):
    student = given(*RETURNED, absence_flagged(first_absent_on=date(2026, 10, 19)))

    corrected(5, first_absent_on="2026-10-21")(student)

    assert student.open_episode().first_absent_on == date(2026, 10, 21)


@pytest.mark.parametrize("past", [contact_lost(), home_teaching_assigned()])
def test_papers_that_were_demanded_are_not_corrected_away(given, refused, past):
    student = given(absence_flagged(), past)

    with refused(PapersMissing, student):
        corrected(3, papers=[{"kind": "other"}])(student)
