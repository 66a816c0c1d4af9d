"""Telling the log of a fault that lasts: when it comes, now and then, and when it has gone."""

import time

from structlog.typing import FilteringBoundLogger

AGAIN_SECONDS = 60.0


class Telling:
    """
    Tells of the faults of something that tries again and again.

    The same one is told of once in ``again`` seconds, however often it is met, so that an hour
    without a database is some lines of the log and no thousands.
    """

    def __init__(self, log: FilteringBoundLogger, again: float = AGAIN_SECONDS) -> None:
        self._log = log
        self._again = again
        self._last: tuple[str, str] | None = None
        self._told_at = 0.0

    def of(self, said: str, fault: BaseException, *, unforeseen: bool = False, **what: str) -> None:
        """Tell of a fault by the name of its kind, which holds no word of a child's."""
        now = time.monotonic()
        known = (said, type(fault).__name__)
        if known == self._last and now - self._told_at < self._again:
            return
        self._last, self._told_at = known, now
        tell = self._log.error if unforeseen else self._log.warning
        tell(said, error=known[1], **what)

    def gone(self, **what: str) -> None:
        """Say that it goes on, if a fault was told of."""
        if self._last is not None:
            self._last = None
            self._log.info("it goes on", **what)
