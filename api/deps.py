"""What routes depend on, named so that a signature reads as prose."""

import re
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends, Header, Query, Request
from fastapi.exceptions import RequestValidationError
from pydantic import BeforeValidator
from pydantic_core import to_jsonable_python

from api.at_once import at_once
from api.checking import service_of
from api.problems import Problem, language_of
from api.schemas.fields import wrong
from api.service import Service
from application.access import NotAllowed, Person, Post, posts_for
from application.access_log import Line
from application.store.store import IdempotencyKey, canonical
from domain.student import Student

ROLL = "students"
MOMENT = re.compile(
    r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d(:\d\d(\.\d{1,9})?)?([Zz]|[+ -]\d\d:\d\d)", re.ASCII
)


def malformed(where: str, name: str, en: str, zh: str) -> RequestValidationError:
    """Make the refusal of one query parameter or header."""
    return RequestValidationError(
        [{"type": "form", "loc": (where, name), "msg": en, "ctx": {"zh": zh}, "input": None}]
    )


def child_id(text: str) -> UUID:
    """
    Read a child's id from a path.

    :raises Problem: ``unknown-child`` for anything but a UUID
    """
    try:
        return UUID(text)
    except ValueError:
        raise Problem("unknown-child") from None


def moment_in(value: object) -> datetime | None:
    """Read a moment from a query; ``None`` for what is none."""
    if isinstance(value, str) and MOMENT.fullmatch(value):
        # A plus sign that nobody escaped arrives as a space.
        text = re.sub(r" (?=\d\d:\d\d$)", "+", value).replace("z", "Z")
        with suppress(ValueError):
            return datetime.fromisoformat(text)
    return None


def _moment(value: object) -> datetime:
    if (moment := moment_in(value)) is not None:
        return moment
    raise wrong(
        "moment",
        "A moment is RFC 3339 with an offset, such as 2026-11-24T08:00:00+08:00.",
        "时刻须为带时区的 RFC 3339 格式,例如 2026-11-24T08:00:00+08:00。",
    )


def signed_in_person(request: Request) -> Person:
    person: Person = request.state.person
    return person


MinLogPosition = Annotated[
    int | None,
    Header(ge=0, le=2**62, description="wait until the views have reached this position"),
]


async def roll_position(request: Request, min_log_position: MinLogPosition = None) -> int:
    """Wait for ``Min-Log-Position`` if it is given; return where the roll stands."""
    return await view_position(request, min_log_position, ROLL)


async def view_position(request: Request, position: int | None, view: str) -> int:
    """
    Wait for a position if it is given; return where a view stands, others notwithstanding.

    With it goes the roll, by which the rows of every view are within reach or not.
    """
    freshness = service_of(request).freshness
    if position is None:
        return await freshness.position((ROLL, view))
    return await freshness.reached(position, views=(ROLL, view))


def if_match(
    header: Annotated[
        str | None,
        Header(alias="If-Match", description='the version you saw, as `"7"`'),
    ] = None,
) -> int | None:
    if header is None or header.strip() == "*":
        return None
    found = re.fullmatch(r'"(\d{1,18})"', header.strip(), re.ASCII)
    if found is None:
        # A tag we never gave matches nothing.
        return -1
    return int(found[1])


def idempotency_key(
    request: Request,
    header: Annotated[
        str | None,
        Header(
            alias="Idempotency-Key",
            description="a UUID; the same key and body again gives the same answer, once recorded",
        ),
    ] = None,
) -> IdempotencyKey | None:
    if header is None:
        return None
    try:
        key = UUID(header.strip())
    except ValueError:
        raise malformed(
            "header",
            "Idempotency-Key",
            "An Idempotency-Key is a UUID.",
            "Idempotency-Key 须为 UUID。",
        ) from None
    asked = canonical([request.url.path, getattr(request, "_json", None)])
    digest = service_of(request).tracking.digest(asked)
    return IdempotencyKey(signed_in_person(request).account, key, digest)


def access_line(
    request: Request,
    action: str,
    outcome: str,
    children: Mapping[UUID, str | None] | None = None,
    reason: str | None = None,
    **details: Any,
) -> Line:
    """
    Make a line of the access log about a request, in the post acted in where that is known.

    ``children`` are those it concerns, each with its school; by default the one the path names.
    """
    person, state = signed_in_person(request), request.state
    child: Student | None = getattr(state, "child", None)
    if children is None:
        children = {child.id: child.state.school_code} if child else {}
    post: Post | None = getattr(state, "post", None)
    if post is None and len(person.posts) == 1:
        (post,) = person.posts
    return Line(
        account=person.account,
        action=action,
        outcome=outcome,
        role=post.role if post else None,
        unit=post.unit if post else None,
        children=children,
        reason=reason,
        details=to_jsonable_python(
            told_only({**details, "break_glass": getattr(state, "glass", None)})
        ),
    )


def told_only(details: Mapping[str, Any]) -> dict[str, Any]:
    """Leave out what was not asked for, at any depth."""
    told = {
        name: told_only(value) if isinstance(value, Mapping) else value
        for name, value in details.items()
    }
    return {name: value for name, value in told.items() if value is not None and value != {}}


async def logged_refusal(
    request: Request,
    action: str,
    child: Student | None = None,
    reason: str | None = None,
    **details: Any,
) -> None:
    """Leave a line in the access log about something refused."""
    children = {child.id: child.state.school_code} if child else None
    line = access_line(request, action, "refused", children, reason, **details)
    await service_of(request).access_log.write(line)


async def permitted_posts(request: Request, step: str) -> list[Post]:
    """
    Give the posts whose role takes a step; a refused attempt leaves a line in the access log.

    :raises NotAllowed: if none does
    """
    try:
        return posts_for(signed_in_person(request), step)
    except NotAllowed:
        await logged_refusal(request, step)
        raise


Moment = Annotated[datetime, BeforeValidator(_moment)]
Serving = Annotated[Service, at_once(service_of)]
SignedIn = Annotated[Person, at_once(signed_in_person)]
Language = Annotated[str, at_once(language_of)]
RollPosition = Annotated[int, Depends(roll_position)]
IfMatch = Annotated[int | None, at_once(if_match)]
Key = Annotated[IdempotencyKey | None, at_once(idempotency_key)]
AsOf = Annotated[Moment | None, Query(description="what did we know then: RFC 3339 with offset")]
Limit = Annotated[int, Query(ge=1, le=500, description="rows a page")]
Reveal = Annotated[bool, Query(description="show masked fields in full; needs `reason`")]
Reason = Annotated[str | None, Query(max_length=500, description="why; written to the access log")]
