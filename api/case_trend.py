"""Open cases over time (个案走势): how many stood at each month's end, and came and went in it."""

from datetime import date, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query
from starlette.responses import Response

from api.checking import Checked
from api.deps import ROLL, AsOf, MinLogPosition, Serving
from api.indicator_area import Area, Counted
from api.indicator_period import EVER, day_seen_from
from api.listing import Wanted, stands
from api.openapi import FRESH, READ, answered, problems
from api.schemas.fields import Day
from api.service import Service
from api.showing import answer
from application.store.scope import Scope

router = APIRouter(route_class=Checked, tags=["indicators 指标"])
VIEW = "dropout_control_ledger"
MONTHS = 12
ONE_DAY = timedelta(days=1)
COUNTS = ("open", "opened", "returned", "closed")
# An episode that relapsed ends as the child's next one begins.
COUNTED = """
WITH cases AS MATERIALIZED (
    SELECT v.school_code, v.township, v.day, v.returned_on, v.closed_on, coalesce(v.closed_on,
        CASE WHEN v.relapsed THEN lead(v.day) OVER (PARTITION BY v.student_id ORDER BY v.episode)
        END) AS ended
    FROM views.dropout_control_ledger v WHERE {stands} AND {children}
)
SELECT m.last, count(*) FILTER (WHERE v.day <= m.last AND coalesce(v.ended > m.last, true)),
    count(*) FILTER (WHERE v.day BETWEEN m.first AND m.last),
    count(*) FILTER (WHERE v.returned_on BETWEEN m.first AND m.last),
    count(*) FILTER (WHERE v.closed_on BETWEEN m.first AND m.last)
FROM unnest(%s::date[], %s::date[]) AS m (first, last) CROSS JOIN cases v
WHERE {area} GROUP BY 1
"""
THEIRS = """
v.student_id = ANY(ARRAY(
    SELECT v.student_id FROM views.dropout_control_ledger v WHERE {stands} AND {area}))
"""


async def stood_at(
    service: Serving, as_of: AsOf = None, min_log_position: MinLogPosition = None
) -> tuple[int, int | None]:
    """Give where the ledger stands, and the position ``as_of`` is, once it has come to both."""
    at = None if as_of is None else await service.store.position_at(as_of)
    wanted = max(min_log_position or 0, at or 0)
    views = (ROLL, VIEW)
    if wanted:
        return await service.freshness.reached(wanted, views=views), at
    return await service.freshness.position(views), at


@router.get(
    "/v1/case-trend",
    summary="个案走势 · Open cases at the end of each of twelve months",
    responses={
        **answered("case_trend", "Twelve months, oldest first; the last ends on the day asked."),
        **problems(*READ, *FRESH, "not-found"),
    },
)
async def case_trend(
    area: Counted,
    service: Serving,
    positions: Annotated[tuple[int, int | None], Depends(stood_at)],
    to_day: Annotated[Day | None, Query(alias="to", description="the last day; else today")] = None,
    as_of: AsOf = None,
) -> Response:
    """
    By the days things happened, as known now or at `as_of`; `open` at the month's end, `opened`
    by the first absent day, `returned` by the day of the last return, `closed` by the close-out.
    """
    reached, position = positions
    seen_from = day_seen_from(service, as_of)
    months = months_to(max(min(to_day or seen_from, seen_from), EVER + MONTHS * 31 * ONE_DAY))
    counts = await counted(service, area, months, position)
    items = [
        {
            "month": f"{last:%Y-%m}",
            "day": last,
            **dict(zip(COUNTS, counts.get(last, (0,) * len(COUNTS)), strict=True)),
        }
        for _, last in months
    ]
    body = {"items": items, "next_cursor": None}
    return answer(body, position=reached if position is None else position)


def months_to(last: date) -> list[tuple[date, date]]:
    """Give the first and last days of twelve months, oldest first; the last as far as a day."""
    months = []
    for _ in range(MONTHS):
        months.append((last.replace(day=1), last))
        last = last.replace(day=1) - ONE_DAY
    return months[::-1]


async def counted(
    service: Service, area: Area, months: list[tuple[date, date]], position: int | None
) -> dict[date, tuple[Any, ...]]:
    standing, within, theirs = Wanted(), Wanted(), Wanted()
    stands(standing, position)
    area.ask(within, service.directory)
    if area.narrowed:  # a case may end with one at another school: all of the area's children
        theirs.where(THEIRS.format(stands=standing.sql(), area=within.sql()))
        theirs.params += [*standing.params, *within.params]
    rows = await service.store.query(
        COUNTED.format(stands=standing.sql(), children=theirs.sql(), area=within.sql()),
        [
            *standing.params,
            *theirs.params,
            [first for first, _ in months],
            [last for _, last in months],
            *within.params,
        ],
        scope=Scope(district=True),  # whoever asks: counts leave, and no row
    )
    return {last: tuple(counts) for last, *counts in rows}
