"""The access log over HTTP: who saw or took which child's data, when and why, newest first."""

from collections.abc import Sequence
from datetime import date
from typing import Annotated, Any, NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, Query, Request
from starlette.responses import Response

from api.checking import Checked
from api.deps import Language, Limit, Serving, permitted_posts
from api.listing import Cursor, Wanted, cursor_of
from api.looking import Looking
from api.openapi import READ, answered, problems
from api.schemas.fields import Day, OneOf
from api.service import Service
from api.showing import local, role_label
from application.access import Post
from application.access_log import OUTCOME

router = APIRouter(route_class=Checked, tags=["access 访问"])
LINES = """
SELECT l.place, l.at, l.account, a.name, l.role, l.unit, l.action, l.outcome, l.reason, l.details,
    l.hash, l.students, l.schools
FROM access.access_log l LEFT JOIN access.accounts a USING (account)
WHERE {where} ORDER BY l.place DESC LIMIT %s
"""
# The last place before a day, or before one some days later.
BEFORE_DAY = """
coalesce((SELECT p.place FROM access.access_log p
    WHERE p.at < (%s::date + %s)::timestamp AT TIME ZONE %s
    ORDER BY p.at DESC, p.place DESC LIMIT 1), 0)
"""


async def watching(request: Request) -> list[Post]:
    return await permitted_posts(request, "watch_access")


def schools_watched(posts: Sequence[Post]) -> frozenset[str] | None:
    """Give the schools whose children a person watches over, ``None`` for all there are."""
    if any(post.whole_district for post in posts):
        return None
    return frozenset[str]().union(*(post.schools for post in posts))


@router.get(
    "/v1/access-log",
    summary="访问记录 · Who saw or took which child's data, newest first",
    responses={
        **answered("access_log", "A page of lines, newest first."),
        **problems(*READ),
    },
)
async def read_access_log(
    posts: Annotated[list[Post], Depends(watching)],
    service: Serving,
    language: Language,
    looking: Looking,
    limit: Limit = 50,
    cursor: Cursor = None,
    student_id: Annotated[UUID | None, Query(description="lines about this child")] = None,
    account: Annotated[UUID | None, Query(description="lines about this person")] = None,
    action: Annotated[
        str | None, Query(max_length=60, description="as the lines have it: `view student`")
    ] = None,
    outcome: Annotated[Annotated[str, OneOf(OUTCOME)] | None, Query()] = None,
    from_day: Annotated[Day | None, Query(alias="from", description="the first day")] = None,
    to_day: Annotated[Day | None, Query(alias="to", description="the last day")] = None,
) -> Response:
    """The auditor reads every line; a principal those about children of their own school then."""
    schools = schools_watched(posts)
    days = Days(from_day, to_day, service.settings.zone)
    wanted = wanted_lines(schools, student_id, account, action, outcome, days)
    if cursor is not None:
        wanted.where("l.place < %s", cursor)
    rows = await service.store.query(LINES.format(where=wanted.sql()), [*wanted.params, limit + 1])
    items = [told(row, schools, service, language) for row in rows[:limit]]
    return await looking.answer(
        "access-log",
        {"items": items, "next_cursor": cursor_of(rows[limit - 1][0]) if rows[limit:] else None},
        {student_id: None} if student_id else {},
        rows=len(items),
        filters={
            "account": account,
            "action": None if action is None else True,
            "outcome": outcome,
            "from": from_day,
            "to": to_day,
        },
    )


class Days(NamedTuple):
    """From which day to which, the days of a zone."""

    first: date | None
    last: date | None
    zone: ZoneInfo


def wanted_lines(
    schools: frozenset[str] | None,
    student_id: UUID | None,
    account: UUID | None,
    action: str | None,
    outcome: str | None,
    days: Days,
) -> Wanted:
    """Give the conditions of a page; moments rise with places, so that days are places too."""
    wanted = Wanted()
    if schools is not None:
        wanted.where("l.schools && %s", list(schools))
    if student_id is not None:
        wanted.where("l.students @> %s", [student_id])
    for column, value in (("account", account), ("action", action), ("outcome", outcome)):
        if value is not None:
            wanted.where(f"l.{column} = %s", value)
    if days.first is not None:
        wanted.where(f"l.place > {BEFORE_DAY}", days.first, 0, days.zone.key)
    if days.last is not None:
        wanted.where(f"l.place <= {BEFORE_DAY}", days.last, 1, days.zone.key)
    return wanted


def told(
    row: Sequence[Any], schools: frozenset[str] | None, service: Service, language: str
) -> dict[str, Any]:
    """Give a line as answers show it, with none but the children of some schools."""
    (place, at, account, name, role, unit, action, outcome, reason, details, hashed) = row[:11]
    children = [
        (child, school)
        for child, school in zip(row[11], row[12], strict=True)
        if schools is None or school in schools
    ]
    return {
        "place": place,
        "at": local(at, service.settings.zone),
        "account": account,
        "name": name,
        "role": role,
        "role_label": role_label(role, language),
        "unit": unit,
        "action": action,
        "students": [child for child, _ in children],
        "schools": sorted({school for _, school in children if school is not None}),
        "outcome": outcome,
        "outcome_label": OUTCOME.label(outcome, language),
        "reason": reason,
        "details": details,
        "hash": bytes(hashed).hex(),
    }
