"""A child's missed duties: facts beside its stream, so that they never move what a person saw."""

from datetime import date, timedelta
from typing import NamedTuple

from domain.duty_levels import Level
from domain.entry import Act
from domain.subject import Fact, Subject

# Who is told when a duty is missed: the next one up the line (domain.md section 1).
TOLD = {
    "teacher": "principal",
    "registrar": "principal",
    "principal": "township_office",
    "township": "bureau",
    "bureau": "bureau",
}

LESS_THAN_A_TERM = timedelta(days=60)
# Several of these arise with one entry, and are told apart by their days.
SEVERAL = frozenset({"observation_check", "home_teaching_hours"})


class Which(NamedTuple):
    """One duty of a child: its kind, its last day, and the entry it arose with."""

    kind: str
    due_on: date
    arose: int

    def is_same_as(self, other: "Which") -> bool:
        """
        Say whether two are one duty, whose last day may have been corrected since.

        Of a recheck there is one each term, whose last day may have been known better since.
        """
        if (self.kind, self.arose) != (other.kind, other.arose):
            return False
        if self.kind == "recheck":
            return abs(self.due_on - other.due_on) < LESS_THAN_A_TERM
        return self.kind not in SEVERAL or self.due_on == other.due_on


class DutyMissed(Fact):
    """
    A duty was not done by its last day, as far as was known on the day this was recorded.

    ``for_role`` and ``person`` were responsible; ``told`` is the role up the line that is told.
    ``under`` is the first day of the rules it was due under.
    """

    TOPIC = "duties.missed"

    kind: str
    due_on: date
    arose: int
    for_role: str
    told: str
    under: date
    person: str | None = None
    episode: int | None = None
    school_code: str | None = None

    @property
    def which(self) -> Which:
        return Which(self.kind, self.due_on, self.arose)

    def apply(self, subject: "ChildDuties") -> None:
        subject.missed.add(self.which)


class DutyEscalated(Fact):
    """
    A missed duty was still open school days later, and went up one level.

    ``to_role`` and ``person``, where somebody holds such a post, answer for it from now on.
    ``under`` is the first day of the rules by which it rose.
    """

    TOPIC = "duties.escalated"

    kind: str
    due_on: date
    arose: int
    level: str
    to_role: str
    under: date
    person: str | None = None
    episode: int | None = None
    school_code: str | None = None

    @property
    def which(self) -> Which:
        return Which(self.kind, self.due_on, self.arose)

    def apply(self, subject: "ChildDuties") -> None:
        subject.escalated.setdefault(self.which, {})[self.level] = self


class AlreadyTold(Exception):
    """That this duty was missed, or rose to this level, is on record."""


class NotOver(Exception):
    """The duty's last day is not over by the clock of who records: another's was ahead."""


class ChildDuties(Subject):
    """What a child's duties came to; each is missed once, and rises once to each level."""

    SUBJECT = "duties"

    missed: set[Which]
    escalated: dict[Which, dict[str, DutyEscalated]]  # by level, lowest first

    def begin(self) -> None:
        self.missed = set()
        self.escalated = {}

    def tells(self, which: Which, level: str | None) -> bool:
        """Say whether it is on record that a duty was missed, or rose to a level."""
        if level is not None:
            return level in self.levels_of(which)
        return any(map(which.is_same_as, self.missed))

    def levels_of(self, which: Which) -> dict[str, DutyEscalated]:
        """Give each time a duty rose, by level, lowest first."""
        return {
            level: fact
            for known, levels in self.escalated.items()
            if which.is_same_as(known)
            for level, fact in levels.items()
        }

    def level_of(self, which: Which) -> DutyEscalated | None:
        """Give the last time a duty rose, if it did."""
        return next(reversed(self.levels_of(which).values()), None)

    def miss(
        self,
        act: Act,
        which: Which,
        *,
        for_role: str,
        under: date,
        person: str | None,
        episode: int | None,
        school_code: str | None,
    ) -> None:
        """
        Record that a duty was missed.

        :raises AlreadyTold: if it is on record
        :raises NotOver: if its last day is not over
        """
        if self.tells(which, None):
            raise AlreadyTold
        if act.today <= which.due_on:
            raise NotOver
        self.record(
            DutyMissed,
            act,
            act.today,
            **which._asdict(),
            for_role=for_role,
            told=TOLD[for_role],
            under=under,
            person=person,
            episode=episode,
            school_code=school_code,
        )

    def escalate(
        self,
        act: Act,
        which: Which,
        level: Level,
        *,
        person: str | None,
        episode: int | None,
        school_code: str | None,
    ) -> None:
        """
        Record that a missed duty went up to a level.

        :raises AlreadyTold: if it is on record
        """
        if self.tells(which, level.name):
            raise AlreadyTold
        self.record(
            DutyEscalated,
            act,
            act.today,
            **which._asdict(),
            level=level.name,
            to_role=level.role,
            under=level.under,
            person=person,
            episode=episode,
            school_code=school_code,
        )
