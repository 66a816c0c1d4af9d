"""Breaking the glass (紧急查看): a child out of reach may be read for some hours, for a reason."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from application.access import GLASS_HOLDS, Person, Post
from application.store.store import Store
from domain.student import Student


@dataclass(frozen=True, slots=True)
class Glass:
    """Glass that somebody broke for a child; it is whole again at ``until``."""

    number: int
    account: str
    at: datetime
    until: datetime


class BreakGlass:
    """
    Who broke the glass, for which child, when and why.

    Every method raises :class:`StoreUnavailable` when the database is away.
    """

    def __init__(self, store: Store) -> None:
        self._store = store

    async def break_for(
        self, person: Person, post: Post, child: Student, reason: str, now: datetime
    ) -> Glass:
        """Let a person read a child for some hours; its line in the access log stands with it."""
        until = now + GLASS_HOLDS
        school = child.state.school_code
        ((number,),) = await self._store.query(
            "SELECT access.break_glass(%s::uuid, %s, %s, %s, %s, %s, %s, %s)",
            [person.account, post.role, post.unit, child.id, school, reason, now, until],
        )
        return Glass(number, person.account, now, until)

    async def broken_for(self, student_id: UUID, now: datetime) -> list[Glass]:
        """Return the glass that is broken for a child now, the latest of each person."""
        rows = await self._store.query(
            "SELECT DISTINCT ON (account) number, account::text, at, until"
            " FROM access.glass_broken WHERE student_id = %s AND until > %s"
            " ORDER BY account, until DESC, number DESC",
            [student_id, now],
        )
        return [Glass(*row) for row in rows]
