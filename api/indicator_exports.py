"""The table of indicators taken away, as a workbook or as CSV, marked with who took it."""

from collections.abc import AsyncIterator, Iterator, Mapping
from datetime import datetime
from tempfile import SpooledTemporaryFile
from typing import Any

from fastapi import Request
from starlette.responses import Response

from api.checking import service_of
from api.deps import logged_refusal, signed_in_person
from api.exporting import Export, Piece, file_named
from api.indicator_table import By, Table
from api.ledger_csv import csv_head, csv_lines
from api.ledger_exports import CHUNK, CSV_TYPE, IN_MEMORY, unit_of
from api.ledger_forms import Form
from api.ledger_lines import Value, printed_lines
from api.ledger_workbook import Taking, printed
from api.looking import Look
from api.showing import POSITION_HEADER, local
from api.workbook import MEDIA_TYPE, Sheet, StreamedWorkbook
from application.access import NotAllowed, posts_for

WHOLE = ("全区", "Whole district")
AT_NO_SCHOOL = ("不在校(户籍乡镇)", "At no school, of the township")
WITHHELD = "*"
FORM = Form(
    "indicators",
    "控辍保学指标",
    (
        ("单位", "place"),
        ("指标", "label"),
        ("分子", "numerator"),
        ("分母", "denominator"),
        ("比率(%)", "percent"),
        ("说明", "why"),
        ("统计口径", "definition"),
        ("统计对象", "population_label"),
        ("来源", "source"),
        ("日志位置", "position"),
    ),
)


async def export_indicators(
    request: Request, table: Table, by: By | None, filters: Mapping[str, Any], kind: str
) -> Response:
    """Send the table; of those who may take files."""
    service, person = service_of(request), signed_in_person(request)
    action = "export indicators"
    try:
        posts_for(person, "export")
    except NotAllowed:
        await logged_refusal(request, action)
        raise
    position = table.figures.position
    watermark = f"{person.username}_{position}"
    zone, as_of = service.settings.zone, filters.get("as_of")
    unit = unit_of(service, person, filters)
    if not table.area.narrowed:
        unit = WHOLE[table.language == "en"]
    taking = Taking(
        name=person.name,
        username=person.username,
        at=local(service.tracking.now(), zone),
        unit=unit,
        position=position,
        as_of=local(as_of, zone) if isinstance(as_of, datetime) else None,
        masked=True,  # no child is named
        filters=filters,
    )
    lines = list(printed_lines(FORM, rows(table, by, unit), 0, table.language))
    if kind == "csv":
        pieces, media_type = as_csv(lines, table.language), CSV_TYPE
    else:
        sheet = printed(FORM, taking, table.language)
        pieces, media_type = as_workbook(lines, sheet), MEDIA_TYPE
    look = Look(request)
    begun = await look.log(action, "begun", {}, filters=filters, watermark=watermark)
    title = FORM.titled(table.language)
    return Export(
        look,
        action,
        begun,
        pieces,
        media_type=media_type,
        headers={
            POSITION_HEADER: str(position),
            "Content-Disposition": file_named(
                f"indicators_{watermark}.{kind}", f"{title}_{watermark}.{kind}"
            ),
        },
    )


def rows(table: Table, by: By | None, unit: str) -> Iterator[dict[str, Any]]:
    """Give a row for every indicator, of all that was asked for and then of each place."""
    known = table.items()
    english = table.language == "en"
    for item in known:
        yield row(item, {}, unit)
    for group in table.groups(by):
        place = group["school"] or group["township"] or ""
        if by == "school" and group["school_code"] is None:
            place = f"{place} {AT_NO_SCHOOL[english]}".strip()
        for item, figure in zip(known, group["indicators"], strict=True):
            yield row(item, figure, place)


def row(item: Mapping[str, Any], figure: Mapping[str, Any], place: str) -> dict[str, Any]:
    """Give a row as printed; a withheld number is a star."""
    told = {**item, **figure, "place": place}
    value = told["value"]
    told["percent"] = None if value is None else round(value * 100, 2)
    if told["suppressed"]:
        told["numerator"] = told["denominator"] = WITHHELD
    return told


async def as_csv(lines: list[list[Value]], language: str) -> AsyncIterator[Piece]:
    yield Piece(csv_head(FORM, language) + csv_lines(lines), len(lines))


async def as_workbook(lines: list[list[Value]], sheet: Sheet) -> AsyncIterator[Piece]:
    with SpooledTemporaryFile(IN_MEMORY) as file:
        with StreamedWorkbook(file, sheet) as book:
            book.add(lines)
        yield Piece(b"", len(lines))
        file.seek(0)
        while content := file.read(CHUNK):
            yield Piece(content)
