"""Responsibility pledges over HTTP (责任书): issued, signed by both sides, the unsigned listed."""

from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query, Request
from fastapi.exceptions import RequestValidationError
from pydantic import AfterValidator
from starlette.responses import Response

from api.checking import Checked
from api.deps import (
    AsOf,
    IfMatch,
    Key,
    Language,
    Limit,
    Serving,
    SignedIn,
    logged_refusal,
)
from api.looking import Looking
from api.openapi import FRESH, READ, WRITE, answered, body_example, problems
from api.pledge_reach import (
    Issuing,
    Named,
    Reading,
    issued_by,
    pledge_read,
    pledge_signed,
    pledge_withdrawn,
)
from api.pledge_shown import REGISTER, lines, pledge_id_of, told
from api.printed_register import answered_as, send_register
from api.schemas.fields import Line, OneOf
from api.schemas.pledges import PledgeBody, PledgeSignature, PledgeWithdrawal, SchoolYear
from api.schemas.registers import NO_CHILD
from api.service import Service
from api.subjects import (
    Stands,
    cursor_names,
    id_of,
    subject_recorded,
    subject_recorded_as,
    unknown,
)
from application.pledges import Bundle, Place, sees_pledge
from application.subjects import Wish
from application.units import all_units, sees_unit, told_unit, unit_of
from domain import refusals
from domain.pledges import (
    PLEDGE_LEVEL,
    PLEDGE_STATE,
    UNSIGNED,
    Pledge,
)

router = APIRouter(route_class=Checked, tags=["pledges 责任书"])
PATH = "/v1/pledges"
NAMED = (*READ, "not-found", "out-of-reach", "record-damaged", "keys-away")
CursorText = Annotated[
    str | None,
    AfterValidator(lambda text: text if text is None else cursor_of_place(text) and text),
    Query(description="`next_cursor` of the page before"),
]


@router.post(
    PATH,
    status_code=201,
    summary="发责任书 · Issue a pledge, for both sides to sign",
    description=f"The bureau, to townships and principals; a principal, to the homeroom teachers of"
    f" the own school. {NO_CHILD}",
    responses={
        **subject_recorded_as("pledge_issued", "Issued."),
        **problems(
            *(*NAMED, *WRITE, "version-moved"),
            rules=[
                refusals.NoSuchEntry,
                refusals.PledgeStands,
                refusals.EndBeforeStart,
                refusals.FutureDay,
            ],
        ),
    },
    openapi_extra=body_example(PledgeBody),
)
async def issue(
    request: Request,
    posts: Issuing,
    person: SignedIn,
    service: Serving,
    body: PledgeBody,
    if_match: IfMatch,
    key: Key,
) -> Response:
    facts = body.facts()
    level, to_unit = facts.pop("level"), facts.pop("to_unit")
    post = await issued_by(request, posts, level, to_unit)
    check_known(service, level, to_unit)
    year = facts.pop("school_year", None) or service.pledges.year_of(service.tracking.today())
    bundle = Bundle(level, to_unit, year)
    done = await service.pledges.issue(Wish(person.actor(post), if_match, key), bundle, **facts)
    return subject_recorded(service, done, pledge_id_of(bundle, done.answer["entry"]), PATH)


@router.post(
    f"{PATH}/{{pledge_id}}/signatures",
    status_code=201,
    summary="签订 · Sign a pledge for one's own side",
    responses={
        **subject_recorded_as("pledge_signed", "Signed."),
        **problems(
            *(*NAMED, *WRITE, "version-moved"),
            rules=[
                refusals.NoSuchEntry,
                refusals.PledgeOver,
                refusals.AlreadySigned,
                refusals.BothSides,
                refusals.NamedAnother,
                refusals.SignedBeforeIssued,
                refusals.FutureDay,
            ],
        ),
    },
    openapi_extra=body_example(PledgeSignature),
)
async def sign(
    request: Request,
    signed: Annotated[tuple[Named, str], Depends(pledge_signed)],
    person: SignedIn,
    service: Serving,
    body: PledgeSignature,
    if_match: IfMatch,
    key: Key,
) -> Response:
    named, side = signed
    wish = Wish(person.actor(request.state.post), if_match, key)
    entry = named.pledge.entry
    done = await service.pledges.sign(wish, named.bundle, entry, side, body.signed_on)
    return subject_recorded(service, done, pledge_id_of(named.bundle, entry), PATH)


@router.post(
    f"{PATH}/{{pledge_id}}/withdrawal",
    status_code=201,
    summary="撤回 · Withdraw a pledge issued in error",
    responses={
        **subject_recorded_as("pledge_withdrawn", "Withdrawn; it stays on record."),
        **problems(
            *(*NAMED, *WRITE, "version-moved"),
            rules=[refusals.NoSuchEntry, refusals.PledgeOver],
        ),
    },
    openapi_extra=body_example(PledgeWithdrawal),
)
async def withdraw(
    request: Request,
    named: Annotated[Named, Depends(pledge_withdrawn)],
    person: SignedIn,
    service: Serving,
    body: PledgeWithdrawal,
    if_match: IfMatch,
    key: Key,
) -> Response:
    wish = Wish(person.actor(request.state.post), if_match, key)
    entry = named.pledge.entry
    done = await service.pledges.withdraw(wish, named.bundle, entry, body.reason)
    return subject_recorded(service, done, pledge_id_of(named.bundle, entry), PATH)


@router.get(
    f"{PATH}/{{pledge_id}}",
    summary="责任书内容 · One pledge, with its signatures and what became of it",
    responses={
        **answered("pledge", "The pledge; `ETag` is the version of its stream."),
        **problems(*NAMED, *FRESH, rules=[refusals.NoSuchEntry]),
    },
)
async def read_pledge(
    named: Annotated[Named, Depends(pledge_read)],
    service: Serving,
    language: Language,
    looking: Looking,
    stands: Stands,
) -> Response:
    return await looking.answer(
        "pledge",
        told(service, language, stands, named.bundle, named.pledge),
        {},
        position=stands.position,
        headers={"ETag": f'"{named.version}"'},
    )


@router.get(
    PATH,
    summary="责任书 · The pledges of a school year, or those still unsigned",
    responses={
        **answered_as(
            "pledges", "A page, by township and school; as `xlsx` or `csv` all (责任书登记表)."
        ),
        **problems(*READ, *FRESH, "not-found", "record-damaged", "keys-away"),
    },
)
async def list_pledges(
    request: Request,
    posts: Reading,
    service: Serving,
    language: Language,
    looking: Looking,
    stands: Stands,
    as_of: AsOf = None,
    limit: Limit = 50,
    cursor: CursorText = None,
    unsigned: Annotated[bool, Query(description="open and overdue ones alone")] = False,
    state: Annotated[Annotated[str, OneOf(PLEDGE_STATE)] | None, Query()] = None,
    level: Annotated[Annotated[str, OneOf(PLEDGE_LEVEL)] | None, Query()] = None,
    school_year: Annotated[SchoolYear | None, Query()] = None,
    unit: Annotated[Line | None, Query(description="a school code or a township")] = None,
    form: Annotated[Literal["json", "xlsx", "csv"], Query(alias="format")] = "json",
) -> Response:
    """Shows a teacher the own class's, a school its own, those above the pledges of their area."""
    directory = service.directory
    units = [unit_of(directory, unit)] if unit else list(all_units(directory))
    seen = [one for one in units if any(sees_unit(post, directory, one.code) for post in posts)]
    if unit and not seen:
        await logged_refusal(request, "read_pledge")
        raise unknown()
    page: list[tuple[Place, Bundle, Pledge]] = []
    year = school_year or service.pledges.year_of(stands.today)
    async for some in service.pledges.listed(
        seen,
        year,
        (level,) if level else tuple(PLEDGE_LEVEL),
        cursor_of_place(cursor) if cursor and form == "json" else None,
        stands.position,
    ):
        page += [
            one
            for one in some
            if any(sees_pledge(post, directory, one[2]) for post in posts)
            and (state is None or one[2].state(stands.today) == state)
            and (not unsigned or one[2].state(stands.today) in UNSIGNED)
        ]
        if len(page) > limit and form == "json":
            break
    filters = {
        "unsigned": unsigned or None,
        "state": state,
        "level": level,
        "school_year": school_year,
        "unit": told_unit(directory, unit),
        "as_of": as_of,
    }
    if form != "json":
        items = [told(service, language, stands, *one[1:]) for one in page]
        return await send_register(
            *(request, looking, REGISTER, list(lines(items, language))),
            of=year,
            form=form,
            position=stands.position,
            language=language,
            filters=filters,
        )
    following = id_of(*page[limit - 1][0]) if len(page) > limit else None
    return await looking.answer(
        "pledges",
        {
            "items": [told(service, language, stands, *one[1:]) for one in page[:limit]],
            "next_cursor": following,
        },
        {},
        position=stands.position,
        rows=min(len(page), limit),
        filters=filters,
    )


def cursor_of_place(text: str) -> Place:
    """
    Read a cursor.

    :raises PydanticCustomError: if it is none of ours
    """
    return Place(*cursor_names(text, str, str, str, int))


def check_known(service: Service, level: str, to_unit: str) -> None:
    """
    Check that the directory knows the unit that is to pledge.

    :raises RequestValidationError: if not
    """
    directory = service.directory
    if level == "county_township":
        known = bool(directory.schools_in(to_unit))
    else:
        known = directory.school(to_unit) is not None
    if not known:
        en, zh = "The directory does not know this unit.", "学校名录中没有这个单位。请核对。"
        error = {"type": "form", "loc": ("body", "to_unit"), "msg": en, "ctx": {"zh": zh}}
        raise RequestValidationError([{**error, "input": None}])
