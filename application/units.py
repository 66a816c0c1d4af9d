"""The units of the line (单位), from schools up to the bureau, and who sees whose papers."""

from collections.abc import Iterator
from dataclasses import dataclass

from application.access import Post
from application.directory import Directory

BUREAU, TASK_FORCE = "bureau", "task_force"
NAMES = {
    BUREAU: ("区教体局", "District education bureau"),
    TASK_FORCE: ("工作专班办公室", "Task force office"),
}
ABOVE_ALL = frozenset({"bureau", "task_force", "auditor"})  # see the papers of every unit


@dataclass(frozen=True, slots=True)
class Unit:
    """
    A unit by the code it is known by here, and where it stands.

    ``code`` is a school code, the directory's name of a 中心校 or a township, ``bureau`` or
    ``task_force``; ``level`` is school, office, township, bureau or task_force.
    """

    code: str
    level: str
    township: str | None = None
    name: str | None = None

    def named(self, language: str) -> str:
        if self.code in NAMES:
            return NAMES[self.code][language == "en"]
        return self.name or self.code


def all_units(directory: Directory) -> Iterator[Unit]:
    """Give every unit the directory knows of: those above, then by township, schools last."""
    yield Unit(BUREAU, BUREAU)
    yield Unit(TASK_FORCE, TASK_FORCE)
    schools = [school for code in directory.codes() if (school := directory.school(code))]
    seen = set[str]()
    for township in sorted({school.township for school in schools}):
        inside = sorted((s for s in schools if s.township == township), key=lambda s: s.code)
        above = [Unit(township, "township", township)]
        above += [
            Unit(office, "office", township)
            for office in sorted({s.township_office for s in inside})
        ]
        for unit in (*above, *(Unit(s.code, "school", township, s.name) for s in inside)):
            if unit.code not in seen:  # a 中心校 may have schools in two townships
                seen.add(unit.code)
                yield unit


def unit_of(directory: Directory, code: str) -> Unit:
    """Give a unit by its code; one the directory no longer knows is known by its code alone."""
    school = directory.school(code)
    if school:
        return Unit(code, "school", school.township, school.name)
    return next((one for one in all_units(directory) if one.code == code), Unit(code, "former"))


def told_unit(directory: Directory, code: str | None) -> str | bool | None:
    """Give a unit asked for as the access log tells it: its code if known, else that one was."""
    return True if code and unit_of(directory, code).level == "former" else code


def own_units(post: Post, directory: Directory) -> frozenset[str]:
    """Give the codes of the units a post acts for."""
    match post.role:
        case "bureau" | "task_force":
            return frozenset({post.role})
        case "township":
            return frozenset({post.township} if post.township else ())
        case "township_office":
            offices = (directory.office_of(school) for school in post.schools)
            return frozenset(office for office in offices if office)
        case _:
            return post.schools


def sees_unit(post: Post, directory: Directory, code: str) -> bool:
    """Say whether a post sees a unit's papers: its own, and those of the units below it."""
    if post.role in ABOVE_ALL or code in own_units(post, directory) or code in post.schools:
        return True
    return (
        post.role == "township"
        and post.township is not None
        and code in directory.schools_in(post.township)
    )
