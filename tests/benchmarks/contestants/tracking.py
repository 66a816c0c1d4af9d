"""Our commands on our store: load, decide, seal, idempotency key, append, as the service does."""

import asyncio
import time
from types import TracebackType
from typing import Any, Self
from uuid import UUID, uuid4

import uvloop
from psycopg_pool import AsyncConnectionPool

from api.service import CONNECTIONS, plan_anew
from application.layout import prepare
from application.store.store import IdempotencyKey, Store, canonical
from application.tracking import Ask, CaseTracking
from tests.keys import RING, vault
from tests.lives import TEACHER, TODAY, a_child, commands

VISIT: dict[str, Any] = {
    "occurred_on": TODAY,
    "mode": "at_home",
    "visitors": ["测晓岚"],
    "met": ["guardian"],
    "guardian_view": "希望孩子读完初中,家里会按时送他上学" * 3,
}
AS_JSON = {**VISIT, "occurred_on": TODAY.isoformat()}


class Tracking:
    """The commands on an event loop of their own, on a database they lay out."""

    tracking: CaseTracking

    def __init__(self, url: str) -> None:
        self._url = prepare(url, RING).service_url
        self._runner = asyncio.Runner(loop_factory=uvloop.new_event_loop)
        self._serial = 0

    def __enter__(self) -> Self:
        self._runner.__enter__()
        self._runner.run(self._open())
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        fault: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._runner.run(self.pool.close())
        self._runner.__exit__(kind, fault, trace)

    async def _open(self) -> None:
        self.pool: AsyncConnectionPool[Any] = AsyncConnectionPool(
            self._url, min_size=2, max_size=CONNECTIONS, configure=plan_anew, open=False
        )
        await self.pool.open()
        self.tracking = commands(Store(self.pool, vault()))

    def run(self, wanted: Any) -> Any:
        return self._runner.run(wanted)

    def rate(self, callers: int, each: int, a_child: int) -> float:
        """Append from tasks, ``a_child`` visits for one child; return appends a second."""
        seconds: float = self._runner.run(self._turn(callers, each, a_child))
        return callers * each / seconds

    async def _turn(self, callers: int, each: int, a_child: int) -> float:
        own = each // a_child
        ids = await self.enrolled(callers * own)
        started = time.perf_counter()
        await asyncio.gather(
            *(self._caller(ids[n * own : (n + 1) * own], a_child) for n in range(callers))
        )
        return time.perf_counter() - started

    async def _caller(self, ids: list[UUID], visits: int) -> None:
        for student_id in ids:
            for _ in range(visits):
                await self.visit(student_id)

    async def enrolled(self, count: int) -> list[UUID]:
        drafts = [self.tracking.drafted(TEACHER, **a_child(self._serial + n)) for n in range(count)]
        self._serial += count
        await self.tracking.enrol_all(TEACHER, drafts, {})
        return [draft.id for draft in drafts]

    async def visit(self, student_id: UUID) -> int:
        """Record a visit under an idempotency key; return its position."""
        tracking = self.tracking
        request = tracking.digest(canonical([f"/v1/students/{student_id}/home-visits", AS_JSON]))
        key = IdempotencyKey(TEACHER.account, uuid4(), request)
        child = tracking.lately.take(student_id)  # as a request does
        fresh = child is None
        ask = Ask(TEACHER, child or await tracking.child(student_id), key=key, fresh=fresh)
        return (await tracking.visit_home(ask, **VISIT)).position
