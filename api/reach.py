"""The child a request names: known, and within reach of the person who asks."""

import asyncio
import re
from collections.abc import Awaitable, Callable
from contextlib import suppress
from contextvars import ContextVar
from dataclasses import replace
from typing import Annotated, Any, NamedTuple
from uuid import UUID

from fastapi import Depends, Path, Request

from api.checking import service_of
from api.deps import (
    IfMatch,
    Key,
    SignedIn,
    child_id,
    idempotency_key,
    if_match,
    logged_refusal,
    moment_in,
    signed_in_person,
)
from api.problems import Problem
from application.access import (
    THROUGH_GLASS,
    NotAllowed,
    OutOfReach,
    Post,
    Reaches,
    in_reach,
    may,
    may_at_school,
    may_through_glass,
    posts_for,
    reads_entry,
)
from application.store.mapper import RecordedEvent
from application.tracking import Ask, UnknownChild
from domain.refusals import NoSuchEntry
from domain.student import Student

StudentId = Annotated[str, Path(description="the child's id, a UUID")]
EntryPath = Annotated[str, Path(description="the version at which the entry stands")]
MOMENTS = ("as_of", "from", "to")  # where a query says as of when; days are none
ENTRY = re.compile(r"[1-9][0-9]{0,8}", re.ASCII)


class Reached(NamedTuple):
    """A child within reach, its stored entries, and the post in which the person acts."""

    child: Student
    stored: list[RecordedEvent]
    post: Post

    @property
    def erased(self) -> bool:
        """Whether the record was destroyed: only its entries' kinds and dates are left."""
        return self.stored[0].erased


# What a page has loaded: its parts, asked for one by one, all tell of one moment.
Loaded = dict[UUID, asyncio.Future[tuple[list[RecordedEvent], Student]]]
LOADED: ContextVar[Loaded | None] = ContextVar("loaded", default=None)


async def loaded(request: Request, student_id: UUID) -> tuple[list[RecordedEvent], Student]:
    """
    Load a child; the parts of one page load it once.

    :raises UnknownChild: if there is none
    """
    tracking = service_of(request).tracking

    async def load() -> tuple[list[RecordedEvent], Student]:
        stored = await tracking.recorded(student_id)
        return stored, tracking.fold(stored)

    shared = LOADED.get() if request.method == "GET" else None
    if shared is None:
        return await load()
    if student_id not in shared:
        shared[student_id] = asyncio.ensure_future(load())
    return await asyncio.shield(shared[student_id])


async def settled(request: Request) -> None:
    """Before a child is loaded: wait for what bears a moment asked for, and is being stored."""
    for name in MOMENTS:
        if moment := moment_in(request.query_params.get(name)):
            await service_of(request).store.settled(moment)


async def reached_child(
    request: Request,
    student_id: str,
    step: str,
    reaches: Reaches = in_reach,
    entry: str | None = None,
) -> Reached:
    """
    Load a child within reach of the person who asks, upon an entry if the path names one.

    A refused attempt leaves a line in the access log. The child and the post in which the person
    acts stand in ``request.state``, for that log.

    :raises Problem: ``unknown-child``
    :raises NotAllowed: if the role does not take this step
    :raises OutOfReach: if the child is not theirs
    """
    person, tracking = signed_in_person(request), service_of(request).tracking
    try:
        posts_for(person, step)
    except NotAllowed:
        with suppress(Problem, UnknownChild):  # whose line it is, if anybody's
            request.state.child = await tracking.child(child_id(student_id))
        await logged_refusal(request, step)
        raise
    await settled(request)
    stored, child = await loaded(request, child_id(student_id))
    request.state.child = child
    number = int(entry) if entry and ENTRY.fullmatch(entry) else None
    try:
        post = await acting_post(request, step, child, reaches, number)
    except NotAllowed:
        await logged_refusal(request, step)
        raise
    request.state.post = post
    return Reached(child, stored, post)


async def acting_post(
    request: Request, step: str, child: Student, reaches: Reaches, entry: int | None
) -> Post:
    """
    Give the post in which the person takes a step for a child, if need be through broken glass.

    The number of the glass stands in ``request.state``, for the access log.

    :raises NotAllowed: if there is none
    """
    person, service = signed_in_person(request), service_of(request)
    try:
        return may(person, step, child, reaches, entry)
    except OutOfReach:
        if step not in THROUGH_GLASS:
            raise
    now = service.tracking.now()
    for glass in await service.break_glass.broken_for(child.id, now):
        if glass.account == person.account:
            request.state.glass = glass.number
            return may_through_glass(person, step, glass.until, now)
    raise OutOfReach


async def readable_child(request: Request, student_id: StudentId) -> Reached:
    return await reached_child(request, student_id, "read")


async def readable_entry(request: Request, student_id: StudentId, version: EntryPath) -> Reached:
    """Load a child for one entry of its history, which who recorded it may read as well."""
    reads = reads_entry(signed_in_person(request).account)
    return await reached_child(request, student_id, "read_entry", reads, version)


def reached_lately(
    request: Request, student_id: str, step: str, reaches: Reaches, number: int | None
) -> tuple[Student, Post] | None:
    """
    Give a child as last recorded for here, if it was within reach then, and the post acting.

    It may have changed since: what is allowed by it is confirmed by the append (see ``Recording``),
    what is not is judged on the child as it is.
    """
    with suppress(Problem, NotAllowed):
        child = service_of(request).tracking.lately.take(child_id(student_id))
        if child is not None and (number or 0) <= len(child.entries):
            post = may(signed_in_person(request), step, child, reaches, number)
            request.state.child, request.state.post = child, post
            return child, post
    return None


async def ask_for(
    request: Request,
    step: str,
    reaches: Reaches = in_reach,
    *,
    loaded: bool = False,
) -> Ask:
    """
    Give a person's wish to record something for the child a path names.

    ``loaded`` is for steps that look at more of the child than its reach before they are taken.

    :raises Problem: ``unknown-child``
    :raises NotAllowed: if the role does not take this step, or the child is not theirs
    :raises NoSuchEntry: if the path names an entry the child has not
    :raises RequestValidationError: for a malformed Idempotency-Key
    """
    student_id, entry = request.path_params["student_id"], request.path_params.get("entry")
    number = int(entry) if entry is not None and ENTRY.fullmatch(entry) else None
    known = None
    if not loaded and (entry is None or number is not None):
        known = reached_lately(request, student_id, step, reaches, number)
    fresh = known is None
    if known is None:
        found = await reached_child(request, student_id, step, reaches, entry)
        if entry is not None and entry_number(entry) > len(found.child.entries):
            raise NoSuchEntry(entry=entry)
        known = found.child, found.post
    child, post = known
    person = signed_in_person(request)
    acting = replace(person, posts=(post,))

    async def still(newer: Student) -> None:
        request.state.child = newer
        try:
            may(acting, step, newer, reaches, number)
        except NotAllowed:
            await logged_refusal(request, step)
            raise

    seen = if_match(request.headers.get("if-match"))
    key = idempotency_key(request, request.headers.get("idempotency-key"))
    return Ask(person.actor(post), child, seen, key, fresh, still)


def asked_for(step: str) -> Any:
    """Make the dependency that gives a person's wish to record something for a child."""

    async def asked(request: Request, student_id: StudentId, if_match: IfMatch, key: Key) -> Ask:  # noqa: ARG001  # for the description
        return await ask_for(request, step)

    return Depends(asked)


def entry_number(text: str) -> int:
    """
    Read the number of an entry from a path.

    :raises NoSuchEntry: for anything but a number
    """
    if not ENTRY.fullmatch(text):
        raise NoSuchEntry(entry=text[:20])
    return int(text)


Readable = Annotated[Reached, Depends(readable_child)]
ReadableEntry = Annotated[Reached, Depends(readable_entry)]


def at_school(step: str) -> Callable[..., Awaitable[None]]:
    """Give what checks that a person may take a step at the school a path names."""

    async def check(request: Request, school_code: str, person: SignedIn) -> None:
        try:
            may_at_school(person, step, school_code, None)
        except NotAllowed:
            await logged_refusal(request, step)
            raise
        if service_of(request).directory.school(school_code) is None:
            raise Problem("not-found")

    return check
