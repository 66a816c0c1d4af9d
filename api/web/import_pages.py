"""学籍导入: a roll file tried first, told row by row, and recorded once its rows are understood."""

import hashlib
from typing import Any, NamedTuple
from uuid import uuid4

from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.responses import Response

from api.checking import read_upload
from api.imports.routes import FILE_LIMIT
from api.problems import Problem
from api.web.asking import SIGNED_OUT, Refused
from api.web.files import relay
from api.web.routing import page
from api.web.sent import Sent
from api.web.visit import Visit
from domain.record_fields import RECORD_FIELD, field_label

IMPORT = "/v1/students/import"
SHOWN = 200  # rows of each outcome told on the page; the workbook to mend has all
TRY, MEND, RECORD = "try", "mend", "record"


class Taken(NamedTuple):
    """What the form sent: the file, its name, and the choices made."""

    name: str
    content: bytes
    typed: Sent

    @property
    def digest(self) -> str:
        """Tell this file from another."""
        return hashlib.sha256(self.content).hexdigest()


async def import_page(visit: Visit) -> Response:
    if not visit.may("import_roll"):
        raise Problem("not-allowed")
    return shown(visit)


async def import_file(visit: Visit) -> Response:
    """Try a file, give it back as a workbook to mend, or record what was tried."""
    taken = await taken_from(visit)
    what = taken.typed.get("do")
    try:
        if what == MEND:
            return relay(visit, await ask(visit, taken, dry_run=True, format="xlsx"))
        if what == RECORD and taken.digest == taken.typed.get("tried"):
            return await record(visit, taken)
        report = (await ask(visit, taken, dry_run=True)).body
        other = what == RECORD
    except Refused as refused:
        if refused.status == SIGNED_OUT:
            return visit.go("/sign-in?to=/import")
        return shown(visit, refused=refused)
    return shown(visit, report, taken, other=other)


async def record(visit: Visit, taken: Taken) -> Response:
    """Record a file; if rows are refused, show which."""
    partial = bool(taken.typed.get("partial"))
    try:
        done = await ask(visit, taken, dry_run=False, partial=partial)
    except Refused as refused:
        if refused.kind != "rows-refused":
            raise
        report = (await ask(visit, taken, dry_run=True)).body
        return shown(visit, report, taken, refused=refused)
    return shown(visit, done.body)


async def taken_from(visit: Visit) -> Taken:
    """
    Read the form.

    :raises Problem: ``too-large``, or ``unreadable-body`` for no form or no file
    """
    request = visit.request
    await read_upload(request, FILE_LIMIT)
    try:
        async with request.form() as form:
            file = form.get("file")
            if isinstance(file, UploadFile):
                pairs = [(n, value) for n, value in form.multi_items() if isinstance(value, str)]
                return Taken(file.filename or "roll", await file.read(), Sent(pairs))
    except HTTPException:
        pass
    raise Problem("unreadable-body")


async def ask(visit: Visit, taken: Taken, **params: Any) -> Any:
    return await visit.ask.send_form(
        IMPORT,
        {},
        {"file": (taken.name, taken.content)},
        {name: str(value).lower() for name, value in params.items()},
        key=None if params["dry_run"] else taken.typed.get(Sent.KEY) or None,
    )


def shown(
    visit: Visit,
    report: dict[str, Any] | None = None,
    taken: Taken | None = None,
    *,
    refused: Refused | None = None,
    other: bool = False,
) -> Response:
    """Show the form, with what became of every row."""
    items = report["items"] if report else []
    by_outcome = {
        outcome: [item for item in items if item["outcome"] == outcome]
        for outcome in ("refused", "changed")
    } | {"questions": [item for item in items if item.get("questions")]}
    return visit.page(
        "import.html",
        status=refused.status if refused else 200,
        report=report,
        rows={outcome: found[:SHOWN] for outcome, found in by_outcome.items()},
        left={outcome: max(len(found) - SHOWN, 0) for outcome, found in by_outcome.items()},
        vanished=((report or {}).get("vanished") or [])[:SHOWN],
        label=lambda name: field_label(name, visit.language) if name in RECORD_FIELD else name,
        tried=taken.digest if taken else "",
        key=str(uuid4()),
        refused=refused,
        other=other,
    )


routes = [
    page("/import", import_page),
    page("/import", import_file, methods=("POST",)),
]
