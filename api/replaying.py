"""Time travel: a child's entries cut by what was known then, and by what had happened by then."""

from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Annotated, Any

from fastapi import Query

from api.at_once import at_once
from api.deps import AsOf, Moment, malformed
from api.problems import Problem
from api.schemas.fields import Day
from application.store.mapper import RecordedEvent
from application.tracking import CaseTracking
from projections.replay import Child


@dataclass(frozen=True)
class Cut:
    """Up to which moment, version and day a child is asked for; all hold together."""

    as_of: Moment | None
    version: int | None
    happened_by: date | None

    def known(self, stored: list[RecordedEvent]) -> list[RecordedEvent]:
        """
        Give the entries that were known then.

        :raises Problem: ``unknown-child`` if none was, or the version is not there yet
        """
        known = self.upto(stored)
        if not known:
            raise Problem("unknown-child")
        return known

    def upto(self, stored: list[RecordedEvent]) -> list[RecordedEvent]:
        """
        Give the entries that were known then, if any.

        :raises Problem: ``unknown-child`` if the version is not there yet
        """
        if self.version is not None and self.version > len(stored):
            raise Problem("unknown-child")
        known = stored[: self.version]
        if self.as_of is not None:
            known = [event for event in known if event.recorded_at <= self.as_of]
        return known

    def holds(self, recorded_at: datetime, day: date, stored: list[RecordedEvent]) -> bool:
        """Say whether what stands beside a child's entries was known then, and had happened."""
        following = stored[self.version :] if self.version is not None else []
        return (
            (self.as_of is None or recorded_at <= self.as_of)
            and not (following and recorded_at >= following[0].recorded_at)
            and (self.happened_by is None or day <= self.happened_by)
        )

    def filters(self) -> dict[str, Any]:
        """Give the cut as the access log tells it."""
        return asdict(self)

    def child(self, stored: list[RecordedEvent]) -> Child:
        """Replay what was known then, of what had happened by the day."""
        child = Child.replayed(self.known(stored))
        return child.happened_by(self.happened_by) if self.happened_by else child

    def day(self, child: Child, tracking: CaseTracking) -> date:
        """Give the day as of which the child is shown."""
        if self.happened_by is not None:
            return self.happened_by
        moment = self.as_of or (child.moments[-1] if self.version else None)
        return tracking.day_of(moment) if moment else tracking.today()


@dataclass(frozen=True)
class Window:
    """Which entries are asked for, by when they were recorded: after one moment, up to another."""

    first: datetime | None
    last: datetime | None

    def holds(self, moment: datetime) -> bool:
        """Say whether an entry recorded at a moment is asked for."""
        return (self.first is None or moment > self.first) and (
            self.last is None or moment <= self.last
        )

    def filters(self) -> dict[str, Any]:
        """Give the window as the access log tells it."""
        return {"from": self.first, "to": self.last}


@dataclass(frozen=True)
class Between:
    """Two cuts of one child, for what changed from the one to the other."""

    first: Cut
    last: Cut

    @property
    def from_nothing(self) -> bool:
        """Whether no beginning was named: then all is asked for, from the first entry on."""
        return self.first.as_of is None and self.first.version is None

    def filters(self) -> dict[str, Any]:
        """Give both as the access log tells them."""
        return {
            "from": self.first.as_of,
            "from_version": self.first.version,
            "to": self.last.as_of,
            "to_version": self.last.version,
            "happened_by": self.last.happened_by,
        }


def after_its_end() -> Exception:
    """Make the refusal of a stretch of time that ends before it begins."""
    return malformed("query", "from", "`from` lies after `to`.", "起始时刻(from)晚于截止时刻(to)。")


def cut(
    as_of: AsOf = None,
    version: Annotated[
        int | None, Query(ge=1, le=2**31, description="the child's stream version then")
    ] = None,
    happened_by: Annotated[
        Day | None, Query(description="only what had happened by this day, as known then")
    ] = None,
) -> Cut:
    return Cut(as_of, version, happened_by)


def window(
    first: Annotated[
        Moment | None, Query(alias="from", description="only what was recorded after this moment")
    ] = None,
    last: Annotated[
        Moment | None,
        Query(alias="to", description="only what was recorded at this moment or before"),
    ] = None,
) -> Window:
    """
    Read ``from`` and ``to``.

    :raises RequestValidationError: if the one lies after the other
    """
    if first is not None and last is not None and first > last:
        raise after_its_end()
    return Window(first, last)


def between(
    first: Annotated[
        Moment | None, Query(alias="from", description="as known at this moment; else from nothing")
    ] = None,
    last: Annotated[
        Moment | None, Query(alias="to", description="as known at this moment; else now")
    ] = None,
    from_version: Annotated[
        int | None, Query(ge=1, le=2**31, description="the child's stream version, beside `from`")
    ] = None,
    to_version: Annotated[
        int | None, Query(ge=1, le=2**31, description="the child's stream version, beside `to`")
    ] = None,
    happened_by: Annotated[
        Day | None, Query(description="only what had happened by this day, as known at each end")
    ] = None,
) -> Between:
    """
    Read both ends of a difference.

    :raises RequestValidationError: if the one lies after the other
    """
    moments = first is not None and last is not None and first > last
    versions = from_version is not None and to_version is not None and from_version > to_version
    if moments or versions:
        raise after_its_end()
    return Between(Cut(first, from_version, happened_by), Cut(last, to_version, happened_by))


AsCut = Annotated[Cut, at_once(cut)]
InWindow = Annotated[Window, at_once(window)]
AsBetween = Annotated[Between, at_once(between)]
