"""The inspection, school and finding a request names: known, seen by who asks, within reach."""

import re
from typing import Annotated, Any, NamedTuple

from fastapi import Depends, Path, Request

from api.checking import service_of
from api.deps import logged_refusal, permitted_posts, signed_in_person
from api.problems import Problem
from application.access import OutOfReach, Post, may_at_school, posts_for
from application.inspecting import inspects_all, sees
from application.inspections import InspectionId
from domain.inspection import Inspection
from domain.inspection_facts import FindingKey

InspectionPath = Annotated[
    str, Path(description="the school year by its first, and the number in it: `2026-3`")
]
SchoolPath = Annotated[str, Path(description="the school's 10 digits (学校标识码)")]
FindingPath = Annotated[str, Path(description="the finding's number at its school, from 1")]
FINDING = re.compile(r"[1-9][0-9]{0,5}", re.ASCII)


class InspectionAsked(NamedTuple):
    """An inspection, its id, and the post in which the person acts."""

    id: InspectionId
    one: Inspection
    post: Post


class SchoolAsked(NamedTuple):
    """A school of an inspection, and the post in which the person acts there."""

    id: InspectionId
    one: Inspection
    school_code: str
    post: Post


class FindingAsked(NamedTuple):
    """A finding of an inspection, and the post in which the person acts at its school."""

    id: InspectionId
    key: FindingKey
    post: Post


async def inspection_seen(
    request: Request, step: str, text: str, upto: int | None = None
) -> tuple[InspectionId, Inspection]:
    """
    Load the inspection a path names, for a step of who sees it.

    What one does not see is not found, as if there were none: else a surprise check would show by
    its number. Either leaves the same line in the access log.

    :raises NotAllowed: if the role does not take this step
    :raises Problem: ``not-found``
    """
    await permitted_posts(request, step)
    asked = InspectionId.read(text)
    if asked is None:
        raise Problem("not-found")
    one = await service_of(request).inspections.one(asked, upto)
    person = signed_in_person(request)
    if one is None or not sees(person, posts_for(person, "read_inspections"), one):
        await logged_refusal(request, step, filters={"inspection": str(asked)})
        raise Problem("not-found")
    return asked, one


async def inspection_asked(request: Request, step: str, text: str) -> InspectionAsked:
    """
    Load the inspection a path names, for a step that is taken for all of its schools.

    :raises NotAllowed: if the role does not take this step
    :raises OutOfReach: if one of its schools is not theirs
    :raises Problem: ``not-found`` for one there is none of, or that is not theirs to see
    """
    asked, one = await inspection_seen(request, step, text)
    try:
        post = inspects_all(signed_in_person(request), step, one.planned.schools)
    except OutOfReach:
        await logged_refusal(request, step, filters={"inspection": str(asked)})
        raise
    request.state.post = post
    return InspectionAsked(asked, one, post)


async def school_asked(request: Request, step: str, text: str, school_code: str) -> SchoolAsked:
    """
    Load the inspection a path names, for a step at one of its schools.

    :raises NotAllowed: if the role does not take this step
    :raises OutOfReach: if the school is not theirs
    :raises Problem: ``not-found``, for a school that is not inspected, too
    """
    asked, one = await inspection_seen(request, step, text)
    if school_code not in one.planned.schools:
        raise Problem("not-found")
    try:
        post = may_at_school(signed_in_person(request), step, school_code, None)
    except OutOfReach:
        await logged_refusal(request, step, filters={"inspection": str(asked)})
        raise
    request.state.post = post
    return SchoolAsked(asked, one, school_code, post)


def asking(step: str) -> Any:
    """Make the dependency that gives the inspection a path names, for a step."""

    async def asked(request: Request, inspection: InspectionPath) -> InspectionAsked:
        return await inspection_asked(request, step, inspection)

    return Depends(asked)


def asking_school(step: str) -> Any:
    """Make the dependency that gives the inspection and school a path names, for a step."""

    async def asked(
        request: Request, inspection: InspectionPath, school_code: SchoolPath
    ) -> SchoolAsked:
        return await school_asked(request, step, inspection, school_code)

    return Depends(asked)


def asking_finding(step: str) -> Any:
    """Make the dependency that gives the finding a path names, for a step."""

    async def asked(
        request: Request, inspection: InspectionPath, school_code: SchoolPath, n: FindingPath
    ) -> FindingAsked:
        at = await school_asked(request, step, inspection, school_code)
        key = FindingKey(school_code, int(n) if FINDING.fullmatch(n) else 0)
        if key not in at.one.findings:
            raise Problem("not-found")
        return FindingAsked(at.id, key, at.post)

    return Depends(asked)
