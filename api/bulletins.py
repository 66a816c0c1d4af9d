"""Bulletins over HTTP (督查结果公告): drafted and published by the bureau, read by all who work."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal, NamedTuple

from fastapi import APIRouter, Depends, Path, Query, Request
from starlette.responses import Response

from api.bulletin_content import content_of, names_found, sources_of
from api.bulletin_printed import bulletin_page, bulletin_workbook
from api.checking import Checked, service_of
from api.deps import (
    AsOf,
    IfMatch,
    Key,
    Language,
    Limit,
    Serving,
    SignedIn,
    logged_refusal,
    permitted_posts,
    signed_in_person,
)
from api.exporting import file_named
from api.looking import Looking
from api.openapi import FRESH, READ, WRITE, answered, body_example, problems
from api.return_form import Taker
from api.schemas.bulletins import BulletinBody, BulletinPublication
from api.service import Service
from api.showing import POSITION_HEADER, answer, local, shown
from api.subjects import (
    NEXT,
    Stands,
    cursor_of,
    id_of,
    names_in,
    page_of,
    subject_recorded,
    subject_recorded_as,
    unknown,
)
from api.workbook import MEDIA_TYPE
from application.access import OutOfReach, Post
from application.registers import school_years
from application.roles import MAY
from application.subjects import Wish
from domain import supervision_refusals as rules
from domain.bulletins import BULLETIN_STATE, Bulletin, Bulletins, words_of
from domain.inspection_codes import INSPECTION_KIND
from domain.registers import BEGINNING
from domain.supervision_periods import Period

router = APIRouter(route_class=Checked, tags=["bulletins 公告"])
PATH = "/v1/bulletins"
PDF = "application/pdf"
NAMED = (*READ, "not-found", "out-of-reach", "record-damaged", "keys-away")
WORDS = [rules.NamesChild, rules.MayNameChild, rules.TellsFewChildren]
NO_CHILD = (
    "No child's name or number gets in: the texts are held against every name and number of the"
    " children who are or were at the schools concerned, and against the shapes of ID, student and"
    " phone numbers. A name of two characters may be a word: it is refused until a person names the"
    " field in `confirmed`. One of a single character is not looked for."
)
Id = Annotated[str, Path(description="the bulletin's id")]


class Named(NamedTuple):
    """A bulletin that a path names, and the stream of its year."""

    year: str
    bulletins: Bulletins
    bulletin: Bulletin


async def bulletin_named(request: Request, step: str, text: str, upto: int | None = None) -> Named:
    """
    Load the bulletin a path names.

    :raises Problem: ``not-found`` for one there is none of
    :raises OutOfReach: for a draft, but to those who draft or audit; logged
    """
    posts, names = await permitted_posts(request, step), names_in(text, str, int)
    if names is None:
        raise unknown()
    year, entry = names
    bulletins = await service_of(request).supervision.bulletins.one(year, upto=upto)
    if entry not in bulletins.bulletins:
        raise unknown()
    bulletin = bulletins.bulletin(entry)
    if bulletin.published is None and not sees_drafts(posts):
        await logged_refusal(request, step)
        raise OutOfReach
    return Named(year, bulletins, bulletin)


def sees_drafts(posts: list[Post]) -> bool:
    return any(post.role in MAY["read_bulletin_drafts"] for post in posts)


async def drafting(request: Request) -> list[Post]:
    """Give the posts in which the person drafts bulletins."""
    return await permitted_posts(request, "publish_bulletin")


async def reading(request: Request) -> list[Post]:
    """Give the posts in which the person reads bulletins."""
    return await permitted_posts(request, "read_bulletins")


async def bulletin_read(request: Request, bulletin_id: Id, stands: Stands) -> Named:
    return await bulletin_named(request, "read_bulletins", bulletin_id, stands.position)


async def bulletin_drafted(request: Request, bulletin_id: Id) -> Named:
    return await bulletin_named(request, "publish_bulletin", bulletin_id)


@router.post(
    PATH,
    status_code=201,
    summary="公告拟稿 · Draft a bulletin from inspections and scores of a period",
    description=NO_CHILD,
    responses={
        **subject_recorded_as("bulletin_drafted", "Drafted; seen by the bureau and the auditor."),
        **problems(
            *(*READ, *WRITE, *FRESH, "version-moved", "record-damaged", "keys-away"),
            rules=[
                *(rules.SourceUnknown, rules.SourceNotOver, rules.SchoolNotConcerned),
                *WORDS,
            ],
        ),
    },
    openapi_extra=body_example(BulletinBody),
)
async def draft(
    posts: Annotated[list[Post], Depends(drafting)],
    person: SignedIn,
    service: Serving,
    body: BulletinBody,
    if_match: IfMatch,
    key: Key,
) -> Response:
    given: dict[str, Any] = {"inspections": [], "scores": [], "summaries": [], **body.facts()}
    position = await service.store.head()
    sources = await sources_of(service, given["inspections"], given["scores"], position)
    words = words_of(body.title, body.text, given["summaries"])
    done = await service.supervision.draft_bulletin(
        Wish(person.actor(posts[0]), if_match, key),
        Period.year_of(service.tracking.today()).name,
        concerned=sources.schools,
        found=await names_found(service, words, sources.schools, position),
        **given,
    )
    named = id_of(done.answer["school_year"], done.answer["entry"])
    return subject_recorded(service, done, named, PATH)


@router.post(
    f"{PATH}/{{bulletin_id}}/publication",
    status_code=201,
    summary="发布公告 · Publish a bulletin, frozen at a place in the log",
    description=f"It reads and prints the same for ever. {NO_CHILD}",
    responses={
        **subject_recorded_as("bulletin_published", "Published; everybody at work reads it."),
        **problems(
            *(*NAMED, *WRITE, *FRESH, "version-moved"),
            rules=[
                *(rules.AlreadyPublished, rules.SourceUnknown, rules.SourceNotOver),
                *(rules.NamesChild, rules.MayNameChild),
            ],
        ),
    },
    openapi_extra=body_example(BulletinPublication),
)
async def publish(
    named: Annotated[Named, Depends(bulletin_drafted)],
    posts: Annotated[list[Post], Depends(drafting)],
    person: SignedIn,
    service: Serving,
    body: BulletinPublication,  # noqa: ARG001  # for the description
    if_match: IfMatch,
    key: Key,
) -> Response:
    drafted, position = named.bulletin.drafted, await service.store.head()
    sources = await sources_of(service, drafted.inspections, drafted.scores, position)
    done = await service.supervision.publish(
        Wish(person.actor(posts[0]), if_match, key),
        named.year,
        named.bulletin.entry,
        content=content_of(service, drafted, sources),
        position=position,
        found=await names_found(service, drafted.words, sources.schools, position),
    )
    return subject_recorded(service, done, id_of(named.year, named.bulletin.entry), PATH)


@router.get(
    f"{PATH}/{{bulletin_id}}",
    summary="公告内容 · One bulletin, as JSON, workbook or page",
    responses={
        200: {
            "description": "A published one is the same for ever, in the same bytes; a draft is as"
            " its sources stand. Heads of a school are withheld where one to four could be told.",
            "content": {
                **answered("bulletin", "")[200]["content"],
                MEDIA_TYPE: {
                    "example": "PK\x03\x04…",
                    "schema": {"type": "string", "contentMediaType": MEDIA_TYPE},
                },
                PDF: {
                    "example": "%PDF-1.7…",
                    "schema": {"type": "string", "contentMediaType": PDF},
                },
            },
        },
        **problems(*NAMED, *FRESH, "font-missing"),
    },
)
async def read_bulletin(
    request: Request,
    named: Annotated[Named, Depends(bulletin_read)],
    service: Serving,
    language: Language,
    looking: Looking,
    stands: Stands,
    form: Annotated[Literal["json", "xlsx", "pdf"], Query(alias="format")] = "json",
) -> Response:
    bulletin, published = named.bulletin, named.bulletin.published
    if published is None:
        drafted, position = bulletin.drafted, stands.position
        sources = await sources_of(service, drafted.inspections, drafted.scores, position)
        content: Mapping[str, Any] = content_of(service, drafted, sources)
    else:
        content, position = published.content, published.position
    if form == "json":
        body = {**told(service, language, named), **shown_content(content, language)}
        headers = {"ETag": f'"{named.bulletins.version}"'}
        return answer(body, position=stands.position, headers=headers)
    zone, state = service.settings.zone, bulletin.state
    moment = published.timestamp if published else service.tracking.now()
    at = local(moment, zone)
    if form == "xlsx":
        person = signed_in_person(request)
        taker = None if published else Taker(person.name, person.username, at)
        made, media_type = bulletin_workbook(content, state, taker, at, language), MEDIA_TYPE
    else:
        day = published.occurred_on if published else None
        foot = f"日志位置:{position}"
        made, media_type = await bulletin_page(service, content, state, foot, day, moment), PDF
    await looking.log("export bulletin", "taken", {}, filters={"position": position})
    name = f"bulletin_{named.year}_{bulletin.entry}.{form}"
    return Response(
        made,
        media_type=media_type,
        headers={
            POSITION_HEADER: str(position),
            "Content-Disposition": file_named(name, f"督查结果公告_{position}.{form}"),
        },
    )


@router.get(
    PATH,
    summary="公告 · The bulletins, the newest first; drafts to those who draft",
    responses={
        **answered("bulletins", "A page."),
        **problems(*READ, *FRESH, "record-damaged", "keys-away"),
    },
)
async def list_bulletins(
    posts: Annotated[list[Post], Depends(reading)],
    service: Serving,
    language: Language,
    stands: Stands,
    as_of: AsOf = None,  # noqa: ARG001  # for the description
    limit: Limit = 50,
    cursor: Annotated[str | None, cursor_of(int, int), Query(description=NEXT)] = None,
) -> Response:
    years = school_years(service.tracking.rule_book, BEGINNING, service.tracking.today())
    drafts = sees_drafts(posts)
    found = [
        Named(year, bulletins, one)
        for (year,), bulletins in await service.supervision.bulletins.told(
            [(year,) for year in years], stands.position
        )
        for one in bulletins.bulletins.values()
        if one.published or drafts
    ]
    found.sort(key=place_of)
    some, following = page_of(found, place_of, limit, cursor)
    items = [told(service, language, one) for one in some]
    return answer({"items": items, "next_cursor": following}, position=stands.position)


def place_of(named: Named) -> tuple[int, int]:
    """Give where a bulletin stands in a list: the newest first."""
    return -int(named.year[:4]), -named.bulletin.entry


def told(service: Service, language: str, named: Named) -> dict[str, Any]:
    """Give a bulletin as lists show it."""
    drafted, published = named.bulletin.drafted, named.bulletin.published
    zone = service.settings.zone
    item = {
        "id": id_of(named.year, drafted.originator_version),
        "title": drafted.title,
        "period": drafted.period,
        "state": named.bulletin.state,
        "published_on": published.occurred_on if published else None,
        "position": published.position if published else None,
        "recorded_at": local((published or drafted).timestamp, zone),
        "recorded_by": (published or drafted).by,
    }
    answer: dict[str, Any] = shown(item, language, masks={}, kinds={"state": BULLETIN_STATE})
    return answer


def shown_content(content: Mapping[str, Any], language: str) -> dict[str, Any]:
    """Give what a bulletin tells with labels in the caller's language."""
    kinds = {"kind": INSPECTION_KIND}
    return {
        **content,
        "inspections": shown(content["inspections"], language, masks={}, kinds=kinds),
    }
