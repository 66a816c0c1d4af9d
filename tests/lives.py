"""Invented lives written to a log: absences, visits, returns, relapses, corrections."""

import asyncio
import random
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import psycopg
from psycopg_pool import AsyncConnectionPool

from application.layout import prepare
from application.store.log import Log
from application.store.store import Store
from application.tracking import Ask, CaseTracking
from domain.entry import Actor
from domain.identifiers import id_check_character
from domain.refusals import Refusal
from domain.rules import DEFAULT_RULES
from projections.all_views import VIEWS
from projections.engine import Engine
from tests.databases import laid_out
from tests.keys import RING, vault

TEACHER = Actor("acc-teacher", "测甲", "teacher", "晴川中学", "school")
BUREAU = Actor("acc-bureau", "测乙", "bureau", "区教体局", "bureau", superior=True)
TODAY = date(2026, 11, 24)
START = date(2026, 9, 1)


def number(serial: int) -> str:
    first17 = f"41039920140{serial // 1000 % 9 + 1}01{serial % 1000:03d}"
    return f"G{first17}{id_check_character(first17)}"


def a_child(serial: int) -> dict[str, Any]:
    return {
        "name": f"测{'甲乙丙丁戊己庚辛'[serial % 8]}{'一二三四五六七'[serial % 7]}",
        "sex": ("male", "female")[serial % 2],
        "birth_date": date(2014, serial // 1000 % 9 + 1, 1),
        "student_number": number(serial),
        "school_code": ("3141000058", "3141000059")[serial % 3 == 0],
        "grade": 7 + serial % 3,
        "class_name": f"{serial % 4 + 1}班",
        "township": ("晴川镇", "云溪镇")[serial % 3 == 0],
        "guardians": [{"name": "测大舟", "relation": "父亲", "phone": "19000000001"}],
        "key_groups": [{"code": "left_behind", "source": "排查", "purpose": "关注"}],
    }


def acts(chance: random.Random, day: date) -> list[tuple[str, Actor, dict[str, Any]]]:
    """Everything somebody might record on a day; the rules say what lands."""
    papers = [{"kind": "disability_certificate"}, {"kind": "guardian_application"}]
    return [
        (
            "flag_absence",
            TEACHER,
            {
                "first_absent_on": day,
                "absence_kind": chance.choice(["truancy", "sick_leave", "not_reported"]),
                "found_by": "roll_call",
            },
        ),
        (
            "suspect",
            TEACHER,
            {"occurred_on": day, "days_absent": 3, "reported_reasons": ["R02", "R06"]},
        ),
        (
            "visit_home",
            TEACHER,
            {
                "occurred_on": day,
                "mode": "at_home",
                "visitors": ["测甲"],
                "met": ["guardian"],
                "verified_reasons": chance.choice([None, ["R06"]]),
            },
        ),
        (
            "persuade",
            TEACHER,
            {
                "occurred_on": day - timedelta(days=chance.randrange(3)),
                "persuaders": [{"name": "测甲", "unit": "晴川中学", "level": "school"}],
                "met": ["student"],
                "outcome": chance.choice(["agreed", "refused"]),
            },
        ),
        ("counsel", TEACHER, {"occurred_on": day, "kind": "psychological", "counsellor": "测丙"}),
        ("support", TEACHER, {"from_day": day, "kind": "nutrition"}),
        ("name_responsible", TEACHER, {"name": "测丁", "role": "responsible", "from_day": day}),
        (
            "confirm_return",
            TEACHER,
            {"seen_on": day, "class_name": "1班", "confirmed_by": "测甲"},
        ),
        ("observe_attendance", TEACHER, {"occurred_on": day, "attending": True}),
        (
            "request_close_out",
            TEACHER,
            {"reason": chance.choice(["C02", "C13"]), "papers": [{"kind": "roll_extract"}]},
        ),
        ("decide_close_out", BUREAU, {"approve": chance.random() < 0.7, "note": "已核实"}),
        (
            "assign_home_teaching",
            BUREAU,
            {
                "occurred_on": day,
                "from_day": day,
                "school_code": "5141000077",
                "teachers": ["测戊"],
                "planned_hours_per_month": 4,
                "papers": papers,
            },
        ),
        (
            "teach_at_home",
            TEACHER,
            {
                "occurred_on": day,
                "teachers": ["测戊"],
                "minutes": 90,
                "topic": "识字",
                "guardian_present": True,
            },
        ),
        (
            "correct",
            TEACHER,
            {
                "entry": chance.randrange(1, 9),
                "changes": chance.choice(
                    [
                        {"name": "测改名"},
                        {"note": "更正"},
                        {"first_absent_on": (day - timedelta(days=9)).isoformat()},
                        {"met": ["nobody"]},
                        {"absence_kind": "sick_leave"},
                        {"minutes": 45},
                    ]
                ),
                "reason": "核对后更正",
            },
        ),
        (
            "assign_key_group",
            TEACHER,
            {
                "code": "migrant",
                "source": "排查",
                "purpose": "关注",
                "from_day": day,
            },
        ),
        (
            "refer",
            BUREAU,
            {
                "to_unit": chance.choice(["民政", "公安"]),
                "occurred_on": day,
                "question": "请核查",
                "kind": chance.choice(["hardship", "search"]),
            },
        ),
        (
            "answer_referral",
            BUREAU,
            {"entry": chance.randrange(3, 15), "occurred_on": day, "answer": "已落实"},
        ),
        ("end_key_group", TEACHER, {"code": "left_behind", "occurred_on": day}),
        (
            "request_transfer",
            TEACHER,
            {
                "to_school": "3141000060",
                "occurred_on": day,
                "reason": "搬迁",
            },
        ),
        (
            "decide_transfer",
            BUREAU,
            {"entry": chance.randrange(2, 15), "accept": False, "occurred_on": day},
        ),
        (
            "issue_notice",
            BUREAU,
            {"school_code": "3141000058", "grade": 7, "report_by": day, "occurred_on": day},
        ),
        (
            "change_roll",
            TEACHER,
            {"kind": chance.choice(["11", "12", "29"]), "occurred_on": day, "papers": []},
        ),
        (
            "receive_papers",
            TEACHER,
            {"entry": chance.randrange(2, 15), "papers": [{"kind": "approval"}]},
        ),
    ]


def commands(store: Store) -> CaseTracking:
    """Every command on a store, on the morning of one day."""
    return CaseTracking(
        store,
        rule_book=DEFAULT_RULES,
        number_key=b"key",
        now=lambda: datetime(2026, 11, 24, 4, tzinfo=UTC),
        zone=ZoneInfo("Asia/Shanghai"),
    )


async def live(url: str, *, children: int, steps: int, seed: int = 7) -> int:
    """Write lives to the log of a database; returns the position of its last entry."""
    chance = random.Random(seed)
    service = prepare(url, RING).service_url
    async with AsyncConnectionPool(service, min_size=1, max_size=4, open=False) as pool:
        tracking = commands(Store(pool, vault()))
        already = await tracking.store.head()
        ids = [
            UUID((await tracking.enrol(TEACHER, None, **a_child(already + n))).answer["student_id"])
            for n in range(children)
        ]
        for step in range(steps):
            day = START + timedelta(days=step * 80 // steps)
            name, by, facts = chance.choice(acts(chance, day))
            child = await tracking.child(chance.choice(ids))
            try:
                await getattr(tracking, name)(Ask(by, child), **facts)
            except Refusal:
                continue
        return await tracking.store.head()


def with_lives(url: str) -> None:
    """Lay out, write a few lives, and bring the views up to them."""
    laid_out(url)
    asyncio.run(live(url, children=3, steps=20))
    with psycopg.connect(prepare(url, RING).views_url, autocommit=True) as connection:
        Engine(Log(connection, vault()), VIEWS).catch_up()
