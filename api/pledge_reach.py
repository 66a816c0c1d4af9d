"""Which pledge (责任书) a path names, and who may issue, sign, withdraw and read it."""

from typing import Annotated, NamedTuple

from fastapi import Depends, Path, Request

from api.checking import service_of
from api.deps import logged_refusal, permitted_posts
from api.subjects import Stands, names_in, unknown
from application.access import OutOfReach, Post
from application.pledges import Bundle, issues, sees_pledge, signs
from domain.pledges import PLEDGE_LEVEL, Pledge

Id = Annotated[str, Path(description="the pledge's id")]


class Named(NamedTuple):
    """A pledge that a path names, and the version of its stream."""

    bundle: Bundle
    pledge: Pledge
    version: int


async def pledge_at(request: Request, pledge_id: str, upto: int | None = None) -> Named:
    """
    Read the pledge a path names.

    :raises Problem: ``not-found`` for what is none of our ids
    :raises NoSuchEntry: if it is not there
    """
    names = names_in(pledge_id, str, str, str, int)
    if names is None or names[0] not in PLEDGE_LEVEL:
        raise unknown()
    level, unit, year, entry = names
    bundle = Bundle(level, unit, year)
    pledges = await service_of(request).pledges.read(bundle, upto)
    return Named(bundle, pledges.pledge(entry), pledges.version)


async def issuing(request: Request) -> list[Post]:
    """Give the posts in which the person issues pledges."""
    return await permitted_posts(request, "issue_pledge")


async def reading(request: Request) -> list[Post]:
    """Give the posts in which the person reads pledges."""
    return await permitted_posts(request, "read_pledge")


Issuing = Annotated[list[Post], Depends(issuing)]
Reading = Annotated[list[Post], Depends(reading)]


async def issued_by(request: Request, posts: list[Post], level: str, to_unit: str) -> Post:
    """
    Give the post that issues a pledge; a refused attempt is logged.

    :raises OutOfReach: if none does
    """
    for post in posts:
        if issues(post, level, to_unit):
            request.state.post = post
            return post
    await logged_refusal(request, "issue_pledge")
    raise OutOfReach


async def pledge_withdrawn(request: Request, posts: Issuing, pledge_id: Id) -> Named:
    """Name a pledge the person may withdraw: one that they issue."""
    named = await pledge_at(request, pledge_id)
    await issued_by(request, posts, named.bundle.level, named.bundle.unit)
    return named


async def pledge_signed(request: Request, pledge_id: Id) -> tuple[Named, str]:
    """
    Name a pledge the person may sign, and for which side: one's own, the unsigned if both are.

    :raises OutOfReach: if it is neither side's to sign; logged
    """
    posts = await permitted_posts(request, "sign_pledge")
    named = await pledge_at(request, pledge_id)
    sides = {side: post for post in posts if (side := signs(post, named.pledge))}
    if not sides:
        await logged_refusal(request, "sign_pledge")
        raise OutOfReach
    side = min(sides, key=lambda one: (one in named.pledge.signatures, one))
    request.state.post = sides[side]
    return named, side


async def pledge_read(request: Request, posts: Reading, stands: Stands, pledge_id: Id) -> Named:
    """
    Name a pledge the person may read; another's attempt is logged.

    :raises OutOfReach: if it is not of their area
    """
    named = await pledge_at(request, pledge_id, stands.position)
    directory = service_of(request).directory
    if not any(sees_pledge(post, directory, named.pledge) for post in posts):
        await logged_refusal(request, "read_pledge")
        raise OutOfReach
    return named
