"""The roll import over HTTP: a file in, a report of every row out."""

import hashlib
from collections.abc import Callable, Coroutine, Mapping
from contextlib import suppress
from dataclasses import replace
from functools import partial as bound
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request, UploadFile
from fastapi.routing import APIRoute
from starlette.responses import Response

from api.checking import check_query, read_body, signed_in
from api.deps import ROLL, Key, Language, Serving, SignedIn, permitted_posts
from api.evidence import receipt
from api.imports.importing import Importing
from api.imports.sheet import UnreadableFile
from api.listing import children_of
from api.looking import Look, Looking
from api.openapi import READ, answered, problems
from api.problems import Problem
from api.service import Service
from api.showing import answer
from application.access import may_at_school, posts_for
from application.store.store import Appended
from projections.freshness import ViewBehind

FILE_LIMIT = 31_000_000  # bytes, its form around it included
LINE_LIMIT = 500  # children in a line of the access log, as on the longest page
COUNTS = frozenset({"dry_run", "rows", "enrolled", "already_on_roll", "refused"})


class Upload(APIRoute):
    """A route that takes a file: 401 before it is read, 413 if it is too large."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()

        async def checked(request: Request) -> Response:
            request.state.person = await signed_in(request)
            check_query(request)
            request._body = await read_body(request, FILE_LIMIT)  # noqa: SLF001  # as Starlette does
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
        **answered("report", "Nothing recorded: a dry run, or everybody was on the roll."),
        **answered("report", "Recorded; one item for every row.", 201),
        **problems(
            *READ,
            "too-large",
            "unreadable-body",
            "unreadable-file",
            "rows-refused",
            "idempotency-key-reused",
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
    dry_run: Annotated[bool, Query(description="only say what is wrong")] = False,
    partial: Annotated[bool, Query(description="enrol the good rows all the same")] = False,
) -> Response:
    """Take .xlsx, .xls or .csv with the headings of the national template; all rows or none."""
    content = await file.read()
    key = key and replace(key, request=_digest(key.request, content, dry_run, partial))
    if known := await service.tracking.answer_to(key):
        await log_import(looking, service, known.answer, "shown")
        return taken_in(service, known)
    importing = Importing(
        tracking=service.tracking,
        directory=service.directory,
        by=person.actor(posts_for(person, "import_roll")[0]),
        check_place=bound(may_at_school, person, "import_roll"),
        language=language,
        dry_run=dry_run,
        partial=partial,
    )
    try:
        report, recorded = await importing.take(content, key)
    except UnreadableFile as unreadable:
        said = unreadable.zh if language == "zh" else unreadable.en
        raise Problem("unreadable-file", why=said) from None
    if recorded is not None:
        await log_import(looking, service, recorded.answer, "recorded", report.schools)
        return taken_in(service, recorded)
    told = report.told()
    if told["refused"] and not dry_run:
        await log_import(looking, service, {**told, "items": ()}, "refused")
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
    return answer(told, position=position)


def taken_in(service: Service, done: Appended) -> Response:
    """Answer an import that is recorded; the receipt is for its last entry."""
    headers = receipt(service, done)
    return answer(done.answer, status=201, position=done.position, headers=headers)


async def log_import(
    looking: Look,
    service: Service,
    report: dict[str, Any],
    outcome: str,
    enrolled: Mapping[UUID, str | None] | None = None,
) -> None:
    """Write the access log: what an import came to, and which children its report names."""
    named = [
        UUID(item["student_id"])
        for item in report["items"]
        if item["outcome"] == "already_on_roll" or (not report["dry_run"] and "student_id" in item)
    ]
    with suppress(ViewBehind):  # children just enrolled are looked up too
        head = await service.store.head() if named else 0
        await service.freshness.reached(head, views=(ROLL,))
    children = {**await children_of(service, named), **(enrolled or {})}
    ids = list(children)
    counts = {name: count for name, count in report.items() if name in COUNTS}
    first = await looking.log(
        "import_roll", outcome, {one: children[one] for one in ids[:LINE_LIMIT]}, **counts
    )
    for start in range(LINE_LIMIT, len(ids), LINE_LIMIT):
        some = {one: children[one] for one in ids[start : start + LINE_LIMIT]}
        await looking.log("import_roll", outcome, some, **{"import": first})


def _digest(path: bytes, file: bytes, *choices: bool) -> bytes:
    """Tell one import from another, however its form was put together."""
    digest = hashlib.sha256(path + bytes(choices))
    digest.update(file)
    return digest.digest()
