"""A finding of an inspection (发现问题): what was noted, and how far it is put right."""

from dataclasses import dataclass
from datetime import date

from domain.inspection_codes import TO_DO
from domain.inspection_facts import (
    FindingNoted,
    RectificationAccepted,
    RectificationRejected,
    Rectified,
)

Step = Rectified | RectificationAccepted | RectificationRejected


@dataclass
class Finding:
    """Something found wrong, what the school did last, and the last step of either side."""

    noted: FindingNoted
    rectified: Rectified | None = None
    last: Step | None = None

    @property
    def state(self) -> str:
        """The code of ``FINDING_STATE``."""
        match self.last:
            case None:
                return "open"
            case Rectified():
                return "rectified"
            case RectificationAccepted():
                return "closed"
            case RectificationRejected():
                return "rejected"

    def overdue(self, today: date) -> bool:
        """Say whether the school's turn went by: what awaits the inspecting side is not late."""
        return self.state in TO_DO and today > self.noted.due_on
