"""The cases behind a figure (指标背后的个案): the rows its condition holds for, within reach."""

from collections.abc import Sequence
from typing import Any, Literal, NamedTuple
from uuid import UUID

from api.indicator_area import Area
from api.indicator_figures import Figure, bound, rows_of
from api.indicator_period import Period, days_of
from api.indicator_returns import Due, returns_due
from api.listing import case_rows_within_reach, cursor_of, end_of_page
from api.service import Service
from api.showing import shown
from projections.indicators import Indicator, Part

TOLD = (
    *("student_id", "student_name", "school_code", "grade", "class_name", "township"),
    *("status", "day"),
)


class Cases(NamedTuple):
    """A page of cases."""

    items: list[dict[str, Any]]
    next_cursor: str | None

    @property
    def children(self) -> list[UUID]:
        """Whose cases they are; nobody's, where a figure counts something else."""
        return [item["student_id"] for item in self.items if "student_id" in item]


async def cases_page(
    service: Service,
    area: Area,
    period: Period,
    position: int | None,
    indicator: Indicator,
    name: Literal["numerator", "denominator"],
    limit: int,
    cursor: int | None,
    language: str,
) -> Cases:
    """Read a page of the rows a part adds up, by the condition of its figure, oldest first."""
    if area.narrowed and not indicator.by_place:
        return Cases([], None)
    part: Part = getattr(indicator, name)
    days = await days_of(service, period, position)
    if not indicator.of_children:
        upto = await service.store.head() if position is None else position
        every = await returns_due(service, area, days, upto)
        wanted_of = [due for due in every if due.on_time or name == "denominator"]
        return returns_page(service, wanted_of, limit, cursor or 0)
    wanted = rows_of(part, days, position)
    area.ask(wanted, service.directory)
    case_rows_within_reach(wanted, area.posts)
    wanted.where("v.opened > %s", cursor or 0)
    adds, values = bound(part.adds, days.named)
    columns = ", ".join(f"v.{column}" for column in TOLD)
    rows = await service.store.query(
        f"SELECT v.opened, ({adds})::numeric, {columns} FROM views.{part.view} v"  # noqa: S608
        f" WHERE {wanted.sql()} ORDER BY v.opened LIMIT %s",
        [*values, *wanted.params, limit + 2],
        scope=wanted.scope,
    )
    cut = end_of_page([row[0] for row in rows], limit)
    items = [told(service, language, row) for row in rows[:cut]]
    return Cases(items, cursor_of(rows[cut - 1][0]) if len(rows) > cut else None)


def told(service: Service, language: str, row: tuple[Any, ...]) -> dict[str, Any]:
    """Give a row as answers show it, without a number, phone or address."""
    _, adds, *values = row
    case = dict(zip(TOLD, values, strict=True))
    case["class"] = case.pop("class_name")
    case["school"] = service.directory.name_of(case["school_code"])
    item: dict[str, Any] = shown(case, language, masks={})
    return {**item, "adds": Figure(adds).number}


def returns_page(service: Service, found: Sequence[Due], limit: int, after: int) -> Cases:
    """Give a page of monthly returns, which are no child's cases."""
    items = [
        {
            "school_code": due.school_code,
            "school": service.directory.name_of(due.school_code),
            "month": due.month,
            "due_on": due.due_on,
            "submitted_on": due.submitted_on,
            "on_time": due.on_time,
            "adds": 1,
        }
        for due in found[after : after + limit]
    ]
    more = len(found) > after + limit
    return Cases(items, cursor_of(after + limit) if more else None)
