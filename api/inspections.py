"""Inspections over HTTP (督查): lists, one of them, findings still open; and planning one."""

from collections.abc import Sequence
from datetime import date
from typing import Annotated, Literal, NamedTuple

from fastapi import APIRouter, Depends, Query, Request
from starlette.responses import Response

from api.checking import Checked, service_of
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
from api.exporting import file_named
from api.inspection_asked import InspectionPath, inspection_seen
from api.inspection_commands import described, recorded
from api.inspection_register import as_csv, as_workbook, lines, named
from api.inspection_shown import finding_shown, listed, place, whole
from api.listing import place_filters
from api.live_counts import area_of
from api.looking import Look, Looking
from api.openapi import READ, answered, problems
from api.problems import Problem
from api.return_form import Taker
from api.schemas.fields import OneOf
from api.schemas.inspections import InspectionPlan
from api.service import Service
from api.showing import answer, local
from api.workbook import MEDIA_TYPE
from application.access import OutOfReach, Person, Post, counts_whole_district
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
SchoolCode = Annotated[str | None, Query(max_length=20)]
Township = Annotated[str | None, Query(max_length=100)]


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
    posts = await permitted_posts(request, "read_inspections")
    directory = service_of(request).directory
    district = any(map(counts_whole_district, posts))
    schools = frozenset(area_of(posts, directory, whole=district)[0])
    if school_code is not None:
        schools &= {school_code}
    if township is not None:
        schools &= directory.schools_in(township)
    if not schools and (school_code is not None or township is not None):
        filters = place_filters(directory, school_code, township)
        await logged_refusal(request, "read_inspections", filters=filters)
        raise Problem("not-found")
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
        200: {
            "description": "Each with what was counted and found at the schools one sees; as"
            " `xlsx` or `csv` the register (督查登记表), a line for each of those schools.",
            "content": {
                **answered("inspections", "")[200]["content"],
                "text/csv": {
                    "example": "序号,编号,类型,名称,学校\r\n",
                    "schema": {"type": "string"},
                },
                MEDIA_TYPE: {
                    "example": "PK\x03\x04…",
                    "schema": {"type": "string", "contentMediaType": MEDIA_TYPE},
                },
            },
        },
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
        await permitted_posts(request, "export")
        return await taken(request, looking, part, year, form, position, language)
    items = [listed(one, schools, service, language) for one, schools in part]
    return answer({"items": items, "next_cursor": None}, position=position)


async def taken(
    request: Request,
    looking: Look,
    part: Sequence[tuple[Inspection, list[str]]],
    year: int,
    form: str,
    position: int,
    language: str,
) -> Response:
    """Send the register as a file; its line stands in the access log before."""
    service, person = service_of(request), signed_in_person(request)
    taker = Taker(
        person.name, person.username, local(service.tracking.now(), service.settings.zone)
    )
    told = list(lines(part, service, language))
    content = as_csv(told, language) if form == "csv" else as_workbook(told, year, taker, language)
    filters = {"year": year, "position": position}
    await looking.log("export inspections", "taken", {}, rows=len(told), filters=filters)
    return Response(
        content,
        media_type="text/csv; charset=utf-8" if form == "csv" else MEDIA_TYPE,
        headers={
            "Log-Position": str(position),
            "Content-Disposition": file_named(*named(year, form, language)),
        },
    )


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
