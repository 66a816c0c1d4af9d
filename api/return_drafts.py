"""Returns as they would be: drafted for many schools at once, as of a position of the log."""

from collections.abc import Sequence

from api.service import Service
from application.directory import School
from domain.return_facts import Draft, figures_in
from domain.return_periods import Period
from projections.return_figures import Counted, counted


async def drafts(
    service: Service, period: Period, schools: Sequence[School], position: int
) -> dict[str, Draft]:
    """
    Draft the returns of some schools, by school code.

    Each opens with the closing figures of the version that held of the month before, and takes in
    what is told of earlier days since; without one, the opening is counted.
    """
    codes = [school.code for school in schools]
    before = await service.returns.before(period.name, codes, position)
    found = await counted(
        service.store,
        period,
        {code: version.position if version else None for code, version in before.items()},
        position,
    )
    made = {}
    for school in schools:
        version = before[school.code]
        opening = None if version is None else figures_in(version).closing
        made[school.code] = Draft(
            position=position,
            figures=found.get(school.code, Counted()).figures(opening),
            school=school.name,
            township=school.township,
            opening_from=None
            if version is None
            else {"month": version.month, "version": version.number},
        )
    return made
