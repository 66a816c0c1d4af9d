"""The indicators over HTTP (指标): every figure by place, and the cases behind each."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query, Request
from starlette.responses import Response

from api.checking import Checked
from api.deps import Language, Limit, MinLogPosition, Serving, logged_refusal
from api.examples import ANSWERS
from api.indicator_area import Area, Counted
from api.indicator_cases import cases_page
from api.indicator_exports import export_indicators
from api.indicator_figures import VIEWS, read_figures
from api.indicator_period import Asked, Period
from api.indicator_table import By, Table
from api.listing import Cursor, children_of, place_filters
from api.looking import Looking
from api.openapi import FRESH, READ, answered, problems
from api.problems import Problem
from api.service import Service
from api.showing import answer
from api.workbook import MEDIA_TYPE
from application.access import NotAllowed
from projections.indicators import BY_NAME, Indicator

router = APIRouter(route_class=Checked, tags=["indicators 指标"])


async def figures_position(
    service: Serving, asked: Asked, min_log_position: MinLogPosition = None
) -> tuple[int, int | None]:
    """Give where the views stand, and the position ``as_of`` is, once they have come to both."""
    stood_at = None if asked.as_of is None else await service.store.position_at(asked.as_of)
    wanted = max(min_log_position or 0, stood_at or 0)
    if wanted:
        return await service.freshness.reached(wanted, views=VIEWS), stood_at
    return await service.freshness.position(VIEWS), stood_at


Positions = Annotated[tuple[int, int | None], Depends(figures_position)]


def indicator_named(name: str) -> Indicator:
    """
    Read an indicator's name from a path.

    :raises Problem: ``not-found`` for any other
    """
    if name not in BY_NAME:
        raise Problem("not-found")
    return BY_NAME[name]


def told_filters(service: Service, area: Area, period: Period) -> dict[str, Any]:
    """Give what was asked for as the access log and the head of a file tell it."""
    return {
        **place_filters(service.directory, area.school_code, area.township),
        "from": period.from_day,
        "to": period.to_day,
        "as_of": period.as_of,
        "cohort": period.cohort,
    }


@router.get(
    "/v1/indicators",
    summary="指标 · Indicators, by district, township or school",
    responses={
        200: {
            "description": "Every indicator with what it counts, `items` of all that was asked for"
            " and `groups` of each place; as a table to print with `format=`. `value` is null where"
            " there is nothing to divide by, and `why` says so. With `public` no count of 1 to 4"
            " is told of a place below the district, directly or by difference.",
            "content": {
                "application/json": {"example": ANSWERS["indicators"]},
                "text/csv": {"example": ANSWERS["indicators_csv"], "schema": {"type": "string"}},
                MEDIA_TYPE: {
                    "example": ANSWERS["ledger_xlsx"],
                    "schema": {"type": "string", "contentMediaType": MEDIA_TYPE},
                },
            },
        },
        **problems(*READ, *FRESH, "not-found"),
    },
)
async def read_indicators(
    request: Request,
    area: Counted,
    asked: Asked,
    service: Serving,
    language: Language,
    positions: Positions,
    by: Annotated[By | None, Query(description="a group for each; else one answer")] = None,
    public: Annotated[
        bool, Query(description="as may be published; for those who count the whole district")
    ] = False,
    form: Annotated[Literal["json", "xlsx", "csv"], Query(alias="format")] = "json",
) -> Response:
    reached, stood_at = positions
    if public and not area.whole:
        await logged_refusal(request, "publish indicators")
        raise NotAllowed
    # What is withheld of a place follows from all places: they are always read together.
    of = Area(area.posts, True, area.schools, area.townships, None, None) if public else area
    figures = await read_figures(service, of, asked, stood_at, reached)
    table = Table(figures, area, service.directory, language, public=public)
    filters = {**told_filters(service, area, asked), "by": by, "public": public or None}
    if form != "json":
        return await export_indicators(request, table, by, filters, form)
    body = {
        "items": table.items(),
        "groups": table.groups(by),
        "by": by,
        "cohort": asked.cohort,
        "position": figures.position,
        "next_cursor": None,
    }
    return answer(body, position=figures.position)


@router.get(
    "/v1/indicators/{name}/cases",
    summary="指标背后的个案 · The cases behind a figure",
    responses={
        **answered(
            "indicator_cases",
            "The rows that a numerator or denominator adds up, by the same condition, each with"
            " what it `adds`; those within reach of the person who asks.",
        ),
        **problems(*READ, *FRESH, "not-found"),
    },
)
async def read_cases(
    name: str,
    area: Counted,
    asked: Asked,
    service: Serving,
    language: Language,
    positions: Positions,
    look: Looking,
    part: Annotated[Literal["numerator", "denominator"], Query()] = "numerator",
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Response:
    indicator = indicator_named(name)
    reached, stood_at = positions
    paged = await cases_page(
        service, area, asked, stood_at, indicator, part, limit, cursor, language
    )
    return await look.answer(
        f"cases of {name}",
        {"items": paged.items, "next_cursor": paged.next_cursor},
        await children_of(service, paged.children),
        position=reached if stood_at is None else stood_at,
        rows=len(paged.items),
        filters={**told_filters(service, area, asked), "part": part},
    )
