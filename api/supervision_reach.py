"""Whose supervision a person reads and does (督导范围): the schools, and a period by its name."""

from typing import Annotated, Any, NamedTuple

from fastapi import Depends, Query, Request

from api.checking import service_of
from api.deps import logged_refusal, permitted_posts, signed_in_person
from api.listing import place_filters
from api.live_counts import area_of
from api.problems import Problem
from api.schemas.supervision import PeriodName
from api.service import Service
from application.access import (
    NotAllowed,
    OutOfReach,
    Post,
    counts_whole_district,
    may_at_school,
)
from domain.supervision_periods import Period

SchoolCode = Annotated[str | None, Query(max_length=20)]
Township = Annotated[str | None, Query(max_length=100)]
PeriodAsked = Annotated[
    PeriodName | None, Query(description="a school year (`2026-2027`, by default this one's)")
]


def period_asked(service: Service, name: str | None) -> Period:
    """Give the period of a name, by default the school year of today."""
    found = Period.read(name) if name else None
    return found or Period.year_of(service.tracking.today())


class Area(NamedTuple):
    """The posts in which a person reads something, and the schools they ask for of those seen."""

    posts: list[Post]
    schools: frozenset[str]


async def area_asked(
    request: Request, step: str, school_code: str | None, township: str | None
) -> Area:
    """
    Give the schools a person asks for; a refused attempt is logged.

    :raises NotAllowed: if the role does not take this step
    :raises Problem: ``not-found`` for a school or township that is not theirs
    """
    posts = await permitted_posts(request, step)
    directory = service_of(request).directory
    district = any(map(counts_whole_district, posts))
    schools = frozenset(area_of(posts, directory, whole=district)[0])
    if school_code is not None:
        schools &= {school_code}
    if township is not None:
        schools &= directory.schools_in(township)
    if not schools and (school_code is not None or township is not None):
        filters = place_filters(directory, school_code, township)
        await logged_refusal(request, step, filters=filters)
        raise Problem("not-found")
    return Area(posts, schools)


def area_of_step(step: str) -> Any:
    """Make the dependency that gives the schools a person asks for, for a step."""

    async def asked(
        request: Request, school_code: SchoolCode = None, township: Township = None
    ) -> Area:
        return await area_asked(request, step, school_code, township)

    return Depends(asked)


async def check_seen(request: Request, step: str, school_code: str) -> None:
    """
    Check that a person reads something of a school; a refused attempt is logged.

    :raises OutOfReach: if not
    """
    posts, directory = await permitted_posts(request, step), service_of(request).directory
    district = any(map(counts_whole_district, posts))
    if not district and school_code not in area_of(posts, directory, whole=False)[0]:
        await logged_refusal(request, step)
        raise OutOfReach


async def acting_at(request: Request, step: str, school_code: str) -> Post:
    """
    Give the post in which a person takes a step at a school; a refused attempt is logged.

    :raises NotAllowed: if no post's role takes it
    :raises OutOfReach: if the school is not theirs
    """
    try:
        post = may_at_school(signed_in_person(request), step, school_code, None)
    except NotAllowed:
        await logged_refusal(request, step)
        raise
    request.state.post = post
    return post
