"""Notifying: every change a webhook is subscribed to enters the outbox, exactly once."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, ClassVar
from uuid import UUID

import structlog
from psycopg.types.json import Jsonb

from application.access import Post, scope_of
from application.keeping_up import KeepingUp
from application.notices.leading import Lead
from application.store.store import Store

NOTIFYING = 20230911  # the advisory lock of whoever notifies
# As the change feed, by where each child is now: of a township, the cases it knows.
RECORDED = """
SELECT v.opened, v.student_id, v.kind, v.recorded_at, s.school_code, s.township
FROM views.history v JOIN views.students s USING (student_id)
WHERE v.until IS NULL AND v.opened > %(after)s AND v.opened <= %(upto)s
    AND (%(school)s::text IS NULL OR s.school_code = %(school)s)
    AND (%(township)s::text IS NULL OR (s.reported AND s.township = %(township)s))
    AND (%(kinds)s::text[] IS NULL OR v.kind = ANY(%(kinds)s))
ORDER BY v.opened LIMIT %(limit)s
"""
# The notices and how far the log was followed change together, if nobody came before.
ENTER = """
WITH moved AS (
    UPDATE notices.subscriptions SET taken = %(upto)s
    WHERE id = %(id)s AND taken = %(after)s AND ended_at IS NULL RETURNING id
), entered AS (
    INSERT INTO notices.outbox
        (channel, subscription, student_id, position, content, made_at, next_at)
    SELECT 'webhook', moved.id, n.student_id, n.position, n.content, %(now)s, %(now)s
    FROM moved, unnest(%(students)s::uuid[], %(positions)s::bigint[], %(contents)s::jsonb[])
        AS n (student_id, position, content)
    ORDER BY n.position
)
SELECT count(*) FROM moved
"""
_log = structlog.get_logger("guixue.notices")


@dataclass(frozen=True, slots=True)
class Followed:
    """A subscription and how far it has taken the log in."""

    id: UUID
    taken: int
    school_code: str | None
    township: str | None
    kinds: list[str] | None

    @property
    def post(self) -> Post:
        """The post as which it sees the district; row-level security holds it to that."""
        if self.school_code is not None:
            return Post("registrar", "", schools=frozenset({self.school_code}))
        if self.township is not None:
            return Post("township", "", township=self.township)
        return Post("bureau", "")


class Notifying(KeepingUp):
    """
    Follows the log for every subscription, from where it had come.

    ``stands`` says how far the views have come that tell of changes, ``None`` while they cannot
    be read; what is recorded later waits for the next look.
    """

    job = "notifying"
    every: ClassVar[float] = 1.0
    stretch: ClassVar[int] = 5_000  # positions looked through at a time
    most: ClassVar[int] = 500  # notices entered at a time

    def __init__(
        self,
        store: Store,
        lead: Lead,
        stands: Callable[[], Awaitable[int | None]],
        now: Callable[[], datetime],
    ) -> None:
        self._store = store
        self._lead = lead
        self._stands = stands
        self._now = now

    async def look(self) -> int:
        """
        Enter what was recorded since the last look; return how many notices that made.

        :raises StoreUnavailable: when the database is away
        """
        if not await self._lead.of(NOTIFYING):
            return 0
        rows = await self._store.query(
            "SELECT id, taken, school_code, township, kinds FROM notices.subscriptions"
            " WHERE ended_at IS NULL ORDER BY place"
        )
        upto = await self._stands() if rows else None
        if upto is None:
            return 0
        count = 0
        for row in rows:
            count += await self._follow(Followed(*row), upto)
        if count:
            _log.info("changes to be told", count=count)
        return count

    async def _follow(self, one: Followed, upto: int) -> int:
        after, count = one.taken, 0
        while after < upto:
            end = min(upto, after + self.stretch)
            changes = await self._recorded(one, after, end)
            if len(changes) == self.most:
                end = changes[-1][0]
            if not await self._enter(one.id, after, end, changes):
                break  # another worker did
            after, count = end, count + len(changes)
        return count

    async def _recorded(self, one: Followed, after: int, upto: int) -> list[tuple[Any, ...]]:
        asked = {"after": after, "upto": upto, "limit": self.most}
        whose = {"school": one.school_code, "township": one.township, "kinds": one.kinds}
        return await self._store.query(RECORDED, {**asked, **whose}, scope=scope_of([one.post]))

    async def _enter(
        self, subscription: UUID, after: int, upto: int, changes: list[tuple[Any, ...]]
    ) -> bool:
        rows = await self._store.query(
            ENTER,
            {
                "id": subscription,
                "after": after,
                "upto": upto,
                "now": self._now(),
                "students": [change[1] for change in changes],
                "positions": [change[0] for change in changes],
                "contents": [Jsonb(content_of(change)) for change in changes],
            },
        )
        return bool(rows[0][0])


def content_of(change: tuple[Any, ...]) -> dict[str, Any]:
    """Give all that a notice of a change holds beside child and position."""
    _, _, kind, recorded_at, school_code, township = change
    return {
        "kind": kind,
        "recorded_at": recorded_at.astimezone(UTC).isoformat(),
        "school_code": school_code,
        "township": township,
    }
