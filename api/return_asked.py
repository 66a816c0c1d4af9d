"""The month and school a request about returns names: known, begun, and within reach."""

from typing import Annotated, Any, NamedTuple

from fastapi import Depends, Path, Request

from api.checking import service_of
from api.deps import (
    MinLogPosition,
    logged_refusal,
    malformed,
    permitted_posts,
    signed_in_person,
)
from api.problems import Problem
from api.service import Service
from application.access import OutOfReach, Post, may_on_return
from application.directory import School
from domain.return_periods import Period, month_named
from projections.return_figures import VIEWS

Month = Annotated[str, Path(description="the month, as `2026-11`")]
SchoolPath = Annotated[str, Path(description="the school's 10 digits (学校标识码)")]


class ReturnAsked(NamedTuple):
    """A school's return of a month, and the post in which the person asks for it."""

    period: Period
    school: School
    post: Post


def month_asked(service: Service, month: str) -> Period:
    """
    Give the period of a month whose return there can be: begun, and under the district's rules.

    :raises RequestValidationError: for what is no month
    :raises Problem: ``not-found`` for a month that has not begun, or lies before all rules
    """
    tracking = service.tracking
    period = month_named(month, tracking.rule_book)
    if period is None:
        raise malformed(
            "path", "month", "A month is written YYYY-MM.", "月份须为 YYYY-MM,例如 2026-11。"
        )
    first_of_all = tracking.rule_book.editions[0].in_force_from
    if period.first > tracking.today() or period.last < first_of_all:
        raise Problem("not-found")
    return period


async def return_asked(request: Request, step: str, month: str, school_code: str) -> ReturnAsked:
    """
    Give the return a path names, for a step; a refused attempt leaves a line in the access log.

    :raises NotAllowed: if the role does not take this step
    :raises OutOfReach: if the school is not theirs
    :raises Problem: ``not-found`` for no school of the district, or a month that has not begun
    """
    await permitted_posts(request, step)
    service = service_of(request)
    school = service.directory.school(school_code)
    try:
        township = school.township if school else None
        post = may_on_return(signed_in_person(request), step, school_code, township)
    except OutOfReach:
        await logged_refusal(request, step)
        raise
    request.state.post = post
    if school is None:
        raise Problem("not-found")
    return ReturnAsked(month_asked(service, month), school, post)


def asking(step: str) -> Any:
    """Make the dependency that gives the return a path names, for a step."""

    async def asked(request: Request, month: Month, school_code: SchoolPath) -> ReturnAsked:
        return await return_asked(request, step, month, school_code)

    return Depends(asked)


async def views_position(request: Request, min_log_position: MinLogPosition = None) -> int:
    """Wait for ``Min-Log-Position`` if it is given; return where the views of returns stand."""
    freshness = service_of(request).freshness
    if min_log_position is None:
        return await freshness.position(VIEWS)
    return await freshness.reached(min_log_position, views=VIEWS)


async def whole_log(service: Service) -> int:
    """Wait until the views of returns have told all that is recorded; return where they stand."""
    return await service.freshness.reached(await service.store.head(), views=VIEWS)


ViewsPosition = Annotated[int, Depends(views_position)]
