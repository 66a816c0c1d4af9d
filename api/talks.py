"""Formal talks over HTTP (约谈): held, followed up promise by promise, listed with what is late."""

from typing import Annotated, Any, Literal, NamedTuple

from fastapi import APIRouter, Depends, Path, Query, Request
from starlette.responses import Response

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
)
from api.looking import Looking
from api.openapi import FRESH, READ, WRITE, answered, body_example, problems
from api.printed_register import answered_as, send_register
from api.schemas.fields import Line
from api.schemas.supervision import TalkBody, TalkFollowUp
from api.showing import answer
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
from api.talk_shown import REGISTER, lines, told
from application.access import OutOfReach, Post
from application.registers import school_years
from application.subjects import Wish
from application.supervising import Names
from application.units import all_units, sees_unit, told_unit, unit_of
from domain import refusals
from domain import supervision_refusals as rules
from domain.registers import BEGINNING
from domain.talks import Talk, Talks

router = APIRouter(route_class=Checked, tags=["talks 约谈"])
PATH = "/v1/talks"
NAMED = (*READ, "not-found", "out-of-reach", "record-damaged", "keys-away")
Id = Annotated[str, Path(description="the talk's id")]
UNIT = "a school code, or the name of a 中心校 or a township"


class Named(NamedTuple):
    """A talk that a path names, and the stream it stands in."""

    names: Names
    talks: Talks
    talk: Talk


async def talk_named(request: Request, step: str, text: str, upto: int | None = None) -> Named:
    """
    Load the talk a path names; one out of reach is logged.

    :raises Problem: ``not-found`` for one there is none of
    :raises OutOfReach: if its unit is not the person's to talk with, or to read of
    """
    posts, service = await permitted_posts(request, step), service_of(request)
    found = names_in(text, str, str, int)
    if found is None:
        raise unknown()
    unit, year, entry = found
    talks = await service.supervision.talks.one(unit, year, upto=upto)
    if entry not in talks.talks:
        raise unknown()
    await post_for(request, step, posts, unit)
    return Named((unit, year), talks, talks.talk(entry))


async def post_for(request: Request, step: str, posts: list[Post], unit: str) -> Post:
    """
    Give the post in which a person acts for a unit, or reads of it; a refused attempt is logged.

    :raises OutOfReach: if none sees it, and for one who would talk with the own unit
    """
    directory = service_of(request).directory
    for post in posts:
        own = step == "talk" and post.township == unit
        if sees_unit(post, directory, unit) and not own:
            request.state.post = post
            return post
    await logged_refusal(request, step)
    raise OutOfReach


async def talking(request: Request) -> list[Post]:
    """Give the posts in which the person holds talks."""
    return await permitted_posts(request, "talk")


async def reading(request: Request) -> list[Post]:
    """Give the posts in which the person reads of talks."""
    return await permitted_posts(request, "read_talks")


async def talk_read(request: Request, talk_id: Id, stands: Stands) -> Named:
    return await talk_named(request, "read_talks", talk_id, stands.position)


async def talk_followed(request: Request, talk_id: Id) -> Named:
    return await talk_named(request, "talk", talk_id)


@router.post(
    PATH,
    status_code=201,
    summary="约谈 · Record a formal talk with a school or another unit",
    description="By the bureau, or a township with its schools.",
    responses={
        **subject_recorded_as("talk_held", "Recorded."),
        **problems(
            *(*READ, *WRITE, "out-of-reach", "version-moved", "record-damaged", "keys-away"),
            rules=[
                *(rules.CommitmentDueEarly, rules.UnitUnknown),
                *(refusals.SchoolUnknown, refusals.FutureDay),
            ],
        ),
    },
    openapi_extra=body_example(TalkBody),
)
async def hold(
    request: Request,
    posts: Annotated[list[Post], Depends(talking)],
    person: SignedIn,
    service: Serving,
    body: TalkBody,
    if_match: IfMatch,
    key: Key,
) -> Response:
    facts = body.facts()
    unit = facts.pop("school_code", None) or facts.pop("unit")
    post = await post_for(request, "talk", posts, unit)
    if unit_of(service.directory, unit).level not in {"school", "office", "township"}:
        if body.school_code:
            raise refusals.SchoolUnknown(school_code=unit)
        raise rules.UnitUnknown(unit=unit)
    wish = Wish(person.actor(post), if_match, key)
    done = await service.supervision.hold_talk(wish, unit, **facts)
    named = id_of(unit, done.answer["school_year"], done.answer["entry"])
    return subject_recorded(service, done, named, PATH)


@router.post(
    f"{PATH}/{{talk_id}}/follow-ups",
    status_code=201,
    summary="约谈跟进 · Record how a promise of a talk is kept",
    responses={
        **subject_recorded_as("talk_followed_up", "Recorded."),
        **problems(
            *(*NAMED, *WRITE, "version-moved"),
            rules=[
                *(rules.NoSuchCommitment, rules.CommitmentDone, rules.FollowUpBeforeTalk),
                refusals.FutureDay,
            ],
        ),
    },
    openapi_extra=body_example(TalkFollowUp),
)
async def follow_up(
    request: Request,
    named: Annotated[Named, Depends(talk_followed)],
    person: SignedIn,
    service: Serving,
    body: TalkFollowUp,
    if_match: IfMatch,
    key: Key,
) -> Response:
    wish, entry = Wish(person.actor(request.state.post), if_match, key), named.talk.entry
    done = await service.supervision.follow_up(wish, named.names, entry, **body.facts())
    return subject_recorded(service, done, id_of(*named.names, entry), PATH)


@router.get(
    f"{PATH}/{{talk_id}}",
    summary="约谈内容 · One talk, with how its promises are kept",
    responses={
        **answered("talk", "The talk; `ETag` is the version of its stream."),
        **problems(*NAMED, *FRESH),
    },
)
async def read_talk(
    named: Annotated[Named, Depends(talk_read)],
    service: Serving,
    language: Language,
    stands: Stands,
) -> Response:
    body = told(service, language, stands, named.names, named.talk)
    headers = {"ETag": f'"{named.talks.version}"'}
    return answer(body, position=stands.position, headers=headers)


@router.get(
    PATH,
    summary="约谈 · The talks with the units of one's area, the newest first, and overdue promises",
    responses={
        **answered_as("talks", "A page; as `xlsx` or `csv` the register (约谈登记表)."),
        **problems(*READ, *FRESH, "not-found", "record-damaged", "keys-away"),
    },
)
async def list_talks(
    request: Request,
    posts: Annotated[list[Post], Depends(reading)],
    service: Serving,
    language: Language,
    looking: Looking,
    stands: Stands,
    overdue: Annotated[bool, Query(description="only talks with a promise overdue")] = False,
    unit: Annotated[Line | None, Query(description=UNIT)] = None,
    as_of: AsOf = None,
    limit: Limit = 50,
    cursor: Annotated[str | None, cursor_of(int, str, int), Query(description=NEXT)] = None,
    form: Annotated[Literal["json", "xlsx", "csv"], Query(alias="format")] = "json",
) -> Response:
    directory = service.directory
    known = [unit] if unit else [one.code for one in all_units(directory)]
    seen = [one for one in known if any(sees_unit(post, directory, one) for post in posts)]
    if unit and not seen:
        await logged_refusal(request, "read_talks")
        raise unknown()
    years = school_years(service.tracking.rule_book, BEGINNING, service.tracking.today())
    asked = [(code, year) for year in years for code in seen]
    found = [
        (names, talk)
        for names, talks in await service.supervision.talks.told(asked, stands.position)
        for talk in talks.talks.values()
        if not overdue or talk.overdue(stands.today)
    ]
    found.sort(key=place_of)
    if form != "json":
        items = [told(service, language, stands, *one) for one in found]
        whose: dict[str, Any] = {"unit": told_unit(directory, unit), "overdue": overdue or None}
        return await send_register(
            *(request, looking, REGISTER, list(lines(items, language))),
            of=stands.today.isoformat(),
            form=form,
            position=stands.position,
            language=language,
            filters={**whose, "as_of": as_of},
        )
    some, following = page_of(found, place_of, limit, cursor)
    items = [told(service, language, stands, *one) for one in some]
    return answer({"items": items, "next_cursor": following}, position=stands.position)


def place_of(one: tuple[Names, Talk]) -> tuple[int, str, int]:
    """Give where a talk stands in a list: the newest day first, then by unit."""
    (unit, _), talk = one
    return -talk.held.occurred_on.toordinal(), unit, talk.entry
