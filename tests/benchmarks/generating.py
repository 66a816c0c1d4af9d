"""A log of any length, generated straight into its tables, each entry really sealed."""

import hmac
import multiprocessing
import random
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cache, partial
from typing import Any
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import psycopg

from application.directory import School
from application.store.key_ring import new_key
from application.store.leaves import (
    NOTHING_BEFORE,
    Leaf,
    content_digest,
    pseudonym,
    secret_in,
)
from application.store.mapper import EntryMapper
from application.store.sealing import ChildSeal
from domain.entry import Act
from domain.identifiers import id_check_character
from domain.rules import DEFAULT_RULES
from domain.student import Student
from tests.keys import vault
from tests.lives import TEACHER, a_child

ENTRIES = 10  # of each child
COHORT = 1_000  # children whose entries lie among each other's in the log
SCHOOL = 500  # children of one school
LIVES = 60  # different ones; a child has one of them, with a name, number and school of its own
WORKERS = 2
NUMBER, CODE = "G410399201401010019", "3141000001"  # in their place in a life
ZONE = ZoneInfo("Asia/Shanghai")
EVENTS = (
    "(originator_id, originator_version, topic, state, notification_id, recorded_at, actor, leaf)"
)


@dataclass(frozen=True)
class Plan:
    """How long a log is to be, and when its first and last entry were recorded."""

    events: int
    number_key: bytes
    until: datetime

    @property
    def children(self) -> int:
        return self.events // ENTRIES

    @property
    def schools(self) -> int:
        return max(1, self.children // SCHOOL)

    def moment(self, position: int) -> datetime:
        return self.until - timedelta(days=300) * (1 - position / self.events)


def schools(plan: Plan) -> list[School]:
    return [
        School(school_code(n), f"测{n}中学", "晴川镇", "晴川镇中心校", "junior")
        for n in range(plan.schools)
    ]


def school_code(number: int) -> str:
    return f"3141{number:06d}"


def student_number(serial: int) -> str:
    first17 = f"410399{date(2010, 1, 1) + timedelta(days=serial // 1000):%Y%m%d}{serial % 1000:03d}"
    return f"G{first17}{id_check_character(first17)}"


@cache
def lives(year: int) -> list[list[tuple[str, bytes]]]:
    """Play some lives by the rules; give topic and payload of each entry."""
    chance, mapper, played = random.Random(4), EntryMapper(), []
    for number in range(LIVES):
        facts = {**a_child(number), "student_number": NUMBER, "school_code": CODE}
        day = date(year, 9, 7) + timedelta(days=chance.randrange(30))

        def act(after: int, day: date = day) -> Act:
            today = day + timedelta(days=after)
            at = datetime(today.year, today.month, today.day, 9, tzinfo=ZONE)
            return Act(by=TEACHER, at=at, today=today, rules=DEFAULT_RULES.on(today))

        def on(after: int, day: date = day) -> date:
            return day + timedelta(days=after)

        child = Student.new(act(0), **facts)
        child.flag_absence(
            act(0), first_absent_on=on(0), absence_kind="truancy", days=1, found_by="roll_call"
        )
        visit: dict[str, Any] = {
            "mode": "at_home",
            "visitors": ["测甲"],
            "met": ["guardian"],
            "guardian_view": "愿意配合,希望老师多联系" * chance.randrange(1, 4),
        }
        persuaders = [{"name": "测甲", "unit": "晴川中学", "level": "school"}]
        child.visit_home(act(1), occurred_on=on(1), **visit)
        child.suspect(act(3), occurred_on=on(3), days_absent=3, reported_reasons=["R02"])
        child.visit_home(act(4), occurred_on=on(4), **visit, verified_reasons=["R06"])
        for after in (5, 8):
            child.persuade(
                act(after),
                occurred_on=on(after),
                persuaders=persuaders,
                met=["student", "guardian"],
                outcome=chance.choice(["agreed", "refused"]),
            )
        child.confirm_return(act(9), seen_on=on(9), class_name="1班", confirmed_by="测甲")
        child.observe_attendance(act(10), occurred_on=on(10), attending=True)
        if number % 3:
            child.counsel(act(11), occurred_on=on(11), kind="academic", counsellor="测丙")
        else:
            paper = [{"kind": "roll_extract"}]
            child.request_close_out(act(11), reason="C02", papers=paper)
        events = [mapper.to_stored_event(event) for event in child.collect_events()]
        assert len(events) == ENTRIES
        played.append([(event.topic, event.state) for event in events])
    return played


def generate(url: str, plan: Plan) -> None:
    """Write the log, several cohorts at a time, and let the planner know of it."""
    with ProcessPoolExecutor(WORKERS, mp_context=multiprocessing.get_context("spawn")) as pool:
        for _ in pool.map(partial(_cohort, url, plan), range(0, plan.children, COHORT)):
            pass
    with psycopg.connect(url, autocommit=True) as connection:
        for table in ("log.stored_events", "log.answers", "log.student_numbers", "keys.children"):
            connection.execute(f"VACUUM (ANALYZE, FREEZE) {table}".encode())


def _cohort(url: str, plan: Plan, first: int) -> None:
    serials = range(first, min(first + COHORT, plan.children))
    year = plan.until.year - 1
    wrapping = vault()
    children: list[tuple[UUID, bytes, ChildSeal, list[tuple[str, bytes]]]] = []
    numbers = []
    for serial in serials:
        student_id, key, number = uuid4(), new_key(), student_number(serial)
        (topic, enrolment), *rest = lives(year)[serial % LIVES]
        enrolment = enrolment.replace(NUMBER.encode(), number.encode()).replace(
            CODE.encode(), school_code(serial % plan.schools).encode()
        )
        seal = ChildSeal(student_id, key)
        children.append((student_id, key, seal, [(topic, enrolment), *rest]))
        numbers.append((hmac.digest(plan.number_key, number.encode(), "sha256"), student_id))
    position = before = first * ENTRIES
    actor, leaves = TEACHER.account, dict.fromkeys((one for one, *_ in children), NOTHING_BEFORE)
    with psycopg.connect(url) as connection, connection.cursor() as cursor:
        (pad,) = cursor.execute("SELECT inner_pad FROM keys.pseudonyms").fetchone() or (b"",)
        names = {one: pseudonym(secret_in(pad), one) for one in leaves}
        with cursor.copy(f"COPY log.stored_events {EVENTS} FROM STDIN (FORMAT binary)") as copy:
            copy.set_types(
                ["uuid", "int8", "text", "bytea", "int8", "timestamptz", "text", "bytea"]
            )
            for version in range(1, ENTRIES + 1):
                for student_id, _, seal, life in children:
                    position += 1
                    topic, payload = life[version - 1]
                    state = seal.seal(version, topic, payload)
                    moment = plan.moment(position)
                    content = content_digest(topic, actor, moment, state)
                    leaf = Leaf(names[student_id], version, leaves[student_id], content).hash
                    leaves[student_id] = leaf
                    row = (student_id, version, topic, state, position, moment, actor, leaf)
                    copy.write_row(row)
        with cursor.copy(
            "COPY keys.children (student_id, wrapped, under) FROM STDIN (FORMAT binary)"
        ) as copy:
            copy.set_types(["uuid", "bytea", "bytea"])
            for student_id, key, *_ in children:
                copy.write_row((student_id, *wrapping.wrap(key)))
        with cursor.copy("COPY log.student_numbers FROM STDIN (FORMAT binary)") as copy:
            copy.set_types(["bytea", "uuid"])
            for row in numbers:
                copy.write_row(row)
        cursor.execute(
            "INSERT INTO log.answers SELECT actor, gen_random_uuid(), sha256(state),"
            " jsonb_build_object('student_id', originator_id, 'entry', originator_version,"
            " 'version', originator_version, 'position', notification_id)"
            " FROM log.stored_events WHERE notification_id > %s AND notification_id <= %s",
            [before, position],
        )


def check(url: str, plan: Plan) -> None:
    """Make sure that the log is one: no gaps in it or in any stream, a key for each child."""
    with psycopg.connect(url) as connection:
        events, first, last, streams, versions = connection.execute(
            "SELECT sum(n), min(first), max(last), count(*), sum(highest) FROM ("
            " SELECT count(*) AS n, min(notification_id) AS first, max(notification_id) AS last,"
            " max(originator_version) AS highest FROM log.stored_events GROUP BY originator_id) s"
        ).fetchone() or (0, 0, 0, 0, 0)
        keys = connection.execute(
            "SELECT count(*) FROM keys.children WHERE wrapped IS NOT NULL"
        ).fetchone()
    assert events == versions == last == plan.events, (events, versions, last)
    assert first == 1
    assert keys == (streams,) == (plan.children,)


def plan_of(events: int, number_key: bytes) -> Plan:
    """Plan a log up to an hour ago; its length is rounded down to whole children."""
    until = datetime.now(UTC) - timedelta(hours=1)
    return Plan(events // ENTRIES * ENTRIES, number_key, until)
