"""The access log's lines of an import: what it came to, and which children its report names."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any
from uuid import UUID

LINE_LIMIT = 500  # children in a line of the access log, as on the longest page
COUNTS = frozenset({"dry_run", "rows", "enrolled", "already_on_roll", "refused"})
Children = Mapping[UUID, str | None]


def named_in(report: Mapping[str, Any]) -> list[UUID]:
    """Give the children a report names: all but those that a dry run would enrol."""
    rows = [
        item["student_id"]
        for item in report["items"]
        if "student_id" in item and (item["outcome"] != "enrolled" or not report["dry_run"])
    ]
    vanished = [child["student_id"] for child in report.get("vanished") or ()]
    return [UUID(student_id) for student_id in (*rows, *vanished)]


def counts_of(report: Mapping[str, Any]) -> dict[str, Any]:
    """Give the counts of a report; of changes and vanished children where there are any."""
    counts = {name: count for name, count in report.items() if name in COUNTS}
    if report.get("changed"):
        counts["changed"] = report["changed"]
    if report.get("vanished"):
        counts["vanished"] = len(report["vanished"])
    return counts


async def write_lines(
    write: Callable[..., Awaitable[int]], outcome: str, children: Children, counts: dict[str, Any]
) -> None:
    """Write what an import came to, with its children; of many, further lines that name it."""
    ids = list(children)
    first = await write(
        "import_roll", outcome, {one: children[one] for one in ids[:LINE_LIMIT]}, **counts
    )
    for start in range(LINE_LIMIT, len(ids), LINE_LIMIT):
        some = {one: children[one] for one in ids[start : start + LINE_LIMIT]}
        await write("import_roll", outcome, some, **{"import": first})
