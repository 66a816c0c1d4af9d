"""The child a request names: known, and within reach of the person who asks."""

from collections.abc import Callable
from typing import Annotated, Any, NamedTuple

from fastapi import Depends, Path, Request

from api.checking import service_of
from api.deps import (
    IfMatch,
    Key,
    child_id,
    logged_refusal,
    permitted_posts,
    signed_in_person,
)
from application.access import OutOfReach, Post, may
from application.store.mapper import RecordedEvent
from application.tracking import Ask
from domain.student import Student

StudentId = Annotated[str, Path(description="the child's id, a UUID")]
Reaches = Callable[[Post, Student], bool]


class Reached(NamedTuple):
    """A child within reach, its stored entries, and the post in which the person acts."""

    child: Student
    stored: list[RecordedEvent]
    post: Post


async def reached_child(
    request: Request, student_id: str, step: str, reaches: Reaches = Post.reaches
) -> Reached:
    """
    Load a child within reach of the person who asks.

    A refused attempt leaves a line in the access log.

    :raises Problem: ``unknown-child``
    :raises NotAllowed: if the role does not take this step
    :raises OutOfReach: if the child is not theirs
    """
    await permitted_posts(request, step)
    tracking = service_of(request).tracking
    stored = await tracking.recorded(child_id(student_id))
    child = tracking.fold(stored)
    try:
        return Reached(child, stored, may(signed_in_person(request), step, child, reaches))
    except OutOfReach:
        await logged_refusal(request, step, child)
        raise


async def readable_child(request: Request, student_id: StudentId) -> Reached:
    return await reached_child(request, student_id, "read")


def asked_for(step: str, reaches: Reaches = Post.reaches) -> Any:
    """Make the dependency that gives a person's wish to record something for a child."""

    async def reached(request: Request, student_id: StudentId) -> Reached:
        return await reached_child(request, student_id, step, reaches)

    async def asked(
        request: Request,
        found: Annotated[Reached, Depends(reached)],
        if_match: IfMatch,
        key: Key,
    ) -> Ask:
        return Ask(signed_in_person(request).actor(found.post), found.child, if_match, key)

    return Depends(asked)


Readable = Annotated[Reached, Depends(readable_child)]
