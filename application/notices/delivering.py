"""Delivering: what is due in the outbox is sent, at least once, of one child in order."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import partial
from typing import ClassVar
from zoneinfo import ZoneInfo

import structlog

from application.keeping_up import KeepingUp
from application.notices.channels import Channel, Letter
from application.notices.failing import FIRST, Refused, Unreachable
from application.notices.leading import Lead
from application.notices.outbox import Change, Message, Outbox
from application.notices.posting import Posting
from application.notices.webhooks import MEDIA, Receiver, Webhooks, cloud_event

DELIVERING = 20230912  # the advisory lock of whoever delivers
_log = structlog.get_logger("guixue.notices")


@dataclass(frozen=True, slots=True)
class Quiet:
    """The hours (免打扰) in which no person is sent anything: from one time of day to another."""

    since: time
    until: time

    def at(self, moment: time) -> bool:
        """Say whether a time of day lies within; where both ends are the same, none does."""
        if self.since <= self.until:
            return self.since <= moment < self.until
        return moment >= self.since or moment < self.until


@dataclass(frozen=True, slots=True)
class Manners:
    """How people are told: whose days and hours count, when it is quiet, how long is remembered."""

    zone: ZoneInfo
    quiet: Quiet
    kept_days: int
    source: str  # what a CloudEvent says it comes from


class Delivering(KeepingUp):
    """
    Sends what is due, to every receiver beside the others, as the one who leads.

    A notice is marked after it was taken: whoever is killed in between has it sent again, under
    the same id. Each receiver is given a few at a time, and one that does not answer is left
    alone for a while, so that it holds up no other.
    """

    job = "delivering"
    every: ClassVar[float] = 1.0

    def __init__(
        self,
        lead: Lead,
        outbox: Outbox,
        webhooks: Webhooks,
        posting: Posting,
        channels: Sequence[Channel],
        manners: Manners,
        now: Callable[[], datetime],
    ) -> None:
        self._lead = lead
        self._outbox = outbox
        self._webhooks = webhooks
        self._posting = posting
        self._channels = channels
        self._manners = manners
        self._now = now
        self._forgot_on: date | None = None

    async def look(self) -> int:
        """
        Send until nothing more is due, or nothing is taken; return how many were taken.

        :raises StoreUnavailable: when the database is away
        """
        total = 0
        while await self._lead.of(DELIVERING):
            await self._forget()
            taken = await self._round()
            total += taken
            if not taken:
                break
        if total:
            _log.info("notices sent", count=total)
        return total

    async def _round(self) -> int:
        """Give every receiver what is due to it, as much as it takes at a time."""
        now = self._now()
        serving: list[Awaitable[int]] = [
            self._serve(receiver, now) for receiver in await self._webhooks.receivers(now)
        ]
        if not self._manners.quiet.at(now.astimezone(self._manners.zone).time()):
            serving += [self._carry(channel, now) for channel in self._channels]
        return sum(await asyncio.gather(*serving))

    async def _serve(self, receiver: Receiver, now: datetime) -> int:
        changes = await self._outbox.changes(receiver.id, now)
        sends = [
            self._one(change, partial(self._post, receiver, change, now), now) for change in changes
        ]
        taken = sum(await asyncio.gather(*sends))
        if changes and not taken:
            await self._webhooks.rest(receiver.id, now + FIRST)
        return taken

    async def _carry(self, channel: Channel, now: datetime) -> int:
        messages = await self._outbox.messages(channel.name, now)
        sends = [self._one(one, partial(self._write, channel, one), now) for one in messages]
        return sum(await asyncio.gather(*sends))

    async def _one(
        self, due: Change | Message, send: Callable[[], Awaitable[None]], now: datetime
    ) -> bool:
        """Send one notice and mark what became of it; say whether it was taken."""
        try:
            await send()
        except Unreachable as why:
            await self._outbox.failed(due, str(why), now, for_ever=False)
            return False
        except Refused as why:
            await self._outbox.failed(due, str(why), now, for_ever=True)
            return False
        await self._outbox.sent(due.id, now)
        return True

    async def _post(self, receiver: Receiver, change: Change, now: datetime) -> None:
        if not self._webhooks.allows(receiver.url):  # it was when it was subscribed
            raise Unreachable("not among GUIXUE_WEBHOOK_ORIGINS")
        event = cloud_event(
            self._manners.source, change.student_id, change.position, change.content
        )
        await self._posting.post(receiver.url, receiver.secret, change.id, event, now, media=MEDIA)

    async def _write(self, channel: Channel, message: Message) -> None:
        if message.to is None:
            raise Refused("no address any more")
        await channel.send(message.to, Letter(message.id, **message.content))

    async def _forget(self) -> None:
        """Once a day, forget what is old."""
        now = self._now()
        today = now.astimezone(self._manners.zone).date()
        if self._forgot_on != today:
            kept = timedelta(days=self._manners.kept_days)
            await self._outbox.forget(now - kept, today - kept)
            self._forgot_on = today
