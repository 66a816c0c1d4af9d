"""Breaking the glass over HTTP (紧急查看): a child out of reach is read, and those above see it."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from api.access_log import schools_watched
from api.checking import Checked
from api.deps import Language, Limit, Serving, SignedIn, permitted_posts
from api.listing import Cursor, Wanted, cursor_of
from api.looking import Looking
from api.openapi import READ, answered, body_example, problems
from api.reach import Reached, StudentId, reached_child
from api.schemas.entries import GlassBreak
from api.showing import answer, local, role_label
from application.access import Post, breaks_glass

router = APIRouter(route_class=Checked, tags=["access 访问"])
BROKEN = """
SELECT g.number, g.at, g.until, g.account, a.name, g.role, g.unit, g.student_id, g.school_code,
    g.reason
FROM access.glass_broken g LEFT JOIN access.accounts a USING (account)
WHERE {where} ORDER BY g.number DESC LIMIT %s
"""


async def any_child(request: Request, student_id: StudentId) -> Reached:
    return await reached_child(request, student_id, "break_glass", breaks_glass)


async def watching(request: Request) -> list[Post]:
    return await permitted_posts(request, "watch_glass")


@router.post(
    "/v1/students/{student_id}/break-glass",
    status_code=201,
    summary="紧急查看 · Read a child out of your reach for three hours",
    responses={
        **answered("glass_broken", "The child may be read until then.", 201),
        **problems(*READ, "unknown-child", "not-json", "too-large"),
    },
    openapi_extra=body_example(GlassBreak),
)
async def break_glass(
    found: Annotated[Reached, Depends(any_child)],
    body: GlassBreak,
    person: SignedIn,
    service: Serving,
) -> Response:
    """
    For a lawful need that cannot wait: a call at night, a missing child.

    It opens the record, the history and the duties of this child for reading, ends by itself, and
    allows no other step. The bureau and the child's principal see at once who did it and why, and
    every look is logged with the number of this act.
    """
    now = service.tracking.now()
    glass = await service.break_glass.break_for(person, found.post, found.child, body.reason, now)
    zone = service.settings.zone
    return answer(
        {
            "number": glass.number,
            "student_id": found.child.id,
            "at": local(glass.at, zone),
            "until": local(glass.until, zone),
            "reason": body.reason,
        },
        status=201,
        headers={"Location": f"/v1/students/{found.child.id}"},
    )


@router.get(
    "/v1/break-glass",
    summary="紧急查看记录 · Who broke the glass, for whom and why, newest first",
    responses={
        **answered("glass", "A page, newest first."),
        **problems(*READ),
    },
)
async def read_broken_glass(
    posts: Annotated[list[Post], Depends(watching)],
    service: Serving,
    language: Language,
    looking: Looking,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Response:
    """Bureau and auditor see all of it, a principal that for children of their own school then."""
    schools = schools_watched(posts)
    wanted = Wanted()
    if schools is not None:
        wanted.where("g.school_code = ANY(%s)", list(schools))
    if cursor is not None:
        wanted.where("g.number < %s", cursor)
    rows = await service.store.query(BROKEN.format(where=wanted.sql()), [*wanted.params, limit + 1])
    now, zone = service.tracking.now(), service.settings.zone
    items = [
        {
            "number": number,
            "at": local(at, zone),
            "until": local(until, zone),
            "in_force": until > now,
            "account": account,
            "name": name,
            "role": role,
            "role_label": role_label(role, language),
            "unit": unit,
            "student_id": student_id,
            "school_code": school_code,
            "school": service.directory.name_of(school_code),
            "reason": reason,
        }
        for number, at, until, account, name, role, unit, student_id, school_code, reason in rows
    ][:limit]
    return await looking.answer(
        "break-glass",
        {"items": items, "next_cursor": cursor_of(items[-1]["number"]) if rows[limit:] else None},
        {item["student_id"]: item["school_code"] for item in items},
        rows=len(items),
    )
