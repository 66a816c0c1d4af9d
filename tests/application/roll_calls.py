"""Roll-calls as tests send them: by one process of the service or another, of two classes."""

from contextlib import asynccontextmanager
from datetime import UTC, date, datetime
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

from psycopg_pool import AsyncConnectionPool

from application.attendance import RollCall
from application.screening import Missing, Screening
from application.store.store import IdempotencyKey, Store
from application.tracking import Ask, CaseTracking
from domain.rules import DEFAULT_RULES
from domain.screening import Place
from tests.keys import vault
from tests.lives import TEACHER, a_child, number

NOW = datetime(2026, 11, 24, 4, tzinfo=UTC)
SCHOOL, OTHER_SCHOOL = "3141000058", "3141000059"
WHOLE = Place(SCHOOL, None, None)
CLASS, SECOND = Place(SCHOOL, 7, "1班"), Place(SCHOOL, 7, "2班")
MONDAY, TUESDAY, WEDNESDAY = (date(2026, 9, day) for day in (14, 15, 16))


@asynccontextmanager
async def service(url):
    """One process of the service: its own connections, its own store."""
    async with AsyncConnectionPool(url, min_size=1, max_size=2, open=False) as pool:
        tracking = CaseTracking(
            Store(pool, vault()),
            rule_book=DEFAULT_RULES,
            number_key=b"key",
            now=lambda: NOW,
            zone=ZoneInfo("Asia/Shanghai"),
        )
        yield Screening(tracking)


async def enrolled(tracking, serial, place=CLASS, **changes) -> UUID:
    facts = {**a_child(serial), **place._asdict(), **changes}
    return UUID((await tracking.enrol(TEACHER, None, **facts)).answer["student_id"])


async def call(screening, *serials, place=CLASS, day=MONDAY, kind="truancy", key=None):
    missing = [Missing(row, number(serial), kind) for row, serial in enumerate(serials, start=1)]
    return (await screening.call_roll(TEACHER, place, day, missing, key)).answer


async def marks(screening, *children, place=WHOLE, day=MONDAY):
    """The absences of children, as the roll-calls that stand have them."""
    standing = await screening.attendance.standing(RollCall(0, place, day))
    return {child: standing.marks.get(child, {}) for child in children}


async def entries(tracking, child) -> list[tuple[str, date | None]]:
    """The kinds of a child's entries after its enrolment, flags with their first day."""
    known = (await tracking.child(child)).entries[1:]
    return [(entry.entry_kind(), getattr(entry, "first_absent_on", None)) for entry in known]


def flag(day=MONDAY):
    return ("absence_flagged", day)


CORRECTED = ("corrected", None)


def outcomes(answer):
    return [item["outcome"] for item in answer["items"]]


async def asking(tracking, child, by=TEACHER):
    return Ask(by, await tracking.child(child))


def a_key(request=b"a request"):
    return IdempotencyKey(TEACHER.account, uuid4(), request)
