"""A stream recorded under older, looser rules always loads, and can be read and worked on."""

from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given as whatever
from hypothesis import settings
from hypothesis import strategies as st

from domain.codes import ESCALATION_LEVEL, STATUS
from domain.duties import duties
from domain.refusals import Refusal
from domain.rules import DEFAULT_RULES
from domain.student import Student
from tests.domain.conftest import (
    TODAY,
    absence_flagged,
    acting,
    facts_of,
    restriction_lifted,
    visited,
)
from tests.domain.golden.add import entry_from, read

GOLDEN = read()
FULL = {example["topic"]: example["state"] for example in GOLDEN}
BY = FULL["student.enrolled"]["by"]


def stored(kind, /, **state):
    """An entry as an older service may have stored it; what is not said is not there."""
    return f"student.{kind}", {"occurred_on": "2026-09-14", "by": BY, **state}


ENROLLED = stored("enrolled", name="测小舟", sex="female", birth_date="2014-09-15")
FLAGGED = stored(
    "absence_flagged",
    first_absent_on="2026-09-14",
    absence_kind="truancy",
    found_by="roll_call",
    opens="watched",
)
SUSPECTED = stored("dropout_suspected", days_absent=3, reported_reasons=["R02"])
RETURNED = stored("returned_to_school", seen_on="2026-09-24", class_name="1班", confirmed_by="甲")


def loaded(*entries):
    student = None
    for number, (topic, state) in enumerate(entries, start=1):
        student = entry_from(topic, state, number).mutate(student)
    return student


def due(student):
    return [duty.kind for duty in duties(student, TODAY, DEFAULT_RULES)]


def test_a_return_without_any_absence_loads_and_changes_nothing():
    student = loaded(ENROLLED, RETURNED)

    assert (student.version, student.status) == (2, "none")
    assert due(student) == []


def test_a_return_before_the_first_absent_day_loads():
    student = loaded(ENROLLED, FLAGGED, (RETURNED[0], {**RETURNED[1], "seen_on": "2026-09-01"}))

    assert student.status == "returned"
    assert student.open_episode().seen_on == date(2026, 9, 1)


def test_a_return_without_an_end_of_its_observation_stays_under_observation():
    student = loaded(ENROLLED, FLAGGED, SUSPECTED, RETURNED)

    assert student.open_episode().observed_until is None
    assert set(due(student)) == {"observation_check"}
    with pytest.raises(Refusal) as refused:
        student.request_close_out(acting(), reason="C01", papers=[{"kind": "attendance_sheet"}])
    assert refused.value.slug == "observation-not-over"


def test_a_second_return_loads_and_starts_the_observation_anew():
    seen = stored("attendance_observed", attending=True)
    again = (RETURNED[0], {**RETURNED[1], "seen_on": "2026-10-19"})

    student = loaded(ENROLLED, FLAGGED, RETURNED, seen, again)

    assert student.open_episode().seen_on == date(2026, 10, 19)
    assert student.open_episode().observations == []


def test_an_observation_of_a_child_that_never_returned_loads():
    student = loaded(ENROLLED, FLAGGED, stored("attendance_observed", attending=True))

    assert student.status == "watched"


def test_suspicion_confirmation_and_approval_without_any_case_load():
    student = loaded(
        ENROLLED,
        SUSPECTED,
        stored("dropout_confirmed", summary="情况属实"),
        stored("close_out_approved", request=9, reason="C01"),
        stored("close_out_rejected", request=9, reason="C01"),
        stored("persuasion_attempted", persuaders=[], met=[], outcome="agreed"),
    )

    assert (student.version, student.status, student.state.episodes) == (6, "none", [])


def test_a_suspicion_without_watch_loads_where_a_case_is_open():
    student = loaded(ENROLLED, FLAGGED, RETURNED, SUSPECTED)

    assert [(e.number, e.status) for e in student.state.episodes] == [(1, "suspected")]


def test_a_close_out_by_one_person_without_papers_for_a_reason_nobody_knows_loads():
    student = loaded(
        ENROLLED,
        FLAGGED,
        stored("close_out_requested", reason="C77", papers=[]),
        stored("close_out_approved", request=3, reason="C77"),
    )

    assert (student.status, student.state.episode.close_reason) == ("closed", "C77")


@pytest.mark.parametrize(
    ("entry", "field"),
    [
        (stored("roll_changed", kind="退学", papers=[]), "student_status"),
        (stored("placement_arranged", kind="moon_base", papers=[]), "placement"),
        (stored("key_group_ended", code="no_such_group"), "key_groups"),
    ],
    ids=["roll-change", "placement", "key-group"],
)
def test_a_code_nobody_knows_any_more_loads(entry, field):
    known = loaded(ENROLLED)

    student = loaded(ENROLLED, entry)

    expected = "moon_base" if field == "placement" else getattr(known.state, field)
    assert getattr(student.state, field) == expected


def test_an_escalation_level_nobody_knows_any_more_lifts_nothing():
    student = loaded(
        ENROLLED,
        FLAGGED,
        stored("written_report_filed", to_level="prefecture", report_number="1", summary="甲"),
    )

    assert student.open_episode().level == "school"


def test_a_status_nobody_knows_any_more_is_no_open_case():
    student = loaded(ENROLLED, (FLAGGED[0], {**FLAGGED[1], "opens": "lost_and_found"}))

    assert student.state.episode.is_open is False
    absence_flagged()(student)
    assert [name for name, _ in facts_of(student)] == ["AbsenceFlagged"]
    assert student.status == "watched"


def test_a_service_of_an_order_and_an_answer_to_a_referral_that_are_not_there_load():
    student = loaded(
        ENROLLED,
        FLAGGED,
        stored("order_served", order=77, served_on="2026-09-20", served_to="乙", place="家中"),
        stored("referral_answered", referral=78, answer="已落实"),
        stored("transfer_rejected", request=79),
    )

    assert student.version == 5
    assert "order_due" not in due(student)


def test_what_refers_to_an_entry_that_is_not_there_is_refused_when_corrected_and_never_breaks():
    student = loaded(
        ENROLLED,
        stored("order_served", order=77, served_on="2026-09-20", served_to="乙", place="家中"),
    )

    with pytest.raises(Refusal):
        student.correct(acting(), entry=2, changes={"served_on": "2026-09-21"}, reason="笔误")


def test_an_entry_of_an_absence_after_its_return_can_still_be_corrected_elsewhere():
    student = loaded(ENROLLED, FLAGGED, (RETURNED[0], {**RETURNED[1], "seen_on": "2026-09-01"}))

    student.correct(acting(), entry=2, changes={"note": "同学反映"}, reason="补记")

    assert student.entries[1].note == "同学反映"


@pytest.mark.parametrize("number", [0, -1, 3, 4, 10**6])
def test_a_correction_of_an_entry_that_is_not_there_loads_and_corrects_nothing(number):
    wrong = stored("corrected", entry=number, changes={"note": "甲"}, reason="乙")

    student = loaded(ENROLLED, FLAGGED, wrong)

    assert (student.version, student.corrected_by) == (3, {})
    assert student.entries[1].note is None


def test_a_correction_of_a_field_that_is_no_longer_correctable_loads():
    student = loaded(
        ENROLLED, FLAGGED, stored("corrected", entry=2, changes={"opens": None}, reason="误报")
    )

    assert (student.status, student.entries[1].opens) == ("none", None)


def test_a_stream_that_does_not_begin_with_an_enrolment_loads():
    student = loaded(FLAGGED, ENROLLED)

    assert (student.version, student.status) == (2, "watched")


def test_a_child_without_a_birth_date_in_reach_still_has_days():
    student = loaded(FLAGGED)

    absence_flagged(absence_kind="sick_leave", first_absent_on=date.min)(student)

    assert len(facts_of(student)) == 1


# Everything the golden file knows, with its optional fields or without, in any order ----------

REQUIRED = {topic: sorted(set(state)) for topic, state in FULL.items()}


@st.composite
def older_entries(draw):
    """A stored entry of any kind, some optional fields away, its references to anywhere."""
    topic = draw(st.sampled_from(sorted(FULL)))
    event = type(entry_from(topic, FULL[topic]))
    state = dict(FULL[topic])
    for name in REQUIRED[topic]:
        if hasattr(event, name) and draw(st.booleans()):
            del state[name]
    state["occurred_on"] = (TODAY - timedelta(days=draw(st.integers(0, 900)))).isoformat()
    for name in {"request", "order", "referral", "plan", "restriction", "entry"} & state.keys():
        state[name] = draw(st.integers(-1, 12))
    if topic == "student.absence_flagged":
        state["opens"] = draw(st.sampled_from([None, "watched", "suspected"]))
    if topic == "student.roll_changed":
        state["kind"] = draw(st.sampled_from(["11", "22", "51", "退学"]))
    if topic == "student.dropout_suspected":
        state["reopens"] = draw(st.booleans())
    return topic, state


@settings(max_examples=150, deadline=None)
@whatever(st.lists(older_entries(), min_size=1, max_size=14))
def test_entries_of_any_kind_in_any_order_load_and_the_child_can_be_worked_with(entries):
    student = loaded(*entries)

    assert isinstance(student, Student)
    assert len(student.entries) == len(student.standings) == student.version == len(entries)
    assert [e.number for e in student.state.episodes] == [
        *range(1, len(student.state.episodes) + 1)
    ]
    assert student.status in STATUS
    assert all(standing.level in {None, *ESCALATION_LEVEL} for standing in student.standings)
    days = [duty.due_on for duty in duties(student, TODAY, DEFAULT_RULES)]
    assert all(one <= other for one, other in pairwise(days))
    if student.state.erased_by is not None:
        assert days == []
    elif student.state.student_status != "11":
        if student.state.restricted_by is not None:
            restriction_lifted()(student)
        student.collect_events()
        visited(occurred_on=TODAY)(student)
        assert [name for name, _ in facts_of(student)] == ["HomeVisited"]
