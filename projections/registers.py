"""The registers: a row per home visit, persuasion attempt, session and referral."""

from abc import abstractmethod
from collections.abc import Iterable
from typing import ClassVar

from domain.care import CounsellingGiven, HomeTeachingGiven, HomeVisited, PersuasionAttempted
from domain.entry import Entry
from domain.escalation import ReferralAnswered, ReferralMade
from projections.replay import Child
from projections.view import (
    LOOKED_UP,
    PLACE_COLUMNS,
    Row,
    View,
    entries_of,
    place,
    scoped,
    stored_array,
    stored_json,
)


class Register(View):
    """A register of one kind of entry; where the child stood is as of the entry."""

    kind: ClassVar[type[Entry]]
    moved_by_too: ClassVar[tuple[type[Entry], ...]] = ()
    indexes: ClassVar[tuple[str, ...]] = LOOKED_UP

    def __init_subclass__(cls) -> None:
        cls.moved_by = (cls.kind, *cls.moved_by_too)

    def all_keys(self, child: Child) -> Iterable[int]:
        return [index + 1 for index in entries_of(child, self.kind)]

    def keys(self, child: Child, entry: Entry) -> Iterable[int]:  # noqa: ARG002
        return (child.version,)

    def row(self, child: Child, key: int) -> Row:
        entry = child.student.entries[key - 1]
        return (
            *place(child, key - 1, key - 1, entry.occurred_on),
            key,
            *self.facts(child, key, entry),
        )

    @abstractmethod
    def facts(self, child: Child, key: int, entry: Entry) -> Row:
        """Give what the register tells beyond whose entry it is."""


ENTRY_COLUMNS = (*PLACE_COLUMNS, ("entry", "bigint"))


class HomeVisitRegister(Register):
    """家访登记表."""

    name = "home_visit_register"
    kind = HomeVisited
    columns = (
        *ENTRY_COLUMNS,
        ("visited_on", "date"),
        ("mode", "text"),
        ("visitors", "jsonb"),
        ("met", "jsonb"),
        ("home_address", "text"),
        ("purpose", "text"),
        ("family_situation", "text"),
        ("school_situation", "text"),
        ("guardian_view", "text"),
        ("verified_reasons", "jsonb"),
        ("next_step", "text"),
    )

    def facts(self, child: Child, key: int, entry: Entry) -> Row:  # noqa: ARG002
        assert isinstance(entry, HomeVisited)
        return (
            entry.occurred_on,
            entry.mode,
            stored_json(entry.visitors),
            stored_json(entry.met),
            child.enrolment.home_address,
            entry.purpose,
            entry.family_situation,
            entry.school_situation,
            entry.guardian_view,
            stored_json(entry.verified_reasons or []),
            entry.next_step,
        )


class PersuasionRegister(Register):
    """劝返工作记录; attempts are numbered within their case, by day."""

    name = "persuasion_register"
    kind = PersuasionAttempted
    columns = (
        *ENTRY_COLUMNS,
        ("attempt_no", "integer"),
        ("persuaded_on", "date"),
        ("persuaders", "jsonb"),
        ("met", "jsonb"),
        ("outcome", "text"),
        ("reasons", "jsonb"),
        ("support_offered", "text"),
        ("note", "text"),
    )

    def keys(self, child: Child, entry: Entry) -> Iterable[int]:  # noqa: ARG002
        """An attempt recorded late moves the numbers of those after it."""
        return self.all_keys(child)

    def facts(self, child: Child, key: int, entry: Entry) -> Row:
        assert isinstance(entry, PersuasionAttempted)
        standings = child.student.standings
        of_the_case = sorted(
            (child.student.entries[index].occurred_on, index + 1)
            for index in entries_of(child, PersuasionAttempted)
            if standings[index].episode == standings[key - 1].episode
        )
        return (
            of_the_case.index((entry.occurred_on, key)) + 1,
            entry.occurred_on,
            stored_json(entry.persuaders),
            stored_json(entry.met),
            entry.outcome,
            stored_json(entry.reasons or []),
            entry.support_offered,
            entry.note,
        )


class HomeTeachingSessions(Register):
    """送教记录."""

    name = "home_teaching_sessions"
    kind = HomeTeachingGiven
    columns = (
        *ENTRY_COLUMNS,
        ("taught_on", "date"),
        ("teachers", "jsonb"),
        ("minutes", "integer"),
        ("topic", "text"),
        ("response", "text"),
        ("guardian_present", "boolean"),
    )

    def facts(self, child: Child, key: int, entry: Entry) -> Row:  # noqa: ARG002
        assert isinstance(entry, HomeTeachingGiven)
        return (
            entry.occurred_on,
            stored_json(entry.teachers),
            entry.minutes,
            entry.topic,
            entry.response,
            entry.guardian_present,
        )


class CounsellingRegister(Register):
    """心理疏导与学业辅导记录: that a session took place; its notes stay in the sealed entry."""

    name = "counselling_register"
    kind = CounsellingGiven
    columns = (
        *ENTRY_COLUMNS,
        ("counselled_on", "date"),
        ("kind", "text"),
        ("counsellor", "text"),
        ("minutes", "integer"),
    )

    def facts(self, child: Child, key: int, entry: Entry) -> Row:  # noqa: ARG002
        assert isinstance(entry, CounsellingGiven)
        return (entry.occurred_on, entry.kind, entry.counsellor, entry.minutes)


class ReferralRegister(Register):
    """转介登记: what a unit was asked, what it was sent of the child's record, what it answered."""

    name = "referral_register"
    kind = ReferralMade
    moved_by_too = (ReferralAnswered,)
    indexes = (
        *(*LOOKED_UP, "to_unit"),
        "waiting (to_unit, opened) WHERE answered_by IS NULL AND until IS NULL",
    )
    within_scope = f"{Register.within_scope} OR to_unit = ANY ({scoped('units', 'text')})"
    columns = (
        *ENTRY_COLUMNS,
        ("kind", "text"),
        ("to_unit", "text"),
        ("question", "text"),
        ("fields", "text[]"),
        ("answered_by", "bigint"),
        ("answered_on", "date"),
        ("answer", "text"),
    )

    def keys(self, child: Child, entry: Entry) -> Iterable[int]:
        return (entry.referral if isinstance(entry, ReferralAnswered) else child.version,)

    def facts(self, child: Child, key: int, entry: Entry) -> Row:
        assert isinstance(entry, ReferralMade)
        answered_by = child.student.state.referrals.get(key)
        answer = child.student.entries[answered_by - 1] if answered_by else None
        assert answer is None or isinstance(answer, ReferralAnswered)
        return (
            entry.kind or "other",
            entry.to_unit,
            entry.question,
            stored_array(tuple(entry.fields or ())),
            answered_by,
            answer.occurred_on if answer else None,
            answer.answer if answer else None,
        )
