"""The parts of notices put together, as the settings have them, and their jobs while they run."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import date

from api.settings import Settings
from application.access import Person
from application.monthly_returns import MonthlyReturns
from application.notices.channels import Channel, Email, HttpGateway
from application.notices.choices import Choices
from application.notices.delivering import Delivering, Manners, Quiet
from application.notices.digesting import Digest, Digesting
from application.notices.leading import Lead
from application.notices.notifying import Notifying
from application.notices.outbox import Outbox
from application.notices.posting import Posting
from application.notices.webhooks import Webhooks
from application.sessions import Sessions
from application.store.key_ring import KeyRing
from application.store.rotation import WEBHOOK_SECRET
from application.tracking import CaseTracking
from application.trust import Trust
from projections.freshness import Freshness, ViewBehind
from projections.history import History
from projections.students import Students

NOBODYS = "urn:guixue"  # what events come from where no address is set


@dataclass(frozen=True, slots=True)
class Notices:
    """What routes ask of notices, and the jobs that tell and send them."""

    webhooks: Webhooks
    outbox: Outbox
    choices: Choices
    notifying: Notifying
    delivering: Delivering
    digesting: Digesting
    lead: Lead
    posting: Posting

    @classmethod
    def of(
        cls,
        settings: Settings,
        url: str,
        ring: KeyRing,
        tracking: CaseTracking,
        sessions: Sessions,
        freshness: Freshness,
        returns: MonthlyReturns,
        trust: Trust,
    ) -> "Notices":
        """Put them together; ``url`` is the database's, as the service connects to it."""
        store, lead, posting = tracking.store, Lead(url), Posting(trust)
        webhooks = Webhooks(
            store,
            settings.webhook_origins,
            seal=lambda secret: ring.seal(secret, WEBHOOK_SECRET),
            unseal=lambda sealed: ring.open(sealed, WEBHOOK_SECRET),
        )
        outbox, choices = Outbox(store, settings.notice_attempts), Choices(store)
        channels = channels_of(settings, posting, tracking, trust)
        manners = Manners(
            settings.zone,
            Quiet(settings.quiet_from, settings.quiet_until),
            settings.notices_kept_days,
            settings.public_url or NOBODYS,
        )

        async def stands() -> int | None:
            try:
                return await freshness.position((Students.name, History.name))
            except ViewBehind:
                return None

        async def telling(person: Person, day: date) -> Digest | None:
            from api.digest import Counting  # noqa: PLC0415  # the web's lists, for this job alone

            counting = Counting(tracking, returns, freshness, settings.public_url)
            return await counting.tell(person, day)

        names = [channel.name for channel in channels]
        told = (manners, settings.digest_at, telling)
        return cls(
            webhooks,
            outbox,
            choices,
            Notifying(store, lead, stands, tracking.now),
            Delivering(lead, outbox, webhooks, posting, channels, manners, tracking.now),
            Digesting(lead, tracking, sessions, choices, names, *told),
            lead,
            posting,
        )

    @asynccontextmanager
    async def working(self, *, jobs: bool) -> AsyncIterator[None]:
        """Do the jobs, if this service does them, until left."""
        async with AsyncExitStack() as stack:
            stack.push_async_callback(self.lead.close)
            stack.push_async_callback(self.posting.close)
            for job in (self.notifying, self.digesting, self.delivering) if jobs else ():
                await stack.enter_async_context(job)
            yield


def channels_of(
    settings: Settings, posting: Posting, tracking: CaseTracking, trust: Trust
) -> list[Channel]:
    """Give the ways to people that the settings name."""
    channels: list[Channel] = []
    if settings.smtp_host is not None and settings.smtp_from is not None:
        password = settings.smtp_password
        channels.append(
            Email(
                settings.smtp_host,
                settings.smtp_port,
                settings.smtp_from,
                settings.smtp_security,
                settings.smtp_user,
                password.get_secret_value() if password else None,
                trust.context(),
            )
        )
    if settings.sms_gateway_url is not None and settings.sms_gateway_secret is not None:
        secret = settings.sms_gateway_secret.get_secret_value()
        channels.append(HttpGateway(posting, settings.sms_gateway_url, secret, tracking.now))
    return channels
