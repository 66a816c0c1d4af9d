"""The change feed (实时跟踪): what was recorded after a position, for those it concerns."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Header, Query, Request
from pydantic_core import to_json
from starlette.responses import Response, StreamingResponse

from api.checking import Checked, service_of, signed_in
from api.deps import ROLL, Language, permitted_posts
from api.listing import Wanted, within_reach
from api.looking import Look, Looking
from api.openapi import FRESH, READ, answered, problems
from api.problems import Problem
from api.showing import local
from application.access import NotAllowed
from projections.freshness import ViewBehind
from projections.history import History
from projections.sentences import kind_label

router = APIRouter(route_class=Checked, tags=["ledgers 台账"])
VIEW = History.name
STRETCH = 5_000  # positions looked through at a time: a page costs the same however long the log
LONGEST_WAIT = 30
BEAT_SECONDS = 15.0
EVENTS = "text/event-stream"
COLUMNS = (
    *("v.opened", "v.student_id", "v.version", "v.kind", "v.occurred_on", "v.recorded_at"),
    *("s.school_code", "s.status"),
)


@dataclass(frozen=True)
class Page:
    """Some changes, and the position up to which there are no others before them."""

    items: list[dict[str, Any]]
    position: int


class Feed:
    """A person's feed: what they may see of the log's stretches, one after the other."""

    def __init__(self, request: Request, language: str, limit: int) -> None:
        self._request = request
        self._language = language
        self._limit = limit
        self.service = service_of(request)

    async def page(self, after: int, wait: float) -> Page:
        """
        Give the next changes, or none after waiting or where the service ends.

        It asks anew each time who is signed in.

        :raises Problem: ``not-signed-in`` once the session has ended
        :raises NotAllowed: once no post reads any more
        """
        loop = asyncio.get_running_loop()
        until = loop.time() + wait
        views = (ROLL, VIEW)
        while True:
            stands = await self.service.freshness.position(views)
            page = await self._next(after, min(stands, after + STRETCH))
            ending = self.service.ending
            if page.items or page.position < stands or loop.time() >= until or ending.is_set():
                return page
            after = max(page.position, after)
            left = min(until - loop.time(), BEAT_SECONDS)
            with suppress(ViewBehind):
                await self.service.freshness.reached(stands + 1, max(left, 0), views, ending=ending)
            self._request.state.person = await signed_in(self._request)

    async def _next(self, after: int, upto: int) -> Page:
        wanted = Wanted(["v.until IS NULL", "v.opened > %s", "v.opened <= %s"], [after, upto])
        within_reach(wanted, await permitted_posts(self._request, "read"), "s")
        rows = await self.service.store.query(
            f"SELECT {', '.join(COLUMNS)} FROM views.{VIEW} v"  # noqa: S608  # our own names
            " JOIN views.students s USING (student_id)"
            f" WHERE {wanted.sql()} ORDER BY v.opened LIMIT %s",
            [*wanted.params, self._limit],
            scope=wanted.scope,
        )
        items = [self._told(row) for row in rows]
        full = len(rows) == self._limit
        return Page(items, items[-1]["position"] if full else max(upto, after))

    def _told(self, row: tuple[Any, ...]) -> dict[str, Any]:
        position, student_id, version, kind, occurred_on, recorded_at, school_code, status = row
        return {
            "position": position,
            "student_id": student_id,
            "version": version,
            "kind": kind,
            "label": kind_label(kind, self._language),
            "occurred_on": occurred_on,
            "recorded_at": local(recorded_at, self.service.settings.zone),
            "school_code": school_code,
            "school": self.service.directory.name_of(school_code),
            "status": status,
        }

    async def log(self, looking: Look, page: Page) -> None:
        """Leave a line in the access log about what is shown."""
        children = {item["student_id"]: item["school_code"] for item in page.items}
        if children:
            await looking.log("view changes", "shown", children, rows=len(page.items))

    async def stream(self, looking: Look, after: int) -> AsyncIterator[bytes]:
        """Give changes as server-sent events while the person is signed in and the service runs."""
        while not (self.service.ending.is_set() or await self._request.is_disconnected()):
            try:
                page = await self.page(after, BEAT_SECONDS)
            except (Problem, NotAllowed, ViewBehind):
                return  # whoever comes again is told why
            await self.log(looking, page)
            after = page.position
            for item in page.items:
                yield f"id: {item['position']}\nevent: {item['kind']}\ndata: ".encode()
                yield to_json(item) + b"\n\n"
            if not page.items:
                yield f"id: {after}\n: {after}\n\n".encode()


@router.get(
    "/v1/changes",
    summary="变更流 · What was recorded after a position",
    responses={
        **answered("changes", "The next changes; `position` is the `after` of the next request."),
        **problems(*READ, *FRESH, "position-unknown"),
    },
)
async def read_changes(
    request: Request,
    language: Language,
    looking: Looking,
    after: Annotated[int, Query(ge=0, le=2**62, description="a position of the log")] = 0,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
    wait: Annotated[
        int, Query(ge=0, le=LONGEST_WAIT, description="seconds to wait while there is nothing new")
    ] = 0,
    accept: Annotated[str, Header(description=f"`{EVENTS}` for server-sent events")] = "",
    last_event_id: Annotated[
        int | None, Header(ge=0, le=2**62, description="where a stream goes on")
    ] = None,
) -> Response:
    """
    Kinds, days and ids alone, of the children within reach; what was recorded is in the history.

    `position` goes on even where nothing was for the caller. With `Accept: text/event-stream` the
    changes come as they are recorded, until the session ends. A position that the log has not is
    refused: it was given before the log was restored, and what follows it now is something else.
    """
    feed = Feed(request, language, limit)
    await permitted_posts(request, "read")
    streams = EVENTS in accept
    start = last_event_id if streams and last_event_id is not None else after
    if start > (head := await feed.service.store.head()):
        raise Problem("position-unknown", head=head)
    if streams:
        return StreamingResponse(feed.stream(looking, start), media_type=EVENTS)
    page = await feed.page(start, wait)
    children = {item["student_id"]: item["school_code"] for item in page.items}
    return await looking.answer(
        "changes",
        {"items": page.items, "position": page.position},
        children,
        position=page.position,
        rows=len(page.items),
    )
