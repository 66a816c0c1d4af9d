"""A store on the test's database."""

import pytest
from psycopg_pool import AsyncConnectionPool

from application.store.store import Store
from tests.application.roll_calls import service
from tests.keys import vault


@pytest.fixture
async def store(prepared):
    url = prepared.service_url
    async with AsyncConnectionPool(url, min_size=2, max_size=4, open=False) as pool:
        made = Store(pool, vault())
        yield made
        await made.close()


@pytest.fixture
async def screening(prepared):
    async with service(prepared.service_url) as one:
        yield one


@pytest.fixture
async def another(prepared):
    async with service(prepared.service_url) as other:
        yield other
