"""Planning inspections over HTTP (督查计划): planned, changed and cancelled before they start."""

from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from api.checking import Checked
from api.deps import (
    IfMatch,
    Key,
    Serving,
    SignedIn,
    logged_refusal,
    permitted_posts,
    signed_in_person,
)
from api.inspection_asked import InspectionAsked, asking
from api.inspection_commands import ONE, described, recorded, wish_of
from api.schemas.inspections import InspectionCancellation, InspectionChange, InspectionPlan
from api.service import Service
from application.access import OutOfReach, Post
from application.inspecting import inspects_all, own_schools
from application.subjects import Wish
from domain import inspection_refusals, refusals

router = APIRouter(route_class=Checked, tags=["inspections 督查"])


async def planners(request: Request) -> list[Post]:
    return await permitted_posts(request, "plan_inspection")


@router.post(
    "/v1/inspections",
    **described(
        "督查计划 · Plan an inspection: routine, surprise, cross, special or joint",
        InspectionPlan,
        inspection_refusals.OwnSchool,
        inspection_refusals.InspectionDaysAway,
        refusals.SchoolUnknown,
        moves=False,
    ),
)
async def plan_inspection(
    request: Request,
    _: Annotated[list[Post], Depends(planners)],
    service: Serving,
    person: SignedIn,
    body: InspectionPlan,
    key: Key,
) -> Response:
    """
    By the bureau, or a 中心校 for its own schools; the answer's `inspection` is its number.

    A surprise check is seen by nobody with a post at one of its schools until it starts.
    """
    post = await planning_post(request, body.schools)
    check_known(service, body.schools)
    wish = Wish(person.actor(post), key=key)
    done = await service.inspections.plan(wish, **body.facts(), own=own_schools(person))
    return recorded(service, done)


async def planning_post(request: Request, schools: Sequence[str]) -> Post:
    """
    Give the post in which a person plans an inspection of schools; a refused attempt is logged.

    :raises OutOfReach: if one of them is not theirs
    """
    try:
        post = inspects_all(signed_in_person(request), "plan_inspection", schools)
    except OutOfReach:
        await logged_refusal(request, "plan_inspection")
        raise
    request.state.post = post
    return post


def check_known(service: Service, schools: Sequence[str]) -> None:
    """
    Check that the directory knows some schools.

    :raises SchoolUnknown: if it does not know one
    """
    for code in schools:
        if service.directory.school(code) is None:
            raise refusals.SchoolUnknown(school_code=code)


@router.post(
    f"{ONE}/changes",
    **described(
        "变更督查计划 · Change the plan of an inspection before it starts",
        InspectionChange,
        inspection_refusals.OwnSchool,
        inspection_refusals.InspectionCancelled,
        inspection_refusals.InspectionStarted,
        inspection_refusals.InspectionEnded,
        inspection_refusals.InspectionDaysAway,
        inspection_refusals.InspectionInAnotherYear,
        refusals.NothingChanged,
        refusals.EndBeforeStart,
        refusals.SchoolUnknown,
    ),
)
async def change_plan(
    request: Request,
    asked: Annotated[InspectionAsked, asking("plan_inspection")],
    service: Serving,
    person: SignedIn,
    body: InspectionChange,
    if_match: IfMatch,
    key: Key,
) -> Response:
    """By who may plan it, as it was and as it will be; what it read before stays on record."""
    changes = body.facts()
    reason = changes.pop("reason")
    if body.schools:
        await planning_post(request, body.schools)
        check_known(service, body.schools)
    wish = wish_of(person, asked.post, if_match, key)
    done = await service.inspections.change(
        wish, asked.id, changes=changes, reason=reason, own=own_schools(person)
    )
    return recorded(service, done)


@router.post(
    f"{ONE}/cancellation",
    **described(
        "取消督查 · Cancel an inspection before it starts",
        InspectionCancellation,
        inspection_refusals.OwnSchool,
        inspection_refusals.InspectionCancelled,
        inspection_refusals.InspectionStarted,
        inspection_refusals.InspectionEnded,
    ),
)
async def cancel_inspection(
    asked: Annotated[InspectionAsked, asking("plan_inspection")],
    service: Serving,
    person: SignedIn,
    body: InspectionCancellation,
    if_match: IfMatch,
    key: Key,
) -> Response:
    """A surprise check that is cancelled stays unknown to its schools."""
    wish = wish_of(person, asked.post, if_match, key)
    done = await service.inspections.cancel(
        wish, asked.id, reason=body.reason, own=own_schools(person)
    )
    return recorded(service, done)
