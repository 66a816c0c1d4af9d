"""The rules in force: the district's own, read from the log, and taken over by every process."""

from contextlib import suppress
from typing import Any, ClassVar, Self

import structlog

from application.keeping_up import KeepingUp
from application.recording import Recording
from application.store.key_ring import NoKey
from application.store.rule_book import STREAM
from application.store.sealing import Tampered
from application.store.store import Appended, StoreUnavailable
from application.subjects import Subjects, Wish
from domain.district_rules import DistrictRules

VERSION = "SELECT max(originator_version) FROM log.stored_events WHERE originator_id = %s"
_log = structlog.get_logger("guixue.rules")


class RulesInForce(KeepingUp):
    """
    Puts rules in force, and looks every other second whether another process did.

    Until it has looked, a process decides under the rules of before, as if what it records had
    come two seconds earlier; what was decided is written into the entry either way.
    """

    job: ClassVar[str] = "rules"
    every: ClassVar[float] = 2.0

    def __init__(self, recording: Recording) -> None:
        self._recording = recording
        self._subjects = Subjects(recording)
        self._version = 0

    async def __aenter__(self) -> Self:
        with suppress(StoreUnavailable, Tampered, NoKey):  # said by the first look that follows
            await self.look()
        return await super().__aenter__()

    async def look(self) -> bool:
        """
        Take over what was put in force; say whether anything was.

        :raises StoreUnavailable: when the database is away
        :raises Tampered: if a fact does not open; the rules known before stay
        """
        ((version,),) = await self._recording.store.query(VERSION, [STREAM])
        if (version or 0) == self._version:
            return False
        rules = await self.told()
        self._recording.rule_book, self._version = rules.book, rules.version
        _log.info("rules taken over", version=rules.version)
        return True

    async def told(self, upto: int | None = None) -> DistrictRules:
        """Load what was put in force, as of a position if one is given."""
        return await self._subjects.load(DistrictRules, STREAM, upto)

    async def set_deadlines(self, wish: Wish, **facts: Any) -> Appended:
        return await self._put(wish, lambda rules, act: rules.set_deadlines(act, **facts))

    async def set_holidays(self, wish: Wish, **facts: Any) -> Appended:
        return await self._put(wish, lambda rules, act: rules.set_holidays(act, **facts))

    async def set_days(self, wish: Wish, **facts: Any) -> Appended:
        return await self._put(wish, lambda rules, act: rules.set_days(act, **facts))

    async def set_terms(self, wish: Wish, **facts: Any) -> Appended:
        return await self._put(wish, lambda rules, act: rules.set_terms(act, **facts))

    async def _put(self, wish: Wish, decide: Any) -> Appended:
        done = await self._subjects.record(wish, DistrictRules, STREAM, decide)
        await self.look()
        return done
