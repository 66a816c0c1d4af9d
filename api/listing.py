"""Lists: keyset pages of a view, within what the person may see, now or as of a position."""

import base64
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Annotated, Any, NamedTuple
from uuid import UUID

from fastapi import Depends, Query, Request
from pydantic import BeforeValidator

from api.checking import service_of
from api.deps import ROLL, Moment, logged_refusal, permitted_posts
from api.problems import Problem
from api.schemas.fields import wrong
from api.service import Service
from application.access import Post, scope_of
from application.directory import Directory
from application.roles import ASKED, WHOLE_SCHOOL
from application.store.scope import Scope
from projections.view import View

LONGEST_CURSOR = 64
PLACE = re.compile(r"[0-9]{1,18}", re.ASCII)


def _cursor(value: object) -> int:
    if isinstance(value, str) and len(value) <= LONGEST_CURSOR and value.isascii():
        try:
            text = base64.urlsafe_b64decode(value.encode()).decode("ascii")
        except ValueError:
            text = ""
        if PLACE.fullmatch(text):
            return int(text)
    raise wrong(
        "cursor", "The cursor is not one we gave.", "cursor 不是本服务给出的,请从首页重新读取。"
    )


Cursor = Annotated[
    int | None,
    BeforeValidator(lambda value: value if value is None else _cursor(value)),
    Query(description="`next_cursor` of the page before", json_schema_extra={"type": "string"}),
]


def cursor_of(opened: int) -> str:
    return base64.urlsafe_b64encode(str(opened).encode()).decode()


@dataclass
class Wanted:
    """The conditions of a list, as SQL and its parameters, and the scope it is read in."""

    conditions: list[str] = field(default_factory=list)
    params: list[Any] = field(default_factory=list)
    scope: Scope = field(default_factory=Scope)

    def where(self, condition: str, *params: Any) -> None:
        self.conditions.append(condition)
        self.params += params

    def sql(self) -> str:
        return " AND ".join(self.conditions) or "TRUE"


def stands(wanted: Wanted, position: int | None) -> None:
    """Ask for the rows that stand now, or stood at a position."""
    if position is None:
        wanted.where("v.until IS NULL")
    else:
        # No row stands before the entry that began it: with that said, its index is of use.
        wanted.where("v.opened <= %s AND v.since <= %s", position, position)
        # Asked of each row found: the indexes of rows that stand, or ended, grow with the log.
        wanted.where("coalesce(v.until > %s, true)", position)


def within_reach(wanted: Wanted, posts: Sequence[Post], table: str = "v") -> None:
    """Ask for the children whose present place is within one of the posts' reach."""
    wanted.scope = scope_of(posts)
    reach = Wanted()
    for post in posts:
        if post.whole_district:
            return
        if post.role == "township":
            reach.where(f"({table}.township = %s AND {table}.reported)", post.township)
            continue
        if post.role == "task_force":
            reach.where(f"{table}.referred")
            continue
        if post.role in ASKED:
            continue  # they know of referrals alone
        at, schools = at_schools(table, post.schools)
        if post.role == "teacher":
            own_class = f"({at} AND {table}.grade = %s AND {table}.class_name = %s)"
            reach.where(own_class, schools, post.grade, post.class_name)
        else:
            reach.where(at, schools)
    wanted.where(f"({' OR '.join(reach.conditions) or 'FALSE'})", *reach.params)


def at_schools(table: str, schools: frozenset[str]) -> tuple[str, Any]:
    """Give the condition of a row at one of some schools; of one alone, its index has the order."""
    if len(schools) == 1:
        return f"{table}.school_code = %s", next(iter(schools))
    return f"{table}.school_code = ANY(%s)", list(schools)


def case_rows_within_reach(wanted: Wanted, posts: Sequence[Post]) -> None:
    """
    Ask for rows of the children within reach, by where each child is now.

    A school keeps its own lines too, whose ``school_code`` is its own, when the child has moved on.
    """
    wanted.scope = scope_of(posts)
    if any(post.whole_district for post in posts):
        return
    own = frozenset[str]().union(*(post.schools for post in posts if post.role in WHOLE_SCHOOL))
    # Of a school's own children, only those are looked up whose rows may stand under another.
    reach = Wanted()
    if own:
        at, schools = at_schools("s", own)
        reach.where(f"({at} AND s.rows_elsewhere)", schools)
    for post in posts:
        if post.role not in WHOLE_SCHOOL:
            theirs = Wanted()
            within_reach(theirs, [post], "s")
            reach.where(theirs.sql(), *theirs.params)
    children = (
        f"v.student_id = ANY(ARRAY(SELECT s.student_id FROM views.students s"  # noqa: S608
        f" WHERE {' OR '.join(reach.conditions)}))"
    )
    if own:
        at, schools = at_schools("v", own)
        wanted.where(f"({at} OR {children})", schools, *reach.params)
    else:
        wanted.where(children, *reach.params)


def referrals_within_reach(wanted: Wanted, posts: Sequence[Post]) -> None:
    """Ask for referrals of the children within reach, and those asked of one of the units."""
    reach = Wanted()
    case_rows_within_reach(reach, posts)
    wanted.scope = reach.scope
    if units := [post.unit for post in posts if post.role in ASKED]:
        wanted.where(f"({reach.sql()} OR v.to_unit = ANY(%s))", *reach.params, units)
    else:
        wanted.where(reach.sql(), *reach.params)


def carrying(wanted: Wanted, key_group: str, today: date | None = None) -> None:
    """Ask for the children that carry a mark; with ``today``, one that has not expired by then."""
    wanted.where("v.key_groups @> %s", [key_group])
    if today is not None:
        wanted.where("coalesce((v.key_groups_until->>%s)::date >= %s, TRUE)", key_group, today)


class Listed(NamedTuple):
    """What a list is asked for by place, and the posts in which the person reads it."""

    posts: list[Post]
    school_code: str | None
    township: str | None


async def listed(
    request: Request,
    school_code: Annotated[str | None, Query(max_length=20)] = None,
    township: Annotated[str | None, Query(max_length=100)] = None,
) -> Listed:
    """
    Check that the person may list, and this place; a refused attempt is logged.

    :raises NotAllowed: if the role reads no lists
    :raises Problem: ``not-found`` for a school or township that is not theirs to list
    """
    posts = await permitted_posts(request, "read")
    if not any(lists(post, school_code, township) for post in posts):
        place = place_filters(service_of(request).directory, school_code, township)
        await logged_refusal(request, "list", filters=place)
        raise Problem("not-found")
    return Listed(posts, school_code, township)


def place_filters(
    directory: Directory, school_code: str | None, township: str | None
) -> dict[str, Any]:
    """Give a list's place as the access log tells it: by name if known, else that one was asked."""
    known = directory.school(school_code) is not None
    inside = township is not None and bool(directory.schools_in(township))
    return {
        "school_code": school_code if known or school_code is None else True,
        "township": township if inside or township is None else True,
    }


def lists(post: Post, school_code: str | None, township: str | None) -> bool:
    """Say whether a post may list a place; a township's residents go to school anywhere."""
    if post.whole_district:
        return True
    if post.role == "township":
        return township is None or township == post.township
    if post.role == "task_force":
        return True
    return school_code is None or school_code in post.schools


Listing = Annotated[Listed, Depends(listed)]


async def page(
    service: Service, view: View, wanted: Wanted, limit: int, cursor: int | None
) -> tuple[list[dict[str, Any]], str | None]:
    """
    Read one page of a view, oldest row first; with it the cursor of the next one.

    The rows one entry began stand on one page: a page is shorter by them, or longer if it holds
    nothing else.
    """
    wanted.where("v.opened > %s", cursor or 0)
    columns = ", ".join(f"v.{name}" for name, _ in view.columns if name not in view.not_told)
    several = view.rows_of_entry
    order = "v.opened, v.row_key" if several > 1 else "v.opened"
    rows = await service.store.query(
        f"SELECT v.student_id, {columns} FROM views.{view.name} v"  # noqa: S608  # our own names
        f" WHERE {wanted.sql()} ORDER BY {order} LIMIT %s",
        [*wanted.params, limit + several],
        scope=wanted.scope,
    )
    names = ["student_id", *(name for name, _ in view.columns if name not in view.not_told)]
    items = [dict(zip(names, row, strict=True)) for row in rows]
    end = end_of_page([item["opened"] for item in items], limit)
    return items[:end], cursor_of(items[end - 1]["opened"]) if len(items) > end else None


def end_of_page(opened: Sequence[int], limit: int) -> int:
    """Say how many rows a page holds, so that none that began with its last is on the next one."""
    end = min(limit, len(opened))
    while 0 < end < len(opened) and opened[end] == opened[end - 1]:
        end -= 1
    return end or opened.count(opened[0]) if opened else 0


async def children_of(service: Service, ids: Iterable[UUID]) -> dict[UUID, str | None]:
    """Give some children, each with the code of its school today."""
    wanted = list(dict.fromkeys(ids))
    found = await service.store.query(
        "SELECT student_id, school_code FROM views.students"
        " WHERE student_id = ANY(%s) AND until IS NULL",
        [wanted],
        scope=Scope(district=True),  # whoever asks: it goes into the access log alone
    )
    return {**dict.fromkeys(wanted), **dict(found)}


async def position_of(service: Service, as_of: Moment | None, view: View) -> int | None:
    """Give the position a moment stands for, once a view has reached it."""
    if as_of is None:
        return None
    position = await service.store.position_at(as_of)
    await service.freshness.reached(position, views=(ROLL, view.name))
    return position
