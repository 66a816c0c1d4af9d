"""Time travel: a child's entries cut by what was known then, and by what had happened by then."""

from dataclasses import asdict, dataclass
from datetime import date
from typing import Annotated, Any

from fastapi import Query

from api.at_once import at_once
from api.deps import AsOf, Moment
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
        if self.version is not None and self.version > len(stored):
            raise Problem("unknown-child")
        known = stored[: self.version]
        if self.as_of is not None:
            known = [event for event in known if event.recorded_at <= self.as_of]
        if not known:
            raise Problem("unknown-child")
        return known

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


AsCut = Annotated[Cut, at_once(cut)]
