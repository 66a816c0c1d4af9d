"""Roll-calls read back over HTTP (点名查询): as they were taken, and which of them stand."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Path, Query, Request
from starlette.responses import Response

from api.checking import Checked, service_of
from api.deps import (
    Language,
    Limit,
    RollPosition,
    Serving,
    logged_refusal,
    malformed,
    permitted_posts,
)
from api.listing import Cursor, children_of, cursor_of, lists, place_filters
from api.openapi import FRESH, NAMED, READ, answered, problems
from api.problems import Problem
from api.reach import reached_child
from api.revealing import Showing
from api.schemas.attendance import HALF_EN, HALF_ZH
from api.schemas.fields import Day, Line
from api.showing import answer, local, role_label, shown
from application.access import Post, scope_of
from application.roll_calls import Asked, classes_on, taken

router = APIRouter(route_class=Checked, tags=["attendance 考勤"])
STEP = "read_attendance"
LINE_LIMIT = 500  # children in a line of the access log
WHOSE_EN = "Name a school_code, or a child by student_id."
WHOSE_ZH = "请填写 school_code 或 student_id。"


async def reading_posts(
    request: Request,
    school_code: Annotated[str | None, Query(max_length=20)] = None,
    student_id: Annotated[str | None, Query(max_length=50)] = None,
    grade: Annotated[int | None, Query(ge=1, le=9)] = None,
    class_name: Annotated[Line | None, Query()] = None,
) -> list[Post]:
    """
    Give the posts in which the person reads roll-calls of a school, a class or a child.

    :raises Problem: ``not-found`` for a school or class that is not theirs
    :raises NotAllowed: for a child that is not
    """
    posts = await permitted_posts(request, STEP)
    if (grade is None) != (class_name is None):
        raise malformed("query", "grade" if grade is None else "class_name", HALF_EN, HALF_ZH)
    if school_code is None and student_id is None:
        raise malformed("query", "school_code", WHOSE_EN, WHOSE_ZH)
    if student_id is not None:
        await reached_child(request, student_id, STEP)
    theirs = [post for post in posts if lists(post, school_code, None)]
    if class_name is not None:
        own = (grade, class_name)
        theirs = [p for p in theirs if p.role != "teacher" or (p.grade, p.class_name) == own]
    if school_code is not None and student_id is None and not theirs:
        place = place_filters(service_of(request).directory, school_code, None)
        await logged_refusal(request, "list", filters=place)
        raise Problem("not-found")
    return theirs or posts


@router.get(
    "/v1/attendance",
    summary="点名查询 · Roll-calls as they were taken, and which of them stand",
    responses={
        **answered("roll_calls", "A page of roll-calls, oldest first."),
        **problems(*READ, *FRESH, *NAMED, "not-found"),
    },
)
async def read_attendance(
    posts: Annotated[list[Post], Depends(reading_posts)],
    service: Serving,
    language: Language,
    position: RollPosition,
    showing: Showing,
    school_code: Annotated[str | None, Query(max_length=20)] = None,
    day: Annotated[Day | None, Query(alias="date")] = None,
    grade: Annotated[int | None, Query(ge=1, le=9)] = None,
    class_name: Annotated[Line | None, Query()] = None,
    student_id: Annotated[str | None, Query(max_length=50)] = None,
    from_day: Annotated[Day | None, Query(alias="from")] = None,
    to_day: Annotated[Day | None, Query(alias="to")] = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Response:
    """
    `absent` counts all whom a roll-call names, `absences` tells those within the caller's reach,
    of one class if one is asked for: its own roll-calls, and its whole school's.
    A teacher reads those of the own class, and of the whole school what concerns it.
    """
    child = UUID(student_id) if student_id is not None else None
    asked = Asked(
        scope=scope_of(posts),
        after=cursor or 0,
        limit=limit,
        school_code=school_code,
        day=day,
        grade=grade,
        class_name=class_name,
        student_id=child,
        classes=None if child is not None else classes_of(posts),
        since=from_day,
        till=to_day,
    )
    calls, following = await taken(service.store, asked)
    items = [told(call, service.directory.name_of(call["school_code"]), language) for call in calls]
    for item, call in zip(items, calls, strict=True):
        item["taken_at"] = local(call["taken_at"], service.settings.zone)
    ids = [one["student_id"] for call in calls for one in call["absences"]]
    children = list((await children_of(service, ids)).items())
    filters = {
        **place_filters(service.directory, school_code, None),
        "date": day,
        "from": from_day,
        "to": to_day,
        "grade": grade,
        "class_name": class_name,
    }
    for start in range(LINE_LIMIT, len(children), LINE_LIMIT):
        some = dict(children[start : start + LINE_LIMIT])
        await showing.log(f"{showing.verb} attendance", "shown", some, filters=filters)
    return await showing.answer(
        "attendance",
        {
            "items": shown(items, language, masks=showing.masks),
            "next_cursor": None if following is None else cursor_of(following),
        },
        dict(children[:LINE_LIMIT]),
        position=position,
        rows=len(items),
        filters=filters,
    )


async def class_posts(
    request: Request, school_code: Annotated[str, Path(max_length=20)]
) -> list[Post]:
    return await reading_posts(request, school_code)


@router.get(
    "/v1/schools/{school_code}/classes",
    summary="各班点名情况 · The classes of a school, and how each was called on a day",
    responses={
        **answered("classes", "Every class by grade and name; `called` is null where none was."),
        **problems(*READ, *FRESH, "not-found"),
    },
)
async def read_classes(
    posts: Annotated[list[Post], Depends(class_posts)],
    school_code: str,
    service: Serving,
    language: Language,
    position: RollPosition,
    day: Annotated[Day | None, Query(alias="date", description="today, if not given")] = None,
) -> Response:
    """
    Counts, and nobody's name: `children` are those on the roll of the class today, whichever day
    is asked for. A teacher is told of the own class.
    """
    asked = day or service.tracking.today()
    scope, classes = scope_of(posts), classes_of(posts)
    items = await classes_on(service.store, scope, school_code, asked, classes)
    for item in items:
        if called := item["called"]:
            called["taken_at"] = local(called["taken_at"], service.settings.zone)
            by = called["taken_by"]
            by["role_label"] = role_label(by["role"], language)
    return answer(
        {
            "school_code": school_code,
            "school": service.directory.name_of(school_code),
            "date": asked,
            "items": items,
            "next_cursor": None,
        },
        position=position,
    )


def classes_of(posts: list[Post]) -> list[str] | None:
    """Give the classes to which posts are narrowed; ``None`` where one sees a whole school."""
    if any(post.role != "teacher" for post in posts):
        return None
    return [f"{school}/{p.grade}/{p.class_name}" for p in posts for school in sorted(p.schools)]


def told(call: dict[str, Any], school: str | None, language: str) -> dict[str, Any]:
    """Give a roll-call as the answer tells it."""
    by = call["taken_by"]
    return {
        **{name: value for name, value in call.items() if name != "taken_by"},
        "school": school,
        "taken_by": {**by, "role_label": role_label(by["role"], language)},
    }
