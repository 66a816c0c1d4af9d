"""The rows of a ledger as answers and files show them: with names, labels and masks."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
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
        *("change", "left_on", "cohort", "ends_on", "sessions", "waiting", "replaced"),
    }
)
SPELT = {"class_name": "class"}  # as the form names its column
KINDS = {
    "counselling": kinds_of("counselling_given"),
    "mobility": {"kind": MOBILITY, "way": WAY},
    "school-age": {"remark": REMARK},
}


def rows_shown(
    name: str,
    rows: Iterable[dict[str, Any]],
    service: Service,
    language: str,
    masks: Masks,
    as_of: datetime | None = None,
) -> list[dict[str, Any]]:
    """Give rows of the ledger ``name`` in a language; what hangs on the day, as of a moment."""
    tracking = service.tracking
    day = tracking.today() if as_of is None else tracking.day_of(as_of)
    not_told = NOT_TOLD | FORMS[name].untold
    told_of = [told(row, not_told, service, language, day) for row in rows]
    items: list[dict[str, Any]] = shown(told_of, language, masks=masks, kinds=KINDS.get(name))
    return items


def state_of(notice: Mapping[str, Any], day: date) -> str:
    """Say how an enrolment notice stands on a day, as a code of ``NOTICE_STATE``."""
    if notice["replaced"]:
        return "replaced"
    if notice["reported_on"] is not None:
        return "reported"
    if notice["flag"] is not None:
        return "flagged"
    return "overdue" if notice["report_by"] < day else "expected"


def told(
    row: dict[str, Any], not_told: frozenset[str], service: Service, language: str, day: date
) -> dict[str, Any]:
    """Give a row as answers show it, with the names the directory has for its school."""
    directory = service.directory
    item = {SPELT.get(key, key): value for key, value in row.items() if key not in not_told}
    item["school"] = directory.name_of(row["school_code"])
    item["township_office"] = directory.office_of(row["school_code"])
    if "report_by" in row:
        item["notice_state"] = state_of(row, day)
    if "to_school" in row:
        item["to_school_name"] = directory.name_of(row["to_school"])
    if row.get("relapsed"):
        item["status_label"] = codes.RELAPSED.label(language)  # in place of its status's
    return item
