"""The roll over HTTP: enrol, find, read a child now or as it was, promote a school."""

from datetime import date
from inspect import unwrap
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request
from starlette.responses import Response

from api.checking import Checked
from api.child_record import child_record, erased_record
from api.deps import (
    ROLL,
    Key,
    Language,
    Limit,
    RollPosition,
    Serving,
    SignedIn,
    logged_refusal,
    permitted_posts,
)
from api.entries import recorded
from api.evidence import receipt
from api.listing import (
    Cursor,
    Listing,
    Wanted,
    carrying,
    page,
    place_filters,
    stands,
    within_reach,
)
from api.openapi import (
    FRESH,
    NAMED,
    READ,
    WRITE,
    answered,
    body_example,
    problems,
    recorded_as,
    refusals_of,
)
from api.problems import Problem
from api.reach import Readable, asked_for, at_school
from api.replaying import AsCut
from api.revealing import Showing
from api.schemas.entries import KeyGroupEnd, NewStudent, Promotion
from api.schemas.fields import Line, OneOf
from api.showing import answer, shown
from application.access import OutOfReach, may_at_school, scope_of
from application.tracking import Ask
from domain import codes, refusals
from domain.student import Student
from projections.all_views import BY_NAME
from projections.students import search_query

router = APIRouter(route_class=Checked, tags=["students 学生"])
STUDENTS = BY_NAME["students"]


async def may_enrol(request: Request) -> None:
    await permitted_posts(request, "enrol")


@router.post(
    "/v1/students",
    status_code=201,
    dependencies=[Depends(may_enrol)],
    summary="建档入册 · Put a child on the roll",
    responses={
        **recorded_as("Recorded, as the first entry."),
        **problems(
            *READ,
            *WRITE,
            "out-of-reach",
            # a stream that begins is neither restricted nor erased
            rules=[
                *refusals_of(unwrap(Student.enrol)),
                refusals.AlreadyOnRoll,
                refusals.SchoolUnknown,
            ],
        ),
    },
    openapi_extra=body_example(NewStudent),
)
async def enrol(
    request: Request, person: SignedIn, body: NewStudent, key: Key, service: Serving
) -> Response:
    facts = body.facts()
    try:
        post = may_at_school(person, "enrol", body.school_code, body.township)
    except OutOfReach:
        await logged_refusal(request, "enrol")
        raise
    school = service.directory.school(body.school_code)
    if body.school_code is not None and school is None:
        raise refusals.SchoolUnknown(school_code=body.school_code)
    if school is not None:
        facts.setdefault("township", school.township)
    return recorded(service, await service.tracking.enrol(person.actor(post), key, **facts))


@router.get(
    "/v1/students",
    summary="学生名册 · Find children",
    responses={
        **answered("students", "A page of children."),
        **problems(*READ, *FRESH, "not-found"),
    },
)
async def find_students(
    listing: Listing,
    service: Serving,
    language: Language,
    position: RollPosition,
    showing: Showing,
    limit: Limit = 50,
    cursor: Cursor = None,
    q: Annotated[
        str | None, Query(max_length=100, description="name, pinyin initials or number")
    ] = None,
    grade: Annotated[int | None, Query(ge=1, le=9)] = None,
    class_name: Annotated[Line | None, Query()] = None,
    status: Annotated[Annotated[str, OneOf(codes.STATUS)] | None, Query()] = None,
    key_group: Annotated[Annotated[str, OneOf(codes.KEY_GROUP)] | None, Query()] = None,
    responsible: Annotated[str | None, Query(max_length=100)] = None,
) -> Response:
    wanted = Wanted()
    stands(wanted, None)
    within_reach(wanted, listing.posts)
    for column, value in (
        ("school_code", listing.school_code),
        ("township", listing.township),
        ("grade", grade),
        ("class_name", class_name),
        ("status", status),
        ("responsible_person", responsible),
    ):
        if value is not None:
            wanted.where(f"v.{column} = %s", value)
    today = service.tracking.today()
    if key_group is not None:
        carrying(wanted, key_group, today)
    if q is not None and (query := search_query(q)) is not None:
        wanted.where("v.search @@ %s::tsquery", query)
    rows, following = await page(service, STUDENTS, wanted, limit, cursor)
    items = [list_item(row, service.directory.name_of(row["school_code"]), today) for row in rows]
    return await showing.answer(
        "students",
        {"items": shown(items, language, masks=showing.masks), "next_cursor": following},
        {row["student_id"]: row["school_code"] for row in rows},
        position=position,
        rows=len(rows),
        filters={
            **place_filters(service.directory, listing.school_code, listing.township),
            "grade": grade,
            "class_name": class_name,
            "status": status,
            "key_group": key_group,
            "q": asked(q),
            "responsible": asked(responsible),
        },
    )


def asked(text: str | None) -> bool | None:
    """Say of a text only that it was asked for: what people search by names children."""
    return None if text is None else True


def list_item(row: dict[str, Any], school: str | None, today: date) -> dict[str, Any]:
    """Give a row of the roll as lists show it, without the marks that have expired."""
    left_out = {"opened", "day", "student_name", "reported", "referred", "key_groups_until"}
    last = row["key_groups_until"]
    row["key_groups"] = [
        code for code in row["key_groups"] if last.get(code, today.isoformat()) >= today.isoformat()
    ]
    return {
        "student_id": row["student_id"],
        "name": row["student_name"],
        "school": school,
        **{name: value for name, value in row.items() if name not in left_out},
    }


@router.get(
    "/v1/students/{student_id}",
    summary="学生档案 · A child, now or as it was",
    responses={
        **answered("student", "The child; `ETag` is the version told."),
        **problems(*READ, *NAMED, *FRESH),
    },
)
async def read_student(
    found: Readable,
    service: Serving,
    language: Language,
    position: RollPosition,
    cut: AsCut,
    showing: Showing,
) -> Response:
    if found.erased:
        cut.known(found.stored)
        record = erased_record(found.stored, service.settings.zone, language)
        version = found.child.version
    else:
        child = cut.child(found.stored)
        day, version = cut.day(child, service.tracking), child.version
        record = shown(child_record(child, service.directory, day), language, masks=showing.masks)
    return await showing.answer(
        "student",
        record,
        position=max(position, found.stored[-1].position),
        headers={"ETag": f'"{version}"'},
        filters=cut.filters(),
    )


@router.post(
    "/v1/students/{student_id}/key-groups/{code}/end",
    status_code=201,
    summary="结束重点群体标记 · End a mark",
    responses={
        **recorded_as("Recorded, as one entry."),
        **problems(
            *READ,
            *NAMED,
            *WRITE,
            "version-moved",
            "not-found",
            rules=refusals_of(Student.end_key_group),
        ),
    },
    openapi_extra=body_example(KeyGroupEnd),
)
async def end_key_group(
    ask: Annotated[Ask, asked_for("end_key_group")], code: str, body: KeyGroupEnd, service: Serving
) -> Response:
    if code not in codes.KEY_GROUP:
        raise Problem("not-found")
    return recorded(service, await service.tracking.end_key_group(ask, code=code, **body.facts()))


@router.post(
    "/v1/schools/{school_code}/promotions",
    status_code=201,
    dependencies=[Depends(at_school("promote"))],
    summary="升级与毕业 · Move up or graduate every child of a school, one entry each",
    responses={
        **answered("promotion", "Recorded, one entry for each child.", 201),
        **problems(
            *(*READ, *WRITE, *FRESH, "out-of-reach", "not-found"),
            rules=refusals_of(Student.promote),
        ),
    },
    openapi_extra=body_example(Promotion),
)
async def promote_school(
    school_code: str, person: SignedIn, body: Promotion, key: Key, service: Serving
) -> Response:
    await service.freshness.reached(await service.store.head(), views=(ROLL,))
    post = may_at_school(person, "promote", school_code, None)
    rows = await service.store.query(
        "SELECT student_id FROM views.students WHERE school_code = %s AND until IS NULL"
        " AND student_status IN ('01', '05') ORDER BY opened",
        [school_code],
        scope=scope_of([post]),
    )
    done = await service.tracking.promote(
        person.actor(post),
        school_code,
        [student_id for (student_id,) in rows],
        body.occurred_on or service.tracking.today(),
        key,
    )
    headers = {"Location": f"/v1/students?school_code={school_code}"}
    if done.answer["promoted"] or done.answer["graduated"]:
        headers |= receipt(service, done)  # for the last entry
    return answer(done.answer, status=201, position=done.position, headers=headers)
