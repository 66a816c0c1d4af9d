"""Registers (登记簿): a unit enters and corrects lines; a list is a fold of its years' streams."""

from collections.abc import AsyncIterator, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Any
from uuid import UUID

from application.recording import Recording
from application.store.store import Appended
from application.store.streams import stream_of
from application.subjects import Subjects, Wish
from domain.registers import BEGINNING, Register, RegisterLine
from domain.rules import RuleBook


@dataclass(frozen=True, slots=True)
class Volume:
    """One register: of a kind, of a unit, of a school year as ``2026-2027``."""

    kind: str
    unit: str
    year: str

    @property
    def stream(self) -> UUID:
        return stream_of("register", self.kind, self.unit, self.year)


class Registers:
    """
    Keeps the registers of every unit, each kind and school year in a stream of its own.

    Which streams there may be follows from kind, units and years; so nothing has to list them.
    """

    def __init__(self, recording: Recording) -> None:
        self._recording = recording
        self._subjects = Subjects(recording)

    def volume(self, kind: str, unit: str, day: date) -> Volume:
        """Name the register a day belongs to."""
        return Volume(kind, unit, self._year(day))

    async def enter(self, wish: Wish, kind: str, unit: str, **facts: Any) -> Appended:
        """Enter a line; facts and refusals are those of ``Register.enter``."""
        volume = self.volume(kind, unit, facts["held_on"])
        return await self._subjects.record(
            wish,
            Register,
            volume.stream,
            partial(Register.enter, kind=kind, unit=unit, **facts),
            unit=unit,
            school_year=volume.year,
        )

    async def correct(
        self, wish: Wish, volume: Volume, entry: int, changes: Mapping[str, Any], reason: str
    ) -> Appended:
        """Correct a line; refusals are those of ``Register.correct``."""
        return await self._subjects.record(
            wish,
            Register,
            volume.stream,
            partial(Register.correct, entry=entry, changes=changes, reason=reason),
            unit=volume.unit,
            school_year=volume.year,
            corrects=entry,
        )

    async def read(self, volume: Volume, upto: int | None = None) -> Register:
        """Read one register, as of a position of the log if one is given."""
        return await self._subjects.load(Register, volume.stream, upto)

    async def years(
        self, kind: str, units: Iterable[str], first: date | None, last: date, upto: int | None
    ) -> AsyncIterator[list[tuple[Volume, RegisterLine]]]:
        """
        Give the lines of some units held between two days, a school year at a time, newest first.

        Within a year the newest line is first; of one day, the one entered last.
        """
        asked = list(units)
        begins, ends = max(first or BEGINNING, BEGINNING), max(last, BEGINNING)
        years = school_years(self._recording.rule_book, begins, ends)
        volumes = {
            volume.stream: volume
            for year in years
            for unit in asked
            for volume in [Volume(kind, unit, year)]
        }
        begun = await self._subjects.begun(volumes)
        by_year: dict[str, list[Volume]] = {}
        for stream, volume in volumes.items():
            if stream in begun:
                by_year.setdefault(volume.year, []).append(volume)
        for some in by_year.values():
            read = await self._subjects.load_all(Register, (one.stream for one in some), upto)
            lines = [
                (volume, line)
                for volume, register in zip(some, read, strict=True)
                for line in register.lines.values()
                if begins <= line.held_on <= last
            ]
            yield sorted(lines, key=lambda one: place_of(*one), reverse=True)

    def _year(self, day: date) -> str:
        return self._recording.rule_book.on(day).calendar.school_year_of(day)


def school_years(book: RuleBook, first: date, last: date) -> list[str]:
    """Name the school years between two days, newest first."""
    days = [date(year, 12, 31) for year in range(first.year, last.year)]
    names = (book.on(day).calendar.school_year_of(day) for day in (last, *reversed(days), first))
    return list(dict.fromkeys(names))


def place_of(volume: Volume, line: RegisterLine) -> tuple[date, str, int]:
    """Give where a line stands in a list."""
    return line.held_on, volume.unit, line.entry
