"""A ledger or register on paper (打印): the form itself, as the files have it, for a browser."""

from collections.abc import Mapping
from typing import Any

from starlette.responses import Response

from api.ledger_csv import csv_read
from api.ledger_exports import unit_of
from api.ledger_forms import Form
from api.ledger_workbook import Taking, printed
from api.showing import local
from api.web.asking import Answered, Refused
from api.web.ledger_asked import AS_OF, LedgerAsked
from api.web.ledger_pages import form_named
from api.web.routing import page
from api.web.visit import Visit
from api.workbook import Sheet

MOST_ROWS = 2000  # of one printed paper; what is longer is a file to open in Excel
ZH = "zh"  # papers are in Chinese, whatever the reader's language


async def print_ledger(visit: Visit) -> Response:
    """Show a ledger as it is printed, with the filters it was seen with; taken as an export."""
    name, form = form_named(visit)
    asked, back = LedgerAsked.of(visit), f"/ledgers/{name}"
    params = {**asked.params, "format": "csv", "most": MOST_ROWS}
    try:
        taken = await visit.ask.get(f"/v1/ledgers/{name}", params)
    except Refused as refused:
        if refused.kind != "too-many-rows":
            raise
        return too_long(visit, form.titled(visit.language), back, asked)
    assert visit.person is not None
    unit = unit_of(visit.service, visit.person, asked.facts)
    sheet = sheet_of(visit, form, taken, unit, asked.facts, masked=True)
    return on_paper(visit, sheet, taken, back, asked)


def too_long(visit: Visit, title: str, back: str, asked: LedgerAsked) -> Response:
    """Say that a list is too long to print, and what to do instead."""
    return visit.page(
        "print.html",
        title=title,
        sheet=None,
        most=MOST_ROWS,
        back=back + asked.query(),
        workbook=back + "/file" + asked.query(format="xlsx"),
    )


def sheet_of(
    visit: Visit,
    form: Form,
    taken: Answered,
    unit: str,
    filters: Mapping[str, Any],
    *,
    masked: bool | None,
) -> Sheet:
    """Give what stands around the lines that were taken away."""
    assert visit.person is not None
    zone, as_of = visit.service.settings.zone, filters.get(AS_OF)
    taking = Taking(
        name=visit.person.name,
        username=visit.person.username,
        at=local(visit.service.tracking.now(), zone),
        unit=unit,
        position=taken.position or 0,
        as_of=as_of and local(as_of, zone),
        masked=masked,
        filters=filters,
    )
    return printed(form, taking, ZH)


def on_paper(
    visit: Visit, sheet: Sheet, taken: Answered, back: str, asked: LedgerAsked
) -> Response:
    """Show the lines of a CSV on their form."""
    headings, *lines = csv_read(taken.content)
    whole = sum(sheet.widths)
    widths = [f"{100 * width / whole:.2f}%" for width in sheet.widths]
    return visit.page(
        "print.html",
        title=sheet.title,
        sheet=sheet,
        columns=list(zip(headings, widths, strict=True)),
        lines=lines,
        signatures=sheet.below.split(),
        back=back + asked.query(),
    )


routes = [page("/ledgers/{name}/print", print_ledger)]
