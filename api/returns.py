"""Monthly returns over HTTP (月报): the overview, reminders, and a school's return."""

import asyncio
from collections import Counter
from collections.abc import Sequence
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query, Request
from starlette.responses import Response

from api.checking import Checked
from api.deps import AsOf, Language, Serving, logged_refusal, permitted_posts
from api.exporting import file_named
from api.listing import place_filters
from api.live_counts import area_of
from api.looking import Look, Looking
from api.openapi import FRESH, READ, answered, problems
from api.problems import Problem
from api.return_asked import Month, ReturnAsked, ViewsPosition, asking, month_asked
from api.return_drafts import drafts
from api.return_form import TITLE, Taker, as_csv, as_workbook
from api.return_shown import document, standing, whole
from api.schemas.fields import OneOf
from api.service import Service
from api.showing import answer, local
from api.workbook import MEDIA_TYPE
from application.access import NotAllowed, Post, counts_whole_district
from application.directory import School
from domain.monthly_return import AWAITED, RETURN_STATE, MonthlyReturn
from domain.return_facts import Draft, SchoolClass, Version
from domain.return_periods import Period
from projections.return_figures import VIEWS, classes_of

router = APIRouter(route_class=Checked, tags=["returns 报表"])
PLACE = "/v1/monthly-returns/{month}"
SCHOOL = f"{PLACE}/schools/{{school_code}}"
OF_A_SCHOOL = (*READ, *FRESH, "out-of-reach", "not-found", "record-damaged", "keys-away")
ReadReturn = Annotated[ReturnAsked, asking("read_return")]
State = Annotated[Annotated[str, OneOf(RETURN_STATE)] | None, Query()]
Township = Annotated[str | None, Query(max_length=100)]


class Watched:
    """The schools whose returns a person watches: those of the posts' area, or one township's."""

    def __init__(self, period: Period, schools: Sequence[School]) -> None:
        self.period = period
        self.schools = schools


async def watched(request: Request, month: Month, township: Township = None) -> Watched:
    """
    Give the month and the schools whose returns are watched; a refused attempt is logged.

    :raises NotAllowed: if the role watches no returns
    :raises Problem: ``not-found`` for a township that is not theirs, or a month that has not begun
    """
    posts = await permitted_posts(request, "watch_returns")
    service: Service = request.app.state.service
    schools = schools_of(service, posts)
    if township is not None:
        schools = [school for school in schools if school.township == township]
        if not schools:
            place = place_filters(service.directory, None, township)
            await logged_refusal(request, "watch_returns", filters=place)
            raise Problem("not-found")
    return Watched(month_asked(service, month), schools)


def schools_of(service: Service, posts: Sequence[Post]) -> list[School]:
    """Give the schools of the posts' area, by code."""
    whole_district = any(counts_whole_district(post) for post in posts)
    codes, _ = area_of(posts, service.directory, whole=whole_district)
    return [school for code in codes if (school := service.directory.school(code))]


Watching = Annotated[Watched, Depends(watched)]


async def as_known(service: Service, as_of: AsOf, position: int) -> int:
    """Give the position a moment stands for, once the views have reached it; else theirs."""
    if as_of is None:
        return position
    stood_at = await service.store.position_at(as_of)
    await service.freshness.reached(stood_at, views=VIEWS)
    return stood_at


@router.get(
    PLACE,
    summary="月报总览 · Every school's return of a month: due, submitted, late, zero, frozen",
    responses={
        **answered("returns", "Every school of one's area, with how many are in which state."),
        **problems(*READ, *FRESH, "not-found", "record-damaged", "keys-away"),
    },
)
async def overview(
    asked: Watching,
    service: Serving,
    language: Language,
    position: ViewsPosition,
    state: State = None,
    as_of: AsOf = None,
) -> Response:
    """
    `state` is that of the last step: a zero return is `frozen` once it is, and `zero` stays true.

    `days_late` counts from the due day to the first submission, or to today. With `as_of`, states
    are those then, by today's roll and day.
    """
    upto = await as_known(service, as_of, position)
    returns, classes = await held(service, asked, upto if as_of else None)
    rows = []
    for school in asked.schools:
        one, groups = returns[school.code], classes.get(school.code, {})
        rows.append({**place(school), **standing(one, asked.period, groups, service, language)})
    body = {
        "month": asked.period.name,
        "period": {"from": asked.period.first, "to": asked.period.last},
        "due_on": asked.period.due_on,
        "schools": len(rows),
        "counts": dict.fromkeys(RETURN_STATE, 0) | Counter(row["state"] for row in rows),
        "on_time": sum(row["version"] is not None and not row["days_late"] for row in rows),
        "items": [row for row in rows if state in {None, row["state"]}],
        "next_cursor": None,
    }
    return answer(body, position=upto)


async def held(
    service: Service, asked: Watched, upto: int | None = None
) -> tuple[dict[str, MonthlyReturn], dict[str, dict[SchoolClass, int]]]:
    """Give the returns of every watched school, and its classes as they are now."""
    codes = [school.code for school in asked.schools]
    return await asyncio.gather(
        service.returns.of(asked.period.name, codes, upto), classes_of(service.store, codes)
    )


def place(school: School) -> dict[str, Any]:
    return {"school_code": school.code, "school": school.name, "township": school.township}


@router.get(
    f"{PLACE}/reminders",
    summary="催报名单 · Whom to remind, and what is missing",
    responses={
        **answered("reminders", "The schools whose return is awaited, each with its principals."),
        **problems(*READ, *FRESH, "not-found", "record-damaged", "keys-away"),
    },
)
async def reminders(
    asked: Watching, service: Serving, language: Language, position: ViewsPosition
) -> Response:
    """Those due, late, or sent back to the school; `unchecked` are classes not checked off."""
    principals: dict[str, list[str]] = {}
    people, (returns, classes) = await asyncio.gather(
        service.sessions.people(service.tracking.today()), held(service, asked)
    )
    for person in people:
        for post in person.posts:
            for code in post.schools if post.role == "principal" else ():
                principals.setdefault(code, []).append(person.name)
    items = []
    for school in asked.schools:
        one, groups = returns[school.code], classes.get(school.code, {})
        state = standing(one, asked.period, groups, service, language)
        if state["state"] in AWAITED:
            named = ("state", "state_label", "due_on", "days_late")
            items.append(
                {
                    **place(school),
                    **{name: state[name] for name in named},
                    "principals": sorted(principals.get(school.code, [])),
                    "unchecked": [group._asdict() for group in groups if group not in one.checked],
                    "sent_back": one.sent_back and one.sent_back.reason,
                }
            )
    return answer({"items": items, "next_cursor": None}, position=position)


@router.get(
    SCHOOL,
    summary="月报 · A school's return: drafted now, or as a version of it was",
    responses={
        200: {
            "description": "State, classes and versions, and under `return` the version that"
            " holds, or the draft. With `version`, that version alone, in the same bytes always;"
            " so are its files.",
            "content": {
                **answered("return", "")[200]["content"],
                "text/csv": {
                    "example": "月份,学校标识码,学校,版本,日志位置,年级,期初人数\r\n",
                    "schema": {"type": "string"},
                },
                MEDIA_TYPE: {
                    "example": "PK\x03\x04…",
                    "schema": {"type": "string", "contentMediaType": MEDIA_TYPE},
                },
            },
        },
        **problems(*OF_A_SCHOOL),
    },
)
async def read_return(
    request: Request,
    asked: ReadReturn,
    service: Serving,
    language: Language,
    position: ViewsPosition,
    looking: Looking,
    version: Annotated[int | None, Query(ge=1, le=2**31)] = None,
    draft: Annotated[bool, Query(description="as it would be now, whatever is submitted")] = False,
    as_of: AsOf = None,
    form: Annotated[Literal["json", "xlsx", "csv"], Query(alias="format")] = "json",
) -> Response:
    """
    Opening is the closing of the version that holds of the month before; what is recorded later
    with an earlier day stands in `adjustments`, and is included. `visits` (家访人次) are visits in
    person, each child's each time. A homeroom teacher reads the state and the own class alone.
    """
    period, school, post = asked.period, asked.school, asked.post
    teaches = post.role == "teacher"
    if teaches and (version is not None or draft or form != "json"):
        await logged_refusal(request, "read_return")
        raise NotAllowed
    upto = await as_known(service, as_of, position)
    one = (await service.returns.of(period.name, [school.code], upto if as_of else None))[
        school.code
    ]
    told: Draft | Version
    if version is not None:
        if version > len(one.versions):
            raise Problem("not-found")
        told = one.versions[version - 1]
    elif one.latest is None or draft:
        told = (await drafts(service, period, [school], upto))[school.code]
    else:
        told = one.latest
    shown = document(period, school.code, told, service, language)
    if form != "json":
        return await taken(request, looking, shown, form, language)
    headers = {"ETag": f'"{one.version}"'}
    if version is not None:
        return answer(shown, position=told.position, headers=headers)
    classes = (await classes_of(service.store, [school.code])).get(school.code, {})
    if teaches:
        own = (post.grade, post.class_name)
        classes = {group: children for group, children in classes.items() if group == own}
    body = {
        **{name: shown[name] for name in ("month", "school_code", "school", "township")},
        **whole(one, period, classes, service, language),
        "return": None if teaches else shown,
    }
    return answer(body, position=upto, headers=headers)


async def taken(
    request: Request, looking: Look, shown: dict[str, Any], form: str, language: str
) -> Response:
    """Send a return as a file; its line stands in the access log before."""
    await permitted_posts(request, "export")
    service: Service = request.app.state.service
    person = request.state.person
    taker = Taker(
        person.name,
        person.username,
        local(service.tracking.now(), service.settings.zone),
    )
    content = as_csv(shown) if form == "csv" else as_workbook(shown, taker, language)
    which = f"{shown['month']}_{shown['school_code']}_{shown['version'] or shown['position']}"
    details = {name: shown[name] for name in ("month", "school_code", "version", "position")}
    await looking.log("export monthly-return", "taken", {}, rows=0, filters=details)
    return Response(
        content,
        media_type="text/csv; charset=utf-8" if form == "csv" else MEDIA_TYPE,
        headers={
            "Log-Position": str(shown["position"]),
            "Content-Disposition": file_named(
                f"monthly-return_{which}.{form}", f"{TITLE[language]}_{which}.{form}"
            ),
        },
    )
