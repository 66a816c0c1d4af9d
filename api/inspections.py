"""Inspections over HTTP (督查): lists, one of them, findings still open; and planning one."""

from collections.abc import Sequence
from datetime import date
from typing import Annotated, Any, Literal, NamedTuple

from fastapi import APIRouter, Depends, Query, Request
from starlette.responses import Response

from api.checking import Checked
from api.deps import (
    AsOf,
    Language,
    Limit,
    Serving,
    permitted_posts,
    signed_in_person,
)
from api.inspection_asked import InspectionPath, inspection_seen
from api.inspection_register import REGISTER, lines
from api.inspection_shown import finding_shown, listed, place, whole
from api.looking import Looking
from api.openapi import READ, answered, problems
from api.printed_register import answered_as, send_register
from api.schemas.fields import OneOf
from api.service import Service
from api.showing import answer
from api.subjects import NEXT, cursor_of, page_of
from api.supervision_reach import SchoolCode, Township, area_asked
from application.access import Person, Post
from application.inspecting import schools_seen, sees
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
    limit: Limit = 50,
    cursor: Annotated[str | None, cursor_of(int), Query(description=NEXT)] = None,
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
    some, following = page_of(part, lambda seen: (number_of(seen[0]),), limit, cursor)
    items = [listed(one, schools, service, language) for one, schools in some]
    return answer({"items": items, "next_cursor": following}, position=position)


def number_of(one: Inspection) -> int:
    """Give the number of an inspection in its school year."""
    return int(one.planned.inspection.partition("-")[2])


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
    limit: Limit = 50,
    cursor: Annotated[str | None, cursor_of(str, str, str, int), Query(description=NEXT)] = None,
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
        key=place_of,
    )
    some, following = page_of(items, place_of, limit, cursor)
    return answer({"items": some, "next_cursor": following}, position=position)


def place_of(item: dict[str, Any]) -> tuple[str, str, str, int]:
    """Give where a finding stands in the list: by school and due day."""
    due_on: date = item["due_on"]
    return item["school_code"], due_on.isoformat(), item["inspection"], item["finding"]


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
