"""The rows behind a school's return over HTTP (月报背后的记录): movements, and cases and visits."""

from typing import Annotated, Any

from fastapi import APIRouter, Query
from starlette.responses import Response

from api.checking import Checked
from api.deps import Language, Limit, Serving
from api.ledger_rows import rows_shown
from api.listing import Cursor, children_of
from api.openapi import answered, problems
from api.problems import Problem
from api.return_asked import ReturnAsked, ViewsPosition, asking
from api.return_rows import cases_behind, rows_behind
from api.returns import OF_A_SCHOOL, SCHOOL
from api.revealing import Showing
from api.schemas.fields import OneOf
from api.service import Service
from api.showing import shown
from domain.return_figures import CASES, COLUMN, MOVED

router = APIRouter(route_class=Checked, tags=["returns 报表"])
ReadRows = Annotated[ReturnAsked, asking("read_return_rows")]
Moved = Annotated[Annotated[str, OneOf(COLUMN, only=MOVED)] | None, Query()]
Case = Annotated[Annotated[str, OneOf(COLUMN, only=CASES)], Query()]
OfVersion = Annotated[int | None, Query(ge=1, le=2**31)]
OfGrade = Annotated[int | None, Query(ge=0, le=9, description="0: of no grade")]


@router.get(
    f"{SCHOOL}/mobility",
    summary="流动台账 · The rows behind a return's movements",
    responses={
        **answered("return_rows", "A page of rows of the mobility ledger, masked."),
        **problems(*OF_A_SCHOOL),
    },
)
async def read_rows(
    asked: ReadRows,
    service: Serving,
    language: Language,
    position: ViewsPosition,
    showing: Showing,
    version: OfVersion = None,
    column: Moved = None,
    grade: OfGrade = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Response:
    """
    All of them, or those of one figure: of a `column` of the return, and of a `grade`.

    Those of the period, and those of earlier days that were adjusted: `adjustment` is 1 for a row
    that counts since, and -1 for one that no longer does. As of the position of the version that
    holds, of `version`, or of the draft.
    """
    at = await stands_at(service, asked, version, position)
    rows, following = await rows_behind(
        service, asked, at, limit, cursor, column=column, grade=grade
    )
    items = rows_shown("mobility", rows, service, language, showing.masks)
    return await told_rows(asked, service, showing, items, following, at)


@router.get(
    f"{SCHOOL}/cases",
    summary="月报背后的个案 · The cases and visits behind a return's figure",
    responses={
        **answered("return_cases", "A page of cases, or of visits in person, of the period."),
        **problems(*OF_A_SCHOOL),
    },
)
async def read_cases(
    asked: ReadRows,
    service: Serving,
    language: Language,
    position: ViewsPosition,
    showing: Showing,
    column: Case = "suspected",
    version: OfVersion = None,
    grade: OfGrade = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Response:
    """Those of the period's days; of earlier ones the return tells its `adjustments`, as counts."""
    at = await stands_at(service, asked, version, position)
    rows, following = await cases_behind(
        service, asked, at, limit, cursor, column=column, grade=grade
    )
    items = [
        {
            **{name: value for name, value in one.items() if name != "class_name"},
            "class": one["class_name"],
            "school": service.directory.name_of(one["school_code"]),
        }
        for one in shown(rows, language, masks=showing.masks)
    ]
    return await told_rows(asked, service, showing, items, following, at)


async def stands_at(
    service: Service, asked: ReturnAsked, version: int | None, position: int
) -> int:
    """
    Give the position of the version asked for, else of the one that holds, else of the draft.

    :raises Problem: ``not-found`` for a version there is not
    """
    one = (await service.returns.of(asked.period.name, [asked.school.code]))[asked.school.code]
    if version is not None and version > len(one.versions):
        raise Problem("not-found")
    held = one.latest if version is None else one.versions[version - 1]
    return held.position if held else position


async def told_rows(
    asked: ReturnAsked,
    service: Service,
    showing: Showing,
    items: list[dict[str, Any]],
    following: str | None,
    position: int,
) -> Response:
    """Answer with a page of rows, which leaves its line in the access log."""
    return await showing.answer(
        "monthly-return rows",
        {"items": items, "next_cursor": following},
        await children_of(service, (item["student_id"] for item in items)),
        position=position,
        rows=len(items),
        filters={"month": asked.period.name, "school_code": asked.school.code},
    )
