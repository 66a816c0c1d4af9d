"""应办事项: a row for every duty that ever arose for a child: for whom, by when, how it ended."""

from collections.abc import Iterable

from domain.care import CounsellingGiven, HomeVisited, PersuasionAttempted, SupportGiven
from domain.duties import FOR_ROLE
from domain.entry import Entry
from domain.escalation import OrderIssued, ReferralMade, WrittenReportFiled
from domain.obligations import Obligation, school_of
from projections.replay import Child
from projections.view import PLACE_COLUMNS, Row, View, place, stored_json

# What counts as following up; to put something on record about the case alone does not.
FOLLOW_UPS = (
    HomeVisited,
    PersuasionAttempted,
    CounsellingGiven,
    SupportGiven,
    WrittenReportFiled,
    ReferralMade,
    OrderIssued,
)

ELSEWHERE = frozenset({"transfer_answer", "missing_papers"})


class Duties(View):
    """
    A duty that is open stands where the child is, what is awaited of
    another school there: the answer to a transfer, the papers of a roll change.
    ``known_at`` is the moment at which the entry it arose with was recorded.

    ``arose`` and ``ended`` are entries; without ``due_on`` it comes again each month or term, from
    ``since_on`` until ``until_on``. ``taught`` gives minutes by month, ``planned`` hours a month;
    ``looked_on`` is the last day on which somebody looked into a recheck.
    """

    name = "duties"
    keeps_past = False
    moved_by_rules = "due_on > %s"
    columns = (
        *PLACE_COLUMNS,
        ("kind", "text NOT NULL"),
        ("due_on", "date"),
        ("since_on", "date"),
        ("until_on", "date"),
        ("known_at", "timestamptz NOT NULL"),
        ("for_role", "text NOT NULL"),
        ("person", "text"),
        ("escalation_level", "text"),
        ("episode", "integer"),
        ("arose", "bigint NOT NULL"),
        ("ended", "bigint"),
        ("ended_on", "date"),
        ("met", "boolean NOT NULL"),
        ("followed_up", "boolean NOT NULL"),
        ("planned", "integer"),
        ("taught", "jsonb"),
        ("looked_on", "date"),
    )
    indexes = (
        "due (due_on, opened, row_key) WHERE ended IS NULL",
        "school (school_code, due_on) WHERE ended IS NULL",
        "township (township, due_on) WHERE ended IS NULL",
        "again (kind) WHERE ended IS NULL AND due_on IS NULL",
    )

    def all_keys(self, child: Child) -> Iterable[int]:
        return range(1, len(child.obligations) + 1)

    def keys(self, child: Child, entry: Entry) -> Iterable[int]:  # noqa: ARG002
        return self.all_keys(child)

    def row(self, child: Child, key: int) -> Row:
        duty = child.obligations[key - 1]
        last = len(child.student.entries) if duty.ended is None else duty.ended
        opened, _, school, *where = place(child, last - 1, duty.arose - 1, duty.due_on)
        if duty.kind in ELSEWHERE:
            school = school_of(child.student, duty)
        state = child.student.state
        plan = state.home_teaching if duty.taught is not None and duty.ended is None else None
        return (
            *(opened, duty.due_on, school, *where),
            duty.kind,
            duty.due_on,
            child.student.entries[duty.arose - 1].occurred_on,
            plan.ends if plan else None,
            child.moments[duty.arose - 1],
            FOR_ROLE.get(duty.kind, "teacher"),
            state.responsible.get("responsible") if duty.ended is None else None,
            level_of(child, duty),
            duty.episode,
            duty.arose,
            duty.ended,
            duty.ended_on,
            duty.met,
            is_followed_up(child, duty),
            plan.hours_per_month if plan else None,
            stored_json(duty.taught) if duty.taught is not None else None,
            max(duty.looked, default=None) if duty.looked is not None else None,
        )


def is_followed_up(child: Child, duty: Obligation) -> bool:
    """Say whether anybody did anything for the child since the duty arose."""
    return any(isinstance(entry, FOLLOW_UPS) for entry in child.student.entries[duty.arose :])


def level_of(child: Child, duty: Obligation) -> str | None:
    """Give the escalation level of the case the duty belongs to."""
    if duty.episode is None:
        return None
    return child.student.state.episodes[duty.episode - 1].level
