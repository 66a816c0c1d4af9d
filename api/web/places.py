"""The schools and townships a person may choose from: those within reach of their posts."""

from typing import Any, NamedTuple

from api.web.visit import Visit
from application.directory import School
from application.roles import MAY
from application.units import all_units, own_units, sees_unit, unit_of
from domain.code_list import Code

SEES_ALL = frozenset({"bureau", "auditor", "task_force"})


class Area(NamedTuple):
    """A township, and those of its schools that are within reach, by code."""

    township: str
    schools: list[School]


def areas_of(visit: Visit) -> list[Area]:
    """Give the schools within reach, by township."""
    directory = visit.service.directory
    codes: frozenset[str] = frozenset()
    for post in visit.posts:
        if post.role in SEES_ALL:
            codes |= directory.codes()
        elif post.township is not None:
            codes |= directory.schools_in(post.township)
        else:
            codes |= post.schools
    schools = [school for code in sorted(codes) if (school := directory.school(code))]
    return [
        Area(township, [school for school in schools if school.township == township])
        for township in sorted({school.township for school in schools})
    ]


def all_schools(visit: Visit) -> tuple[Code, ...]:
    """Give every school of the district, by township, to choose from."""
    directory = visit.service.directory
    schools = [school for code in directory.codes() if (school := directory.school(code))]
    schools.sort(key=lambda school: (school.township, school.code))
    return tuple(Code(school.code, school.name, school.name) for school in schools)


def schools_to_choose(visit: Visit) -> dict[str, dict[str, Any]]:
    """Make of the fields that take a school's code the choice of a school, by name."""
    chosen = {"kind": "pick", "options": all_schools(visit)}
    return {"school_code": chosen, "to_school": chosen}


def all_townships(visit: Visit) -> tuple[Code, ...]:
    """Give every township there is a school in."""
    directory = visit.service.directory
    names = {school.township for code in directory.codes() if (school := directory.school(code))}
    return tuple(Code(name, name, name) for name in sorted(names))


def units_seen(visit: Visit) -> list[Code]:
    """Give the units whose papers the person sees: their own and those below."""
    directory = visit.service.directory
    return [
        Code(unit.code, unit.named("zh"), unit.named("en"))
        for unit in all_units(directory)
        if any(sees_unit(post, directory, unit.code) for post in visit.posts)
    ]


def units_kept(visit: Visit) -> list[Code]:
    """Give the units whose registers the person keeps."""
    directory = visit.service.directory
    kept = {
        code: None
        for post in visit.posts
        if post.role in MAY["keep_register"]
        for code in sorted(own_units(post, directory))
    }
    units = [unit_of(directory, code) for code in kept]
    return [Code(unit.code, unit.named("zh"), unit.named("en")) for unit in units]
