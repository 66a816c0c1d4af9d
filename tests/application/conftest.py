"""A store on the test's database."""

import pytest
from psycopg_pool import AsyncConnectionPool

from application.store.store import Store
from tests.keys import vault


@pytest.fixture
async def store(prepared):
    url = prepared.service_url
    async with AsyncConnectionPool(url, min_size=2, max_size=4, open=False) as pool:
        made = Store(pool, vault())
        yield made
        await made.close()
