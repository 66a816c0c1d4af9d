"""A register taken away whole, as CSV or as a workbook, marked with who took it."""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from tempfile import SpooledTemporaryFile
from typing import Any
from urllib.parse import quote

from fastapi import Request
from starlette.responses import Response

from api.checking import service_of
from api.deps import signed_in_person
from api.exporting import Export, Piece
from api.ledger_csv import csv_head, csv_lines
from api.ledger_exports import CHUNK, CSV_TYPE, IN_MEMORY
from api.ledger_lines import Value, printed_lines
from api.ledger_workbook import Taking, printed
from api.looking import Look
from api.register_forms import RegisterForm, register_form
from api.showing import POSITION_HEADER, local
from api.workbook import MEDIA_TYPE, StreamedWorkbook

DAY = len("2026-09-14")
Items = AsyncIterator[list[dict[str, Any]]]


@dataclass(frozen=True)
class TakenAway:
    """A register as somebody asked for it: of which unit, in which language, by what filters."""

    kind: str
    unit: str
    language: str
    position: int
    filters: Mapping[str, Any]


async def export_register(
    request: Request, asked: TakenAway, items: Items, look: Look, kind: str
) -> Response:
    """Send a whole register."""
    service, person = service_of(request), signed_in_person(request)
    form, action = register_form(asked.kind), f"export register {asked.kind}"
    watermark = f"{person.username}_{asked.position}"
    as_of, zone = asked.filters.get("as_of"), service.settings.zone
    taking = Taking(
        name=person.name,
        username=person.username,
        at=local(service.tracking.now(), zone),
        unit=asked.unit,
        position=asked.position,
        as_of=local(as_of, zone) if isinstance(as_of, datetime) else None,
        masked=None,
        filters=asked.filters,
    )
    pieces, media_type = (
        (_csv(form, items), CSV_TYPE)
        if kind == "csv"
        else (_workbook(form, items, taking, asked.language), MEDIA_TYPE)
    )
    begun = await look.log(action, "begun", {}, filters=asked.filters, watermark=watermark)
    plain = "".join(c if c.isascii() and c not in '"\\%' else "_" for c in watermark)
    named = quote(f"{form.titled(asked.language)}_{watermark}.{kind}", safe="")
    return Export(
        look,
        action,
        begun,
        pieces,
        media_type=media_type,
        headers={
            POSITION_HEADER: str(asked.position),
            "Content-Disposition": f'attachment; filename="{asked.kind}_{plain}.{kind}";'
            f" filename*=UTF-8''{named}",
        },
    )


async def _csv(form: RegisterForm, items: Items) -> AsyncIterator[Piece]:
    yield Piece(csv_head(form))
    seq = 0
    async for some in items:
        yield Piece(csv_lines(register_lines(form, some, seq, "zh")), len(some))
        seq += len(some)


async def _workbook(
    form: RegisterForm, items: Items, taking: Taking, language: str
) -> AsyncIterator[Piece]:
    with SpooledTemporaryFile(IN_MEMORY) as file:
        seq = 0
        with StreamedWorkbook(file, printed(form, taking, language)) as book:
            async for some in items:
                book.add(register_lines(form, some, seq, language))
                seq += len(some)
                yield Piece(b"", len(some))
                if book.full:
                    break
        file.seek(0)
        while content := file.read(CHUNK):
            yield Piece(content)


def register_lines(
    form: RegisterForm, items: list[dict[str, Any]], seq: int, language: str
) -> list[list[Value]]:
    """Give the printed lines of some items, as answered or as read off an answer's JSON."""
    between = "; " if language == "en" else ";"
    told = [
        {
            **item,
            "papers_told": between.join(map(_paper, item["papers"])),
            "recorded_by_name": item["recorded_by"]["name"],
            "corrections_told": between.join(
                f"{str(one['recorded_at'])[:DAY]} {one['recorded_by']['name']} {one['reason']}"
                for one in item["corrections"]
            ),
        }
        for item in items
    ]
    return list(printed_lines(form, told, seq, language))


def _paper(paper: Mapping[str, Any]) -> str:
    parts = (paper["kind_label"], paper.get("title"), paper.get("number"), paper.get("issued_on"))
    return " ".join(str(part) for part in parts if part)
