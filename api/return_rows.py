"""The rows behind a school's return, as of its position: movements, and cases and visits."""

from typing import Any

from api.listing import Wanted, case_rows_within_reach, cursor_of
from api.return_asked import ReturnAsked
from api.service import Service
from domain.codes import IN_PERSON_VISIT
from domain.return_figures import NO_GRADE
from projections.all_views import BY_NAME
from projections.return_figures import STOOD, WHAT

VIEW = BY_NAME["mobility"]
COLUMNS = [name for name, _ in VIEW.columns]
NOW, EARLIER = STOOD.format("v", "%s"), STOOD.format("v", "%s::bigint")
# A row written anew that counts the same: what it says besides has changed, as the day of leaving.
SAME = f"""
SELECT FROM views.mobility o WHERE (o.student_id, o.row_key) = (v.student_id, v.row_key)
    AND (o.day, o.kind, o.school_code, o.change) = (v.day, v.kind, v.school_code, v.change)
    AND o.grade IS NOT DISTINCT FROM v.grade AND {STOOD.format("o", "%s")} <> {NOW}
    AND {STOOD.format("o", "%s::bigint")} <> {EARLIER}
"""  # noqa: S608
# What a column of cases counts: a view, the day it goes by, and what else its rows meet.
CASE_ROWS = {
    "suspected": ("return_to_school_ledger", "v.suspected_on", "true"),
    "returned": ("return_to_school_ledger", "v.returned_on", "true"),
    "visits": (
        *("home_visit_register", "v.visited_on"),
        f"v.mode IN ({', '.join(repr(mode) for mode in IN_PERSON_VISIT)})",
    ),
}
TOLD = (
    *("student_id", "student_name", "school_code", "grade", "class_name", "township"),
    *("status", "happened_on"),
)
# An entry may be two rows, out and in, and each may be told twice: as it was, and as it is.
RANK = f"(v.opened * 4 + (v.change > 0)::int * 2 + {NOW}::int)"


async def rows_behind(
    service: Service,
    asked: ReturnAsked,
    position: int,
    limit: int,
    cursor: int | None,
    *,
    column: str | None = None,
    grade: int | None = None,
) -> tuple[list[dict[str, Any]], str | None]:
    """
    Read one page of the rows a return counts, oldest entry first; with it the next one's cursor.

    Each row says in ``adjustment`` whether it is of earlier days: 1 if it came to count, -1 if it
    ceased to, and 0 for one of the period. ``column`` and ``grade`` narrow to those of one figure.
    """
    period, school = asked.period, asked.school.code
    version = (await service.returns.before(period.name, [school], position))[school]
    before = version.position if version else None
    wanted = Wanted()
    wanted.where("v.school_code = %s", school)
    earlier = f"coalesce({EARLIER}, {NOW})", [before, before, position, position]
    wanted.where(
        f"((v.day BETWEEN %s AND %s AND {NOW})"
        f" OR (v.day < %s AND {NOW} <> {earlier[0]} AND NOT EXISTS ({SAME})))",
        *(period.first, period.last, position, position),
        *(period.first, position, position, *earlier[1]),
        *([position] * 4 + [before] * 4),
    )
    if column is not None:
        wanted.where(f"{WHAT} = %s", column)
    if grade is not None:
        wanted.where(f"coalesce(v.grade, {NO_GRADE}) = %s", grade)
    case_rows_within_reach(wanted, [asked.post])
    wanted.where(f"{RANK} > %s", position, position, cursor or 0)
    columns = ", ".join(f"v.{name}" for name in COLUMNS)
    rows = await service.store.query(
        f"SELECT v.student_id, {RANK}, {NOW}, {columns} FROM views.mobility v"  # noqa: S608
        f" WHERE {wanted.sql()} ORDER BY 2 LIMIT %s",
        [*[position] * 4, *wanted.params, limit + 1],
        scope=wanted.scope,
    )
    items = []
    for student_id, _, stands, *values in rows[:limit]:
        row = {"student_id": student_id, **dict(zip(COLUMNS, values, strict=True))}
        late = row["day"] < period.first
        items.append({**row, "adjustment": (1 if stands else -1) if late else 0})
    return items, cursor_of(rows[limit - 1][1]) if len(rows) > limit else None


async def cases_behind(
    service: Service,
    asked: ReturnAsked,
    position: int,
    limit: int,
    cursor: int | None,
    *,
    column: str,
    grade: int | None = None,
) -> tuple[list[dict[str, Any]], str | None]:
    """Read one page of the cases or visits that a column counts of the period, oldest first."""
    view, day, more = CASE_ROWS[column]
    wanted = Wanted()
    wanted.where("v.school_code = %s", asked.school.code)
    wanted.where(f"{day} BETWEEN %s AND %s", asked.period.first, asked.period.last)
    wanted.where(f"{NOW} AND {more}", position, position)
    if grade is not None:
        wanted.where(f"coalesce(v.grade, {NO_GRADE}) = %s", grade)
    case_rows_within_reach(wanted, [asked.post])
    wanted.where("v.opened > %s", cursor or 0)
    columns = ", ".join(f"v.{name}" for name in TOLD[:-1])
    rows = await service.store.query(
        f"SELECT v.opened, {columns}, {day} FROM views.{view} v"  # noqa: S608  # our own words
        f" WHERE {wanted.sql()} ORDER BY v.opened LIMIT %s",
        [*wanted.params, limit + 1],
        scope=wanted.scope,
    )
    items = [dict(zip(TOLD, row[1:], strict=True)) for row in rows[:limit]]
    return items, cursor_of(rows[limit - 1][0]) if len(rows) > limit else None
