"""A child's entries as a page tells them: newest first, corrections beside what they replaced."""

from collections.abc import Iterable
from typing import Any

CORRECTED = "corrected"


def told_beside(entries: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Give each entry with the corrections made of it, the newest entry first."""
    by_version = {entry["version"]: {**entry, "corrections": []} for entry in entries}
    told = []
    for entry in by_version.values():
        wrong = by_version.get(entry["data"].get("entry")) if entry["kind"] == CORRECTED else None
        if wrong is not None:
            wrong["corrections"].append(entry)
        told.append(entry)
    return told[::-1]
