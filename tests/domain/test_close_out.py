"""A case is closed for a reason that fits, with its papers, by two people."""

from datetime import date

import pytest

from domain.codes import CLOSE_REASON, OPEN_STATUS
from domain.entry import Actor
from domain.refusals import (
    CloseOutBeforeAbsence,
    CloseOutPending,
    DecisionBeforeRequest,
    ExplanationMissing,
    NoCloseOutPending,
    NoOpenEpisode,
    ObservationNotOver,
    PapersMissing,
    ReasonDoesNotFit,
    SamePerson,
    SuperiorUnitRequired,
)
from tests.domain.conftest import (
    BUREAU,
    PRINCIPAL,
    TEACHER,
    absence_flagged,
    acting,
    close_out_asked,
    close_out_decided,
    confirmed_as_dropout,
    contact_lost,
    facts_of,
    home_teaching_assigned,
    marked_as_dropout,
    observed,
    persuaded,
    placed,
    returned,
    suspected,
)

OVER = date(2026, 11, 12)  # the 30th school day after 24 September
TOWNSHIP_OFFICE = Actor("acc-office", "测庚", "office", "晴川镇中心校", "township", superior=True)
PASTS = {
    "watched": [absence_flagged()],
    "suspected": [absence_flagged(), suspected()],
    "returned": [absence_flagged(), suspected(), returned(), observed(OVER)],
    "home_taught": [absence_flagged(), home_teaching_assigned()],
    "placed": [absence_flagged(), placed()],
    "unreachable": [absence_flagged(), contact_lost()],
    "dropped_out": [
        *(absence_flagged(), suspected(), persuaded()),
        *(marked_as_dropout(), confirmed_as_dropout()),
    ],
}
FITTING = [(r, s) for r in CLOSE_REASON for s in PASTS if s in CLOSE_REASON[r].fits]
UNFITTING = [(r, s) for r in CLOSE_REASON for s in PASTS if s not in CLOSE_REASON[r].fits]


def papers_for(reason):
    return sorted(CLOSE_REASON[reason].papers)[:1]


def test_every_open_status_has_a_past_here():
    assert set(PASTS) == OPEN_STATUS


@pytest.mark.parametrize(("reason", "status"), FITTING)
def test_a_reason_that_fits_is_asked_for_and_approved(given, reason, status):
    student = given(*PASTS[status], close_out_asked(reason, papers_for(reason), note="已核实"))
    request = student.version

    student.decide_close_out(acting(BUREAU), approve=True, note="同意")

    assert facts_of(student) == [
        (
            "CloseOutApproved",
            {
                "occurred_on": date(2026, 11, 24),
                "request": request,
                "reason": reason,
                "note": "同意",
            },
        )
    ]
    assert (student.status, student.state.episode.close_reason) == ("closed", reason)


@pytest.mark.parametrize(("reason", "status"), [p for p in UNFITTING if p[0] != "C01"])
def test_a_reason_that_does_not_fit_the_status_is_refused(given, refused, reason, status):
    student = given(*PASTS[status])

    with refused(ReasonDoesNotFit, student):
        close_out_asked(reason, papers_for(reason))(student)


@pytest.mark.parametrize("status", sorted(OPEN_STATUS - {"returned"}))
def test_back_at_school_closes_nothing_while_no_return_is_recorded(given, refused, status):
    student = given(*PASTS[status])

    with refused(ObservationNotOver, student):
        close_out_asked("C01", ["attendance_sheet"])(student)


def test_the_reasons_fit_as_the_field_says():
    everywhere = {"C02", "C03", "C04", "C06", "C07", "C08", "C10", "C11"}

    assert {r for r in CLOSE_REASON if CLOSE_REASON[r].fits == OPEN_STATUS} == everywhere
    assert CLOSE_REASON["C01"].fits == {"returned"}
    assert CLOSE_REASON["C05"].fits == OPEN_STATUS - {"returned"}
    assert CLOSE_REASON["C09"].fits == {"home_taught", "placed"}
    assert CLOSE_REASON["C13"].fits == {"watched"}


@pytest.mark.parametrize("reason", [r for r in CLOSE_REASON if CLOSE_REASON[r].papers])
@pytest.mark.parametrize("given_papers", [[], ["other"]])
def test_a_reason_without_its_papers_is_refused(given, refused, reason, given_papers):
    student = given(*PASTS[min(CLOSE_REASON[reason].fits)])

    with refused(PapersMissing, student):
        close_out_asked(reason, given_papers)(student)


@pytest.mark.parametrize(
    ("reason", "paper"), [(r, p) for r in CLOSE_REASON for p in sorted(CLOSE_REASON[r].papers)]
)
def test_any_one_of_the_papers_a_reason_demands_is_enough(given, reason, paper):
    student = given(*PASTS[min(CLOSE_REASON[reason].fits)])

    close_out_asked(reason, [paper, "other"])(student)

    assert facts_of(student) == [
        (
            "CloseOutRequested",
            {
                "occurred_on": date(2026, 11, 24),
                "reason": reason,
                "papers": [{"kind": paper}, {"kind": "other"}],
                "note": None,
            },
        )
    ]


# The observation ----------------------------------------------------------------------------


def asking_on(today, student):
    student.request_close_out(
        acting(PRINCIPAL, today), reason="C01", papers=[{"kind": "attendance_sheet"}]
    )


def returned_and_observed(given, *checks, attending=True):
    checked = [observed(day, attending=attending) for day in checks]
    return given(absence_flagged(), suspected(), returned(), *checked)


def test_on_the_last_day_of_the_observation_it_is_not_over(given, refused):
    student = returned_and_observed(given, OVER)

    with refused(ObservationNotOver, student):
        asking_on(OVER, student)


def test_on_the_day_after_the_last_day_it_is_over(given):
    student = returned_and_observed(given, OVER)

    asking_on(date(2026, 11, 13), student)

    assert [name for name, _ in facts_of(student)] == ["CloseOutRequested"]


def test_an_observation_before_the_last_day_does_not_end_it(given, refused):
    student = returned_and_observed(given, date(2026, 11, 11))

    with refused(ObservationNotOver, student):
        asking_on(date(2026, 11, 24), student)


def test_an_observation_without_the_child_does_not_end_it(given, refused):
    student = returned_and_observed(given, OVER, date(2026, 11, 13), attending=False)

    with refused(ObservationNotOver, student):
        asking_on(date(2026, 11, 24), student)


def test_one_late_observation_is_enough_whatever_checks_were_missed_before(given):
    student = returned_and_observed(given, date(2026, 11, 23))

    asking_on(date(2026, 11, 24), student)

    assert [name for name, _ in facts_of(student)] == ["CloseOutRequested"]


def test_time_alone_never_ends_the_observation(given, refused):
    student = returned_and_observed(given)

    with refused(ObservationNotOver, student):
        asking_on(date(2027, 6, 1), student)


def test_an_approval_looks_at_the_observation_again(given, refused):
    student = given(*PASTS["returned"], close_out_asked("C01", ["attendance_sheet"]))
    student.correct(acting(), entry=4, changes={"seen_on": "2026-10-19"}, reason="返校日期登记有误")
    student.collect_events()

    with refused(ObservationNotOver, student):
        close_out_decided()(student)


# Two people ---------------------------------------------------------------------------------


def test_the_requester_never_approves(given, refused):
    student = given(*PASTS["placed"], close_out_asked("C09", ["approval"], by=BUREAU))

    with refused(SamePerson, student):
        close_out_decided()(student)


def test_the_requester_never_rejects_either(given, refused):
    student = given(*PASTS["placed"], close_out_asked("C09", ["approval"], by=BUREAU))

    with refused(SamePerson, student):
        close_out_decided(approve=False)(student)


def test_the_requester_under_another_name_and_role_is_still_the_requester(given, refused):
    student = given(*PASTS["placed"], close_out_asked("C09", ["approval"]))
    promoted = Actor(PRINCIPAL.account, "测乙", "bureau", "区教体局", "bureau", superior=True)

    with refused(SamePerson, student):
        close_out_decided(by=promoted)(student)


@pytest.mark.parametrize("approve", [True, False])
def test_a_close_out_is_decided_by_a_superior_unit(given, refused, approve):
    student = given(*PASTS["suspected"], close_out_asked("C02", ["roll_extract"]))

    with refused(SuperiorUnitRequired, student):
        close_out_decided(approve=approve, by=TEACHER)(student)


def test_the_township_school_office_is_a_superior_unit(given):
    student = given(*PASTS["suspected"], close_out_asked("C02", ["roll_extract"]))

    close_out_decided(by=TOWNSHIP_OFFICE)(student)

    assert student.status == "closed"


def test_a_rejected_request_leaves_the_case_as_it_was(given):
    student = given(*PASTS["suspected"], close_out_asked("C02", ["roll_extract"]))
    request = student.version

    student.decide_close_out(acting(BUREAU), approve=False, note="学籍截图不清")

    assert facts_of(student) == [
        (
            "CloseOutRejected",
            {
                "occurred_on": date(2026, 11, 24),
                "request": request,
                "reason": "C02",
                "note": "学籍截图不清",
            },
        )
    ]
    assert student.status == "suspected"


def test_after_a_rejection_it_can_be_asked_again(given):
    student = given(
        *PASTS["suspected"],
        close_out_asked("C02", ["roll_extract"]),
        close_out_decided(approve=False),
    )

    close_out_asked("C03", ["host_school_letter"])(student)

    assert student.open_episode().close_out.reason == "C03"


# A warning ruled out ------------------------------------------------------------------------


@pytest.mark.parametrize(("asked", "decided"), [("病假已补", None), (None, "病假已补")])
def test_a_warning_is_ruled_out_by_two_people_of_the_school_with_one_explanation(
    given, asked, decided
):
    student = given(absence_flagged(), close_out_asked("C13", [], by=TEACHER, note=asked))

    student.decide_close_out(acting(PRINCIPAL), approve=True, note=decided)

    [(name, facts)] = facts_of(student)
    assert (name, facts["reason"], facts["note"]) == ("CloseOutApproved", "C13", decided)
    assert student.status == "closed"


@pytest.mark.parametrize(("asked", "decided"), [(None, None), ("", None), (None, "")])
def test_a_warning_is_not_ruled_out_without_an_explanation(given, refused, asked, decided):
    student = given(absence_flagged(), close_out_asked("C13", [], by=TEACHER, note=asked))

    with refused(ExplanationMissing, student):
        close_out_decided(by=PRINCIPAL, note=decided)(student)


def test_a_warning_is_not_ruled_out_by_one_person_alone(given, refused):
    student = given(absence_flagged(), close_out_asked("C13", [], by=TEACHER, note="病假已补"))

    with refused(SamePerson, student):
        close_out_decided(by=TEACHER)(student)


def test_a_ruled_out_warning_is_rejected_without_an_explanation(given):
    student = given(absence_flagged(), close_out_asked("C13", [], by=TEACHER))

    close_out_decided(approve=False, by=PRINCIPAL)(student)

    assert student.status == "watched"


# Requests -----------------------------------------------------------------------------------


def test_a_second_request_waits_for_the_first_ones_decision(given, refused):
    student = given(*PASTS["suspected"], close_out_asked("C02", ["roll_extract"]))

    with refused(CloseOutPending, student):
        close_out_asked("C03", ["host_school_letter"], by=TEACHER)(student)


@pytest.mark.parametrize(
    "change",
    [suspected(), returned(), home_teaching_assigned(), placed(), contact_lost()],
    ids=["suspected", "returned", "home_taught", "placed", "unreachable"],
)
def test_a_request_lapses_when_the_status_changes(given, refused, change):
    student = given(absence_flagged(), close_out_asked("C02", ["roll_extract"]), change)

    with refused(NoCloseOutPending, student):
        close_out_decided()(student)


def test_a_request_lapses_with_a_relapse(given, refused):
    student = given(
        *PASTS["returned"],
        close_out_asked("C01", ["attendance_sheet"]),
        absence_flagged(first_absent_on=date(2026, 11, 23)),
    )

    with refused(NoCloseOutPending, student):
        close_out_decided()(student)


def test_nothing_is_decided_that_nobody_asked_for(given, refused):
    student = given(*PASTS["suspected"])

    with refused(NoCloseOutPending, student):
        close_out_decided()(student)


@pytest.mark.parametrize("act", [close_out_asked("C02", ["roll_extract"]), close_out_decided()])
def test_without_a_case_nothing_is_closed(given, refused, act):
    student = given()

    with refused(NoOpenEpisode, student):
        act(student)


def test_a_closed_case_is_not_closed_again(given, refused):
    student = given(
        *PASTS["suspected"], close_out_asked("C02", ["roll_extract"]), close_out_decided()
    )

    with refused(NoOpenEpisode, student):
        close_out_asked("C02", ["roll_extract"])(student)


def test_a_request_does_not_lie_before_the_absence_nor_its_decision_before_it(given, refused):
    student = given(absence_flagged(), suspected())
    asked = date(2026, 11, 20)

    with refused(CloseOutBeforeAbsence, student):
        close_out_asked("C02", ["roll_extract"], occurred_on=date(2026, 9, 13))(student)
    close_out_asked("C02", ["roll_extract"], occurred_on=asked)(student)
    student.collect_events()
    with refused(DecisionBeforeRequest, student):
        close_out_decided(occurred_on=date(2026, 11, 19))(student)
    close_out_decided(occurred_on=asked)(student)

    assert student.status == "closed"
