"""Other deadlines (假设): the rules in force with some values changed, read from plain data."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from itertools import pairwise
from typing import Any

from domain.rules import RuleBook, Rules

LONGEST = 1_000  # days, or school days: no deadline of a case is longer
YEARS = range(1990, 2101)
LADDER, CALENDAR, ORDER = "observation_ladder", "calendar", "order_days"
DEADLINES = {  # name: zh, en, least
    "first_visit_school_days": ("首次家访(上学日)", "First home visit, school days", 0),
    "written_report_school_days": ("书面报告(上学日)", "Written report, school days", 0),
    "persuasion_every_days": ("劝返间隔(日)", "Persuasion, every so many days", 1),
    LADDER: ("返校观察(上学日)", "Observation checks, school days", 1),
    ORDER: ("责令限期改正(日)", "Order to correct, days", 0),
    "close_out_decision_school_days": ("审批销号(上学日)", "Close-out decision, school days", 0),
    "transfer_answer_school_days": ("答复转学(上学日)", "Answer to a transfer, school days", 0),
    "missing_papers_school_days": ("补交异动材料(上学日)", "Papers to come, school days", 0),
}
PARTS = {"holidays": "节假日 holidays", "made_up": "调休 make-up days", "terms": "学期 terms"}
TERM_DAYS = 4


class WrongRules(Exception):
    """The changed values cannot be rules; says in Chinese and English which and why."""

    def __init__(self, name: str, zh: str, en: str) -> None:
        super().__init__(f"{name}: {zh} {en}")


@dataclass(frozen=True, slots=True)
class ChangedRules:
    """A rule book with values changed in every edition, and the names of what was changed."""

    book: RuleBook
    names: frozenset[str]

    @property
    def moves_observation(self) -> bool:
        """Whether the last day of an observation, decided with the return, would be another."""
        return bool(self.names & {LADDER, CALENDAR})

    @property
    def moves_orders(self) -> bool:
        """Whether an order to correct would fall due on another day than its paper says."""
        return ORDER in self.names


def changed(book: RuleBook, values: Mapping[str, object]) -> ChangedRules:
    """
    Change deadlines, by their names in ``Rules``, and years of the ``calendar``.

    :raises WrongRules: for a name that is none of them, a number or day that cannot be, or nothing
    """
    if not values:
        known = ", ".join((*DEADLINES, CALENDAR))
        raise WrongRules(
            "rules", f"没有要更改的期限;可更改:{known}。", f"Nothing is changed; known are {known}."
        )
    facts: dict[str, Any] = {}
    for name, value in values.items():
        if name == CALENDAR:
            continue
        if name not in DEADLINES:
            known = ", ".join((*DEADLINES, CALENDAR))
            raise WrongRules(name[:60], f"没有这一期限;可更改:{known}。", f"Known are {known}.")
        least = DEADLINES[name][2]
        facts[name] = ladder(name, value) if name == LADDER else days(name, value, least)
    editions = tuple(
        replace(edition, **facts, **calendar_of(edition, values)) for edition in book.editions
    )
    return ChangedRules(RuleBook(editions), frozenset(values))


def days(name: str, value: object, least: int) -> int:
    """
    Read a number of days.

    :raises WrongRules: for anything but a whole number from ``least`` to a thousand
    """
    if type(value) is not int or not least <= value <= LONGEST:
        raise WrongRules(
            name,
            f"须为 {least} 到 {LONGEST} 的整数。",
            f"A whole number from {least} to {LONGEST}.",
        )
    return value


def ladder(name: str, value: object) -> tuple[int, ...]:
    """
    Read the days of observation.

    :raises WrongRules: for anything but whole numbers that rise
    """
    if not isinstance(value, list) or not value:
        raise WrongRules(name, "须为列表,例如 [1, 7, 15, 30]。", "A list such as [1, 7, 15, 30].")
    steps = tuple(days(name, step, 1) for step in value)
    if any(later <= earlier for earlier, later in pairwise(steps)):
        raise WrongRules(name, "须从小到大,不得重复。", "Each is greater than the one before.")
    return steps


def calendar_of(edition: Rules, values: Mapping[str, object]) -> dict[str, Any]:
    """
    Give the calendar of an edition with some years put in place, if any are.

    :raises WrongRules: for a part that is none, a year or a day that cannot be
    """
    if CALENDAR not in values:
        return {}
    parts = values[CALENDAR]
    if not isinstance(parts, Mapping) or not parts:
        raise WrongRules(CALENDAR, f"须含 {', '.join(PARTS)}。", f"It holds {', '.join(PARTS)}.")
    known = edition.calendar
    made: dict[str, Any] = {
        "holidays": dict(known.holidays),
        "made_up": dict(known.made_up),
        "terms": dict(known.terms),
    }
    for part, years in parts.items():
        name = f"{CALENDAR}.{str(part)[:60]}"
        if part not in PARTS:
            raise WrongRules(name, f"须为 {', '.join(PARTS)}。", f"One of {', '.join(PARTS)}.")
        if not isinstance(years, Mapping) or not years:
            raise WrongRules(name, "须按年份列出。", "It is given by year.")
        for year, told in years.items():
            made[part][year_of(name, year)] = year_told(part, f"{name}.{year}", told)
    return {CALENDAR: replace(known, **made)}


def year_of(name: str, text: object) -> int:
    if isinstance(text, str) and text.isascii() and text.isdigit() and len(text) == len("2026"):
        year = int(text)
        if year in YEARS:
            return year
    first, last = YEARS[0], YEARS[-1]
    raise WrongRules(
        f"{name}.{str(text)[:60]}",
        f"年份须为 {first} 到 {last}。",
        f"A year is one from {first} to {last}.",
    )


def year_told(part: str, name: str, told: object) -> tuple[Any, ...]:
    """Read one year of a part: stretches of holidays, single days, or the four days of terms."""
    if not isinstance(told, list):
        raise WrongRules(name, "须为列表。", "A list.")
    if part == "made_up":
        return tuple(day_of(name, day) for day in told)
    if part == "terms":
        four = tuple(day_of(name, day) for day in told)
        if len(four) != TERM_DAYS or list(four) != sorted(set(four)):
            raise WrongRules(
                name,
                "须为秋季学期起止、春季学期起止四日,依次排列。",
                "Four days in order: autumn from and to, spring from and to.",
            )
        return four
    return tuple(stretch(name, pair) for pair in told)


def stretch(name: str, pair: object) -> tuple[str, str]:
    """
    Read a first and a last day.

    :raises WrongRules: if they are none, or not of one winter at most
    """
    if isinstance(pair, list) and len(pair) == len(("first", "last")):
        first, last = (day_of(name, day) for day in pair)
        if first <= last and int(last[:4]) - int(first[:4]) <= 1:
            return first, last
    raise WrongRules(
        name, "每段须为首日与末日,依次排列。", "Each is a first and a last day, in order."
    )


def day_of(name: str, value: object) -> str:
    """
    Read a day, as TOML has it or as text.

    :raises WrongRules: for a day there is not
    """
    text = value.isoformat() if isinstance(value, date) else value
    try:
        if isinstance(text, str) and not isinstance(value, datetime):
            read = date.fromisoformat(text)
            if read.isoformat() == text and read.year in range(YEARS[0] - 1, YEARS[-1] + 2):
                return text
    except ValueError:
        pass
    raise WrongRules(
        f"{name}: {str(value)[:40]}", "日期须为 YYYY-MM-DD,且确有其日。", "A day is YYYY-MM-DD."
    )
