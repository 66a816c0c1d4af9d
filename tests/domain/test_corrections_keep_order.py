"""What was refused when it was told is refused when it is corrected to."""

from datetime import date

import pytest

from domain.refusals import (
    AnsweredBeforeAsked,
    BeforeBirth,
    EndBeforeStart,
    NotCorrectable,
    ObservationBeforeReturn,
    ReturnBeforeAbsence,
    ServedBeforeIssued,
)
from tests.domain.conftest import (
    absence_flagged,
    acting,
    answered,
    close_out_asked,
    close_out_decided,
    contact_lost,
    facts_of,
    home_teaching_assigned,
    observed,
    ordered,
    referred,
    returned,
    served,
    suspected,
)

RETURNED = [absence_flagged(), suspected(), returned()]


def corrected(entry, reason="登记有误", **changes):
    return lambda student: student.correct(acting(), entry=entry, changes=changes, reason=reason)


def marked_as_key_group(student):
    student.assign_key_group(
        acting(),
        code="migrant",
        source="排查",
        purpose="关爱",
        from_day=date(2026, 10, 12),
        until=date(2026, 10, 31),
    )


@pytest.mark.parametrize(
    ("past", "entry", "changes", "kind"),
    [
        ([ordered(), served()], 5, {"served_on": "2026-10-11"}, ServedBeforeIssued),
        ([ordered(), served()], 4, {"occurred_on": "2026-10-14"}, ServedBeforeIssued),
        ([referred(), answered()], 5, {"occurred_on": "2026-10-11"}, AnsweredBeforeAsked),
        ([referred(), answered()], 4, {"occurred_on": "2026-10-15"}, AnsweredBeforeAsked),
        (
            [returned(), observed(date(2026, 9, 28))],
            5,
            {"occurred_on": "2026-09-23"},
            ObservationBeforeReturn,
        ),
        (
            [home_teaching_assigned(to=date(2027, 7, 9))],
            4,
            {"to": "2026-09-19"},
            EndBeforeStart,
        ),
        ([marked_as_key_group], 4, {"until": "2026-10-11"}, EndBeforeStart),
    ],
    ids=["service", "order", "answer", "referral", "observation", "plan", "key-group"],
)
def test_days_that_follow_each_other_are_not_corrected_past_each_other(
    given, refused, past, entry, changes, kind
):
    student = given(absence_flagged(), suspected(), *past)

    with refused(kind, student):
        corrected(entry, **changes)(student)


@pytest.mark.parametrize(
    ("past", "entry", "changes"),
    [
        ([ordered(), served()], 5, {"served_on": "2026-10-12"}),
        ([ordered(), served()], 4, {"occurred_on": "2026-10-13"}),
        ([ordered()], 4, {"occurred_on": "2026-10-20"}),
        ([referred(), answered()], 4, {"occurred_on": "2026-10-14"}),
        ([referred()], 4, {"occurred_on": "2026-10-20"}),
        ([returned(), observed(date(2026, 9, 28))], 5, {"occurred_on": "2026-09-24"}),
        ([home_teaching_assigned(to=date(2027, 7, 9))], 4, {"to": "2026-09-20"}),
        ([home_teaching_assigned(to=date(2027, 7, 9))], 4, {"to": None}),
        ([marked_as_key_group], 4, {"until": "2026-10-12"}),
    ],
)
def test_on_the_same_day_or_while_nothing_follows_they_are(given, past, entry, changes):
    student = given(absence_flagged(), suspected(), *past)

    corrected(entry, **changes)(student)

    assert [name for name, _ in facts_of(student)] == ["Corrected"]


def test_an_observation_of_a_first_return_is_held_against_that_return_only(given):
    student = given(
        *(absence_flagged(), returned(), observed(date(2026, 9, 28))),
        *(contact_lost(occurred_on=date(2026, 10, 9)), returned(date(2026, 10, 19))),
    )

    corrected(4, occurred_on="2026-09-29")(student)

    assert student.entries[3].occurred_on == date(2026, 9, 29)


def test_a_suspicion_that_reopened_a_case_is_not_moved_past_the_return(given, refused):
    student = given(
        *(absence_flagged(), close_out_asked("C02", ["roll_extract"]), close_out_decided()),
        *(suspected(occurred_on=date(2026, 10, 12)), returned(date(2026, 10, 19))),
    )

    with refused(ReturnBeforeAbsence, student):
        corrected(5, occurred_on="2026-10-20")(student)


def test_a_birth_after_the_first_absent_day_is_refused_though_it_was_told_later(given, refused):
    student = given(absence_flagged(occurred_on=date(2026, 9, 16)))

    with refused(BeforeBirth, student):
        corrected(1, birth_date="2026-09-15")(student)


@pytest.mark.parametrize(
    ("entry", "field"),
    [(1, "name"), (1, "birth_date"), (2, "occurred_on"), (2, "absence_kind"), (4, "seen_on")],
)
def test_what_must_be_told_is_not_corrected_to_nothing(given, refused, entry, field):
    student = given(*RETURNED)

    with refused(NotCorrectable, student):
        corrected(entry, **{field: None})(student)


def test_what_may_be_left_out_is_corrected_to_nothing(given):
    student = given(absence_flagged(note="看错了"))

    corrected(2, note=None)(student)

    assert student.entries[1].note is None
