"""The evidence of a rebound (反弹证据): figures by school and the cases behind, at one position."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import date
from typing import Any

from api.deps import ROLL
from api.indicator_figures import bound
from api.listing import Wanted, case_rows_within_reach, stands
from api.service import Service
from api.showing import shown
from application.access import Post
from application.store.scope import Scope
from domain.supervision_periods import Period
from domain.vetoes import Evidence
from projections.indicators import CASES, Part
from projections.rebound import COUNTED_AS, named

VIEWS = (ROLL, CASES)


def _rows(part: Part, first: date, last: date, schools: Collection[str], position: int) -> Wanted:
    wanted = Wanted()
    stands(wanted, position)
    condition, values = bound(f"({part.holds})", named(first, last))
    wanted.where(condition, *values)
    wanted.where("v.school_code = ANY(%s)", sorted(schools))
    return wanted


async def evidence_of(
    service: Service, period: Period, schools: Collection[str], position: int
) -> dict[str, Evidence]:
    """Count the dropouts and relapses of schools in a period and in the one before it."""
    statements: list[str] = []
    params: list[Any] = []
    for name, part in COUNTED_AS.items():
        for key, asked in ((f"{name}s", period), (f"{name}s_before", period.before)):
            wanted = _rows(part, asked.first, asked.last, schools, position)
            statements.append(
                f"SELECT '{key}', v.school_code, count(*) FROM views.{part.view} v"  # noqa: S608
                f" WHERE {wanted.sql()} GROUP BY 2"
            )
            params += wanted.params
    rows = await service.store.query(
        " UNION ALL ".join(statements),
        params,
        scope=Scope(district=True),  # whoever asks: counts leave, and no row
    )
    found: dict[str, Any] = defaultdict(
        lambda: {"dropouts": 0, "relapses": 0, "dropouts_before": 0, "relapses_before": 0}
    )
    for key, school, count in rows:
        found[school][key] = count
    return {school: found[school] for school in sorted(schools)}


async def cases_behind(
    service: Service,
    period: Period,
    schools: Collection[str],
    position: int,
    posts: Sequence[Post],
    language: str,
) -> dict[str, list[dict[str, Any]]]:
    """Give the cases behind the figures of the period by school: those within a person's reach."""
    found: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for name, part in COUNTED_AS.items():
        wanted = _rows(part, period.first, period.last, schools, position)
        case_rows_within_reach(wanted, posts)
        rows = await service.store.query(
            "SELECT v.school_code, v.student_id, v.status, v.day"  # noqa: S608  # our own
            f" FROM views.{part.view} v WHERE {wanted.sql()} ORDER BY v.opened",
            wanted.params,
            scope=wanted.scope,
        )
        for school, student_id, status, day in rows:
            case = {"counts_as": name, "student_id": student_id, "status": status, "day": day}
            found[school].append(shown(case, language, masks={}))
    return found
