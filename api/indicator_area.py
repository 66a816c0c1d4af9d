"""Whose cases a person counts (统计范围): the schools and townships, and the place asked for."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Query, Request

from api.checking import service_of
from api.deps import logged_refusal, permitted_posts
from api.listing import Wanted, place_filters
from api.live_counts import area_of
from api.problems import Problem
from application.access import Post, counts_whole_district
from application.directory import Directory

Place = tuple[str | None, str | None]  # a school; or the township of children at none


@dataclass(frozen=True)
class Area:
    """
    The part of the district whose figures somebody asks for.

    A township stands for its schools, and the children at none who live in it. ``whole`` says that
    the person counts every school's cases, ``narrowed`` that the figures are not the district's.
    """

    posts: Sequence[Post]
    whole: bool
    schools: frozenset[str]
    townships: frozenset[str]
    school_code: str | None
    township: str | None

    @property
    def narrowed(self) -> bool:
        return not self.whole or self.school_code is not None or self.township is not None

    def ask(self, wanted: Wanted, directory: Directory) -> None:
        """Ask for the rows of this area."""
        at = "(v.school_code = ANY(%s) OR (v.school_code IS NULL AND v.township = ANY(%s)))"
        if not self.whole:
            wanted.where(at, sorted(self.schools), sorted(self.townships))
        if self.school_code is not None:
            wanted.where("v.school_code = %s", self.school_code)
        if self.township is not None:
            wanted.where(at, sorted(directory.schools_in(self.township)), [self.township])

    def places(self, directory: Directory) -> list[Place]:
        """Give the schools of the area, in order."""
        schools = directory.codes() if self.whole else self.schools
        return [(code, None) for code in sorted(schools) if self.holds((code, None), directory)]

    def holds(self, place: Place, directory: Directory) -> bool:
        """Say whether a place is in it."""
        code, township = place
        if not self.whole and code not in self.schools and township not in self.townships:
            return False
        if self.school_code is not None and code != self.school_code:
            return False
        return self.township in {None, township_of(place, directory)}


def township_of(place: Place, directory: Directory) -> str | None:
    """Name the township of a place: its school's, or that of children at none."""
    code, township = place
    return township if code is None else getattr(directory.school(code), "township", None)


async def counted_area(
    request: Request,
    school_code: Annotated[str | None, Query(max_length=20)] = None,
    township: Annotated[
        str | None,
        Query(max_length=100, description="its schools, and children at none who live in it"),
    ] = None,
) -> Area:
    """
    Check that the person counts cases, and this place's; a refused attempt is logged.

    :raises NotAllowed: if the role counts none
    :raises Problem: ``not-found`` for a school or township that is not theirs to count
    """
    posts = await permitted_posts(request, "count_cases")
    directory = service_of(request).directory
    whole = any(counts_whole_district(post) for post in posts)
    schools, townships = (frozenset(part) for part in area_of(posts, directory, whole=whole))
    theirs = whole or (
        (school_code is None or school_code in schools)
        and (
            township is None
            or township in townships
            or bool(directory.schools_in(township) & schools)
        )
    )
    if not theirs:
        place = place_filters(directory, school_code, township)
        await logged_refusal(request, "indicators", filters=place)
        raise Problem("not-found")
    return Area(posts, whole, schools, townships, school_code, township)


Counted = Annotated[Area, Depends(counted_area)]
