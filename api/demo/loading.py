"""Loading the reference district: directory, accounts, roll, and the arrangements on the roll."""

import asyncio
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

from psycopg_pool import AsyncConnectionPool

from api.demo.accounts import DEMO_ACCOUNTS, PASSWORD
from api.demo.district import (
    InventedChild,
    children,
    demo_school,
    school_year_begun,
    schools,
    special_school,
)
from application.accounts import Accounts
from application.directory import Directory
from application.tracking import Ask, CaseTracking
from domain.entry import Actor
from domain.student import Student

CHUNK = 2_000
AT_ONCE = 16
LOADER = Actor("guixue-demo", "演示数据", "bureau", "区教体局", "bureau", superior=True)
PLACE_PAPERS = [{"kind": "disability_certificate", "title": "残疾证"}]
PLAN_PAPERS = [*PLACE_PAPERS, {"kind": "guardian_application", "title": "监护人申请"}]
PLANNED_SINCE_DAYS = 60
SESSIONS = 4


async def load_district(
    tracking: CaseTracking,
    directory: Directory,
    pool: AsyncConnectionPool[Any],
    accounts: Accounts,
    *,
    today: date,
    advance: Callable[[int], None] = lambda _: None,
) -> None:
    """Load everything but the played cases; tells the number of children loaded so far."""
    await directory.add(pool, schools())
    await accounts.create(DEMO_ACCOUNTS, PASSWORD, demo=True)
    placed: list[tuple[UUID, InventedChild]] = []
    chunk: list[Student] = []
    loaded = 0
    begun = school_year_begun(today)
    for child in children(today):
        student_id = uuid4()
        chunk.append(
            tracking.drafted(LOADER, student_id=student_id, occurred_on=begun, **child.facts)
        )
        if child.arrangement is not None:
            placed.append((student_id, child))
        if len(chunk) == CHUNK:
            await tracking.enrol_all(LOADER, chunk, {})
            loaded += len(chunk)
            chunk = []
            advance(loaded)
    await tracking.enrol_all(LOADER, chunk, {})
    room = asyncio.Semaphore(AT_ONCE)

    async def arrange(student_id: UUID, child: InventedChild) -> None:
        async with room:
            if child.arrangement == "home_teaching":
                await _teach_at_home(tracking, student_id, child, today)
            else:
                await _place(tracking, student_id, child, today)

    await asyncio.gather(*(arrange(*one) for one in placed))


async def _place(
    tracking: CaseTracking, student_id: UUID, child: InventedChild, today: date
) -> None:
    where = None if child.arrangement == "inclusive_class" else special_school().name
    if child.arrangement == "institution":
        where = "示例康复机构(区外)"
    await tracking.place(
        Ask(LOADER, await tracking.child(student_id)),
        occurred_on=today - timedelta(days=PLANNED_SINCE_DAYS),
        kind=child.arrangement,
        papers=PLACE_PAPERS,
        where=where,
    )


async def _teach_at_home(
    tracking: CaseTracking, student_id: UUID, child: InventedChild, today: date
) -> None:
    since = today - timedelta(days=PLANNED_SINCE_DAYS)
    teachers = ["测送教" if child.facts["school_code"] != demo_school().code else "测上门"]
    await tracking.assign_home_teaching(
        Ask(LOADER, await tracking.child(student_id)),
        occurred_on=since,
        from_day=since,
        school_code=child.facts["school_code"],
        teachers=teachers,
        planned_hours_per_month=4,
        papers=PLAN_PAPERS,
        disability=child.facts["disability"],
    )
    calendar = tracking.rule_book.on(today).calendar
    for number in range(SESSIONS):
        day = min(calendar.school_day_after(since, 1 + 7 * number), today)
        await tracking.teach_at_home(
            Ask(LOADER, await tracking.child(student_id)),
            occurred_on=day,
            teachers=teachers,
            minutes=90,
            topic=("认识数字", "生活自理", "简单阅读", "音乐与手工")[number],
            response="能配合完成",
            guardian_present=True,
        )
