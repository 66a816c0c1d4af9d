"""Enrolment notices over HTTP: a whole school's at once, and the screening for no-shows."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from api.checking import Checked
from api.deps import (
    Key,
    Language,
    MinLogPosition,
    Serving,
    SignedIn,
    logged_refusal,
    permitted_posts,
    view_position,
)
from api.evidence import receipt
from api.looking import Looking
from api.openapi import FRESH, READ, WRITE, answered, body_example, problems, refusals_of
from api.reach import at_school
from api.schemas.roll import NoShowScreening, SchoolNotices
from api.showing import MASKS, answer, shown
from application.access import OutOfReach, Post, invites, invites_to, may_at_school
from domain import refusals
from domain.no_shows import NO_SHOW_OUTCOME
from domain.student import Student

router = APIRouter(route_class=Checked, tags=["enrolment 入学"])
VIEW = "enrolment_notice_register"


@router.post(
    "/v1/schools/{school_code}/enrolment-notices",
    status_code=201,
    dependencies=[Depends(at_school("issue_notices"))],
    summary="批量发放入学通知书 · Issue a school's enrolment notices, one entry each, all or none",
    responses={
        **answered("notices", "Recorded, one entry for each child.", 201),
        **problems(
            *(*READ, *WRITE, "out-of-reach", "not-found", "unknown-child"),
            rules=refusals_of(Student.issue_notice),
        ),
    },
    openapi_extra=body_example(SchoolNotices),
)
async def issue_notices(
    request: Request,
    school_code: str,
    person: SignedIn,
    body: SchoolNotices,
    key: Key,
    service: Serving,
) -> Response:
    """Where `document_number` is given, each notice has it with a number of its own behind."""
    post = may_at_school(person, "issue_notices", school_code, None)
    refused: list[Student] = []

    def may(child: Student) -> None:
        if not (invites(post, child) and invites_to(post, child, school_code)):
            refused.append(child)
            raise OutOfReach

    facts = body.facts()
    student_ids = [UUID(one) for one in facts.pop("student_ids")]
    try:
        done = await service.tracking.issue_notices(
            person.actor(post), student_ids, may, key, school_code=school_code, **facts
        )
    except OutOfReach:
        await logged_refusal(request, "issue_notices", refused[-1])
        raise
    headers = {
        "Location": f"/v1/ledgers/enrolment-notices?school_code={school_code}",
        **receipt(service, done),  # for the last entry
    }
    return answer(done.answer, status=201, position=done.position, headers=headers)


async def screening_posts(request: Request) -> list[Post]:
    return await permitted_posts(request, "screen_no_shows")


async def notices_position(request: Request, min_log_position: MinLogPosition = None) -> int:
    return await view_position(request, min_log_position, VIEW)


@router.post(
    "/v1/screening/no-shows",
    status_code=201,
    summary="应入未入排查 · Look for children who answered no enrolment notice; flag each once",
    responses={
        **answered("no_shows", "Screened: what became of every child looked at.", 201),
        **problems(
            *(*READ, *FRESH, "out-of-reach", "busy", "not-json"),
            rules=[refusals.SchoolUnknown],
        ),
    },
    openapi_extra=body_example(NoShowScreening),
)
async def screen_no_shows(
    request: Request,
    posts: Annotated[list[Post], Depends(screening_posts)],
    position: Annotated[int, Depends(notices_position)],
    body: NoShowScreening,
    service: Serving,
    language: Language,
    looking: Looking,
) -> Response:
    """
    The service does the same by itself, once a day for each school. It looks at notices whose
    first school days (`no_show_school_days` of the rules) have passed.
    """
    school = body.school_code
    whole = any(post.whole_district for post in posts)
    own = sorted(frozenset[str]().union(*(post.schools for post in posts)))
    if school is not None:
        if not whole and school not in own:
            await logged_refusal(request, "screen_no_shows")
            raise OutOfReach
        if service.directory.school(school) is None:
            raise refusals.SchoolUnknown(school_code=school)
    schools = [school] if school is not None else None if whole else own
    looked = await service.screening.no_shows.screen(schools)
    items: list[dict[str, Any]] = [
        {
            "student_id": str(one.student_id),
            "school_code": one.school_code,
            "outcome": one.outcome,
            "entry": one.entry,
        }
        for one in looked
    ]
    flagged = sum(one.outcome == "flagged" for one in looked)
    told = {
        "school_code": school,
        "looked_at": len(looked),
        "flagged": flagged,
        "items": shown(items, language, masks=MASKS, kinds={"outcome": NO_SHOW_OUTCOME}),
        "position": max([position, *(one.position for one in looked)]),
    }
    children = {one.student_id: one.school_code for one in looked}
    await looking.log("screen_no_shows", "recorded", children, rows=len(looked), flagged=flagged)
    return answer(told, status=201, position=told["position"])
