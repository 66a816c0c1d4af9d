"""送教上门台账: one row per plan of home teaching, with what was planned and delivered."""

from collections.abc import Iterable

from domain.care import HomeTeachingAssigned, HomeTeachingGiven
from domain.entry import Entry
from projections.replay import Child
from projections.view import (
    PLACE_COLUMNS,
    Row,
    View,
    entries_of,
    first_guardian,
    place,
    stored_json,
)

MINUTES_PER_HOUR = 60


class HomeTeachingLedger(View):
    """Planned hours are per month; delivered hours all that the plan's sessions add up to."""

    name = "home_teaching_ledger"
    columns = (
        *PLACE_COLUMNS,
        ("teaching_school_code", "text"),
        ("sex", "text"),
        ("student_number", "text"),
        ("disability_certificate", "text"),
        ("disability_type", "text"),
        ("disability_level", "text"),
        ("home_address", "text"),
        ("guardian_name", "text"),
        ("guardian_phone", "text"),
        ("teachers", "jsonb"),
        ("planned_hours", "integer"),
        ("delivered_hours", "double precision"),
        ("last_session_on", "date"),
        ("guardian_confirmed", "boolean"),
    )
    moved_by = (HomeTeachingAssigned, HomeTeachingGiven)
    indexes = ("school_code", "township", "status", "day")

    def all_keys(self, child: Child) -> Iterable[int]:
        return [index + 1 for index in entries_of(child, HomeTeachingAssigned)]

    def keys(self, child: Child, entry: Entry) -> Iterable[int]:
        if isinstance(entry, HomeTeachingAssigned):
            return (child.version,)
        if isinstance(entry, HomeTeachingGiven) and entry.plan is not None:
            return (entry.plan,)
        return ()

    def row(self, child: Child, key: int) -> Row:
        entries, enrolment = child.student.entries, child.enrolment
        plan = entries[key - 1]
        assert isinstance(plan, HomeTeachingAssigned)
        sessions = sorted(
            (e for e in entries if isinstance(e, HomeTeachingGiven) and e.plan == key),
            key=lambda session: session.occurred_on,
        )
        last = sessions[-1] if sessions else None
        disability = plan.disability or enrolment.disability
        return (
            *place(child, key - 1, key - 1, plan.from_day),
            plan.school_code,
            enrolment.sex,
            enrolment.student_number,
            disability.get("certificate") if disability else None,
            disability["type"] if disability else None,
            disability["level"] if disability else None,
            enrolment.home_address,
            *first_guardian(child),
            stored_json(plan.teachers),
            plan.planned_hours_per_month,
            round(sum(s.minutes for s in sessions) / MINUTES_PER_HOUR, 1),
            last.occurred_on if last else None,
            last.guardian_present if last else None,
        )
