"""What people do about a child, chosen by numbers: a deed, how long ago, and a pick."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any, NamedTuple

from domain.entry import Actor
from tests.second_opinion import Diary, cases_of

TEACHER = Actor("acc-teacher", "测甲", "teacher", "晴川中学", "school")
OFFICER = Actor("acc-bureau", "测乙", "bureau", "区教体局", "bureau", superior=True)
TOWN = Actor("acc-township", "测丙", "township", "晴川镇", "township")
RIGHTED = {"visit_home", "persuade"}  # what a correction may be of
WHY = {"reason": "监护人要求", "legal_basis": "个人信息保护法第四十七条"}
CLOSED = (("C02", "roll_extract"), ("C03", "host_school_letter"), ("C13", "other"))
OTHERS = ("3141000059", "3141000060")
LETTER = [{"kind": "village_statement"}]
PROOF = [{"kind": "disability_certificate"}, {"kind": "guardian_application"}]
SEAT = {"grade": 7, "class_name": "1班"}
TALK = {
    "persuaders": [{"name": "测甲", "unit": "晴川中学", "level": "school"}],
    "met": ["student"],
    "outcome": "refused",
}
PLAN = {"school_code": "5141000077", "teachers": ["测戊"], "planned_hours_per_month": 2}
LESSON = {"teachers": ["测戊"], "topic": "识字", "guardian_present": True}


class Chosen(NamedTuple):
    """The numbers a deed is made of."""

    today: date
    day: date
    pick: int
    diary: Diary

    def line(self, what: str) -> int:
        """The number of some line of a kind, 1 if there is none."""
        found = [number for number, line in enumerate(self.diary, start=1) if line.what == what]
        return found[-1 - self.pick % len(found)] if found else 1

    def among(self, *some: Any) -> Any:
        return some[self.pick % len(some)]


def flag_absence(one: Chosen) -> dict[str, Any]:
    kind = one.among("sick_leave", *["truancy"] * 4)
    return {"first_absent_on": one.day, "absence_kind": kind, "found_by": "roll_call"}


def request_close_out(one: Chosen) -> dict[str, Any]:
    reason, paper = one.among(*CLOSED)
    known = {"reason": reason, "papers": [{"kind": paper}], "note": "说明"}
    return {"occurred_on": one.day, **known}


def assign_home_teaching(one: Chosen) -> dict[str, Any]:
    to = one.day + timedelta(days=40 + 9 * one.pick) if one.pick % 2 else None
    return {"occurred_on": one.day, "from_day": one.day, "to": to, "papers": PROOF, **PLAN}


def issue_order(one: Chosen) -> dict[str, Any]:
    # Open: two that are due on one day are not told apart.
    others = {line.facts.get("due_on") for line in one.diary}
    days = (one.day + timedelta(days=7 + more) for more in range(len(others) + 1))
    due_on = next(day for day in days if day not in others)
    known = {"document_number": "1", "issued_by": "晴川镇"}
    return {"occurred_on": one.day, "due_on": due_on, **known}


def correct(one: Chosen) -> dict[str, Any]:
    some = [number for number, line in enumerate(one.diary, start=1) if line.what in RIGHTED]
    entry = one.among(*some) if some else 1
    changes = {"occurred_on": one.day.isoformat()}
    if one.pick % 3 == 0 and one.diary[entry - 1].what == "visit_home":
        changes = {"mode": one.among("phone", "at_home")}
    return {"entry": entry, "changes": changes, "reason": "笔误"}


def simply(**facts: Any) -> Callable[[Chosen], dict[str, Any]]:
    """Make a deed that is told the same each time, but for its day."""
    return lambda one: {"occurred_on": one.day, **facts}


DEEDS: dict[str, tuple[Actor, Callable[[Chosen], dict[str, Any]]]] = {
    "flag_absence": (TEACHER, flag_absence),
    "suspect": (TEACHER, simply(days_absent=3, reported_reasons=["R02"])),
    "visit_home": (
        TEACHER,
        lambda one: {
            "occurred_on": one.day,
            "mode": one.among("phone", "at_home", "joint"),
            "visitors": ["测甲"],
            "met": ["guardian"],
        },
    ),
    "persuade": (TEACHER, simply(**TALK)),
    "report": (
        TEACHER,
        lambda one: {
            "occurred_on": one.day,
            "to_level": one.among("township", "bureau"),
            "report_number": "1",
            "summary": "劝返未果",
        },
    ),
    "confirm_return": (
        TEACHER,
        lambda one: {"seen_on": one.day, "class_name": "1班", "confirmed_by": "测甲"},
    ),
    "observe_attendance": (TEACHER, simply(attending=True)),
    "request_close_out": (TEACHER, request_close_out),
    "decide_close_out": (OFFICER, lambda one: {"approve": one.pick % 3 > 0}),
    "issue_order": (TOWN, issue_order),
    "serve_order": (
        TOWN,
        lambda one: {
            "entry": one.line("issue_order"),
            "served_on": one.day,
            "served_to": "测大",
            "place": "家中",
        },
    ),
    "lose_contact": (TEACHER, simply(statement_by="河湾村", papers=LETTER)),
    "mark_dropout": (TEACHER, simply(summary="劝返未果")),
    "confirm_dropout": (OFFICER, simply(summary="属实")),
    "place": (OFFICER, simply(kind="special_school", papers=LETTER)),
    "assign_home_teaching": (OFFICER, assign_home_teaching),
    "teach_at_home": (
        TEACHER,
        lambda one: {"occurred_on": one.day, "minutes": 40 + 20 * (one.pick % 5), **LESSON},
    ),
    "request_transfer": (
        TEACHER,
        lambda one: {"occurred_on": one.day, "to_school": one.among(*OTHERS), "reason": "搬迁"},
    ),
    "decide_transfer": (
        OFFICER,
        lambda one: {
            "entry": one._replace(pick=0).line("request_transfer"),
            "accept": one.pick % 2 > 0,
            **SEAT,
        },
    ),
    "restrict": (OFFICER, lambda _: {**WHY}),
    "lift_restriction": (OFFICER, lambda _: {"reason": "监护人撤回"}),
    "correct": (TEACHER, correct),
    "counsel": (TEACHER, simply(kind="psychological", counsellor="测辛")),
}
# What people mostly do while a case stands so; a close-out may be asked for in any.
ANY = ("request_close_out", "request_close_out", "decide_close_out", "decide_close_out")
TALKING = ("persuade", "persuade", "report", "issue_order", "serve_order", "mark_dropout")
FITTING = {
    "none": ("flag_absence", "flag_absence", "visit_home", "suspect", "request_transfer"),
    "watched": ("suspect", "suspect", "visit_home", "report", "confirm_return"),
    "suspected": ("visit_home", *TALKING, "confirm_return", "lose_contact"),
    "returned": ("observe_attendance", "observe_attendance", "flag_absence"),
    "unreachable": (*TALKING, "confirm_dropout", "confirm_return"),
    "dropped_out": (*TALKING, "confirm_return"),
    "home_taught": ("teach_at_home", "teach_at_home", "confirm_return"),
    "placed": ("confirm_return", "lose_contact"),
}


def chosen(number: int, diary: Diary) -> str:
    """Name what somebody does next: mostly what fits the case, now and then anything."""
    said = [line.what for line in diary if line.what in {"restrict", "lift_restriction"}]
    if said[-1:] == ["restrict"] and number % 3 == 0:
        return "lift_restriction"
    if number % 12 == 1:
        return "restrict"
    if number % 4 == 0:
        return list(DEEDS)[number // 4 % len(DEEDS)]
    cases = cases_of(diary)
    status = cases[-1].status if cases else "none"
    some = (*FITTING[status], *ANY) if status in FITTING else FITTING["none"]
    return some[number // 4 % len(some)]


def deed(
    number: int, today: date, ago: int, pick: int, diary: Diary
) -> tuple[str, Actor, dict[str, Any]]:
    """Give what is done next, by whom, and what is said of it."""
    name = chosen(number, diary)
    by, told = DEEDS[name]
    return name, by, told(Chosen(today, today - timedelta(days=ago), pick, diary))
