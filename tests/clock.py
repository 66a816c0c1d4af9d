"""A clock that stands still until a test moves it."""

from dataclasses import dataclass
from datetime import datetime


@dataclass
class Clock:
    """What the service takes for the present."""

    at: datetime

    def __call__(self) -> datetime:
        return self.at
