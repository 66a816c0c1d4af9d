"""A register of supervision as printed (登记表): as a workbook or as CSV, marked by who took it."""

import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from fastapi import Request
from starlette.responses import Response

from api.cells import without_unfit
from api.checking import service_of
from api.deps import permitted_posts, signed_in_person
from api.exporting import file_named
from api.ledger_csv import BOM, csv_lines
from api.ledger_lines import Value
from api.ledger_workbook import PRINTED, WIDE
from api.looking import Look
from api.openapi import answered
from api.return_form import WORDS, Taker
from api.showing import POSITION_HEADER, local
from api.workbook import MEDIA_TYPE, Sheet, StreamedWorkbook


class Column(NamedTuple):
    """A column of a register; its width in characters."""

    zh: str
    en: str
    width: int

    def heading(self, language: str) -> str:
        return self.en if language == "en" else self.zh


@dataclass(frozen=True)
class Printed:
    """A register to print: its name in ASCII, its titles, and its columns, the number's first."""

    name: str
    zh: str
    en: str
    columns: tuple[Column, ...]

    def titled(self, of: str, language: str) -> str:
        return f"{self.en if language == 'en' else self.zh} {of}".rstrip()


def answered_as(example: str, description: str) -> dict[int | str, dict[str, Any]]:
    """Describe a list that is taken away as a workbook or as CSV, too."""
    content = {
        **answered(example, "")[200]["content"],
        "text/csv": {"example": "序号\r\n1\r\n", "schema": {"type": "string"}},
        MEDIA_TYPE: {
            "example": "PK\x03\x04…",
            "schema": {"type": "string", "contentMediaType": MEDIA_TYPE},
        },
    }
    return {200: {"description": description, "content": content}}


async def send_register(
    request: Request,
    looking: Look,
    register: Printed,
    told: Sequence[list[Value]],
    *,
    of: str,
    form: str,
    position: int,
    language: str,
    filters: Mapping[str, Any],
) -> Response:
    """
    Send a register of something, such as a school year; its line stands in the access log before.

    :raises NotAllowed: to who takes nothing away
    """
    await permitted_posts(request, "export")
    service, person = service_of(request), signed_in_person(request)
    at = local(service.tracking.now(), service.settings.zone)
    taker = Taker(person.name, person.username, at)
    content = (
        as_csv(register, told, language)
        if form == "csv"
        else as_workbook(register, told, of, taker, at, language)
    )
    told_of = {**filters, "position": position}
    await looking.log(f"export {register.name}", "taken", {}, rows=len(told), filters=told_of)
    title = register.titled(of, language).replace(" ", "_")
    return Response(
        content,
        media_type="text/csv; charset=utf-8" if form == "csv" else MEDIA_TYPE,
        headers={
            POSITION_HEADER: str(position),
            "Content-Disposition": file_named(f"{register.name}_{of}.{form}", f"{title}.{form}"),
        },
    )


def as_csv(register: Printed, told: Iterable[list[Value]], language: str) -> bytes:
    headings: list[Value] = [column.heading(language) for column in register.columns]
    return BOM.encode() + csv_lines([headings, *told])


def as_workbook(
    register: Printed,
    told: Iterable[list[Value]],
    of: str,
    taker: Taker | None,
    at: datetime,
    language: str,
    above: Iterable[str] = (),
) -> bytes:
    """Give a register as a workbook to print; what is the same for ever says nobody who took it."""
    words, printed = WORDS[language], PRINTED[language]
    mark = ""
    if taker:
        taken_at = words.taken_at.format(taker.at)
        mark = f"{words.taken.format(taker.name, taker.username)}  {taken_at}"
    title, widths = register.titled(of, language), [column.width for column in register.columns]
    sheet = Sheet(
        language=language,
        title=title,
        above=[*above, *([mark] if mark else [])],
        headings=[column.heading(language) for column in register.columns],
        widths=widths,
        below=printed.signatures.format(" " * 30) if taker else "",
        footer=f"&L{without_unfit(mark).replace('&', '&&')}&C{title}&R{printed.pages}",
        paper="A4" if sum(widths) <= WIDE else "A3",
        author=without_unfit(f"{taker.name} ({taker.username})") if taker else "",
        mark=without_unfit(mark),
        made_at=at,
    )
    file = io.BytesIO()
    with StreamedWorkbook(file, sheet) as book:
        book.add(told)
    return file.getvalue()
