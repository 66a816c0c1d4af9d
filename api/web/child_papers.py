"""打印: one child's printed forms, opened as files."""

from collections.abc import Iterable
from typing import Any, NamedTuple

from starlette.responses import Response

from api.forms.catalogue import CASE_FILE, FORMS
from api.web.files import relay
from api.web.routing import page
from api.web.visit import Visit

OF_KIND = {form.entry.KIND: form.name for form in FORMS.values() if form.entry is not None}


class Papers(NamedTuple):
    """What can be printed of a child, each with address and name: filled in, and to fill in."""

    filled: list[tuple[str, str]]
    blank: list[tuple[str, str]]


def papers_of(visit: Visit, student_id: str, kinds: Iterable[str]) -> Papers:
    """Give the forms of a child that has entries of these kinds."""
    recorded = {OF_KIND[kind] for kind in kinds if kind in OF_KIND}
    filled, blank = [], []
    for form in FORMS.values():
        address = f"/children/{student_id}/forms/{form.name}"
        words = visit.t(form.title, form.title_en)
        if form.entry is None or not form.needed or form.name in recorded:
            filled.append((address, words))
        if form.name != CASE_FILE:
            blank.append((f"{address}?blank=true", words))
    if visit.may("take_evidence"):
        filled.append((f"/children/{student_id}/evidence", visit.t("证据文件", "Evidence file")))
    return Papers(filled, blank)


def paper_of(entry: dict[str, Any], student_id: str) -> str | None:
    """Give the address of the form that prints an entry, if there is one of its kind."""
    name = OF_KIND.get(entry["kind"])
    return name and f"/children/{student_id}/forms/{name}?entry={entry['version']}"


async def printed_form(visit: Visit) -> Response:
    """Hand on a form of a child."""
    params, query = visit.request.path_params, visit.request.query_params
    path = f"/v1/students/{params['student_id']}/forms/{params['form']}"
    asked = {"blank": query.get("blank"), "entry": query.get("entry")}
    return relay(visit, await visit.ask.get(path, asked))


routes = [page("/children/{student_id}/forms/{form}", printed_form)]
