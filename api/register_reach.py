"""Which register (登记簿) and line a path names, and whose a person keeps and reads."""

from typing import Annotated, NamedTuple

from fastapi import Depends, Path, Request

from api.at_once import at_once
from api.checking import service_of
from api.deps import logged_refusal, permitted_posts
from api.subjects import names_in, unknown
from application.access import OutOfReach, Post
from application.registers import Volume
from application.units import all_units, own_units, sees_unit
from domain.registers import REGISTER_KIND


class Named(NamedTuple):
    """A line that a path names."""

    volume: Volume
    entry: int


def kind_named(
    kind: Annotated[str, Path(description="meetings, documents, publicity or appraisals")],
) -> str:
    """
    Read the kind of register from a path.

    :raises Problem: ``not-found`` for any other
    """
    if kind not in REGISTER_KIND:
        raise unknown()
    return kind


Kind = Annotated[str, at_once(kind_named)]


async def reading(request: Request) -> list[Post]:
    """Give the posts in which the person reads registers."""
    return await permitted_posts(request, "read_register")


async def keeping(request: Request) -> list[Post]:
    """Give the posts in which the person keeps registers."""
    return await permitted_posts(request, "keep_register")


Reading = Annotated[list[Post], Depends(reading)]
Keeping = Annotated[list[Post], Depends(keeping)]


def line_named(kind: str, entry_id: str) -> Named:
    """
    Read the line a path names; whether it is there is not looked up.

    :raises Problem: ``not-found`` for what is none of our ids
    """
    names = names_in(entry_id, str, str, int)
    if names is None:
        raise unknown()
    unit, year, entry = names
    return Named(Volume(kind, unit, year), entry)


async def line_read(
    request: Request,
    kind: Kind,
    posts: Reading,
    entry_id: Annotated[str, Path(description="the line's id")],
) -> Named:
    """
    Name a line the person may read; another's attempt is logged.

    :raises OutOfReach: if its unit is neither theirs nor below it
    """
    named, directory = line_named(kind, entry_id), service_of(request).directory
    if not any(sees_unit(post, directory, named.volume.unit) for post in posts):
        await logged_refusal(request, "read_register")
        raise OutOfReach
    return named


async def line_kept(
    request: Request,
    kind: Kind,
    posts: Keeping,
    entry_id: Annotated[str, Path(description="the line's id")],
) -> Named:
    """
    Name a line of a register the person keeps.

    :raises OutOfReach: if it is another unit's
    :raises NoSuchEntry: if it is not there
    """
    named = line_named(kind, entry_id)
    await check_keeps(request, posts, named.volume.unit)
    (await service_of(request).registers.read(named.volume)).line(named.entry)
    return named


async def check_keeps(request: Request, posts: list[Post], unit: str) -> Post:
    """
    Give the post that acts for a unit; a refused attempt is logged.

    :raises OutOfReach: if none does
    """
    directory = service_of(request).directory
    for post in posts:
        if unit in own_units(post, directory):
            request.state.post = post
            return post
    await logged_refusal(request, "keep_register")
    raise OutOfReach


async def units_asked(request: Request, posts: list[Post], unit: str | None) -> list[str]:
    """
    Give the units whose lines are listed: those the person sees, or the one asked for.

    Who sees every unit may ask for one that the directory no longer knows.

    :raises Problem: ``not-found`` for a unit that is not theirs to list; logged
    """
    directory = service_of(request).directory
    known = [unit] if unit else [one.code for one in all_units(directory)]
    seen = [one for one in known if any(sees_unit(post, directory, one) for post in posts)]
    if unit and not seen:
        await logged_refusal(request, "read_register")
        raise unknown()
    return seen
