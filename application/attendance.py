"""Roll-calls (点名) as they were taken: kept for ever, the latest of a class and day stands."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from psycopg.types.json import Json

from application.store.store import IdempotencyKey, KeyReused, Store
from domain.entry import Actor
from domain.screening import Marks, Place

TAKE = """
SELECT kept, same FROM attendance.take(%s, %s, %s, %s, %s::int, %s, %s, %s::uuid, %s::bytea,
    %s::uuid[], %s::int[], %s::text[], %s::int[], %s::text[])
"""
LATEST = """
SELECT max(r.number) FROM attendance.roll_calls r
WHERE r.school_code = %(school)s AND r.day = %(day)s
    AND (%(class)s::text IS NULL OR r.class_name IS NULL
        OR (r.grade = %(grade)s::int AND r.class_name = %(class)s::text))
"""
# Whom a roll-call speaks of: all it names, and all it covers whom another one of that day named;
# with their absences on every day that no later roll-call of it has otherwise. Never no row.
STANDING = f"""
SELECT now.latest, now.head, c.student_id, s.day, s.kind
FROM (SELECT ({LATEST}) AS latest, (
    SELECT e.notification_id FROM log.stored_events e ORDER BY e.notification_id DESC LIMIT 1
) AS head) now
LEFT JOIN (
    SELECT DISTINCT a.student_id
    FROM attendance.roll_calls r JOIN attendance.absences a ON a.roll_call = r.number
    WHERE r.school_code = %(school)s AND r.day = %(day)s
        AND (%(class)s::text IS NULL
            OR (a.grade = %(grade)s::int AND a.class_name = %(class)s::text))
) c ON true
LEFT JOIN LATERAL (
    SELECT r.number, r.day, a.kind
    FROM attendance.absences a JOIN attendance.roll_calls r ON r.number = a.roll_call
    WHERE a.student_id = c.student_id AND NOT EXISTS (
        SELECT FROM attendance.roll_calls l
        WHERE l.school_code = r.school_code AND l.day = r.day AND l.number > r.number
            AND (l.class_name IS NULL OR (l.grade = a.grade AND l.class_name = a.class_name)))
) s ON true
ORDER BY s.number
"""  # noqa: S608
# Kept a while ago, and nobody told what they came to: whoever took them was killed.
FORGOTTEN = """
SELECT number, school_code, grade, class_name, day FROM attendance.roll_calls r
WHERE NOT EXISTS (SELECT FROM attendance.screened s WHERE s.roll_call = r.number)
    AND taken_at < clock_timestamp() - make_interval(secs => %s)
ORDER BY number LIMIT 100
"""


@dataclass(frozen=True, slots=True)
class RollCall:
    """A roll-call that is kept: of a class, or of a whole school, on a day."""

    number: int
    place: Place
    day: date


@dataclass(frozen=True, slots=True)
class Absent:
    """A child a roll-call names in one of its rows: the kind of absence, and the child's class."""

    row: int
    student_id: UUID
    kind: str
    seat: Place


@dataclass(frozen=True, slots=True)
class Standing:
    """What roll-calls say of some children, as of the ``latest`` of them and the log's ``head``."""

    latest: int
    head: int
    marks: Mapping[UUID, Marks]


def spoken_of(call: RollCall) -> dict[str, Any]:
    """Give the class or school and the day a roll-call speaks of, as queries name them."""
    school, grade, class_name = call.place
    return {"school": school, "grade": grade, "class": class_name, "day": call.day}


class Attendance:
    """
    What roll-calls said; no child is named in them but by id.

    Every method raises :class:`StoreUnavailable` when the database is away.
    """

    def __init__(self, store: Store) -> None:
        self._store = store

    async def take(
        self,
        by: Actor,
        place: Place,
        day: date,
        absent: Sequence[Absent],
        key: IdempotencyKey | None,
    ) -> RollCall:
        """
        Keep a roll-call; once for a key.

        :raises KeyReused: if the key was used for another request
        """
        ((number, same),) = await self._store.query(
            TAKE,
            [
                *(by.account, by.role, by.unit),
                *(place.school_code, place.grade, place.class_name, day),
                *((key.key, key.request) if key else (None, None)),
                [one.student_id for one in absent],
                [one.row for one in absent],
                [one.kind for one in absent],
                [one.seat.grade for one in absent],
                [one.seat.class_name for one in absent],
            ],
        )
        if not same:
            raise KeyReused
        return RollCall(number, place, day)

    async def answer_to(self, key: IdempotencyKey) -> dict[str, Any] | None:
        """
        Give what a roll-call was answered before, if it was.

        :raises KeyReused: if the key was used for another request
        """
        rows = await self._store.query(
            "SELECT r.request, s.answer FROM attendance.roll_calls r"
            " LEFT JOIN attendance.screened s ON s.roll_call = r.number"
            " WHERE r.account = %s AND r.key = %s",
            [key.account, key.key],
        )
        if not rows:
            return None
        request, answer = rows[0]
        if bytes(request) != key.request:
            raise KeyReused
        told: dict[str, Any] | None = answer
        return told

    async def named(self, call: RollCall) -> list[Absent]:
        """Give the children a roll-call names, in its order."""
        rows = await self._store.query(
            "SELECT place, student_id, kind, grade, class_name FROM attendance.absences"
            " WHERE roll_call = %s ORDER BY place",
            [call.number],
        )
        school = call.place.school_code
        return [
            Absent(row, student_id, kind, Place(school, grade, class_name))
            for row, student_id, kind, grade, class_name in rows
        ]

    async def standing(self, call: RollCall) -> Standing:
        """Give the children a roll-call speaks of, present after all or absent, and their days."""
        rows = await self._store.query(STANDING, spoken_of(call))
        latest, head, *_ = rows[0]
        marks: dict[UUID, dict[date, str]] = {}
        for _, _, student_id, day, kind in rows:
            if student_id is not None:
                days = marks.setdefault(student_id, {})
                if day is not None:
                    days[day] = kind
        return Standing(latest, head or 0, {**marks})

    async def latest(self, call: RollCall) -> int:
        """Give the number of the last roll-call that speaks of the same children and day."""
        ((number,),) = await self._store.query(LATEST, spoken_of(call))
        return int(number)

    async def tell(self, call: RollCall, answer: dict[str, Any]) -> dict[str, Any]:
        """Keep what screening came to; give what was kept first."""
        ((told,),) = await self._store.query(
            "SELECT attendance.tell(%s, %s)", [call.number, Json(answer)]
        )
        first: dict[str, Any] = told
        return first

    async def forgotten(self, seconds: float) -> list[RollCall]:
        """Give the oldest roll-calls kept so long ago that nobody has screened."""
        return [
            RollCall(number, Place(school, grade, class_name), day)
            for number, school, grade, class_name, day in await self._store.query(
                FORGOTTEN, [seconds]
            )
        ]
