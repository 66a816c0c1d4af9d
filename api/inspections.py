"""Inspections over HTTP (督查): lists, one of them, findings still open; and planning one."""

from collections.abc import Sequence
from datetime import date
from typing import Annotated, Literal, NamedTuple

from fastapi import APIRouter, Depends, Query, Request
from starlette.responses import Response

from api.checking import Checked
from api.deps import (
    AsOf,
    Key,
    Language,
    Serving,
    SignedIn,
    logged_refusal,
    permitted_posts,
    signed_in_person,
)
from api.inspection_asked import InspectionPath, inspection_seen
from api.inspection_commands import described, recorded
from api.inspection_register import REGISTER, lines
from api.inspection_shown import finding_shown, listed, place, whole
from api.looking import Looking
from api.openapi import READ, answered, problems
from api.printed_register import answered_as, send_register
from api.schemas.fields import OneOf
from api.schemas.inspections import InspectionPlan
from api.service import Service
from api.showing import answer
from api.supervision_reach import SchoolCode, Township, area_asked
from application.access import OutOfReach, Person, Post
from application.inspecting import inspects_all, own_schools, schools_seen, sees
from application.subjects import Wish
from domain import inspection_refusals, refusals
from domain.cohorts import school_year_begins
from domain.inspection import Inspection
from domain.inspection_codes import INSPECTION_STATE, TO_DO

router = APIRouter(route_class=Checked, tags=["inspections 督查"])
Year = Annotated[
    int | None, Query(ge=2000, le=2999, description="the school year, by its first; this one")
]
State = Annotated[Annotated[str, OneOf(INSPECTION_STATE)] | None, Query()]


class Watched(NamedTuple):
    """Who asks for a list, in which posts, and the schools whose part of it they ask for."""

    person: Person
    posts: list[Post]
    schools: frozenset[str]

    def part(self, one: Inspection) -> list[str]:
        """Give the schools of an inspection that are asked for and seen; none if it is not."""
        if not sees(self.person, self.posts, one):
            return []
        return [code for code in schools_seen(self.posts, one) if code in self.schools]


async def watched(
    request: Request, school_code: SchoolCode = None, township: Township = None
) -> Watched:
    """
    Give who asks and for which schools; a refused attempt is logged.

    :raises NotAllowed: if the role sees no inspections
    :raises Problem: ``not-found`` for a school or township that is not theirs
    """
    posts, schools = await area_asked(request, "read_inspections", school_code, township)
    return Watched(signed_in_person(request), posts, schools)


Watching = Annotated[Watched, Depends(watched)]


def this_year(service: Service) -> int:
    return school_year_begins(service.tracking.today()).year


async def as_known(service: Service, as_of: AsOf) -> int:
    """Give the position a moment stands for, else that of the whole log."""
    store = service.store
    return await (store.head() if as_of is None else store.position_at(as_of))


@router.get(
    "/v1/inspections",
    summary="督查台账 · The inspections of a school year, as one sees them",
    responses={
        **answered_as(
            "inspections",
            "Each with what was counted and found at the schools one sees; as `xlsx` or `csv` the"
            " register (督查登记表), a line for each of those schools.",
        ),
        **problems(*READ, "not-found", "record-damaged", "keys-away"),
    },
)
async def list_inspections(
    request: Request,
    asked: Watching,
    service: Serving,
    language: Language,
    looking: Looking,
    year: Year = None,
    state: State = None,
    as_of: AsOf = None,
    form: Annotated[Literal["json", "xlsx", "csv"], Query(alias="format")] = "json",
) -> Response:
    """
    A principal sees those of the own school; a surprise check (突击检查) once it has started.

    Sums are of the schools one sees, and of those asked for. `overdue` is by today's day.
    """
    position = await as_known(service, as_of)
    year = year or this_year(service)
    part = [
        (one, schools)
        for one in await service.inspections.of(year, position)
        if state in {None, one.state} and (schools := asked.part(one))
    ]
    if form != "json":
        return await send_register(
            request,
            looking,
            REGISTER,
            list(lines(part, service, language)),
            of=f"{year}-{year + 1}",
            form=form,
            position=position,
            language=language,
            filters={"year": year},
        )
    items = [listed(one, schools, service, language) for one, schools in part]
    return answer({"items": items, "next_cursor": None}, position=position)


@router.get(
    "/v1/inspections/rectifications",
    summary="整改清单 · Findings that are not closed yet, by school, with owner and due day",
    responses={
        **answered("rectifications", "Every finding one sees that is not closed, of any year."),
        **problems(*READ, "not-found", "record-damaged", "keys-away"),
    },
)
async def list_rectifications(
    asked: Watching,
    service: Serving,
    language: Language,
    overdue: Annotated[bool, Query(description="only those past their due day")] = False,
) -> Response:
    """What is put right and awaits the inspecting side's decision is not overdue."""
    position = await service.store.head()
    today = service.tracking.today()
    found = await service.inspections.of_years(years(service))
    items = sorted(
        (
            {
                **place(finding.noted.school_code, service),
                "inspection": one.planned.inspection,
                "title": one.planned.title,
                **finding_shown(finding, service, language),
                "days_late": days_late(finding.noted.due_on, today)
                if finding.state in TO_DO
                else 0,
            }
            for one in found
            for code in asked.part(one)
            for finding in one.findings_at(code)
            if finding.state != "closed" and (finding.overdue(today) or not overdue)
        ),
        key=lambda item: (item["school_code"], item["due_on"]),
    )
    return answer({"items": items, "next_cursor": None}, position=position)


def days_late(due_on: date, today: date) -> int:
    return max((today - due_on).days, 0)


def years(service: Service) -> Sequence[int]:
    """Give every school year an inspection can start in: from the first rules to the next year."""
    first = service.tracking.rule_book.editions[0].in_force_from
    return range(school_year_begins(first).year, this_year(service) + 2)


@router.get(
    "/v1/inspections/{inspection}",
    summary="督查 · One inspection: plan, head counts with questions, findings by school",
    responses={
        **answered("inspection", "As one sees it; `questions` are heads unaccounted for."),
        **problems(*READ, "not-found", "record-damaged", "keys-away"),
    },
)
async def read_inspection(
    request: Request,
    inspection: InspectionPath,
    service: Serving,
    language: Language,
    as_of: AsOf = None,
) -> Response:
    """What one does not see is not found: other schools', and a surprise check before its start."""
    posts = await permitted_posts(request, "read_inspections")
    position = await as_known(service, as_of)
    _, one = await inspection_seen(request, "read_inspections", inspection, position)
    body = whole(one, schools_seen(posts, one), service, language)
    return answer(body, position=position, headers={"ETag": f'"{one.version}"'})


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
    for code in body.schools:
        if service.directory.school(code) is None:
            raise refusals.SchoolUnknown(school_code=code)
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
