"""The plain registers over HTTP (登记簿): entered, corrected, listed and printed, by unit."""

from collections.abc import AsyncIterator
from datetime import date
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query, Request
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
)
from api.examples import ANSWERS
from api.looking import Looking
from api.openapi import FRESH, READ, WRITE, answered, body_example, problems
from api.register_exports import TakenAway, export_register
from api.register_reach import (
    Keeping,
    Kind,
    Named,
    Reading,
    check_keeps,
    line_kept,
    line_read,
    units_asked,
)
from api.schemas.fields import Day, Line
from api.schemas.registers import NO_CHILD, RegisterCorrection, RegisterEntryBody
from api.service import Service
from api.showing import local, shown
from api.subjects import (
    Stands,
    cursor_names,
    id_of,
    subject_recorded,
    subject_recorded_as,
)
from api.workbook import MEDIA_TYPE
from application.registers import Volume, place_of
from application.subjects import Wish
from application.units import told_unit, unit_of
from domain import refusals
from domain.registers import BEGINNING, REGISTER_KIND, RegisterLine

router = APIRouter(route_class=Checked, tags=["registers 登记簿"])
PLACE = (str, str, int)  # of a cursor: the day held, the unit, the entry
NAMED = (*READ, "not-found", "out-of-reach", "record-damaged", "keys-away")
UNIT = "a school code, the name of a 中心校 or a township, `bureau` or `task_force`"


@router.post(
    "/v1/registers/{kind}",
    status_code=201,
    summary="登记 · Enter a line in a register of one's own unit",
    description=NO_CHILD,
    responses={
        **subject_recorded_as("register_entered", "Entered."),
        **problems(
            *(*NAMED, *WRITE, "version-moved"),
            rules=[refusals.FutureDay, refusals.EndBeforeStart],
        ),
    },
    openapi_extra=body_example(RegisterEntryBody),
)
async def enter(
    request: Request,
    kind: Kind,
    posts: Keeping,
    person: SignedIn,
    service: Serving,
    body: RegisterEntryBody,
    if_match: IfMatch,
    key: Key,
) -> Response:
    facts = body.facts()
    unit = facts.pop("unit")
    post = await check_keeps(request, posts, unit)
    wish = Wish(person.actor(post), if_match, key)
    done = await service.registers.enter(wish, kind, unit, **facts)
    told = done.answer
    entry_id = id_of(unit, told["school_year"], told["entry"])
    return subject_recorded(service, done, entry_id, f"/v1/registers/{kind}")


@router.post(
    "/v1/registers/{kind}/{entry_id}/corrections",
    status_code=201,
    summary="更正登记 · Correct or withdraw a line; both versions stay visible",
    description=f"`held_on` stays in its school year, which has a register of its own. {NO_CHILD}",
    responses={
        **subject_recorded_as("register_corrected", "Corrected."),
        **problems(
            *(*NAMED, *WRITE, "version-moved"),
            rules=[
                refusals.NoSuchEntry,
                refusals.NothingChanged,
                refusals.FutureDay,
                refusals.EndBeforeStart,
                refusals.HeldInAnotherYear,
            ],
        ),
    },
    openapi_extra=body_example(RegisterCorrection),
)
async def correct(
    request: Request,
    kind: Kind,
    named: Annotated[Named, Depends(line_kept)],
    person: SignedIn,
    service: Serving,
    body: RegisterCorrection,
    if_match: IfMatch,
    key: Key,
) -> Response:
    wish = Wish(person.actor(request.state.post), if_match, key)
    volume, entry = named
    done = await service.registers.correct(wish, volume, entry, body.changes.told(), body.reason)
    entry_id = id_of(volume.unit, volume.year, entry)
    return subject_recorded(service, done, entry_id, f"/v1/registers/{kind}")


@router.get(
    "/v1/registers/{kind}/{entry_id}",
    summary="登记内容 · One line, as entered, as it reads now, and what corrected it",
    responses={
        **answered("register_line", "The line; `ETag` is its register's version."),
        **problems(*NAMED, *FRESH, rules=[refusals.NoSuchEntry]),
    },
)
async def read_line(
    named: Annotated[Named, Depends(line_read)],
    service: Serving,
    language: Language,
    looking: Looking,
    stands: Stands,
) -> Response:
    register = await service.registers.read(named.volume, stands.position)
    line = register.line(named.entry)
    return await looking.answer(
        f"register {named.volume.kind}",
        told(service, language, stands.today, named.volume, line),
        {},
        position=stands.position,
        headers={"ETag": f'"{register.version}"'},
    )


@router.get(
    "/v1/registers/{kind}",
    summary="登记簿 · A register: one's own unit's lines and those of the units below",
    responses={
        200: {
            "description": "A page of lines, the newest day first; or the whole in its printed"
            " form, as a workbook in the caller's language or as CSV in Chinese.",
            "content": {
                "application/json": {"example": ANSWERS["register"]},
                "text/csv": {"example": ANSWERS["register_csv"], "schema": {"type": "string"}},
                MEDIA_TYPE: {
                    "example": ANSWERS["ledger_xlsx"],
                    "schema": {"type": "string", "contentMediaType": MEDIA_TYPE},
                },
            },
        },
        **problems(*READ, *FRESH, "not-found", "record-damaged", "keys-away"),
    },
)
async def read_register(
    request: Request,
    kind: Kind,
    posts: Reading,
    service: Serving,
    language: Language,
    looking: Looking,
    stands: Stands,
    as_of: AsOf = None,
    limit: Limit = 50,
    cursor: Annotated[
        str | None,
        AfterValidator(lambda text: text if text is None else read_cursor(text)[0] and text),
        Query(description="`next_cursor` of the page before"),
    ] = None,
    unit: Annotated[Line | None, Query(description=UNIT)] = None,
    from_day: Annotated[Day | None, Query(alias="from", description="held on or after")] = None,
    to_day: Annotated[Day | None, Query(alias="to", description="held on or before")] = None,
    form: Annotated[Literal["json", "xlsx", "csv"], Query(alias="format")] = "json",
) -> Response:
    units = await units_asked(request, posts, unit)
    told_of = told_unit(service.directory, unit)
    filters = {"unit": told_of, "from": from_day, "to": to_day, "as_of": as_of}
    today = service.tracking.today()  # nothing is held after it
    last = min(to_day or today, today)

    async def years(upto: date) -> AsyncIterator[list[tuple[Volume, RegisterLine]]]:
        if (from_day or BEGINNING) <= upto:
            async for some in service.registers.years(kind, units, from_day, upto, stands.position):
                yield some

    if form != "json":
        spoken = language if form == "xlsx" else "zh"
        whose = [unit] if unit else dict.fromkeys(post.unit for post in posts)
        names = [unit_of(service.directory, one).named(spoken) for one in whose]
        asked = TakenAway(kind, "、".join(names), spoken, stands.position, filters)
        items = (
            [told(service, spoken, stands.today, *one) for one in some]
            async for some in years(last)
        )
        return await export_register(request, asked, items, looking, form)
    before = read_cursor(cursor) if cursor else None
    page: list[tuple[Volume, RegisterLine]] = []
    async for some in years(min(last, before[0]) if before else last):
        page += [one for one in some if before is None or place_of(*one) < before]
        if len(page) > limit:
            break
    following = None
    if len(page) > limit:
        day, whose_unit, entry = place_of(*page[limit - 1])
        following = id_of(day.isoformat(), whose_unit, entry)
    return await looking.answer(
        f"register {kind}",
        {
            "items": [told(service, language, stands.today, *one) for one in page[:limit]],
            "next_cursor": following,
        },
        {},
        position=stands.position,
        rows=min(len(page), limit),
        filters=filters,
    )


def read_cursor(text: str) -> tuple[date, str, int]:
    """
    Read a cursor.

    :raises PydanticCustomError: if it is none of ours
    """
    day, unit, entry = cursor_names(text, *PLACE)
    try:
        return date.fromisoformat(day), unit, entry
    except ValueError:
        return cursor_names("", *PLACE)  # type: ignore[return-value]  # which raises


def told(
    service: Service, language: str, today: date, volume: Volume, line: RegisterLine
) -> dict[str, Any]:
    """Give a line as answers show it."""
    zone, entered = service.settings.zone, line.entered
    item: dict[str, Any] = {
        "id": id_of(volume.unit, volume.year, line.entry),
        "kind": volume.kind,
        "unit": volume.unit,
        "unit_name": unit_of(service.directory, volume.unit).named(language),
        "school_year": volume.year,
        "entry": line.entry,
        **line.reads,
        "recorded_at": local(entered.timestamp, zone),
        "recorded_by": entered.by,
        "corrections": [
            {
                "entry": one.originator_version,
                "changes": one.changes,
                "reason": one.reason,
                "recorded_at": local(one.timestamp, zone),
                "recorded_by": one.by,
            }
            for one in line.corrections
        ],
    }
    if line.corrections:
        item["as_entered"] = {
            "title": entered.title,
            "held_on": entered.occurred_on,
            "papers": entered.papers,
            "note": entered.note,
            "until": entered.until,
        }
    if volume.kind == "documents":
        item["in_force"] = line.in_force(today)
    answer: dict[str, Any] = shown(item, language, masks={}, kinds={"kind": REGISTER_KIND})
    return answer
