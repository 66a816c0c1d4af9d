"""The outbox (发件箱): what waits to be told, what was, and what was given up."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from application.notices.failing import LONGEST, delay_after
from application.store.store import Store

BATCH = 32  # to one receiver at a time
# Of one child at one receiver, the oldest that waits; a clock put back keeps nobody waiting.
DUE = "o.state = 'waiting' AND (o.next_at <= %(now)s OR o.next_at > %(odd)s)"
CHANGES = f"""
SELECT o.id, o.attempts, o.student_id, o.position, o.content FROM notices.outbox o
WHERE o.channel = 'webhook' AND o.subscription = %(to)s AND {DUE} AND NOT EXISTS (
    SELECT FROM notices.outbox e WHERE e.state = 'waiting' AND e.subscription = o.subscription
        AND e.student_id = o.student_id AND e.place < o.place)
ORDER BY o.place LIMIT %(limit)s
"""  # noqa: S608  # our own words
LETTERS = f"""
SELECT o.id, o.attempts, o.content, CASE o.channel WHEN 'email' THEN c.email ELSE c.phone END
FROM notices.outbox o
LEFT JOIN access.accounts a ON a.account = o.account AND a.revoked_at IS NULL
LEFT JOIN notices.choices c ON c.account = a.account
WHERE o.channel = %(to)s AND {DUE} ORDER BY o.place LIMIT %(limit)s
"""  # noqa: S608  # our own words
SENT = """
WITH done AS (
    UPDATE notices.outbox SET state = 'sent', attempts = attempts + 1, done_at = %s, error = NULL
    WHERE id = %s AND state = 'waiting' RETURNING channel
)
INSERT INTO notices.sent AS s (channel, count) SELECT channel, 1 FROM done
ON CONFLICT (channel) DO UPDATE SET count = s.count + 1 RETURNING count
"""
# What waits behind it is not due before it either; so nobody looks at all of that meanwhile.
FAILED = """
WITH failed AS (
    UPDATE notices.outbox SET attempts = attempts + 1, error = %(why)s, next_at = %(next)s,
        state = CASE WHEN %(dead)s THEN 'dead' ELSE 'waiting' END,
        done_at = CASE WHEN %(dead)s THEN %(now)s::timestamptz END
    WHERE id = %(id)s AND state = 'waiting' AND attempts = %(attempts)s
    RETURNING subscription, student_id, place, next_at, state
)
UPDATE notices.outbox o SET next_at = failed.next_at FROM failed
WHERE failed.state = 'waiting' AND o.state = 'waiting' AND o.subscription = failed.subscription
    AND o.student_id = failed.student_id AND o.place > failed.place
RETURNING o.id
"""
LISTED = (
    *("id", "place", "channel", "subscription", "account_id", "position", "state", "attempts"),
    *("made_at", "next_at", "done_at", "error"),
)
LIST = """
SELECT id, place, channel, subscription, account, position, state, attempts, made_at,
       CASE WHEN state = 'waiting' THEN next_at END, done_at, error
FROM notices.outbox WHERE state = %s AND place < %s ORDER BY place DESC LIMIT %s
"""
RETRY = """
UPDATE notices.outbox SET state = 'waiting', attempts = 0, next_at = %s, done_at = NULL
WHERE id = %s AND state = 'dead' AND (subscription IS NULL OR EXISTS (
    SELECT FROM notices.subscriptions s WHERE s.id = subscription AND s.ended_at IS NULL))
RETURNING id
"""
STANDING = """
SELECT count(*), (SELECT count(*) FROM notices.outbox WHERE state = 'dead'), min(made_at)
FROM notices.outbox WHERE state = 'waiting'
"""


@dataclass(frozen=True, slots=True)
class Change:
    """A change that is due to be told, of a child, at a place in the log."""

    id: UUID
    attempts: int
    student_id: UUID
    position: int
    content: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Message:
    """A message that is due to somebody; without an address they no longer want it."""

    id: UUID
    attempts: int
    content: dict[str, Any]
    to: str | None


@dataclass(frozen=True, slots=True)
class Standing:
    """How many notices wait, since when the oldest does, how many are dead, how many ever sent."""

    waiting: int
    dead: int
    oldest: datetime | None
    sent: dict[str, int]


class Outbox:
    """
    The outbox, for whoever sends and whoever watches; ``most`` attempts, then it is a dead letter.

    Every method raises :class:`StoreUnavailable` when the database is away.
    """

    def __init__(self, store: Store, most: int) -> None:
        self._store = store
        self._most = most

    async def changes(self, subscription: UUID, now: datetime) -> list[Change]:
        """Give some changes that are due: of each child, the oldest that waits."""
        return [Change(*row) for row in await self._due(CHANGES, subscription, now)]

    async def messages(self, channel: str, now: datetime) -> list[Message]:
        """Give some messages that are due on a channel, the oldest first."""
        return [Message(*row) for row in await self._due(LETTERS, channel, now)]

    async def _due(self, sql: str, to: UUID | str, now: datetime) -> list[tuple[Any, ...]]:
        given = {"to": to, "now": now, "odd": now + 2 * LONGEST, "limit": BATCH}
        return await self._store.query(sql, given)

    async def sent(self, notice: UUID, now: datetime) -> None:
        """Mark a notice as sent."""
        await self._store.query(SENT, [now, notice])

    async def failed(
        self, due: Change | Message, why: str, now: datetime, *, for_ever: bool
    ) -> None:
        """Have a notice tried again later, or give it up."""
        tried = due.attempts + 1
        await self._store.query(
            FAILED,
            {
                "id": due.id,
                "attempts": due.attempts,
                "why": why,
                "now": now,
                "next": now + delay_after(tried),
                "dead": for_ever or tried >= self._most,
            },
        )

    async def page(self, state: str, limit: int, before: int) -> list[dict[str, Any]]:
        """Give notices in a state without what they say, the newest first."""
        rows = await self._store.query(LIST, [state, before, limit])
        return [dict(zip(LISTED, row, strict=True)) for row in rows]

    async def state_of(self, notice: UUID) -> str | None:
        """Give the state of a notice, ``None`` if there is none."""
        rows = await self._store.query("SELECT state FROM notices.outbox WHERE id = %s", [notice])
        return rows[0][0] if rows else None

    async def retry(self, notice: UUID, now: datetime) -> bool:
        """Have a dead letter sent after all; say whether it was one that somebody still wants."""
        return bool(await self._store.query(RETRY, [now, notice]))

    async def standing(self) -> Standing:
        """Say how the outbox stands."""
        ((waiting, dead, oldest),) = await self._store.query(STANDING)
        counts: Sequence[Any] = await self._store.query("SELECT channel, count FROM notices.sent")
        return Standing(waiting, dead, oldest, dict(counts))

    async def forget(self, before: datetime, day: date) -> None:
        """Forget what was sent or given up before a moment, and digests of days before a day."""
        await self._store.query(
            "DELETE FROM notices.outbox WHERE state <> 'waiting' AND done_at < %s RETURNING id",
            [before],
        )
        await self._store.query("DELETE FROM notices.digests WHERE day < %s RETURNING day", [day])
