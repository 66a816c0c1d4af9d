"""This service as it is run: schools, accounts and children laid out, then `guixue serve`."""

import asyncio
from pathlib import Path

from api.service import running
from api.settings import Settings
from tests.lives import TEACHER, a_child
from tests.people import ACCOUNTS, PASSWORD, SCHOOL, SCHOOLS

CHUNK = 2_000


def prepare(url: str, data: Path, children: int) -> list[str]:
    """Lay a database out, with the principal's school's children; return their ids."""
    return asyncio.run(_prepare(url, data, children))


async def _prepare(url: str, data: Path, children: int) -> list[str]:
    ids: list[str] = []
    async with running(url, Settings(data=data)) as service:
        await service.directory.add(service.pool, SCHOOLS)
        await service.accounts.create(ACCOUNTS, PASSWORD, second_factor=False)
        for start in range(0, children, CHUNK):
            drafts = [
                service.tracking.drafted(TEACHER, **{**a_child(n), "school_code": SCHOOL})
                for n in range(start, min(start + CHUNK, children))
            ]
            await service.tracking.enrol_all(TEACHER, drafts, {})
            ids += [str(draft.id) for draft in drafts]
        await service.freshness.reached(await service.store.head(), 60)
    return ids
