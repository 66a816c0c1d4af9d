"""送教上门台账: one row per plan of home teaching, with what was planned and delivered."""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date, timedelta

from domain.care import HomeTeachingAssigned, HomeTeachingGiven
from domain.case import ReturnedToSchool
from domain.entry import Entry
from domain.mobility import LEAVING
from domain.roll import RollChanged
from projections.replay import Child
from projections.view import (
    LOOKED_UP,
    PLACE_COLUMNS,
    Row,
    View,
    entries_of,
    first_guardian,
    place,
    stored_json,
)

MINUTES_PER_HOUR = 60
GONE = frozenset({"transferred_out", "died"})


class HomeTeachingLedger(View):
    """
    Planned hours are per month; delivered hours all that the plan's sessions add up to.

    ``school_code`` is the school that teaches, by which the ledger is kept; class and status are
    the child's present ones. ``sessions`` are the minutes taught on each day, ``ends_on`` the last
    day the plan was in force.
    """

    name = "home_teaching_ledger"
    columns = (
        *PLACE_COLUMNS,
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
        ("ends_on", "date"),
        ("sessions", "jsonb"),
    )
    indexes = LOOKED_UP

    def all_keys(self, child: Child) -> Iterable[int]:
        return [index + 1 for index in entries_of(child, HomeTeachingAssigned)]

    def keys(self, child: Child, entry: Entry) -> Iterable[int]:  # noqa: ARG002
        return self.all_keys(child) if child.student.state.home_teaching else ()

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
        opened, day, _, *where = place(child, len(entries) - 1, key - 1, plan.from_day)
        return (
            *(opened, day, plan.school_code, *where),
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
            last_day_of(plan, entries[key:]),
            stored_json(minutes_by_day(sessions)),
        )


def last_day_of(plan: HomeTeachingAssigned, later: Iterable[Entry]) -> date | None:
    """Say when a plan ended: as planned, by return, another plan, transfer out or death."""
    ends = [plan.to] if plan.to else []
    for entry in later:
        if isinstance(entry, ReturnedToSchool):
            ends.append(entry.seen_on)
        elif isinstance(entry, HomeTeachingAssigned):
            ends.append(entry.from_day - timedelta(days=1))
        elif isinstance(entry, RollChanged) and LEAVING.get(entry.kind) in GONE:
            ends.append(entry.occurred_on)
    return min(ends, default=None)


def minutes_by_day(sessions: Sequence[HomeTeachingGiven]) -> dict[str, int]:
    """Add up the minutes taught on each day."""
    days: Counter[str] = Counter()
    for session in sessions:
        days[session.occurred_on.isoformat()] += session.minutes
    return days
