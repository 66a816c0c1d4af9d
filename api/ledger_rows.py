"""The rows of a ledger as answers and files show them: with names, labels and masks."""

from collections.abc import Iterable
from typing import Any

from api.ledger_forms import FORMS
from api.service import Service
from api.showing import Masks, kinds_of, shown
from domain import codes
from domain.mobility import MOBILITY, WAY
from projections.school_age_ledger import REMARK

# What indicators count, and what rows are found by.
NOT_TOLD = frozenset(
    {
        *("opened", "day", "ever_returned", "ever_dropped_out", "visited_in_person"),
        *("change", "left_on", "cohort", "ends_on", "sessions"),
    }
)
SPELT = {"class_name": "class"}  # as the form names its column
KINDS = {
    "counselling": kinds_of("counselling_given"),
    "mobility": {"kind": MOBILITY, "way": WAY},
    "school-age": {"remark": REMARK},
}


def rows_shown(
    name: str, rows: Iterable[dict[str, Any]], service: Service, language: str, masks: Masks
) -> list[dict[str, Any]]:
    """Give rows of the ledger ``name`` in a language."""
    not_told = NOT_TOLD | FORMS[name].untold
    told_of = [told(row, not_told, service, language) for row in rows]
    items: list[dict[str, Any]] = shown(told_of, language, masks=masks, kinds=KINDS.get(name))
    return items


def told(
    row: dict[str, Any], not_told: frozenset[str], service: Service, language: str
) -> dict[str, Any]:
    """Give a row as answers show it, with the names the directory has for its school."""
    directory = service.directory
    item = {SPELT.get(key, key): value for key, value in row.items() if key not in not_told}
    item["school"] = directory.name_of(row["school_code"])
    item["township_office"] = directory.office_of(row["school_code"])
    if row.get("relapsed"):
        item["status_label"] = codes.RELAPSED.label(language)  # in place of its status's
    return item
