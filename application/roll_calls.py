"""Roll-calls read back as they were taken, and let go when their retention period is over."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

import psycopg

from application.store.scope import Scope
from application.store.store import Store
from domain.privacy import years_after
from domain.roll import ON_ROLL
from domain.rules import Rules

LATER = """
SELECT FROM attendance.roll_calls l
WHERE l.school_code = r.school_code AND l.day = r.day AND l.number > r.number
"""
# A page of roll-calls. One of a class stands until a later one of it, or of its school, is kept.
TAKEN = f"""
SELECT r.number, r.school_code, r.grade, r.class_name, r.day, r.taken_at, r.role, r.unit,
    NOT EXISTS ({LATER} AND (l.class_name IS NULL
        OR (l.grade = r.grade AND l.class_name = r.class_name))),
    (SELECT count(*) FROM attendance.absences a WHERE a.roll_call = r.number)
FROM attendance.roll_calls r
WHERE r.number > %(after)s
    AND (%(school)s::text IS NULL OR r.school_code = %(school)s)
    AND (%(day)s::date IS NULL OR r.day = %(day)s)
    AND (%(since)s::date IS NULL OR r.day >= %(since)s)
    AND (%(till)s::date IS NULL OR r.day <= %(till)s)
    AND (%(class)s::text IS NULL OR r.class_name IS NULL
        OR (r.grade = %(grade)s::int AND r.class_name = %(class)s))
    AND (%(classes)s::text[] IS NULL OR r.class_name IS NULL
        OR format('%%s/%%s/%%s', r.school_code, r.grade, r.class_name) = ANY (%(classes)s::text[]))
    AND (%(child)s::uuid IS NULL OR EXISTS (SELECT FROM attendance.absences a
        WHERE a.roll_call = r.number AND a.student_id = %(child)s))
ORDER BY r.number LIMIT %(limit)s
"""  # noqa: S608  # our own
# Whom they name: each child's absence stands until a later roll-call of its class then.
NAMED = f"""
SELECT a.roll_call, a.place, a.student_id, a.kind, a.grade, a.class_name,
    NOT EXISTS ({LATER} AND (l.class_name IS NULL
        OR (l.grade = a.grade AND l.class_name = a.class_name)))
FROM attendance.absences a JOIN attendance.roll_calls r ON r.number = a.roll_call
WHERE a.roll_call = ANY (%(calls)s::bigint[])
    AND (%(child)s::uuid IS NULL OR a.student_id = %(child)s)
    AND (%(class)s::text IS NULL OR (a.grade = %(grade)s::int AND a.class_name = %(class)s))
ORDER BY a.roll_call, a.place
"""  # noqa: S608
WHO = """
SELECT student_id, student_name, student_number FROM views.students
WHERE student_id = ANY (%s::uuid[]) AND until IS NULL
"""
CLASSES = """
SELECT grade, class_name, count(*) FROM views.students
WHERE school_code = %(school)s AND until IS NULL AND student_status = ANY(%(on_roll)s)
    AND grade IS NOT NULL AND class_name IS NOT NULL
    AND (%(classes)s::text[] IS NULL
        OR format('%%s/%%s/%%s', school_code, grade, class_name) = ANY (%(classes)s::text[]))
GROUP BY 1, 2 ORDER BY 1, length(class_name), 2
"""
# Of each class, the roll-call of a day that stands for it: its own, or its school's.
CALLED = """
SELECT c.grade, c.class_name, r.number, r.taken_at, r.role, r.unit, (
    SELECT count(*) FROM attendance.absences a
    WHERE a.roll_call = r.number AND a.grade = c.grade AND a.class_name = c.class_name)
FROM unnest(%(grades)s::int[], %(names)s::text[]) AS c (grade, class_name), LATERAL (
    SELECT r.number, r.taken_at, r.role, r.unit FROM attendance.roll_calls r
    WHERE r.school_code = %(school)s AND r.day = %(day)s
        AND (r.class_name IS NULL OR (r.grade = c.grade AND r.class_name = c.class_name))
    ORDER BY r.number DESC LIMIT 1
) r
"""
PAST = "SELECT count(*), min(day) FROM attendance.roll_calls WHERE day < %s"


@dataclass(frozen=True, slots=True)
class Asked:
    """
    Which roll-calls somebody asks for, after which number, and what they may see of them.

    ``classes`` are a teacher's, as scope paths; ``None`` for who may see every class.
    """

    scope: Scope
    after: int
    limit: int
    school_code: str | None = None
    day: date | None = None
    grade: int | None = None
    class_name: str | None = None
    student_id: UUID | None = None
    classes: Sequence[str] | None = None
    since: date | None = None
    till: date | None = None


async def taken(store: Store, asked: Asked) -> tuple[list[dict[str, Any]], int | None]:
    """
    Give a page of roll-calls, oldest first, and the number after which the next one begins.

    Children out of the scope are counted in ``absent`` and not named.
    """
    rows = await store.query(
        TAKEN,
        {
            "after": asked.after,
            "school": asked.school_code,
            "day": asked.day,
            "since": asked.since,
            "till": asked.till,
            "grade": asked.grade,
            "class": asked.class_name,
            "classes": None if asked.classes is None else list(asked.classes),
            "child": asked.student_id,
            "limit": asked.limit + 1,
        },
    )
    page = rows[: asked.limit]
    named = await store.query(
        NAMED,
        {
            "calls": [row[0] for row in page],
            "child": asked.student_id,
            "grade": asked.grade,
            "class": asked.class_name,
        },
    )
    known = {
        student_id: (name, number)
        for student_id, name, number in await store.query(
            WHO, [list({row[2] for row in named})], scope=asked.scope
        )
    }
    absences: dict[int, list[dict[str, Any]]] = {row[0]: [] for row in page}
    for call, _, student_id, kind, grade, class_name, stands in named:
        if student_id in known:
            name, number = known[student_id]
            absences[call].append(
                {
                    "student_id": student_id,
                    "student_name": name,
                    "student_number": number,
                    "grade": grade,
                    "class_name": class_name,
                    "absence_kind": kind,
                    "stands": stands,
                }
            )
    items = [roll_call(row, absences[row[0]]) for row in page]
    return items, page[-1][0] if len(rows) > asked.limit else None


def roll_call(row: Sequence[Any], absences: list[dict[str, Any]]) -> dict[str, Any]:
    number, school, grade, class_name, day, at, role, unit, stands, absent = row
    return {
        "roll_call": number,
        "school_code": school,
        "grade": grade,
        "class_name": class_name,
        "date": day,
        "taken_at": at,
        "taken_by": {"role": role, "unit": unit},
        "stands": stands,
        "absent": absent,
        "absences": absences,
    }


async def classes_on(
    store: Store, scope: Scope, school_code: str, day: date, classes: Sequence[str] | None
) -> list[dict[str, Any]]:
    """Give the classes of a school as the roll has them today, and how each was called on a day."""
    asked = {
        "school": school_code,
        "on_roll": list(ON_ROLL),
        "classes": None if classes is None else list(classes),
    }
    rows = await store.query(CLASSES, asked, scope=scope)
    grades, names = [row[0] for row in rows], [row[1] for row in rows]
    calls = await store.query(
        CALLED, {"grades": grades, "names": names, "school": school_code, "day": day}
    )
    called = {
        (grade, class_name): {
            "roll_call": number,
            "taken_at": at,
            "taken_by": {"role": role, "unit": unit},
            "absent": absent,
        }
        for grade, class_name, number, at, role, unit, absent in calls
    }
    return [
        {
            "grade": grade,
            "class_name": class_name,
            "children": children,
            "called": called.get((grade, class_name)),
        }
        for grade, class_name, children in rows
    ]


# Letting go ---------------------------------------------------------------------------------------


def kept_from(today: date, rules: Rules) -> date:
    """Give the first day whose roll-calls are still to be kept, under some rules."""
    return years_after(today, -rules.roll_call_retention_years)


def past_retention(
    connection: psycopg.Connection[Any], today: date, rules: Rules
) -> tuple[int, date | None]:
    """Count the roll-calls that need not be kept, and give the day of the oldest."""
    row = connection.execute(PAST, [kept_from(today, rules)]).fetchone()
    assert row is not None
    return int(row[0]), row[1]


@dataclass(frozen=True, slots=True)
class Dropped:
    """How much was dropped."""

    roll_calls: int
    absences: int


def drop(connection: psycopg.Connection[Any], before: date, rules: Rules) -> Dropped:
    """
    Drop the roll-calls of days before one, as the owner; a line of their own says how many.

    :raises psycopg.errors.InsufficientPrivilege: if some are still to be kept
    """
    row = connection.execute(
        "SELECT roll_calls, absences FROM attendance.drop_before(%s, %s)",
        [before, rules.roll_call_retention_years],
    ).fetchone()
    assert row is not None
    return Dropped(*row)
