"""Screening (考勤排查): what absences by roll-call come to for one child, by its own stream."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, NamedTuple

from domain.case import AbsenceFlagged, AttendanceObserved, ReturnedToSchool
from domain.child import ChildStream
from domain.code_list import CodeList
from domain.codes import ABSENCE_KIND, COUNTING_ABSENCE
from domain.entry import Actor
from domain.rules import Rules

SCREENER = Actor("guixue-screening", "考勤排查", "screening", "归学", "school")
ONE_DAY = timedelta(days=1)
SUSPENDED = "02"  # XSDQZT
OUTCOME = CodeList.read(
    "排查结果",
    "D",
    """
    flagged         | 已预警 | Flagged
    already_flagged | 此次缺勤此前已预警 | This absence was flagged before
    put_right       | 已按更正后的点名更正预警 | The flag was corrected after the roll-call
    below_threshold | 未达到预警天数 | Not absent long enough to be flagged
    excused         | 请假或不计入的缺勤 | Excused, or of a kind that does not count
    present         | 到校 | Present
    seen_in_class   | 当日另有到校记录 | Recorded as seen in class that day
    no_school_day   | 非上课日 | No school day
    not_expected    | 休学、安置或送教上门 | Suspended, placed or taught at home
    restricted      | 档案已封存,未登记 | The record is restricted; nothing is recorded
    to_look_into    | 与现有记录不合,请人工核查 | Does not fit what is recorded; look into it
    """,
)
PRESENT_AFTER_ALL, ABSENT_AFTER_ALL = "点名已更正:当日到校。", "点名已更正:当日缺勤。"
Marks = Mapping[date, str]  # kind of absence by day, as the roll-calls that stand have it


@dataclass(frozen=True, slots=True)
class Finding:
    """
    What screening found for a child and a day, and what is to be recorded for it, if anything.

    ``outcome`` is a code of ``OUTCOME``, ``flag`` the facts of an absence to flag, ``correction``
    those of a correction to make; ``entry`` is the flag that stands.
    """

    outcome: str
    flag: dict[str, Any] = field(default_factory=dict)
    correction: dict[str, Any] = field(default_factory=dict)
    entry: int | None = None


class Place(NamedTuple):
    """Where a child sits: school, grade, class."""

    school_code: str | None
    grade: int | None
    class_name: str | None


def places_on(child: ChildStream, day: date) -> set[Place]:
    """
    Give where a child sat on a day; two places on the day it moved, none once it had left.

    A roll-call of the old class may arrive after the child moved to another.
    """
    left = child.state.left_on
    if left is not None and day > left:
        return set()
    places: list[tuple[date, Place]] = []
    for entry, after in zip(child.entries, child.standings, strict=True):
        place = Place(after.school_code, after.grade, after.class_name)
        if not places:
            places.append((date.min, place))
        elif place != places[-1][1]:
            places.append((entry.occurred_on, place))
    before = [place for since, place in places if since < day]
    return {*before[-1:], *(place for since, place in places if since == day)}


def screened(child: ChildStream, marks: Marks, day: date, rules: Rules, account: str) -> Finding:
    """
    Decide what a child's absences by the roll-calls come to on one day (domain.md section 3).

    An absence is a run of school days missed for a kind that counts, and is flagged once, by
    whomever: whatever is asked twice finds the flag that stands. A flag ``account`` made itself
    follows the roll-call of its first day, until somebody else corrects it.
    """
    if child.state.restricted_by is not None or child.state.erased_by is not None:
        return Finding("restricted")
    own = own_flag(child, day, account)
    if own is not None and (changes := put_right(own, marks.get(day))):
        return Finding(
            "put_right",
            entry=own.originator_version,
            correction={
                "entry": own.originator_version,
                "changes": changes,
                "reason": f"{day} 的点名已更正。",
            },
        )
    missed = Missed(child, marks, rules)
    if (why_not := missed.why_not(day)) is not None:
        return Finding(why_not)
    run = missed.run(day)
    flag = missed.flag_of(run)
    if flag is not None:
        return Finding("already_flagged", entry=flag.originator_version)
    if len(run) < rules.screening_school_days:
        return Finding("below_threshold")
    return Finding(
        "flagged",
        flag={
            "first_absent_on": run[0],
            "absence_kind": marks[run[0]],
            "days": len(run),
            "found_by": "screening",
            "note": why(run, marks[run[0]], rules),
        },
    )


def why(run: list[date], absence_kind: str, rules: Rules) -> str:
    """Say why an absence is flagged, as its entry keeps it."""
    return (
        f"考勤排查:点名记为{ABSENCE_KIND.label(absence_kind, 'zh')},{run[0]} 至 {run[-1]} 连续"
        f" {len(run)} 个上课日;自 {rules.in_force_from} 起的规则:满"
        f" {rules.screening_school_days} 个上课日即预警。"
    )


def beside(marks: Marks, day: date) -> list[date]:
    """Give the absences next to a day: where its flag is put right, theirs may be due."""
    earlier = [other for other in marks if other < day]
    later = [other for other in marks if other > day]
    return [*sorted(earlier)[-1:], *sorted(later)[:1]]


def own_flag(child: ChildStream, day: date, account: str) -> AbsenceFlagged | None:
    """Give the latest flag ``account`` made for a first day, if nobody else corrected it."""
    for entry in reversed(child.entries):
        if (
            isinstance(entry, AbsenceFlagged)
            and entry.by["account"] == account
            and entry.first_absent_on == day
        ):
            corrections = child.corrected_by.get(entry.originator_version, ())
            theirs = all(child.entries[n - 1].by["account"] == account for n in corrections)
            return entry if theirs else None
    return None


def put_right(flag: AbsenceFlagged, absence_kind: str | None) -> dict[str, Any]:
    """Say what in a flag is not as the roll-call of its first day has it now."""
    said = (flag.note or "").removesuffix(PRESENT_AFTER_ALL)
    note = said if absence_kind is not None else said + PRESENT_AFTER_ALL
    changes: dict[str, Any] = {} if note == flag.note else {"note": note}
    if absence_kind is not None and absence_kind != flag.absence_kind:
        changes |= {"absence_kind": absence_kind, "days": 1}  # of its first day alone it is known
    return changes


class Missed:
    """The school days a child missed, as roll-calls and the child's own entries have it."""

    def __init__(self, child: ChildStream, marks: Marks, rules: Rules) -> None:
        self._child = child
        self._marks = marks
        self._calendar = rules.calendar
        flags = [entry for entry in child.entries if isinstance(entry, AbsenceFlagged)]
        # of those one person made for one day, the last
        self._flags = {(f.by["account"], f.first_absent_on): f for f in flags}.values()
        self._seen = {
            entry.seen_on if isinstance(entry, ReturnedToSchool) else entry.occurred_on
            for entry in child.entries
            if isinstance(entry, ReturnedToSchool)
            or (isinstance(entry, AttendanceObserved) and entry.attending)
        }
        self._closed = [e.closed_on for e in child.state.episodes if e.closed_on is not None]

    def why_not(self, day: date) -> str | None:
        """Say why a day is none the child missed, as a code of ``OUTCOME``; ``None`` if it is."""
        kind = self._marks.get(day)
        if kind is None:
            return "present"
        if kind not in COUNTING_ABSENCE:
            return "excused"
        if not self._calendar.is_school_day(day):
            return "no_school_day"
        if day in self._seen:
            return "seen_in_class"
        if any(
            f.absence_kind not in COUNTING_ABSENCE and self._covers(f, day) for f in self._flags
        ):
            return "excused"
        return "not_expected" if is_elsewhere(self._child, day) else None

    def run(self, day: date) -> list[date]:
        """Give the days of the absence a missed day belongs to, in order."""
        before = list(self._beside(day, -ONE_DAY))
        return [*reversed(before), day, *self._beside(day, ONE_DAY)]

    def _beside(self, day: date, step: timedelta) -> Iterator[date]:
        """Give the days missed next to one, without a school day between, one way."""
        first, last = min(self._marks), max(self._marks)
        known, day = day, day + step
        while first <= day <= last:
            if self._calendar.is_school_day(day):
                if self.why_not(day) is not None:
                    return
                early, late = sorted((known, day))
                if any(early <= closed < late for closed in self._closed):
                    return  # the case of the one was closed before the other
                yield day
                known = day
            day += step

    def flag_of(self, run: list[date]) -> AbsenceFlagged | None:
        """Give the flag that tells of an absence already, whoever made it."""
        for flag in self._flags:
            withdrawn = (flag.note or "").endswith(PRESENT_AFTER_ALL)
            counts = flag.absence_kind in COUNTING_ABSENCE and not withdrawn
            if counts and any(self._covers(flag, day) for day in run):
                return flag
        return None

    def _covers(self, flag: AbsenceFlagged, day: date) -> bool:
        """Say whether a flag tells of a day: one of the school days it counts, from its first."""
        first, days = flag.first_absent_on, flag.days or 1
        if day <= first:
            return day == first
        closed = any(first <= closed < day for closed in self._closed)
        if closed or any(first < seen <= day for seen in self._seen):
            return False
        return self._calendar.school_days_between(first, day) < days


def is_elsewhere(child: ChildStream, day: date) -> bool:
    """Say whether a child is not expected in class: suspended, placed, or taught at home."""
    state = child.state
    plan, episode = state.home_teaching, state.episode
    if state.student_status == SUSPENDED:
        return True
    if plan is not None and (plan.ends is None or day <= plan.ends):
        return True
    if state.placement in (None, "inclusive_class"):
        return False
    return episode is None or not episode.is_open or episode.status == "placed"
