"""What the rules look at in one child's stream, and how entries are remembered and re-read."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import wraps
from inspect import isfunction, signature
from typing import Any, NamedTuple, Self

from domain.codes import PAPER_KIND, missing_papers
from domain.entry import Act, Entry, Paper
from domain.episode import Episode
from domain.refusals import (
    BeforeBirth,
    ChildDied,
    FutureDay,
    NoOpenEpisode,
    NoSuchEntry,
    PapersMissing,
    RecordErased,
    RecordRestricted,
)

DIED = "11"  # XSDQZT
GONE = frozenset({"10", DIED})  # transferred out of the district, died
FINISHED, LAST_GRADE_OF_ALL = frozenset({"07", "08"}), 9  # compulsory education ends there


@dataclass(slots=True)
class HomeTeachingPlan:
    """A plan of home teaching (送教上门) in force."""

    entry: int
    school_code: str
    hours_per_month: int
    ends: date | None


@dataclass(slots=True)
class ErasureRequest:
    """An erasure (销毁) somebody asked for and nobody decided yet."""

    entry: int
    asked_by: str


@dataclass(slots=True)
class State:
    """Everything a rule may look at; a function of the entries as corrected."""

    born: date = date.min
    student_number: str | None = None
    id_number: str | None = None
    school_code: str | None = None
    grade: int | None = None
    class_name: str | None = None
    township: str | None = None
    student_status: str = "01"
    moved: bool = False
    died_on: date | None = None
    left_on: date | None = None
    promoted_on: date | None = None
    key_groups: dict[str, dict[str, Any]] = field(default_factory=dict)
    responsible: dict[str, str] = field(default_factory=dict)
    responsible_since: dict[str, date] = field(default_factory=dict)
    episode: Episode | None = None
    episodes: list[Episode] = field(default_factory=list)
    home_teaching: HomeTeachingPlan | None = None
    placement: str | None = None
    transfer: int | None = None
    orders: dict[int, date | None] = field(default_factory=dict)
    referrals: dict[int, int | None] = field(default_factory=dict)
    restricted_by: int | None = None
    erasure: ErasureRequest | None = None
    erased_by: int | None = None

    def becomes(self, student_status: str, day: date) -> None:
        """Take on a roll status; ``left_on`` is the first day of those that end school here."""
        self.student_status = student_status
        finished = student_status in FINISHED and self.grade == LAST_GRADE_OF_ALL
        left = student_status in GONE or finished
        self.left_on = min(self.left_on or day, day) if left else None

    @property
    def dead_since(self) -> date | None:
        """The day of the child's death, while the roll says so."""
        return self.died_on if self.student_status == DIED else None


class Standing(NamedTuple):
    """
    How the child stood right after an entry; ``episode`` is the case the entry belongs to.

    ``key_groups`` are the marks in force on the entry's day.
    """

    episode: int | None
    status: str
    level: str | None
    school_code: str | None
    grade: int | None
    class_name: str | None
    township: str | None
    key_groups: tuple[str, ...]


class ChildStream:
    """
    One child's stream: its entries as corrected, and the state they add up to.

    ``entries[n - 1]`` is entry ``n``, ``standings[n - 1]`` how the child stood after it;
    ``corrected_by[n]`` names the entries that corrected it, oldest first.
    """

    _version: int
    _modified_on: datetime

    entries: list[Entry]
    standings: list[Standing]
    corrected_by: dict[int, list[int]]
    state: State

    def __init_subclass__(cls, *, while_restricted: bool = False, **options: Any) -> None:
        """
        Put one question before every command of a part: may anything be recorded at all.

        ``while_restricted`` is for the part whose commands answer that themselves.
        """
        super().__init_subclass__(**options)
        for name, method in list(vars(cls).items()):
            if is_command(name, method) and not while_restricted:
                setattr(cls, name, unless_restricted(method))

    def begin(self) -> None:
        self.entries = []
        self.standings = []
        self.corrected_by = {}
        self.state = State()

    def forgotten_at(self, version: int) -> None:
        """Know of an erased stream what is left of it: how long it was."""
        self._version = self.state.erased_by = version

    # Remembering ----------------------------------------------------------------------------

    def remember(self, entry: Entry) -> None:
        """Take one more entry in. Never refuses."""
        self._take_in(entry, entry.apply)
        self._version = entry.originator_version
        self._modified_on = entry.timestamp

    def recall(self, entries: Sequence[Entry]) -> None:
        """
        Take a whole stream in at once, each entry as its corrections would have it.

        The same as remembering one after the other, but a stream of many corrections is read once.
        """
        right = list(entries)
        for place, entry in enumerate(entries):
            if (corrected := entry.corrects()) is None:
                continue
            number, changes = corrected
            if 1 <= number <= place:
                right[number - 1] = right[number - 1].amended(changes)
                self.corrected_by.setdefault(number, []).append(entry.originator_version)
        for entry in right:
            self._take_in(entry, entry.reapply)
        self._version = entries[-1].originator_version
        self._modified_on = entries[-1].timestamp

    def adopt(self, entry: Entry) -> None:
        """Take in an entry as already corrected, whatever its number."""
        self._take_in(entry, entry.reapply)
        self._version = entry.originator_version

    def amend(self, number: int, changes: dict[str, Any], by_entry: int) -> None:
        """Re-read the stream with one entry as a correction would have it."""
        *entries, correction = self.entries
        if not 1 <= number <= len(entries):
            return
        entries[number - 1] = entries[number - 1].amended(changes)
        corrected_by = self.corrected_by
        corrected_by.setdefault(number, []).append(by_entry)
        self.begin()
        self.corrected_by = corrected_by
        for entry in entries:
            self._take_in(entry, entry.reapply)
        self.entries.append(correction)

    def _take_in(self, entry: Entry, apply: Any) -> None:
        self.entries.append(entry)
        before = self.state.episode
        was_open = before.number if before and before.is_open else None
        apply(self)
        state = self.state
        after = state.episode
        is_open = after.number if after and after.is_open else None
        self.standings.append(
            Standing(
                is_open or was_open,
                after.status if after else "none",
                after.level if after else None,
                state.school_code,
                state.grade,
                state.class_name,
                state.township,
                groups_in_force(state.key_groups, entry.occurred_on) if state.key_groups else (),
            )
        )

    # What commands share --------------------------------------------------------------------

    @property
    def status(self) -> str:
        """The status of the latest episode; ``none`` while nothing was ever open."""
        return self.state.episode.status if self.state.episode else "none"

    @property
    def is_reported(self) -> bool:
        """Whether the township knows of the latest case."""
        return self.state.episode is not None and self.state.episode.reported

    def require_kept(self) -> None:
        """
        Refuse whatever comes after an erasure.

        :raises RecordErased: if the record was erased
        """
        if self.state.erased_by is not None:
            raise RecordErased

    def require_unrestricted(self) -> None:
        """
        Refuse whatever is more than keeping a restricted record.

        :raises RecordErased: if the record was erased
        :raises RecordRestricted: if it is restricted
        """
        self.require_kept()
        if self.state.restricted_by is not None:
            raise RecordRestricted(entry=self.state.restricted_by)

    def open_episode(self) -> Episode:
        """
        Return the open episode.

        :raises NoOpenEpisode: if nothing is open for this child
        """
        episode = self.state.episode
        if episode is None or not episode.is_open:
            raise NoOpenEpisode
        return episode

    def require_alive(self, day: date | None = None) -> None:
        """
        Refuse what cannot be once the child's death is recorded; before that ``day``, it can.

        :raises ChildDied: if the child died, and not after the day
        """
        died_on = self.state.dead_since
        if died_on is not None and (day is None or day > died_on):
            raise ChildDied

    def before(self, number: int) -> Self:
        """Return the stream as it stood before entry ``number``, as corrected since."""
        earlier = object.__new__(type(self))
        earlier.begin()
        for entry in self.entries[: number - 1]:
            earlier.adopt(entry)
        return earlier

    def entry_of(self, number: int, kind: type[Entry]) -> Entry:
        """
        Return entry ``number``, which must be of the given kind.

        :raises NoSuchEntry: if there is none such
        """
        if 1 <= number <= len(self.entries) and isinstance(self.entries[number - 1], kind):
            return self.entries[number - 1]
        raise NoSuchEntry(entry=number)

    def check_day(self, act: Act, day: date) -> None:
        """
        Refuse a day that cannot be.

        :raises FutureDay: if it lies after today
        :raises BeforeBirth: if it lies before the child's birth
        """
        check_not_future(act, day)
        if day < self.state.born:
            raise BeforeBirth(day=day)

    def record(self, event: type[Entry], act: Act, occurred_on: date, **facts: Any) -> None:
        """Append one entry, after checking its day."""
        self.check_day(act, occurred_on)
        self.trigger_event(
            event, timestamp=act.at, occurred_on=occurred_on, by=act.by.as_recorded(), **facts
        )

    def trigger_event(self, event_class: type[Any], **kwargs: Any) -> None:
        """Give to the library's aggregate, which numbers the event and keeps it as pending."""
        super().trigger_event(event_class, **kwargs)  # type: ignore[misc]

    @property
    def next_entry(self) -> int:
        return self._version + 1


def is_command(name: str, method: object) -> bool:
    """Say whether a method is a command: a public one that takes an act."""
    return (
        isfunction(method)
        and not name.startswith("_")
        and list(signature(method).parameters)[1:2] == ["act"]
    )


def unless_restricted(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command that is refused before all else while the record is restricted or erased."""

    @wraps(command)
    def asked(child: ChildStream, *told: Any, **facts: Any) -> None:
        child.require_unrestricted()
        command(child, *told, **facts)

    return asked


def groups_in_force(marks: dict[str, dict[str, Any]], day: date) -> tuple[str, ...]:
    """Name the key groups whose mark has not expired by a day."""
    last = day.isoformat()
    return tuple(
        sorted([code for code, mark in marks.items() if (mark.get("until") or last) >= last])
    )


def check_not_future(act: Act, day: date) -> None:
    """
    Refuse a day that has not come.

    :raises FutureDay: if it lies after today
    """
    if day > act.today:
        raise FutureDay(day=day, today=act.today)


def require_papers(demanded: tuple[frozenset[str], ...], given: list[Paper]) -> None:
    """
    Refuse when one of the demanded papers is not among the given.

    :raises PapersMissing: naming each group of papers of which one is missing
    """
    missing = missing_papers(demanded, [paper["kind"] for paper in given])
    if missing:
        raise PapersMissing(
            papers_zh=paper_words(missing, "zh"), papers_en=paper_words(missing, "en")
        )


def paper_words(groups: tuple[frozenset[str], ...], language: str) -> str:
    either, both = ("或", ";") if language == "zh" else (" or ", "; ")
    return both.join(
        either.join(PAPER_KIND.label(kind, language) for kind in PAPER_KIND if kind in group)
        for group in groups
    )
