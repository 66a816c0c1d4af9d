"""Hold what a roll file says of a child against its record, and record what is new."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from application.roll_questions import (
    AT_ANOTHER_SCHOOL,
    LEFT,
    OUT_OF_REACH,
    TRANSFER_AWAITED,
    Question,
)
from domain.admission import awaits_school
from domain.child import groups_in_force
from domain.classes import same_class
from domain.entry import Act, plain
from domain.refusals import AlreadyPromoted, Refusal
from domain.roll import LAST_GRADE, LEFT_DISTRICT, ON_ROLL, SUSPENDED, Enrolled
from domain.student import Student

GROUP_SOURCE = "学籍导入"
REASON = "学籍导入:与学籍文件一致"
ANY_GUARDIAN = "监护人"  # the relation of one of whom the file does not say it
AT_SCHOOL = "01"  # XSDQZT
SUSPENSION, RESUMPTION, CLASS_CHANGE = "11", "12", "29"  # XJYDLB
AS_WRITTEN = ("name", "sex", "birth_date", "id_number", "home_address", "township")
DOTS = str.maketrans("•・‧∙", "····")


@dataclass(frozen=True, slots=True)
class Told:
    """
    What a row of a roll file says of a child; what it leaves blank is not there.

    ``facts`` are those of an enrolment. ``groups`` say of a key group yes or no. ``unused`` are the
    headings of which something has no place in the record.
    """

    facts: dict[str, Any]
    enrolled_on: date | None = None
    student_status: str | None = None
    groups: Mapping[str, bool] = field(default_factory=dict)
    unused: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Change:
    """A field of the record that the file changed; values in stored form."""

    field: str
    before: Any
    after: Any


@dataclass(slots=True)
class Matched:
    """What became of a child's record: what changed, and what a person must settle."""

    changes: list[Change] = field(default_factory=list)
    questions: list[Question] = field(default_factory=list)

    def tries(self, command: Callable[[], object], *changes: Change) -> bool:
        """Give a command; where a rule refuses it, that is a question."""
        try:
            command()
        except Refusal as refusal:
            self.questions.append(Question.of(refusal))
            return False
        self.changes += changes
        return True


def match(child: Student, told: Told, act: Act, may: Callable[[str], bool]) -> Matched:
    """
    Record for a child what a file says anew, by the ordinary commands, each one entry.

    A blank never takes a known value away, and nobody is moved to another school: that is a
    transfer asked for, by those who may, or else a question. ``may`` says of a step whether the
    person may take it for the child as it stands; who may change its roll may take all the others.
    """
    found, state = Matched(), child.state
    to_school, now = told.facts["school_code"], state.student_status
    admits = awaits_school(state) and may("admit")
    if now == LEFT_DISTRICT:
        found.questions.append(LEFT)
    elif not admits and not may("change_roll"):
        found.questions.append(OUT_OF_REACH)
    elif not found.tries(child.require_unrestricted):
        pass
    elif not admits and now not in ON_ROLL | {SUSPENDED}:
        found.questions.append(Question.of_status(now, told.student_status or AT_SCHOOL))
    elif not admits and state.school_code != to_school:
        _offer(found, child, to_school, act, may)
    elif not admits or _admit(found, child, told, act):
        if not admits:
            _status(found, child, told.student_status, act)
            _class(found, child, told.facts, act)
        _correct(found, child, told.facts, act)
        _mark(found, child, told, act)
    return found


def suspend_if_told(child: Student, told: Told, act: Act) -> None:
    """Record the suspension (休学) of a child just enrolled; its papers are then missing."""
    if told.student_status == SUSPENDED:
        child.change_roll(act, kind=SUSPENSION, occurred_on=act.today, papers=[], reason=REASON)


def _admit(found: Matched, child: Student, told: Told, act: Act) -> bool:
    place = {name: told.facts[name] for name in ("school_code", "grade", "class_name")}
    before = {name: getattr(child.state, name) for name in place}
    day = told.enrolled_on
    # An intake of years ago, before the child left its school, is not what happened here.
    came = day if day is not None and day > child.entries[-1].occurred_on else act.today
    return found.tries(
        lambda: child.admit(act, occurred_on=came, **place),
        *(Change(name, before[name], place[name]) for name in place if before[name] != place[name]),
    )


def _offer(
    found: Matched, child: Student, to_school: str, act: Act, may: Callable[[str], bool]
) -> None:
    if child.state.transfer is not None:
        found.questions.append(TRANSFER_AWAITED)
    elif not may("request_transfer"):
        found.questions.append(AT_ANOTHER_SCHOOL)
    else:
        found.tries(
            lambda: child.request_transfer(
                act, to_school=to_school, occurred_on=act.today, reason=REASON
            ),
            Change("transfer", None, to_school),
        )


def _status(found: Matched, child: Student, told: str | None, act: Act) -> None:
    """Record a suspension or resumption, whose papers are then missing; other changes are asked."""
    now = child.state.student_status
    if told is None or told == now or {told, now} <= ON_ROLL:
        return
    kind = {SUSPENDED: SUSPENSION}.get(told, RESUMPTION if told in ON_ROLL else None)
    if kind is None or (kind == RESUMPTION and now != SUSPENDED):
        found.questions.append(Question.of_status(now, told))
        return
    if found.tries(
        lambda: child.change_roll(act, kind=kind, occurred_on=act.today, papers=[], reason=REASON)
    ):
        found.changes.append(Change("student_status", now, child.state.student_status))


def _class(found: Matched, child: Student, facts: Mapping[str, Any], act: Act) -> None:
    """Record that a child moved up with its class, or changed class or grade (转班级)."""
    state, grade, class_name = child.state, facts["grade"], facts["class_name"]
    before = state.grade
    if (
        state.student_status in ON_ROLL
        and before is not None
        and grade == before + 1
        and grade <= LAST_GRADE.get((state.school_code or "")[:2], 9)
    ):
        try:
            child.promote(act, occurred_on=act.today)
        except AlreadyPromoted:
            pass  # it skipped a grade, which is a change of class
        else:
            found.changes.append(Change("grade", before, grade))
    of_class, of_grade = not same_class(state.class_name, class_name), state.grade != grade
    if of_class or of_grade:
        changes = [Change("grade", state.grade, grade)] if of_grade else []
        if of_class:
            changes.append(Change("class_name", state.class_name, class_name))
        found.tries(
            lambda: child.change_roll(
                act,
                kind=CLASS_CHANGE,
                occurred_on=act.today,
                papers=[],
                to_grade=grade if of_grade else None,
                to_class=class_name if of_class else state.class_name,
                reason=REASON,
            ),
            *changes,
        )


def _correct(found: Matched, child: Student, facts: Mapping[str, Any], act: Act) -> None:
    """Correct the enrolment, of which the record has everything that is no place and no event."""
    enrolled = child.entries[0]
    assert isinstance(enrolled, Enrolled)
    new: dict[str, Any] = {}
    for name in AS_WRITTEN:
        known, told = plain(getattr(enrolled, name)), plain(facts.get(name))
        if told is not None and told != known and not (name == "name" and _same(told, known)):
            new[name] = told
    known, told = enrolled.registered_residence, facts.get("registered_residence")
    if told and told != known and not (known and told.isdecimal()):  # a code says less than words
        new["registered_residence"] = told
    guardians = merged(enrolled.guardians or [], facts.get("guardians", []))
    if guardians != (enrolled.guardians or []):
        new["guardians"] = guardians
    if disability := facts.get("disability"):
        whole = {**(enrolled.disability or {}), **disability}
        if whole != enrolled.disability:
            new["disability"] = whole
    if new:
        found.tries(
            lambda: child.correct(act, entry=1, changes=new, reason=REASON),
            *(Change(name, plain(getattr(enrolled, name)), new[name]) for name in new),
        )


def _mark(found: Matched, child: Student, told: Told, act: Act) -> None:
    """Mark key groups; a mark is ended only if an import made it, since others know more."""
    held = groups_in_force(child.state.key_groups, act.today)
    for mark in told.facts.get("key_groups", []):
        if mark["code"] not in held:
            found.tries(
                lambda mark=mark: child.assign_key_group(act, from_day=act.today, **mark),  # type: ignore[misc]
                Change("key_groups", None, mark["code"]),
            )
    for code, yes in told.groups.items():
        if not yes and code in held and child.state.key_groups[code]["source"] == GROUP_SOURCE:
            found.tries(
                lambda code=code: child.end_key_group(act, code=code, reason=REASON),  # type: ignore[misc]
                Change("key_groups", code, None),
            )


def merged(known: list[Any], told: list[Any]) -> list[Any]:
    """
    Give the guardians as a file has them, with what it does not say as it was known.

    One of the same name is brought up to date; another takes the place of the known one beside,
    unless the file names that one too; those the file has no room for stay.
    """
    result = [dict(one) for one in known]
    names, taken = [one["name"] for one in told], set[int]()
    for place, one in enumerate(told):
        alike = [n for n, other in enumerate(result) if other["name"] == one["name"]]
        free = [n for n in alike if n not in taken]  # two may have one name
        if free:
            at = place if place in free else free[0]
        elif place < len(result) and result[place]["name"] not in names:
            at, result[place] = place, dict(one)
        else:
            at = len(result)
            result.append(dict(one))
        taken.add(at)
        if one["relation"] != ANY_GUARDIAN:
            result[at]["relation"] = one["relation"]
        phone = one.get("phone")
        if phone and re.sub(r"\D", "", phone) != re.sub(r"\D", "", result[at].get("phone") or ""):
            result[at]["phone"] = phone
    return result


def _same(one: Any, other: Any) -> bool:
    """Say whether a name is written the same but for spaces and the shape of its dot."""
    one, other = ("".join(str(name).split()).translate(DOTS) for name in (one, other))
    return bool(one == other)
