"""Who inspects and who sees an inspection (督查): reach by its schools, and never the own one."""

from collections.abc import Collection, Iterable, Sequence

from application.access import OutOfReach, Person, Post, counts_whole_district, posts_for
from domain.inspection import Inspection

SCHOOLS_PEOPLE = frozenset({"teacher", "registrar", "counsellor", "principal"})


def own_schools(person: Person) -> frozenset[str]:
    """Give the schools at which a person holds a post, whatever other posts they hold."""
    posts = (post.schools for post in person.posts if post.role in SCHOOLS_PEOPLE)
    return frozenset[str]().union(*posts)


def sees(person: Person, posts: Iterable[Post], one: Inspection) -> bool:
    """
    Say whether a person sees an inspection in some posts: one of their schools'.

    A surprise check (突击检查) that has not started is hidden from everybody with a post at one of
    its schools, even if another post of theirs would see it.
    """
    if one.hidden and not own_schools(person).isdisjoint(one.planned.schools):
        return False
    return any(schools_seen([post], one) for post in posts)


def schools_seen(posts: Collection[Post], one: Inspection) -> list[str]:
    """Give the schools of an inspection of which some posts see what was found."""
    whole = any(map(counts_whole_district, posts))
    return [code for code in one.planned.schools if whole or any(code in p.schools for p in posts)]


def inspects_all(person: Person, step: str, schools: Sequence[str]) -> Post:
    """
    Return the post in which the person may take a step for all of an inspection's schools.

    :raises NotAllowed: if no post's role takes it
    :raises OutOfReach: if one of the schools is not theirs
    """
    for post in posts_for(person, step):
        if post.whole_district or post.schools.issuperset(schools):
            return post
    raise OutOfReach
