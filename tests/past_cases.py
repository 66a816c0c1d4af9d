"""Past cases whose every missed deadline was counted by hand, under two sets of rules."""

from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from psycopg_pool import AsyncConnectionPool

from application.directory import Directory
from application.layout import prepare
from application.store.store import Store
from application.tracking import Ask, CaseTracking
from domain.entry import Actor
from domain.rules import DEFAULT_RULES
from tests.keys import RING, vault
from tests.lives import a_child
from tests.people import OTHER_SCHOOL, SCHOOL, SCHOOLS

BY = Actor("acc-bureau", "测乙", "bureau", "区教体局", "bureau", superior=True)
FIRST, LAST = date(2026, 9, 1), date(2026, 11, 20)
FILE = """
first_visit_school_days = 3
written_report_school_days = 5
persuasion_every_days = 5
observation_ladder = [1, 5, 10]
order_days = 7
transfer_answer_school_days = 6
"""
# Deadline by deadline: in force, and under FILE.
MISSED = {
    # absent on Monday 14 September, first seen on the 17th
    "contact_guardian": (1, 1),
    "first_home_visit": (1, 0),  # by the 15th; by the 17th
    "principal_visit": (1, 1),  # suspected on the 17th, by the 23rd, and none went
    "written_report": (1, 0),  # on the 18th: by the 17th; by the 20th, a Sunday made up for
    # suspected on the 17th, persuaded on 24 September and 6 October, back on 12 October
    # due on 1 October, it rests until the 8th
    "persuasion": (0, 3),  # by 24 September, 8 and 13 October; by 22 and 29 September, 11 October
    # seen on 13 and 21 October, never again
    "observation_check": (1, 2),  # 2 November; 19 and 26 October
    "order_due": (0, 1),  # of 21 September: 1 December by its paper; 28 September
    "transfer_answer": (1, 0),  # asked 12 October, answered on the 20th: by the 19th; the 20th
}
BY_SCHOOL = {SCHOOL: (6, 7), OTHER_SCHOOL: (0, 1)}


def on(month: int, day: int) -> date:
    return date(2026, month, day)


ABSENT = {"first_absent_on": on(9, 14), "absence_kind": "truancy", "found_by": "roll_call"}
VISIT = {"mode": "at_home", "visitors": ["测甲"], "met": ["guardian"]}
TALK = {
    "persuaders": [{"name": "测甲", "unit": "晴川中学", "level": "school"}],
    "met": ["student"],
    "outcome": "refused",
}
SUSPECTED = {"days_absent": 3, "reported_reasons": ["R02"]}
REPORT = {"to_level": "township", "report_number": "1", "summary": "劝返未果"}
BASIS = {"reason": "监护人要求", "legal_basis": "个人信息保护法第四十七条"}
LETTER = {"statement_by": "河湾村", "papers": [{"kind": "village_statement"}]}
ORDER = {"document_number": "1", "issued_by": "晴川镇人民政府", "due_on": on(12, 1)}
GUARDIANS = [{"kind": "guardian_application"}]
MOVE = {"to_school": OTHER_SCHOOL, "reason": "搬迁", "papers": GUARDIANS}
Step = tuple[str, dict[str, Any]]
CASES: tuple[tuple[str, tuple[Step, ...]], ...] = (
    (
        SCHOOL,
        (
            ("flag_absence", ABSENT),
            ("suspect", {"occurred_on": on(9, 17), **SUSPECTED}),
            ("visit_home", {"occurred_on": on(9, 19), **VISIT}),
            (
                "correct",
                {"entry": 4, "changes": {"occurred_on": "2026-09-17"}, "reason": "日期笔误"},
            ),
            ("report", {"occurred_on": on(9, 18), **REPORT}),
            ("persuade", {"occurred_on": on(9, 24), **TALK}),
            ("persuade", {"occurred_on": on(10, 6), **TALK}),
            (
                "confirm_return",
                {"seen_on": on(10, 12), "class_name": "1班", "confirmed_by": "测甲"},
            ),
            ("observe_attendance", {"occurred_on": on(10, 13), "attending": True}),
            ("observe_attendance", {"occurred_on": on(10, 21), "attending": True}),
        ),
    ),
    (
        OTHER_SCHOOL,
        (
            ("visit_home", {"occurred_on": on(9, 14), **VISIT}),
            ("flag_absence", ABSENT),
            ("suspect", {"occurred_on": on(9, 16), **SUSPECTED}),
            ("report", {"occurred_on": on(9, 16), **REPORT}),
            ("issue_order", {"occurred_on": on(9, 21), **ORDER}),
            ("lose_contact", {"occurred_on": on(9, 21), **LETTER}),
        ),
    ),
    (
        SCHOOL,
        (
            ("request_transfer", {"occurred_on": on(10, 12), **MOVE}),
            (
                "decide_transfer",
                {
                    "entry": 2,
                    "accept": True,
                    "occurred_on": on(10, 20),
                    "grade": 7,
                    "class_name": "1班",
                },
            ),
        ),
    ),
    (SCHOOL, (("flag_absence", ABSENT), ("restrict", BASIS))),  # left out
    (SCHOOL, ()),
)


async def written(url: str) -> None:
    """Write the cases, and the schools, to a database of their own."""
    service = prepare(url, RING).service_url
    async with AsyncConnectionPool(service, min_size=1, max_size=4, open=False) as pool:
        await Directory().add(pool, SCHOOLS)
        tracking = CaseTracking(
            Store(pool, vault()),
            rule_book=DEFAULT_RULES,
            number_key=b"key",
            now=lambda: datetime(2026, 11, 24, 4, tzinfo=UTC),
            zone=ZoneInfo("Asia/Shanghai"),
        )
        for serial, (school, steps) in enumerate(CASES):
            facts = {**a_child(serial), "school_code": school, "name": f"测不可见{serial}"}
            done = await tracking.enrol(BY, None, **facts)
            child = UUID(done.answer["student_id"])
            for step, told in steps:
                await getattr(tracking, step)(Ask(BY, await tracking.child(child)), **told)
