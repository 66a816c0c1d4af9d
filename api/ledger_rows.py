"""The rows of a ledger as answers and files show them: with names, labels and masks."""

from collections.abc import Iterable
from typing import Any

from api.service import Service
from api.showing import Masks, kinds_of, shown
from domain import codes

NOT_TOLD = frozenset({"opened", "day", "ever_returned", "ever_dropped_out"})
SPELT = {"class_name": "class"}  # as the form names its column
KIND_OF_LEDGER = {"counselling": "counselling_given"}


def rows_shown(
    name: str, rows: Iterable[dict[str, Any]], service: Service, language: str, masks: Masks
) -> list[dict[str, Any]]:
    """Give rows of the ledger ``name`` in a language."""
    told_of = [told(row, service, language) for row in rows]
    kinds = kinds_of(KIND_OF_LEDGER.get(name, ""))
    items: list[dict[str, Any]] = shown(told_of, language, masks=masks, kinds=kinds)
    return items


def told(row: dict[str, Any], service: Service, language: str) -> dict[str, Any]:
    """Give a row as answers show it, with the names the directory has for its school."""
    directory = service.directory
    item = {SPELT.get(key, key): value for key, value in row.items() if key not in NOT_TOLD}
    item["school"] = directory.name_of(row["school_code"])
    item["township_office"] = directory.office_of(row["school_code"])
    if "to_school" in row:
        item["to_school_name"] = directory.name_of(row["to_school"])
    if row.get("relapsed"):
        item["status_label"] = codes.RELAPSED.label(language)  # in place of its status's
    return item
