"""A child taught at home or placed elsewhere, inside a case or as an arrangement on the roll."""

from datetime import date

import pytest

from domain.codes import PLACEMENT_KIND
from domain.refusals import EndBeforeStart, NoHomeTeachingPlan, PapersMissing
from tests.domain.conftest import (
    absence_flagged,
    acting,
    facts_of,
    home_teaching_assigned,
    placed,
    returned,
    suspected,
)


def taught(occurred_on=date(2026, 10, 12), **facts):
    known = {"teachers": ["测戊"], "minutes": 90, "topic": "识字", "guardian_present": True}
    return lambda student: student.teach_at_home(
        acting(), occurred_on=occurred_on, **{**known, **facts}
    )


def papers(*kinds):
    return [{"kind": kind} for kind in kinds]


def test_a_plan_of_home_teaching_inside_a_case_is_its_status(given):
    student = given(absence_flagged(), suspected())

    home_teaching_assigned(
        to=date(2027, 7, 9), disability={"type": "5", "level": "2", "certificate": None}
    )(student)

    assert facts_of(student) == [
        (
            "HomeTeachingAssigned",
            {
                "occurred_on": date(2026, 9, 20),
                "school_code": "5141000077",
                "teachers": ["测戊"],
                "planned_hours_per_month": 4,
                "from_day": date(2026, 9, 20),
                "papers": papers("disability_certificate", "guardian_application"),
                "to": date(2027, 7, 9),
                "disability": {"type": "5", "level": "2", "certificate": None},
            },
        )
    ]
    assert student.status == "home_taught"


def test_a_plan_without_a_case_is_an_arrangement_and_opens_none(given):
    student = given()

    home_teaching_assigned()(student)

    assert [name for name, _ in facts_of(student)] == ["HomeTeachingAssigned"]
    assert (student.status, student.state.episodes) == ("none", [])
    assert student.state.home_teaching.hours_per_month == 4


@pytest.mark.parametrize("proof", ["disability_certificate", "medical_proof"])
def test_a_plan_takes_a_proof_of_disability_or_illness(given, proof):
    student = given()

    home_teaching_assigned(papers=papers(proof, "guardian_application"))(student)

    assert student.state.home_teaching is not None


@pytest.mark.parametrize(
    "given_papers",
    [
        [],
        papers("disability_certificate"),
        papers("guardian_application"),
        papers("disability_certificate", "medical_proof"),
    ],
)
def test_a_plan_without_its_papers_is_refused(given, refused, given_papers):
    student = given()

    with refused(PapersMissing, student):
        home_teaching_assigned(papers=given_papers)(student)


def test_a_plan_that_ends_before_it_starts_is_refused(given, refused):
    student = given()

    with refused(EndBeforeStart, student):
        home_teaching_assigned(to=date(2026, 9, 19))(student)


def test_a_session_is_recorded_under_the_plan_in_force(given):
    student = given(home_teaching_assigned(), home_teaching_assigned())

    taught(response="认识了十个字")(student)

    assert facts_of(student) == [
        (
            "HomeTeachingGiven",
            {
                "occurred_on": date(2026, 10, 12),
                "teachers": ["测戊"],
                "minutes": 90,
                "topic": "识字",
                "guardian_present": True,
                "response": "认识了十个字",
                "plan": 3,
            },
        )
    ]


def test_a_session_without_a_plan_is_refused(given, refused):
    student = given()

    with refused(NoHomeTeachingPlan, student):
        taught()(student)


@pytest.mark.parametrize("kind", PLACEMENT_KIND)
def test_a_placement_inside_a_case_is_its_status(given, kind):
    student = given(absence_flagged(), suspected())

    placed(kind=kind, where="区特殊教育学校")(student)

    assert facts_of(student) == [
        (
            "PlacementArranged",
            {
                "occurred_on": date(2026, 9, 20),
                "kind": kind,
                "papers": papers("approval"),
                "where": "区特殊教育学校",
            },
        )
    ]
    assert student.status == "placed"


def test_a_placement_without_a_case_is_an_arrangement_and_opens_none(given):
    student = given()

    placed(kind="inclusive_class")(student)

    assert len(facts_of(student)) == 1
    assert (student.status, student.state.placement) == ("none", "inclusive_class")


def test_a_placement_without_any_paper_is_refused(given, refused):
    student = given(absence_flagged())

    with refused(PapersMissing, student):
        placed(papers=[])(student)


def test_a_plan_ends_with_its_last_day_or_with_the_return(given, refused):
    planned = given(home_teaching_assigned(to=date(2026, 10, 30)))
    back = given(absence_flagged(), home_teaching_assigned(), returned(date(2026, 10, 30)))

    for student in (planned, back):
        with refused(NoHomeTeachingPlan, student):
            taught(occurred_on=date(2026, 10, 31))(student)
        taught(occurred_on=date(2026, 10, 30))(student)


def test_the_papers_of_a_placement_are_not_corrected_away(given, refused):
    student = given(placed())

    with refused(PapersMissing, student):
        student.correct(acting(), entry=2, changes={"papers": []}, reason="笔误")
