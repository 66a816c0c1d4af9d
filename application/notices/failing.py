"""Failing (重试): what is tried again and when, and what is given up."""

from datetime import timedelta
from secrets import SystemRandom

FIRST = timedelta(seconds=10)
LONGEST = timedelta(hours=6)
JITTER = 0.25  # of the delay, at most, so that what failed together does not come back together
_random = SystemRandom()


class Unreachable(Exception):
    """It was not taken, and may be later; says why in a few words of ours."""


class Refused(Exception):
    """It will never be taken, as where there is no such address; says why in a few words."""


def delay_after(attempts: int) -> timedelta:
    """Give how long to wait after so many attempts, 1 or more: twice as long each time."""
    wait: timedelta = FIRST * (1 << min(attempts - 1, 20))
    return min(wait, LONGEST) * (1 + JITTER * _random.random())
