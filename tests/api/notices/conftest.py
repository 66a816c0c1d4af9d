"""A receiver, an outbox and another process beside the service, for the tests of notices."""

from contextlib import AsyncExitStack
from datetime import UTC, datetime

import pytest
from psycopg_pool import AsyncConnectionPool

from api.notice_service import Notices
from api.service import tracking_on
from application.store.store import Store
from application.trust import Trust
from tests.api.receiving import receiver
from tests.clock import Clock
from tests.keys import RING, vault


@pytest.fixture
def clock():
    return Clock(datetime(2026, 9, 21, 4, tzinfo=UTC))  # a Monday, noon in the district


@pytest.fixture
def machine():
    with receiver() as received:
        yield received


@pytest.fixture
def healthy():
    with receiver() as received:
        yield received


@pytest.fixture
def configured(machine, healthy):
    return {
        "webhook_origins": [one.url.removesuffix("/in") for one in (machine, healthy)],
        "notice_attempts": 3,
        "public_url": "https://guixue.example",
    }


@pytest.fixture
async def admin(sign_in):
    return await sign_in("admin")


@pytest.fixture
def notices(app):
    return app.state.service.notices


@pytest.fixture
def enter(app, head, notices):
    """Enter what was recorded into the outbox."""

    async def entering(by=notices):
        await app.state.service.freshness.reached(await head())
        return await by.notifying.look()

    return entering


@pytest.fixture
async def beside(app, prepared):
    """Make what another process beside this one would do, under settings of its own."""
    service = app.state.service
    async with AsyncExitStack() as stack:
        pool = AsyncConnectionPool(prepared.service_url, min_size=1, open=False)
        store = Store(await stack.enter_async_context(pool), vault())
        stack.push_async_callback(store.close)

        async def making(**changes):
            settings = service.settings.model_copy(update=changes)
            tracking = tracking_on(store, settings, b"key", service.tracking.now)
            trust = Trust.read(settings.ca_file)
            parts = (tracking, service.sessions, service.freshness, service.returns, trust)
            made = Notices.of(settings, prepared.service_url, RING, *parts)
            await stack.enter_async_context(made.working(jobs=False))
            return made

        yield making
