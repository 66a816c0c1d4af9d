"""A second, simple opinion of what a child's duties came to, from a diary of what people did.

It shares no code with the service: it goes through the diary anew for every question, and through
the calendar day by day. Of kinds it does not know it says nothing.
"""

from collections.abc import Sequence
from datetime import date, timedelta
from functools import cache
from typing import Any, NamedTuple

from domain.calendar import FIXED_HOLIDAYS, HOLIDAYS, MADE_UP, TERMS, USUAL_TERMS
from domain.entry import Actor
from domain.rules import RuleBook, Rules

ONE_DAY = timedelta(days=1)
SOUGHT = {"watched", "suspected"}
LEVELS = {"township": 1, "bureau": 2}
KINDS = frozenset(
    (
        *("contact_guardian", "first_home_visit", "written_report", "persuasion", "order_due"),
        *("confirm_dropout", "observation_check", "close_out_decision", "transfer_answer"),
        "home_teaching_hours",
    )
)


class Line(NamedTuple):
    """What one person did, under which rules; it was not refused. Line 1 is the enrolment."""

    what: str
    by: Actor
    rules: Rules
    facts: dict[str, Any]


class Due(NamedTuple):
    """A duty: its kind and last day, the case or paper it is of."""

    kind: str
    day: date
    of: tuple[str, int]


Diary = Sequence[Line]
Late = tuple[str, date, int]


# The calendar ---------------------------------------------------------------------------------


@cache
def what_day(day: date) -> str:
    """What a day is, as somebody with the notices on the desk would say."""
    year = day.year if day.month >= 9 else day.year - 1
    if year in TERMS:
        a, b, c, d = map(date.fromisoformat, TERMS[year])
    else:
        months = zip((year, year + 1, year + 1, year + 1), USUAL_TERMS, strict=True)
        a, b, c, d = (date(of, *month_and_day) for of, month_and_day in months)
    if not (a <= day <= b or c <= day <= d):
        return "between terms"
    text = day.isoformat()
    if any(text in days for days in MADE_UP.values()):
        return "at school"
    if any(first <= text <= last for spans in HOLIDAYS.values() for first, last in spans):
        return "a holiday"
    if day.year not in HOLIDAYS and (day.month, day.day) in FIXED_HOLIDAYS:
        return "a holiday"
    return "a weekend" if day.weekday() >= 5 else "at school"


def at_school(day: date) -> bool:
    return what_day(day) == "at school"


@cache
def school_days_on(day: date, count: int) -> date:
    while count:
        day += ONE_DAY
        count -= at_school(day)
    return day


# The case -------------------------------------------------------------------------------------


def put_right(diary: Diary) -> list[Line]:
    """The diary with each corrected line as it should have been."""
    lines = list(diary)
    for line in diary:
        if line.what == "correct":
            at, changes = line.facts["entry"] - 1, line.facts["changes"]
            days = {
                name: date.fromisoformat(value) if name == "occurred_on" else value
                for name, value in changes.items()
            }
            lines[at] = lines[at]._replace(facts={**lines[at].facts, **days})
    return lines


class Case:
    """A case as a notebook has it; each command that is about one is a method."""

    def __init__(self, number: int, status: str, absent: date) -> None:
        self.number, self.status, self.absent = number, status, absent
        self.suspected: date | None = absent if status == "suspected" else None
        self.contacted = self.visited = False
        self.level = 0
        self.attempt: date | None = None
        self.marked: date | None = None
        self.asked: date | None = None
        self.seen: date | None = None
        self.until: date | None = None
        self.looked: list[date] = []
        self.orders: dict[int, date] = {}

    def becomes(self, status: str) -> None:
        self.status, self.marked, self.asked = status, None, None

    def suspect(self, line: Line, _: int) -> None:
        self.becomes("suspected")
        self.suspected = line.facts["occurred_on"]

    def visit_home(self, line: Line, _: int) -> None:
        self.contacted = True
        self.visited = self.visited or line.facts["mode"] != "phone"

    def persuade(self, line: Line, _: int) -> None:
        self.attempt = max(self.attempt or date.min, line.facts["occurred_on"])

    def report(self, line: Line, _: int) -> None:
        self.level = max(self.level, LEVELS[line.facts["to_level"]])

    def issue_order(self, line: Line, number: int) -> None:
        self.level = max(self.level, LEVELS.get(line.by.level, 1))
        self.orders[number] = line.facts["due_on"]

    def serve_order(self, line: Line, _: int) -> None:
        self.orders.pop(line.facts["entry"], None)

    def lose_contact(self, *_: object) -> None:
        self.becomes("unreachable")

    def place(self, *_: object) -> None:
        self.becomes("placed")

    def assign_home_teaching(self, *_: object) -> None:
        self.becomes("home_taught")

    def mark_dropout(self, line: Line, _: int) -> None:
        self.marked = line.facts["occurred_on"]

    def confirm_dropout(self, *_: object) -> None:
        self.becomes("dropped_out")
        self.level = LEVELS["bureau"]

    def confirm_return(self, line: Line, _: int) -> None:
        self.becomes("returned")
        self.seen, self.looked = line.facts["seen_on"], []
        self.until = school_days_on(self.seen, line.rules.observation_ladder[-1])

    def observe_attendance(self, line: Line, _: int) -> None:
        self.looked.append(line.facts["occurred_on"])

    def request_close_out(self, line: Line, _: int) -> None:
        self.asked = line.facts["occurred_on"]

    def decide_close_out(self, line: Line, _: int) -> None:
        self.asked = None
        if line.facts["approve"]:
            self.becomes("closed")


def cases_of(lines: Sequence[Line]) -> list[Case]:
    """Every case there was, the last of them as it stands."""
    cases: list[Case] = []
    strays: list[Line] = []  # visits while nothing was open
    for number, line in enumerate(lines, start=1):
        case = cases[-1] if cases and cases[-1].status != "closed" else None
        if begun := beginning(line, case):
            if case is not None:
                case.becomes("closed")
            case = Case(len(cases) + 1, *begun)
            for visit in strays:
                if visit.facts["occurred_on"] >= case.absent:
                    case.visit_home(visit, 0)
            cases.append(case)
        elif case is not None:
            getattr(case, line.what, lambda *_: None)(line, number)
        elif line.what == "visit_home":
            strays.append(line)
    return cases


def beginning(line: Line, case: Case | None) -> tuple[str, date] | None:
    """Say whether a case begins with a line: as what, and the day its child was first absent."""
    if line.what == "suspect" and case is None:
        return "suspected", line.facts["occurred_on"]
    if line.what == "flag_absence" and line.facts["absence_kind"] == "truancy":
        day = line.facts["first_absent_on"]
        if case is None:
            return "watched", day
        if case.status == "returned" and case.seen and day >= case.seen:
            return "suspected", day
    return None


def due_in(case: Case, rules: Rules) -> set[Due]:
    """What is due in a case as it stands."""
    if case.status == "closed":
        return set()
    days: set[tuple[str, date]] = set()
    if case.status in SOUGHT:
        days |= sought(case, rules)
    if case.status in {"suspected", "dropped_out"}:
        since = case.attempt or case.suspected or case.absent
        day = since + timedelta(days=rules.persuasion_every_days)
        rests = what_day(day) in {"between terms", "a holiday"}
        days.add(("persuasion", school_days_on(day, 1) if rests else day))
    if case.marked:
        days.add(("confirm_dropout", case.marked))
    if case.asked:
        days.add(
            (
                "close_out_decision",
                school_days_on(case.asked, rules.close_out_decision_school_days),
            )
        )
    if case.status == "returned" and case.seen and case.until:
        ladder = (school_days_on(case.seen, step) for step in rules.observation_ladder)
        checks = {*(day for day in ladder if day < case.until), case.until}
        last = max(case.looked, default=case.seen)
        days |= {("observation_check", day) for day in checks if day > last}
    orders = {Due("order_due", day, ("paper", number)) for number, day in case.orders.items()}
    return orders | {Due(kind, day, ("case", case.number)) for kind, day in days}


def sought(case: Case, rules: Rules) -> set[tuple[str, date]]:
    """What is due while nobody knows yet why the child is away."""
    days = set()
    if not case.contacted:
        days.add(("contact_guardian", case.absent))
    if not case.visited:
        visit = school_days_on(case.absent, rules.first_visit_school_days)
        days.add(("first_home_visit", visit))
    if case.level == 0:
        report = school_days_on(case.absent, rules.written_report_school_days)
        days.add(("written_report", report))
    return days


def due_after(lines: Sequence[Line], book: RuleBook) -> set[Due]:
    """Everything due after some lines that has a last day."""
    due: set[Due] = set()
    cases = cases_of(lines)
    if cases:
        due |= due_in(cases[-1], book.on(cases[-1].absent))
    offer = None
    for number, line in enumerate(lines, start=1):
        if line.what == "request_transfer":
            offer = number, line.facts["occurred_on"]
        elif line.what == "decide_transfer":
            offer = None
    if offer is not None:
        number, asked = offer
        days = book.on(asked).transfer_answer_school_days
        due.add(Due("transfer_answer", school_days_on(asked, days), ("paper", number)))
    return due


# Late -----------------------------------------------------------------------------------------


def is_restricted(lines: Sequence[Line]) -> bool:
    said = [line.what for line in lines if line.what in {"restrict", "lift_restriction"}]
    return said[-1:] == ["restrict"]


def late(diary: Diary, today: date, book: RuleBook) -> set[Late]:
    """What should be on record as missed on a day: kind, last day, and the line it arose with."""
    lines = put_right(diary)
    if is_restricted(lines):
        return set()
    found = months_late(lines, today)
    for due in due_after(lines, book):
        if due.day < today:
            arose = len(lines)
            while due in due_after(lines[: arose - 1], book):
                arose -= 1
            found.add((due.kind, due.day, arose))
    return found


def months_late(lines: Sequence[Line], today: date) -> set[Late]:
    """Whole months of the plan in force, now over, in which less was taught than planned."""
    plan = max(
        (n for n, line in enumerate(lines) if line.what == "assign_home_teaching"), default=-1
    )
    if plan < 0:
        return set()
    facts, since = lines[plan].facts, lines[plan + 1 :]
    ends = [line.facts["seen_on"] for line in since if line.what == "confirm_return"]
    last = min([day for day in [facts["to"], *ends] if day], default=date.max)
    taught: dict[tuple[int, int], int] = {}
    for line in since:
        if line.what == "teach_at_home":
            day = line.facts["occurred_on"]
            month = day.year, day.month
            taught[month] = taught.get(month, 0) + line.facts["minutes"]
    found: set[Late] = set()
    day = facts["from_day"]
    whole = day.day == 1
    while day < today and day <= last:
        if (day + ONE_DAY).day == 1:
            enough = 60 * facts["planned_hours_per_month"]
            if whole and taught.get((day.year, day.month), 0) < enough:
                found.add(("home_teaching_hours", day, plan + 1))
            whole = True
        day += ONE_DAY
    return found
