"""Papers of a roll change that come later complete it where it stands."""

from datetime import date

import pytest

from domain.refusals import NoSuchEntry, PapersComplete, RecordRestricted
from tests.domain.conftest import (
    absence_flagged,
    acting,
    facts_of,
    restricted,
    roll_changed,
    transfer_requested,
)

MONDAY = date(2026, 10, 19)


def papers_received(*papers, entry=2, **facts):
    given_papers = [{"kind": paper} for paper in papers]
    return lambda student: student.receive_papers(
        acting(), entry=entry, papers=given_papers, **facts
    )


def answered(*, accept):
    place = {"grade": 7, "class_name": "2班"} if accept else {}
    return lambda student: student.decide_transfer(acting(), entry=2, accept=accept, **place)


def test_papers_that_come_later_are_an_entry_of_their_own_and_complete_the_change(given):
    student = given(roll_changed("11"))
    before = student.papers_missing_of(2)

    papers_received("medical_proof", occurred_on=MONDAY)(student)

    assert facts_of(student) == [
        (
            "RollChangePapersReceived",
            {
                "occurred_on": MONDAY,
                "change": 2,
                "papers": [{"kind": "medical_proof"}],
                "papers_missing": [],
            },
        )
    ]
    assert before == [["approval", "medical_proof"]]
    assert student.papers_missing_of(2) == []
    assert student.entries[1].papers_missing == before  # as it was recorded


def test_papers_that_are_not_those_demanded_leave_the_change_incomplete(given):
    student = given(roll_changed("11"), papers_received("other"))

    papers_received("approval")(student)

    [(_, facts)] = facts_of(student)
    assert facts["papers_missing"] == []


def test_a_change_corrected_to_another_kind_is_measured_by_that_kinds_papers(given):
    student = given(roll_changed("11"), papers_received("medical_proof"))

    student.correct(acting(), entry=2, changes={"kind": "51"}, reason="类别选错")

    assert student.papers_missing_of(2) == [["death_certificate"]]


def test_papers_received_by_mistake_are_corrected_away(given):
    student = given(roll_changed("11"), papers_received("medical_proof"))

    wrong = [{"kind": "other"}]
    student.correct(acting(), entry=3, changes={"papers": wrong}, reason="材料不符")

    assert student.papers_missing_of(2) == [["approval", "medical_proof"]]


def test_the_death_certificate_comes_after_the_death(given):
    student = given(roll_changed("51"))

    papers_received("death_certificate")(student)

    assert student.papers_missing_of(2) == []


@pytest.mark.parametrize("answer", [[], [answered(accept=True)]], ids=["pending", "accepted"])
def test_a_transfer_lacks_its_papers_until_they_come(given, answer):
    student = given(transfer_requested(), *answer)
    before = student.papers_missing_of(2)

    papers_received("guardian_application")(student)

    assert before == [["approval", "guardian_application"]]
    assert student.papers_missing_of(2) == []


def test_a_transfer_nobody_took_in_lacks_nothing(given, refused):
    student = given(transfer_requested(), answered(accept=False))

    with refused(PapersComplete, student):
        papers_received("guardian_application")(student)


@pytest.mark.parametrize(
    "complete", [roll_changed("11", "approval"), roll_changed("29", to_class="2班")]
)
def test_papers_for_a_change_that_lacks_none_are_refused(given, refused, complete):
    student = given(complete)

    with refused(PapersComplete, student):
        papers_received("approval")(student)


@pytest.mark.parametrize("entry", [-1, 0, 1, 2, 99])
def test_papers_for_what_is_no_roll_change_are_refused(given, refused, entry):
    student = given(absence_flagged())

    with refused(NoSuchEntry, student):
        papers_received("approval", entry=entry)(student)


def test_no_papers_are_added_to_a_restricted_record(given, refused):
    student = given(roll_changed("11"), restricted())

    with refused(RecordRestricted, student):
        papers_received("approval")(student)
