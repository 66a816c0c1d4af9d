"""The life of one case (个案) as a pure state machine: status, level, observation, close-out."""

from dataclasses import dataclass, field
from datetime import date

from domain.codes import ESCALATION_ORDER, IN_PERSON_VISIT, OPEN_STATUS, STATUS
from domain.refusals import (
    AlreadyReturned,
    NotUnderObservation,
    NotUnderPersuasion,
    NotUnderWatch,
    ObservationNotOver,
)

UNDER_PERSUASION = frozenset({"suspected", "unreachable", "dropped_out"})


@dataclass(slots=True)
class CloseOutRequest:
    """A close-out (销号) somebody asked for and nobody decided yet."""

    entry: int
    reason: str
    asked_by: str
    asked_on: date
    explained: bool


@dataclass(slots=True)
class Episode:
    """
    One case of one child, from the first absent day to the close-out (domain.md section 3).

    ``reported`` says that the township knows of it, in writing or by its own act.
    """

    number: int
    status: str
    first_absent_on: date
    opened_by_entry: int
    level: str = "school"
    reached: set[str] = field(default_factory=set)
    suspected_on: date | None = None
    days_absent: int | None = None
    first_contact_on: date | None = None
    first_visit_on: date | None = None
    led_visit_on: date | None = None  # by the principal, in person
    attempts: int = 0
    last_attempt_on: date | None = None
    seen_on: date | None = None
    observed_until: date | None = None
    observations: list[tuple[date, bool]] = field(default_factory=list)
    marked_on: date | None = None
    close_out: CloseOutRequest | None = None
    closed_on: date | None = None
    close_reason: str | None = None
    relapsed: bool = False
    reported: bool = False

    def __post_init__(self) -> None:
        self.reached.add(self.status)

    @property
    def is_open(self) -> bool:
        return self.status in OPEN_STATUS and not self.relapsed

    # What has happened ----------------------------------------------------------------------

    def enter(self, status: str) -> None:
        """Change status; what was asked for under the old one lapses."""
        self.status = status
        self.reached.add(status)
        self.close_out = None
        self.marked_on = None

    def visited(self, day: date, mode: str, *, led: bool) -> None:
        """Remember a visit; any is a contact, only one in person is a home visit."""
        self.first_contact_on = min(self.first_contact_on or day, day)
        if mode in IN_PERSON_VISIT:
            self.first_visit_on = min(self.first_visit_on or day, day)
            if led:
                self.led_visit_on = min(self.led_visit_on or day, day)

    def rise_to(self, level: str) -> None:
        """Raise the escalation level; it never falls within an episode."""
        self.level = higher(self.level, level)

    # What may happen ------------------------------------------------------------------------

    def require_watched(self) -> None:
        if self.status != "watched":
            raise NotUnderWatch(**status_words(self.status))

    def require_persuasion(self) -> None:
        if self.status not in UNDER_PERSUASION:
            raise NotUnderPersuasion(**status_words(self.status))

    def require_not_returned(self) -> None:
        if self.status == "returned":
            raise AlreadyReturned(seen_on=self.seen_on)

    def require_observation(self) -> date:
        if self.status != "returned" or self.seen_on is None:
            raise NotUnderObservation(**status_words(self.status))
        return self.seen_on

    def require_observation_over(self, today: date) -> None:
        """
        Refuse while the observation runs.

        It is over when its last school day has passed and the child was seen attending on or
        after that day; a relapse ends the episode, so none can stand here.
        """
        if self.status != "returned" or self.observed_until is None:
            raise ObservationNotOver(
                missing_zh="该生尚未登记返校", missing_en="no return is recorded"
            )
        until = self.observed_until
        if today <= until:
            raise ObservationNotOver(
                missing_zh=f"观察期到 {until} 为止", missing_en=f"it runs to {until}"
            )
        if not any(attending and day >= until for day, attending in self.observations):
            raise ObservationNotOver(
                missing_zh=f"请先登记 {until} 或之后的在校观察",
                missing_en=f"record an observation of the child in class on or after {until}",
            )


def higher(one: str, other: str) -> str:
    """Return the higher of two escalation levels; an unknown one lifts nothing."""
    known = [level for level in (one, other) if level in ESCALATION_ORDER]
    return max(known, key=ESCALATION_ORDER.index, default=one)


def status_words(status: str) -> dict[str, str]:
    """Give a status in both languages, for a refusal's sentence."""
    return {"status_zh": STATUS.label(status, "zh"), "status_en": STATUS.label(status, "en")}
