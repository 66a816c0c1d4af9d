"""The school an act is for: one's own, or one to choose; and its classes, with how many are in."""

from collections.abc import Awaitable, Callable
from typing import Any

from starlette.responses import Response

from api.problems import Problem
from api.web.places import areas_of
from api.web.visit import Visit


def choosing(step: str, path: str, zh: str, en: str) -> Callable[[Visit], Awaitable[Response]]:
    """Make the page that goes on to one's school, or shows those there are to choose from."""

    async def choose(visit: Visit) -> Response:
        if not visit.may(step):
            raise Problem("not-allowed")
        areas = areas_of(visit)
        codes = [school.code for area in areas for school in area.schools]
        if len(codes) == 1:
            return visit.go(f"{path}/{codes[0]}")
        return visit.page("schools.html", title=visit.t(zh, en), to=path, areas=areas)

    return choose


def school_named(visit: Visit, step: str) -> tuple[str, str]:
    """
    Give the code and the name of the school an address is of.

    :raises Problem: ``not-allowed``, or ``not-found`` for a school there is not
    """
    if not visit.may(step):
        raise Problem("not-allowed")
    code: str = visit.request.path_params["code"]
    name = visit.service.directory.name_of(code)
    if name is None:
        raise Problem("not-found")
    return code, name


async def classes_of(visit: Visit, code: str) -> list[dict[str, Any]]:
    """Give the classes of a school, with how many children are in each."""
    found: list[dict[str, Any]] = (await visit.ask.get(f"/v1/schools/{code}/classes")).body["items"]
    return found
