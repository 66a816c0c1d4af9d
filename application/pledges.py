"""Responsibility pledges (责任书): issued, signed and withdrawn, and listed down the line."""

from collections.abc import AsyncIterator, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from operator import itemgetter
from typing import Any, NamedTuple
from uuid import UUID

from application.access import Post
from application.directory import Directory
from application.recording import Recording
from application.store.store import Appended
from application.store.streams import stream_of
from application.subjects import Subjects, Wish
from application.units import BUREAU, Unit, sees_unit
from domain.pledges import PLEDGE_LEVEL, WITHIN_SCHOOL, Pledge, Pledges

AT_SCHOOL = frozenset(
    {"teacher", "registrar", "counsellor"}
)  # the principal pledges to nobody here
AT_ONCE = 40  # streams opened together, until a page is full
LEVELS = {
    "township": ("county_township",),
    "school": ("bureau_school", "school_grade", "school_teacher"),
}


@dataclass(frozen=True, slots=True)
class Bundle:
    """The pledges of one level, of one unit that makes them, of a school year."""

    level: str
    unit: str
    year: str

    @property
    def stream(self) -> UUID:
        return stream_of("pledge", self.level, self.unit, self.year)


class Place(NamedTuple):
    """Where a pledge stands in a list: by township, the township's own first, then by school."""

    township: str
    school: str
    level: str
    entry: int


def place_of(unit: Unit, level: str, entry: int) -> Place:
    below = "" if unit.level == "township" else unit.code
    return Place(unit.township or "", below, level, entry)


def from_unit(level: str, to_unit: str) -> str:
    """Give the unit a pledge of a level is made to: the bureau, or the school itself."""
    return to_unit if level in WITHIN_SCHOOL else BUREAU


def issues(post: Post, level: str, to_unit: str) -> bool:
    """Say whether a post issues pledges of a level for a unit."""
    if level in WITHIN_SCHOOL:
        return post.role == "principal" and to_unit in post.schools
    return post.role == "bureau"


def signs(post: Post, pledge: Pledge) -> str | None:
    """Give the side of a pledge that a post signs for, if any."""
    issued = pledge.issued
    if issues(post, issued.level, issued.to_unit):
        return "from"
    match issued.level:
        case "county_township":
            own = post.role == "township" and post.township == issued.to_unit
        case "bureau_school":
            own = post.role == "principal" and issued.to_unit in post.schools
        case "school_grade":  # whoever at the school it names
            own = post.role in AT_SCHOOL and issued.to_unit in post.schools
        case _:
            own = post.role == "teacher" and teaches(post, pledge)
    return "to" if own else None


def teaches(post: Post, pledge: Pledge) -> bool:
    """Say whether a pledge is that of a homeroom teacher's own class, or of its grade."""
    issued = pledge.issued
    in_class = (post.grade, post.class_name) == issued.counterpart
    in_grade = issued.level == "school_grade" and post.grade == issued.grade
    here = issued.level in WITHIN_SCHOOL and issued.to_unit in post.schools
    return here and (in_class or in_grade)


def sees_pledge(post: Post, directory: Directory, pledge: Pledge) -> bool:
    """Say whether a post sees a pledge: its unit's and those below; a teacher the own class's."""
    if post.role == "teacher":
        return teaches(post, pledge)
    return sees_unit(post, directory, pledge.issued.to_unit)


class PledgeBook:
    """Keeps the pledges of every unit, each level and school year in a stream of its own."""

    def __init__(self, recording: Recording) -> None:
        self._recording = recording
        self._subjects = Subjects(recording)

    def year_of(self, day: date) -> str:
        return self._recording.rule_book.on(day).calendar.school_year_of(day)

    async def read(self, bundle: Bundle, upto: int | None = None) -> Pledges:
        """Read the pledges of one stream, as of a position of the log if one is given."""
        return await self._subjects.load(Pledges, bundle.stream, upto)

    async def issue(self, wish: Wish, bundle: Bundle, **facts: Any) -> Appended:
        """Issue a pledge; facts and refusals are those of ``Pledges.issue``."""
        given: dict[str, Any] = {
            "level": bundle.level,
            "from_unit": from_unit(bundle.level, bundle.unit),
            "to_unit": bundle.unit,
            "school_year": bundle.year,
        }
        return await self._record(wish, bundle, partial(Pledges.issue, **given, **facts))

    async def sign(
        self, wish: Wish, bundle: Bundle, entry: int, side: str, signed_on: date
    ) -> Appended:
        """Sign a pledge; refusals are those of ``Pledges.sign``."""
        sign = partial(Pledges.sign, entry=entry, side=side, signed_on=signed_on)
        return await self._record(wish, bundle, sign, signs=entry, side=side)

    async def withdraw(self, wish: Wish, bundle: Bundle, entry: int, reason: str) -> Appended:
        """Withdraw a pledge; refusals are those of ``Pledges.withdraw``."""
        withdraw = partial(Pledges.withdraw, entry=entry, reason=reason)
        return await self._record(wish, bundle, withdraw, withdraws=entry)

    async def _record(self, wish: Wish, bundle: Bundle, decide: Any, **answer: Any) -> Appended:
        told = {"level": bundle.level, "to_unit": bundle.unit, "school_year": bundle.year}
        return await self._subjects.record(wish, Pledges, bundle.stream, decide, **told, **answer)

    async def listed(
        self,
        units: Iterable[Unit],
        year: str,
        levels: Sequence[str] = tuple(PLEDGE_LEVEL),
        after: Place | None = None,
        upto: int | None = None,
    ) -> AsyncIterator[list[tuple[Place, Bundle, Pledge]]]:
        """Give the pledges of some units after a place, in the order of their places, in parts."""
        asked = sorted(
            (
                (place_of(unit, level, 0), Bundle(level, unit.code, year))
                for unit in units
                for level in LEVELS.get(unit.level, ())
                if level in levels
            ),
            key=itemgetter(0),
        )
        if after is not None:
            asked = [one for one in asked if one[0][:3] >= after[:3]]
        begun = await self._subjects.begun(bundle.stream for _, bundle in asked)
        asked = [one for one in asked if one[1].stream in begun]
        for start in range(0, len(asked), AT_ONCE):
            some = asked[start : start + AT_ONCE]
            read = await self._subjects.load_all(Pledges, (one.stream for _, one in some), upto)
            found = [
                (place._replace(entry=pledge.entry), bundle, pledge)
                for (place, bundle), pledges in zip(some, read, strict=True)
                for pledge in pledges.pledges.values()
            ]
            yield [one for one in found if after is None or one[0] > after]
