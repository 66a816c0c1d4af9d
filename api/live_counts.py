"""Live counts (实时跟踪): the open cases of every school by status, and nobody's name."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from api.checking import Checked
from api.deps import Language, RollPosition, Serving, permitted_posts
from api.openapi import FRESH, READ, answered, problems
from api.service import Service
from api.showing import answer
from application.access import Post, counts_whole_district
from application.directory import Directory
from application.store.scope import Scope
from domain.codes import OPEN_STATUS, STATUS

router = APIRouter(route_class=Checked, tags=["ledgers 台账"])
Place = tuple[str | None, str | None]  # a school; or the township of children at none
COUNTED = """
SELECT school_code, CASE WHEN school_code IS NULL THEN township END, status, count(*)
FROM views.students
WHERE until IS NULL AND status = ANY(%s) AND (%s OR school_code = ANY(%s)
    OR (school_code IS NULL AND township = ANY(%s)))
GROUP BY 1, 2, 3
"""


async def counting_posts(request: Request) -> list[Post]:
    return await permitted_posts(request, "count_cases")


@router.get(
    "/v1/live-counts",
    summary="实时在办个案数 · Open cases per school, no names",
    responses={
        **answered("live_counts", "Every school of one's area, and children at none; zeros too."),
        **problems(*READ, *FRESH),
    },
)
async def live_counts(
    posts: Annotated[list[Post], Depends(counting_posts)],
    service: Serving,
    language: Language,
    position: RollPosition,
) -> Response:
    """Counts cases not yet reported to a township too: it watches, and sees no child (S3)."""
    counts = await counted(service, posts)
    items = [
        {
            "school_code": school,
            "school": service.directory.name_of(school),
            "township": township or getattr(service.directory.school(school), "township", None),
            "open": sum(of_status.values()),
            "counts": [
                {"status": status, "status_label": STATUS.label(status, language), "cases": cases}
                for status in STATUS
                if (cases := of_status.get(status))
            ],
        }
        for (school, township), of_status in counts.items()
    ]
    return answer({"items": items, "next_cursor": None}, position=position)


async def counted(service: Service, posts: Sequence[Post]) -> dict[Place, dict[str, int]]:
    """Count the open cases by place and status: every school of the posts' area, in order."""
    whole = any(counts_whole_district(post) for post in posts)
    schools, townships = area_of(posts, service.directory, whole=whole)
    rows = await service.store.query(
        COUNTED,
        [list(OPEN_STATUS), whole, schools, townships],
        scope=Scope(district=True),  # whoever asks: counts leave, and no row
    )
    counts: dict[Place, dict[str, int]] = defaultdict(dict)
    counts.update({(code, None): {} for code in schools})
    for school, township, status, cases in rows:
        counts[school, township][status] = cases
    return counts


def area_of(
    posts: Sequence[Post], directory: Directory, *, whole: bool
) -> tuple[list[str], list[str]]:
    """Give the codes of the schools whose cases some posts count, and the townships."""
    if whole:
        return sorted(directory.codes()), []
    townships = {post.township for post in posts if post.township}
    schools = {code for post in posts for code in post.schools}
    schools.update(*(directory.schools_in(township) for township in townships))
    return sorted(schools), sorted(townships)
