"""The daily digest (每日提醒): one message a school day to each who wants it, of counts alone."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import ClassVar
from uuid import UUID

import structlog
from psycopg.types.json import Jsonb

from application.access import Person
from application.keeping_up import KeepingUp
from application.notices.choices import Choices
from application.notices.delivering import Manners
from application.notices.leading import Lead
from application.sessions import Sessions
from application.store.store import Store
from application.tracking import CaseTracking

DIGESTING = 20230913  # the advisory lock of whoever makes digests
AT_ONCE = 8
# The digest is on record with its message, once a day; what still waits of older ones is overtaken.
MAKE = """
WITH first AS (
    INSERT INTO notices.digests (account, day, items, made_at)
    VALUES (%(account)s, %(day)s, %(items)s, %(now)s) ON CONFLICT DO NOTHING RETURNING account
), overtaken AS (
    UPDATE notices.outbox o SET state = 'dead', done_at = %(now)s, error = 'overtaken'
    FROM first WHERE o.account = first.account AND o.state = 'waiting'
), entered AS (
    INSERT INTO notices.outbox (channel, account, content, made_at, next_at)
    SELECT %(channel)s, account, %(content)s, %(now)s, %(now)s FROM first WHERE %(items)s > 0
)
SELECT count(*) FROM first
"""
_log = structlog.get_logger("guixue.notices")


@dataclass(frozen=True, slots=True)
class Digest:
    """What a day holds for somebody: how many items, as one line, and in full."""

    items: int
    subject: str
    text: str


class Digesting(KeepingUp):
    """
    Makes every digest of a school day from ``at`` on, as the one who leads.

    ``tell`` counts for a person, ``None`` while it cannot be counted. Whatever restarts and
    wherever clocks jump, a person has one digest of a day.
    """

    job = "digesting"
    every: ClassVar[float] = 2.0

    def __init__(
        self,
        lead: Lead,
        tracking: CaseTracking,
        sessions: Sessions,
        choices: Choices,
        channels: list[str],
        manners: Manners,
        at: time,
        tell: Callable[[Person, date], Awaitable[Digest | None]],
    ) -> None:
        self._lead = lead
        self._tracking = tracking
        self._sessions = sessions
        self._choices = choices
        self._channels = channels
        self._manners = manners
        self._at = at
        self._tell = tell
        self._room = asyncio.Semaphore(AT_ONCE)

    @property
    def _store(self) -> Store:
        return self._tracking.store

    async def look(self) -> int:
        """
        Make the digests that are due; return how many people were told of something, or nothing.

        :raises StoreUnavailable: when the database is away
        """
        now = self._tracking.now()
        today = self._tracking.day_of(now)
        if not self._due(now, today) or not await self._lead.of(DIGESTING):
            return 0
        wanting = await self._choices.without_digest(today)
        reached = {
            account: channel
            for account, choice in wanting.items()
            if (channel := choice.channel(self._channels))
        }
        if not reached:
            return 0
        people = await self._sessions.people(today)
        made = await asyncio.gather(
            *(
                self._make(person, reached[person.account], today, now)
                for person in people
                if person.account in reached
            )
        )
        count = sum(made)
        if count:
            _log.info("digests made", count=count)
        return count

    def _due(self, now: datetime, today: date) -> bool:
        """Say whether it is time: not in quiet hours, so that no two arrive in one morning."""
        moment = now.astimezone(self._manners.zone).time()
        if moment < self._at or self._manners.quiet.at(moment):
            return False
        return self._tracking.rule_book.on(today).calendar.is_school_day(today)

    async def _make(self, person: Person, channel: str, day: date, now: datetime) -> int:
        async with self._room:
            digest = await self._tell(person, day)
            if digest is None:
                return 0
            rows = await self._store.query(
                MAKE,
                {
                    "account": UUID(person.account),
                    "day": day,
                    "items": digest.items,
                    "channel": channel,
                    "content": Jsonb({"subject": digest.subject, "text": digest.text}),
                    "now": now,
                },
            )
        count: int = rows[0][0]
        return count
