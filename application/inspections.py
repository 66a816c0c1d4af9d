"""Inspections (督查): numbered by school year, each loaded by its number, and decided upon."""

import re
from collections.abc import Callable, Iterable
from itertools import islice
from typing import Any, NamedTuple, Self
from uuid import UUID

from application.recording import TRIES, Busy
from application.store.store import Appended
from application.store.streams import stream_of
from application.subjects import Subjects, Wish
from domain.cohorts import school_year_begins
from domain.entry import Act
from domain.inspection import Inspection
from domain.inspection_facts import FindingKey

NUMBER = re.compile(r"([0-9]{4})-([1-9][0-9]{0,3})", re.ASCII)
AT_ONCE = 50  # numbers looked at with one query; a year has tens


class InspectionId(NamedTuple):
    """The school year in which an inspection starts, by its first, and its number in it."""

    year: int
    number: int

    @classmethod
    def read(cls, text: str) -> Self | None:
        """Read one as paths name it, ``2026-3``; nothing for anything else."""
        found = NUMBER.fullmatch(text)
        return cls(int(found[1]), int(found[2])) if found else None

    @property
    def stream(self) -> UUID:
        return stream_of(Inspection.SUBJECT, str(self.year), str(self.number))

    def __str__(self) -> str:
        return f"{self.year}-{self.number}"


class _Taken(Exception):
    """Somebody else planned under the number meanwhile."""


class Inspections:
    """
    The inspections of the district.

    A new one takes the first number of its school year that is free. Numbers are taken one after
    another and never given back, so a year is read from 1 up to the first that is blank; no table
    of ids can be lost or disagree. Of two planned at once, the stream lets one have the number,
    and the other takes the next.
    """

    def __init__(self, subjects: Subjects) -> None:
        self._subjects = subjects

    async def one(self, asked: InspectionId, upto: int | None = None) -> Inspection | None:
        """Load an inspection, as of a position if one is given; nothing if there is none."""
        found = await self._subjects.load(Inspection, asked.stream, upto)
        return found if found.version else None

    async def of(self, year: int, upto: int | None = None) -> list[Inspection]:
        """Load the inspections that start in a school year, in the order of their numbers."""
        return await self.of_years([year], upto)

    async def of_years(self, years: Iterable[int], upto: int | None = None) -> list[Inspection]:
        """Load the inspections of some school years, all years with one query."""
        found: dict[int, list[Inspection]] = {year: [] for year in years}
        going_on = list(found)
        while going_on:
            streams = [
                InspectionId(year, len(found[year]) + 1 + n).stream
                for year in going_on
                for n in range(AT_ONCE)
            ]
            loaded = iter(await self._subjects.load_all(Inspection, streams, upto))
            full = []
            for year in going_on:
                planned = [one for one in islice(loaded, AT_ONCE) if one.version]
                found[year] += planned
                if len(planned) == AT_ONCE:
                    full.append(year)
            going_on = full
        return [one for some in found.values() for one in some]

    async def plan(self, wish: Wish, **facts: Any) -> Appended:
        first_day = self._subjects.rule_book.editions[0].in_force_from
        year = school_year_begins(max(facts["starts_on"], first_day)).year
        for _ in range(TRIES):
            asked = InspectionId(year, len(await self.of(year)) + 1)

            def decide(one: Inspection, act: Act, asked: InspectionId = asked) -> None:
                if one.version:
                    raise _Taken
                one.plan(act, inspection=str(asked), first_day=first_day, **facts)

            try:
                return await self._record(wish, asked, decide)
            except _Taken:
                continue
        raise Busy

    async def change(self, wish: Wish, asked: InspectionId, **facts: Any) -> Appended:
        first_day = self._subjects.rule_book.editions[0].in_force_from
        return await self._record(
            wish, asked, lambda one, act: one.change(act, first_day=first_day, **facts)
        )

    async def cancel(self, wish: Wish, asked: InspectionId, **facts: Any) -> Appended:
        return await self._record(wish, asked, lambda one, act: one.cancel(act, **facts))

    async def start(self, wish: Wish, asked: InspectionId, **facts: Any) -> Appended:
        return await self._record(wish, asked, lambda one, act: one.start(act, **facts))

    async def count_heads(self, wish: Wish, asked: InspectionId, **facts: Any) -> Appended:
        return await self._record(wish, asked, lambda one, act: one.count_heads(act, **facts))

    async def note_finding(self, wish: Wish, asked: InspectionId, **facts: Any) -> Appended:
        return await self._record(wish, asked, lambda one, act: one.note_finding(act, **facts))

    async def rectify(
        self, wish: Wish, asked: InspectionId, key: FindingKey, **facts: Any
    ) -> Appended:
        return await self._record(wish, asked, lambda one, act: one.rectify(act, key, **facts))

    async def decide_rectification(
        self, wish: Wish, asked: InspectionId, key: FindingKey, **facts: Any
    ) -> Appended:
        return await self._record(
            wish, asked, lambda one, act: one.decide_rectification(act, key, **facts)
        )

    async def end(self, wish: Wish, asked: InspectionId, **facts: Any) -> Appended:
        return await self._record(wish, asked, lambda one, act: one.end(act, **facts))

    async def _record(
        self, wish: Wish, asked: InspectionId, decide: Callable[[Inspection, Act], None]
    ) -> Appended:
        told = {"inspection": str(asked)}
        return await self._subjects.record(wish, Inspection, asked.stream, decide, **told)
