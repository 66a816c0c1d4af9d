"""A ledger taken away whole, as CSV or as a workbook, marked with who took it."""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from tempfile import SpooledTemporaryFile
from typing import Any
from uuid import UUID

from fastapi import Request
from starlette.responses import Response

from api.checking import service_of
from api.deps import logged_refusal, signed_in_person
from api.exporting import Export, Piece, file_named
from api.ledger_csv import csv_head, csv_lines
from api.ledger_forms import FORMS, Form
from api.ledger_lines import Value, printed_lines
from api.ledger_rows import rows_shown
from api.ledger_workbook import Taking, printed
from api.listing import Wanted, children_of, page
from api.problems import Problem
from api.revealing import Revealing
from api.service import Service
from api.showing import POSITION_HEADER, local
from api.workbook import MEDIA_TYPE, Sheet, StreamedWorkbook
from application.access import NotAllowed, Person, posts_for
from projections.view import View

ROWS = 500  # read and written at a time
IN_MEMORY = 4_000_000  # bytes; what is longer goes into a file without a name
CHUNK = 65_536
CSV_TYPE = "text/csv; charset=utf-8"


@dataclass(frozen=True)
class Lines:
    """The printed lines of some rows, and the children they are of, with their schools."""

    lines: list[list[Value]]
    rows: int
    children: Mapping[UUID, str | None]


@dataclass(frozen=True)
class Asked:
    """A ledger as somebody asked for it: its rows, the language, and how they are shown."""

    name: str
    view: View
    wanted: Wanted
    language: str
    showing: Revealing
    position: int
    filters: Mapping[str, Any]
    most: int | None = None

    @property
    def form(self) -> Form:
        return FORMS[self.name]


async def export(request: Request, asked: Asked, kind: str) -> Response:
    """
    Send the whole ledger; not a teacher's right.

    :raises Problem: ``too-many-rows`` past the most that were asked for; nothing was shown then
    """
    service, person = service_of(request), signed_in_person(request)
    action = f"export {asked.name}"
    try:
        posts_for(person, "export")
    except NotAllowed:
        await logged_refusal(request, action)
        raise
    if asked.most is not None and await longer(service, asked, asked.most):
        raise Problem("too-many-rows", most=asked.most)
    watermark = f"{person.username}_{asked.position}"
    if kind == "csv":
        pieces, media_type = as_csv(service, asked), CSV_TYPE
    else:
        sheet = printed(asked.form, taking(service, person, asked), asked.language)
        pieces, media_type = as_workbook(service, asked, sheet), MEDIA_TYPE
    begun = await asked.showing.log(action, "begun", filters=asked.filters, watermark=watermark)
    return Export(
        asked.showing,
        action,
        begun,
        pieces,
        media_type=media_type,
        headers={
            POSITION_HEADER: str(asked.position),
            "Content-Disposition": file_named(
                f"{asked.name}_{watermark}.{kind}",
                f"{asked.form.titled(asked.language)}_{watermark}.{kind}",
            ),
        },
    )


async def longer(service: Service, asked: Asked, most: int) -> bool:
    """Say whether a ledger has more rows than some."""
    ((counted,),) = await service.store.query(
        f"SELECT count(*) FROM (SELECT FROM views.{asked.view.name} v"  # noqa: S608  # our own
        f" WHERE {asked.wanted.sql()} LIMIT %s) AS counted",
        [*asked.wanted.params, most + 1],
        scope=asked.wanted.scope,
    )
    return bool(counted > most)


def taking(service: Service, person: Person, asked: Asked) -> Taking:
    zone, as_of = service.settings.zone, asked.filters.get("as_of")
    return Taking(
        name=person.name,
        username=person.username,
        at=local(service.tracking.now(), zone),
        unit=unit_of(service, person, asked.filters),
        position=asked.position,
        as_of=local(as_of, zone) if isinstance(as_of, datetime) else None,
        masked=asked.showing.masked,
        filters=asked.filters,
    )


def unit_of(service: Service, person: Person, filters: Mapping[str, Any]) -> str:
    """Name the school or township asked for, or else where the person works."""
    school, township = filters.get("school_code"), filters.get("township")
    if isinstance(school, str):
        return service.directory.name_of(school) or school
    if isinstance(township, str):
        return township
    return "、".join(dict.fromkeys(post.unit for post in posts_for(person, "export")))


async def as_csv(service: Service, asked: Asked) -> AsyncIterator[Piece]:
    """Give the ledger as CSV, some rows a piece."""
    yield Piece(csv_head(asked.form))
    async for some in lines_of(service, asked):
        yield Piece(csv_lines(some.lines), some.rows, some.children)


async def as_workbook(service: Service, asked: Asked, sheet: Sheet) -> AsyncIterator[Piece]:
    """
    Give the ledger as a workbook, which is whole before any of it can be sent.

    Its rows come as pieces without content, whose lines therefore stand before the first byte.
    """
    with SpooledTemporaryFile(IN_MEMORY) as file:
        with StreamedWorkbook(file, sheet) as book:
            async for some in lines_of(service, asked):
                book.add(some.lines)
                yield Piece(b"", some.rows, some.children)
                if book.full:
                    break
        file.seek(0)
        while content := file.read(CHUNK):
            yield Piece(content)


async def lines_of(service: Service, asked: Asked) -> AsyncIterator[Lines]:
    """Give the printed lines of the ledger, page by page."""
    cursor, seq, going = 0, 0, True
    while going:
        paged = Wanted(list(asked.wanted.conditions), list(asked.wanted.params), asked.wanted.scope)
        rows, following = await page(service, asked.view, paged, ROWS, cursor)
        showing, as_of = asked.showing, asked.filters.get("as_of")
        items = rows_shown(asked.name, rows, service, asked.language, showing.masks, as_of)
        children = await children_of(service, (row["student_id"] for row in rows))
        lines = list(printed_lines(asked.form, items, seq, asked.language))
        yield Lines(lines, len(rows), children)
        seq += len(items)
        going = following is not None
        cursor = rows[-1]["opened"] if rows else 0
