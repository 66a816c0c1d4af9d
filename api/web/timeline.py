"""A child's entries as a page tells them: newest first, corrections beside what they replaced."""

from collections.abc import Iterable, Mapping
from typing import Any

from api.web.field_words import form_label
from domain.code_list import CodeList
from domain.coded_fields import CODED_FIELDS, KINDS_BY_EVENT

CORRECTED = "corrected"
YES_NO = {"zh": ("否", "是"), "en": ("no", "yes")}


def told_beside(entries: Iterable[dict[str, Any]], language: str) -> list[dict[str, Any]]:
    """Give each entry with the corrections made of it, the newest entry first."""
    by_version = {entry["version"]: {**entry, "corrections": []} for entry in entries}
    told = []
    for entry in by_version.values():
        wrong = by_version.get(entry["data"].get("entry")) if entry["kind"] == CORRECTED else None
        if wrong is not None:
            entry["changed"] = changed(wrong, entry["data"]["changes"], language)
            wrong["corrections"].append(entry)
        told.append(entry)
    return told[::-1]


def changed(
    wrong: Mapping[str, Any], changes: Mapping[str, Any], language: str
) -> list[tuple[str, str, str]]:
    """Give each field a correction changed: its name, what it said, what it says now."""
    before = {"occurred_on": wrong["occurred_on"], **wrong["data"]}
    found = []
    for field, after in changes.items():
        codes = KINDS_BY_EVENT.get((wrong["kind"], field)) or CODED_FIELDS.get(field)
        was, now = (words(value, codes, language) for value in (before.get(field), after))
        found.append((form_label(field, language), was, now))
    return found


def words(value: Any, codes: CodeList | None, language: str) -> str:
    """Tell a value of an entry in words."""
    if value is None:
        return "—"
    if isinstance(value, bool):
        return YES_NO[language][value]
    if isinstance(value, Mapping):
        return " ".join(words(inner, codes, language) for inner in value.values())
    if isinstance(value, list):
        separator = "、" if language == "zh" else ", "
        return separator.join(words(inner, codes, language) for inner in value)
    return codes.label(value, language) if codes is not None else str(value)
