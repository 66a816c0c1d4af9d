"""Duties (应办事项): what is due for one child, by when, for whom, under the rules in force."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from domain.child import ChildStream
from domain.code_list import CodeList
from domain.entry import Entry
from domain.episode import Episode
from domain.papers_received import RollPapers
from domain.rechecks import deadlines, is_rechecked, looks
from domain.rules import RuleBook, Rules

DUTY_KIND = CodeList.read(
    "应办事项",
    "domain.md section 3",
    """
    contact_guardian    | 当日联系监护人 | Contact the guardian the same day
    first_home_visit    | 首次家访 | First home visit
    principal_visit     | 校长带队家访 | Home visit led by the principal
    written_report      | 疑似辍学书面报告 | Written report
    persuasion          | 劝返 | Persuasion attempt
    order_due           | 责令限期改正到期 | Order to correct falls due
    confirm_dropout     | 确认辍学 | Confirm the dropout
    observation_check   | 返校观察 | Observation check
    recheck             | 每学期复查 | Check again, each term
    close_out_decision  | 审批销号 | Decide the close-out
    transfer_answer     | 答复转学 | Answer the transfer
    missing_papers      | 补交异动材料 | Papers of a roll change to come
    home_teaching_hours | 本月送教课时 | This month's home-teaching hours
    """,
)
FOR_ROLE = {
    "principal_visit": "principal",
    "written_report": "principal",
    "order_due": "township",
    "confirm_dropout": "bureau",
    "close_out_decision": "bureau",
    "transfer_answer": "registrar",
    "missing_papers": "registrar",
}

DECISIONS = frozenset({"transfer_answer", "close_out_decision"})  # all that is left after a death


@dataclass(frozen=True, slots=True)
class Duty:
    """
    Something due for a child.

    ``due_on`` is the last day on which it is in time; ``provisional`` says that the calendar did
    not know that year yet; ``person`` is who is responsible by name, where one is named; ``entry``
    the order, transfer or roll change it is of.
    """

    kind: str
    due_on: date
    for_role: str
    person: str | None
    overdue: bool
    provisional: bool
    entry: int | None = None

    def told(self, language: str) -> dict[str, object]:
        """Give the duty as an answer shows it."""
        return {
            "kind": self.kind,
            "kind_label": DUTY_KIND.label(self.kind, language),
            "due_on": self.due_on,
            "for_role": self.for_role,
            "person": self.person,
            "overdue": self.overdue,
            "provisional": self.provisional,
            "entry": self.entry,
        }


def duties(child: RollPapers, today: date, book: RuleBook) -> list[Duty]:
    """
    Return what is due for a child, most urgent first, under the rules in force when it began.

    All ends with the case but a recheck, and the papers of a roll change, which death asks for too.

    Nothing is due while the record is restricted, or after its erasure.
    """
    if child.state.restricted_by is not None or child.state.erased_by is not None:
        return []
    rules = book.on(today)
    due = [
        (kind, day, child.state.transfer if kind == "transfer_answer" else entry)
        for kind, day, entry in arising(child, book)
    ]
    due += [(kind, day, None) for kind, day in recurring(child, today, rules)]
    for number in child.lacking_papers():
        change = child.entries[number - 1]
        due.append(("missing_papers", papers_due(change, book.on(change.occurred_on)), number))
    person = child.state.responsible.get("responsible")
    return sorted(
        (
            Duty(
                kind=kind,
                due_on=day,
                for_role=FOR_ROLE.get(kind, "teacher"),
                person=person,
                overdue=day < today,
                provisional=rules.calendar.is_provisional(day),
                entry=entry,
            )
            for kind, day, entry in due
        ),
        key=lambda duty: (duty.due_on, duty.kind),
    )


def arising(child: ChildStream, book: RuleBook) -> Iterator[tuple[str, date, int | None]]:
    """
    Give each duty whose day follows from the entries alone: its kind, and its last day.

    With it goes the entry it is of, where several of a kind may be due on one day. The rules are
    those in force when the case began, or the transfer was asked for.
    """
    state, episode = child.state, child.state.episode
    alive = state.dead_since is None
    if state.transfer is not None:
        asked = child.entries[state.transfer - 1].occurred_on
        rules = book.on(asked)
        day = rules.calendar.school_day_after(asked, rules.transfer_answer_school_days)
        yield "transfer_answer", day, None
    if episode is not None and episode.is_open:
        for kind, day in _of_case(episode, book.on(episode.first_absent_on)):
            if alive or kind in DECISIONS:
                yield kind, day, None
        for entry, served_on in state.orders.items() if alive else ():
            if served_on is None and child.standings[entry - 1].episode == episode.number:
                yield "order_due", child.entries[entry - 1].due_on, entry  # type: ignore[attr-defined]


def persuasion_due(since: date, rules: Rules) -> date:
    """Say by when a child is persuaded again; what would fall into a holiday is due after it."""
    day = since + timedelta(days=rules.persuasion_every_days)
    if rules.persuasion_rests_in_holidays and rules.calendar.is_holiday(day):
        return rules.calendar.school_day_after(day, 1)
    return day


def papers_due(change: Entry, rules: Rules) -> date:
    """Say by when papers come that a roll change or transfer was recorded without."""
    return rules.calendar.school_day_after(change.occurred_on, rules.missing_papers_school_days)


def recurring(child: ChildStream, today: date, rules: Rules) -> Iterator[tuple[str, date]]:
    """Give each duty that comes again, with the day on which it is due next."""
    state, episode = child.state, child.state.episode
    if state.dead_since is not None:
        return
    if state.home_teaching is not None and (
        state.home_teaching.ends is None or state.home_teaching.ends >= today
    ):
        yield "home_teaching_hours", month_end(today)
    if is_rechecked(episode):
        last = max(looks(child.entries), default=None)
        yield "recheck", deadlines(rules.calendar, today).due_on(last)


def _of_case(episode: Episode, rules: Rules) -> Iterator[tuple[str, date]]:
    calendar, absent = rules.calendar, episode.first_absent_on
    if episode.status in {"watched", "suspected"} and episode.first_contact_on is None:
        yield "contact_guardian", absent
    if episode.status in {"watched", "suspected"} and episode.first_visit_on is None:
        yield "first_home_visit", calendar.school_day_after(absent, rules.first_visit_school_days)
    if episode.status == "suspected" and episode.led_visit_on is None:
        since = episode.suspected_on or absent
        yield "principal_visit", calendar.school_day_after(since, rules.principal_visit_school_days)
    if episode.status in {"watched", "suspected"} and episode.level == "school":
        yield (
            "written_report",
            calendar.school_day_after(absent, rules.written_report_school_days),
        )
    if episode.status in {"suspected", "dropped_out"}:
        since = episode.last_attempt_on or episode.suspected_on or absent
        yield "persuasion", persuasion_due(since, rules)
    if episode.marked_on is not None:
        yield "confirm_dropout", episode.marked_on
    if episode.status == "returned" and episode.seen_on is not None:
        done = max((day for day, _ in episode.observations), default=episode.seen_on)
        checks = rules.observation_checks(episode.seen_on)
        until = episode.observed_until  # decided with the return, whatever the rules say since
        if until is not None:
            checks = [*(check for check in checks if check < until), until]
        yield from (("observation_check", check) for check in checks if check > done)
    if episode.close_out is not None:
        yield (
            "close_out_decision",
            calendar.school_day_after(
                episode.close_out.asked_on, rules.close_out_decision_school_days
            ),
        )


def month_end(day: date) -> date:
    """Give the last day of a day's month."""
    first_of_next = (day.replace(day=28) + timedelta(days=4)).replace(day=1)
    return first_of_next - timedelta(days=1)
