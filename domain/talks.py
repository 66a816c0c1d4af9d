"""Formal talks (约谈): with whom, why, what was promised by when, and how each promise was kept."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, NotRequired, TypedDict

from domain.code_list import CodeList
from domain.entry import Act
from domain.refusals import NoSuchEntry
from domain.subject import Fact, Subject
from domain.supervision_refusals import (
    CommitmentDone,
    CommitmentDueEarly,
    FollowUpBeforeTalk,
    NoSuchCommitment,
)

COMMITMENT_STATE = CodeList.read(
    "约谈承诺状态",
    "D",
    """
    open    | 待落实 | To be kept
    overdue | 逾期   | Overdue
    done    | 已落实 | Kept
    """,
)


class TalkedWith(TypedDict):
    """Somebody of the unit; ``role`` in its own words."""

    name: str
    role: NotRequired[str]


class Commitment(TypedDict):
    """What the unit promised, until which day (``YYYY-MM-DD``), and who answers for it."""

    text: str
    due_on: str
    owner: str


class TalkHeld(Fact):
    """A formal talk was held with a unit; ``occurred_on`` is the day."""

    TOPIC = "talk.held"

    unit: str
    with_whom: list[TalkedWith]
    reasons: list[str]
    commitments: list[Commitment]

    def apply(self, subject: Any) -> None:
        subject.talks[self.originator_version] = Talk(self)


class TalkFollowedUp(Fact):
    """Somebody looked how a promise of a talk is kept; ``commitment`` is its number, from 1."""

    TOPIC = "talk.followed_up"

    entry: int
    commitment: int
    done: bool
    evidence: str

    def apply(self, subject: Any) -> None:
        if talk := subject.talks.get(self.entry):
            talk.follow_ups.append(self)


@dataclass
class Talk:
    """A talk as it was held, and every look at its promises since."""

    held: TalkHeld
    follow_ups: list[TalkFollowedUp] = field(default_factory=list)

    @property
    def entry(self) -> int:
        return self.held.originator_version

    def done(self, number: int) -> TalkFollowedUp | None:
        """Give the look by which a promise is kept, if it is."""
        return next((one for one in self.follow_ups if one.commitment == number and one.done), None)

    def state(self, number: int, today: date) -> str:
        """Give the code of ``COMMITMENT_STATE`` of a promise on a day."""
        if self.done(number):
            return "done"
        due_on = date.fromisoformat(self.held.commitments[number - 1]["due_on"])
        return "overdue" if today > due_on else "open"

    def overdue(self, today: date) -> int:
        """Count the promises that are overdue on a day."""
        numbers = range(1, len(self.held.commitments) + 1)
        return sum(self.state(number, today) == "overdue" for number in numbers)


class Talks(Subject):
    """The talks held with one unit in one school year."""

    SUBJECT = "talk"

    talks: dict[int, Talk]

    def begin(self) -> None:
        self.talks = {}

    def talk(self, entry: int) -> Talk:
        """
        Give a talk.

        :raises NoSuchEntry: if none was held there
        """
        if entry not in self.talks:
            raise NoSuchEntry(entry=entry)
        return self.talks[entry]

    def hold(
        self,
        act: Act,
        *,
        unit: str,
        with_whom: Sequence[TalkedWith],
        held_on: date,
        reasons: Sequence[str],
        commitments: Sequence[Commitment],
    ) -> None:
        """
        Record a talk.

        :raises CommitmentDueEarly: if a promise is due before the talk
        :raises FutureDay: if the day lies after today
        """
        for one in commitments:
            if date.fromisoformat(one["due_on"]) < held_on:
                raise CommitmentDueEarly(due_on=one["due_on"], held_on=held_on)
        self.record(
            TalkHeld,
            act,
            held_on,
            unit=unit,
            with_whom=list(with_whom),
            reasons=list(reasons),
            commitments=list(commitments),
        )

    def follow_up(
        self,
        act: Act,
        entry: int,
        *,
        commitment: int,
        occurred_on: date,
        done: bool,
        evidence: str,
    ) -> None:
        """
        Record a look at how a promise is kept; one that is kept is not looked at again.

        :raises NoSuchEntry: if there is no such talk
        :raises NoSuchCommitment: if it has no such promise
        :raises CommitmentDone: if the promise is kept already
        :raises FollowUpBeforeTalk: if the day lies before the talk
        :raises FutureDay: if the day lies after today
        """
        talk = self.talk(entry)
        if commitment > len(talk.held.commitments):
            raise NoSuchCommitment(number=commitment)
        if kept := talk.done(commitment):
            raise CommitmentDone(day=kept.occurred_on)
        if occurred_on < talk.held.occurred_on:
            raise FollowUpBeforeTalk(day=occurred_on, held_on=talk.held.occurred_on)
        told = {"entry": entry, "commitment": commitment, "done": done, "evidence": evidence}
        self.record(TalkFollowedUp, act, occurred_on, **told)
