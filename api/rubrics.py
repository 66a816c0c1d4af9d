"""Rubrics over HTTP (考评细则): issued in versions, listed with what is in force, and read."""

import re
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query, Request
from starlette.responses import Response

from api.checking import Checked
from api.deps import AsOf, IfMatch, Key, Language, Limit, Serving, SignedIn, permitted_posts
from api.openapi import FRESH, READ, WRITE, answered, body_example, problems
from api.schemas.supervision import RubricBody
from api.service import Service
from api.showing import answer, local, shown
from api.subjects import (
    NEXT,
    Standing,
    Stands,
    cursor_of,
    page_of,
    subject_recorded,
    subject_recorded_as,
    unknown,
)
from application.access import Post
from application.subjects import Wish
from domain import supervision_refusals as rules
from domain.rubrics import RUBRIC_STATE, RubricIssued, Rubrics

router = APIRouter(route_class=Checked, tags=["rubrics 考评细则"])
PATH = "/v1/rubrics"
NUMBER = re.compile(r"[1-9][0-9]{0,8}", re.ASCII)


async def issuing(request: Request) -> list[Post]:
    """Give the posts in which the person issues rubrics."""
    return await permitted_posts(request, "issue_rubric")


async def reading(request: Request) -> list[Post]:
    """Give the posts in which the person reads rubrics."""
    return await permitted_posts(request, "read_rubric")


@router.post(
    PATH,
    status_code=201,
    summary="印发考评细则 · Issue a rubric, or a new version in place of one",
    description="An issued rubric is never changed: a new version names the one it `replaces`.",
    responses={
        **subject_recorded_as("rubric_issued", "Issued; its number is its id."),
        **problems(
            *(*READ, *WRITE, "version-moved", "record-damaged", "keys-away"),
            rules=[rules.NoSuchRubric, rules.RubricReplaced, rules.RubricTooEarly],
        ),
    },
    openapi_extra=body_example(RubricBody),
)
async def issue(
    posts: Annotated[list[Post], Depends(issuing)],
    person: SignedIn,
    service: Serving,
    body: RubricBody,
    if_match: IfMatch,
    key: Key,
) -> Response:
    wish = Wish(person.actor(posts[0]), if_match, key)
    done = await service.supervision.issue_rubric(wish, **body.facts())
    return subject_recorded(service, done, str(done.answer["entry"]), PATH)


@router.get(
    PATH,
    summary="考评细则 · The rubrics, by their number",
    responses={
        **answered("rubrics", "A page; `state` says which are in force."),
        **problems(*READ, *FRESH, "record-damaged", "keys-away"),
    },
)
async def list_rubrics(
    _: Annotated[list[Post], Depends(reading)],
    service: Serving,
    language: Language,
    stands: Stands,
    as_of: AsOf = None,  # noqa: ARG001  # for the description
    limit: Limit = 50,
    cursor: Annotated[str | None, cursor_of(int), Query(description=NEXT)] = None,
) -> Response:
    rubrics = await service.supervision.rubrics.one(upto=stands.position)
    some, following = page_of(
        list(rubrics.issued.values()), lambda one: (one.number,), limit, cursor
    )
    items = [told(service, language, stands, rubrics, one) for one in some]
    return answer({"items": items, "next_cursor": following}, position=stands.position)


@router.get(
    f"{PATH}/{{rubric_id}}",
    summary="考评细则内容 · One rubric, as it was issued",
    responses={
        **answered("rubric", "The rubric; `ETag` is the version of all rubrics' stream."),
        **problems(*READ, *FRESH, "not-found", "record-damaged", "keys-away"),
    },
)
async def read_rubric(
    _: Annotated[list[Post], Depends(reading)],
    rubric_id: Annotated[str, Path(description="the rubric's number")],
    service: Serving,
    language: Language,
    stands: Stands,
) -> Response:
    rubrics = await service.supervision.rubrics.one(upto=stands.position)
    one = rubrics.issued.get(int(rubric_id)) if NUMBER.fullmatch(rubric_id) else None
    if one is None:
        raise unknown()
    body = told(service, language, stands, rubrics, one)
    return answer(body, position=stands.position, headers={"ETag": f'"{rubrics.version}"'})


def told(
    service: Service, language: str, stands: Standing, rubrics: Rubrics, one: RubricIssued
) -> dict[str, Any]:
    """Give a rubric as answers show it."""
    by = rubrics.replaced_by.get(one.number)
    item = {
        "id": str(one.number),
        "number": one.number,
        "title": one.title,
        "state": rubrics.state(one.number, stands.today),
        "in_force_from": one.in_force_from,
        "replaced_from": by.in_force_from if by else None,
        "replaces": one.replaces,
        "replaced_by": by.number if by else None,
        "points": sum(one.worth.values()),
        "items": one.items,
        "recorded_at": local(one.timestamp, service.settings.zone),
        "recorded_by": one.by,
    }
    answer: dict[str, Any] = shown(item, language, masks={}, kinds={"state": RUBRIC_STATE})
    return answer
