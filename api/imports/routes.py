"""The roll import over HTTP: a file in, a report of every row out."""

import asyncio
import hashlib
from collections.abc import Callable, Coroutine, Mapping
from contextlib import suppress
from dataclasses import replace
from functools import partial as bound
from typing import Annotated, Any, Literal
from urllib.parse import quote
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request, UploadFile
from fastapi.routing import APIRoute
from starlette.responses import Response

from api.checking import check_query, read_upload, signed_in
from api.deps import ROLL, Key, Language, Serving, SignedIn, malformed, permitted_posts
from api.evidence import receipt
from api.examples import ANSWERS
from api.imports.access_lines import counts_of, named_in, write_lines
from api.imports.importing import Importing, read_roll
from api.imports.mending import mending
from api.imports.refusing import UnreadableFile
from api.imports.vanishing import vanished, with_names
from api.listing import children_of
from api.looking import Look, Looking
from api.openapi import READ, answered, problems
from api.problems import Problem
from api.service import Service
from api.showing import POSITION_HEADER, answer
from api.workbook import MEDIA_TYPE
from application.access import (
    NotAllowed,
    Person,
    admits,
    in_reach,
    may,
    may_at_school,
    posts_for,
)
from application.store.store import Appended
from domain.student import Student
from projections.freshness import ViewBehind

FILE_LIMIT = 31_000_000  # bytes, its form around it included
DISPOSITION = (
    f"attachment; filename=\"roll_to_mend.xlsx\"; filename*=UTF-8''{quote('学籍导入_待更正')}.xlsx"
)


class Upload(APIRoute):
    """A route that takes a file: 401 before it is read, 413 if it is too large."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()

        async def checked(request: Request) -> Response:
            request.state.person = await signed_in(request)
            check_query(request)
            await read_upload(request, FILE_LIMIT)
            response = await handle(request)
            response.headers.setdefault("Cache-Control", "no-store")
            return response

        return checked


router = APIRouter(route_class=Upload, tags=["students 学生"])


async def may_import(request: Request) -> None:
    await permitted_posts(request, "import_roll")


@router.post(
    "/v1/students/import",
    status_code=201,
    dependencies=[Depends(may_import)],
    summary="学籍导入 · Put the children of a roll file on the roll",
    responses={
        200: {
            "description": "Nothing recorded: a dry run, or nothing in the file was new.",
            "content": {
                "application/json": {"example": ANSWERS["report"]},
                MEDIA_TYPE: {
                    "example": ANSWERS["ledger_xlsx"],
                    "schema": {"type": "string", "contentMediaType": MEDIA_TYPE},
                },
            },
        },
        **answered("report", "Recorded; one item for every row.", 201),
        **problems(
            *READ,
            "too-large",
            "unreadable-body",
            "unreadable-file",
            "rows-refused",
            "idempotency-key-reused",
            "busy",
        ),
    },
)
async def import_roll(
    person: SignedIn,
    service: Serving,
    language: Language,
    key: Key,
    looking: Looking,
    file: UploadFile,
    dry_run: Annotated[bool, Query(description="only say what is wrong, and what is new")] = False,
    partial: Annotated[bool, Query(description="record the good rows all the same")] = False,
    form: Annotated[
        Literal["json", "xlsx"],
        Query(alias="format", description="`xlsx`: a dry run as the file to mend and send again"),
    ] = "json",
) -> Response:
    """
    Take .xlsx, .xls or .csv with the headings of the national template; all rows or none.

    New children are enrolled; for known ones what the file says anew is recorded, entry by entry:
    moved up, another class (29), suspended or resumed, corrected, marked. Nothing blank is taken
    for a deletion, and children who are on the roll but not in the file are asked about
    (`vanished`). A dry run tells what stood in a field and what would; what is recorded is named
    by its field, and stands in the child's history.
    """
    if form == "xlsx" and not dry_run:
        raise malformed(
            *("query", "format"),
            "A workbook comes of a dry run: dry_run=true.",
            "只有试导入(dry_run=true)才能返回工作簿。",
        )
    content = await file.read()
    key = key and replace(key, request=_digest(key.request, content, dry_run, partial))
    posts = posts_for(person, "import_roll")
    if known := await service.tracking.answer_to(key):
        told = await with_names(service, posts, known.answer)
        await log_import(looking, service, told, "shown")
        return taken_in(service, known, told)
    importing = Importing(
        tracking=service.tracking,
        directory=service.directory,
        by=person.actor(posts[0]),
        check_place=bound(may_at_school, person, "import_roll"),
        may=bound(may_take, person),
        language=language,
        dry_run=dry_run,
        partial=partial,
        vanished=bound(vanished, service, posts),
    )
    try:
        roll = await read_roll(content)
    except UnreadableFile as unreadable:
        said = unreadable.zh if language == "zh" else unreadable.en
        raise Problem("unreadable-file", why=said) from None
    report, recorded = await importing.take(roll, key)
    if recorded is not None:
        told = await with_names(service, posts, recorded.answer)
        await log_import(looking, service, told, "recorded", report.schools)
        return taken_in(service, recorded, told)
    told = report.told(whole=True)
    if told["refused"] and not dry_run:
        await log_import(looking, service, {**told, "items": (), "vanished": ()}, "refused")
        raise Problem(
            "rows-refused",
            count=told["refused"],
            errors=[
                {"row": item["row"], **error}
                for item in report.items
                for error in item.get("errors", ())
            ],
        )
    position = await service.store.head()
    await log_import(looking, service, told, "shown")
    if form == "xlsx":
        book = await asyncio.to_thread(mending, roll, report)
        await looking.log("export import_roll", "taken", {}, rows=len(report.items))
        headers = {POSITION_HEADER: str(position), "Content-Disposition": DISPOSITION}
        return Response(book, headers=headers, media_type=MEDIA_TYPE)
    return answer(told, position=position)


def may_take(person: Person, step: str, child: Student) -> bool:
    """Say whether a person may take a step for a child as it stands."""
    try:
        may(person, step, child, admits if step == "admit" else in_reach)
    except NotAllowed:
        return False
    return True


def taken_in(service: Service, done: Appended, told: dict[str, Any]) -> Response:
    """Answer an import that is recorded; the receipt is for its last entry."""
    headers = receipt(service, done)
    return answer(told, status=201, position=done.position, headers=headers)


async def log_import(
    looking: Look,
    service: Service,
    report: dict[str, Any],
    outcome: str,
    enrolled: Mapping[UUID, str | None] | None = None,
) -> None:
    """Write the access log: what an import came to, and which children its report names."""
    named = named_in(report)
    with suppress(ViewBehind):  # children just enrolled are looked up too
        head = await service.store.head() if named else 0
        await service.freshness.reached(head, views=(ROLL,))
    children = {**await children_of(service, named), **(enrolled or {})}
    await write_lines(looking.log, outcome, children, counts_of(report))


def _digest(path: bytes, file: bytes, *choices: bool) -> bytes:
    """Tell one import from another, however its form was put together."""
    digest = hashlib.sha256(path + bytes(choices))
    digest.update(file)
    return digest.digest()
