"""What a verification says: each thing proven, open, lacking or failed, and what follows of it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from enum import Enum, IntEnum

CHINA = timezone(timedelta(hours=8))
UNITS = (("天", "day", 86_400), ("小时", "hour", 3_600), ("分钟", "minute", 60))


class Standing(Enum):
    """How one thing stands; ``OPEN`` is told and changes nothing, ``LACKING`` was asked for."""

    PROVEN = "proven"
    OPEN = "open"
    LACKING = "lacking"
    FAILED = "failed"


class Verdict(IntEnum):
    """What follows, as the exit code of the command."""

    PROVEN = 0
    FAILED = 1
    UNREADABLE = 2
    LACKING = 3


@dataclass(frozen=True, slots=True)
class Judged:
    """One thing: its stable name for scripts, how it stands, and why, in plain words."""

    name: str
    standing: Standing
    zh: str
    en: str


class Unproven(Exception):
    """Something does not hold; says what, in Chinese and English."""

    def __init__(self, zh: str, en: str) -> None:
        self.zh = zh
        self.en = en
        super().__init__(en)

    def judged(self, name: str) -> Judged:
        return Judged(name, Standing.FAILED, self.zh, self.en)


@dataclass(frozen=True, slots=True)
class Report:
    """
    Everything that was judged; ``required`` names what must be among it, and proven.

    ``payloads`` is the content of each entry, opened, where all of it was proven with the key.
    """

    judged: tuple[Judged, ...]
    required: frozenset[str]
    payloads: tuple[bytes, ...] = ()

    @property
    def verdict(self) -> Verdict:
        standings = {one.standing for one in self.judged}
        proven = {one.name for one in self.judged if one.standing is Standing.PROVEN}
        if Standing.FAILED in standings or not self.required <= proven:
            return Verdict.FAILED
        return Verdict.LACKING if Standing.LACKING in standings else Verdict.PROVEN


def proven(name: str, zh: str, en: str) -> Judged:
    return Judged(name, Standing.PROVEN, zh, en)


def left_open(name: str, zh: str, en: str) -> Judged:
    return Judged(name, Standing.OPEN, zh, en)


def lacking(name: str, zh: str, en: str) -> Judged:
    return Judged(name, Standing.LACKING, zh, en)


def tried(name: str, step: Callable[[], Judged]) -> Judged:
    """Take one step; if it does not hold, that is what is said."""
    try:
        return step()
    except Unproven as why:
        return why.judged(name)


def clock(moment: datetime) -> str:
    """Write a moment, to the second, as clocks in China show it."""
    try:
        return moment.astimezone(CHINA).strftime("%Y-%m-%d %H:%M:%S +08:00")
    except (OverflowError, ValueError):
        return "?"


def moment_of(second: int) -> datetime:
    """Give the moment of a second since 1970; the last one there is, for one beyond."""
    try:
        return datetime.fromtimestamp(second, UTC)
    except (OverflowError, ValueError, OSError):
        return datetime.max.replace(tzinfo=UTC)


def age(moment: datetime, now: datetime) -> tuple[str, str]:
    """Say in Chinese and English how long ago a moment was."""
    seconds = (now - moment).total_seconds()
    if seconds < -UNITS[-1][2]:
        return "在本机时间之后", "after this machine's clock"
    for zh, en, length in UNITS:
        count = int(seconds // length)
        if count > 0:
            return f"{count} {zh}前", f"{count} {en}{'s' if count > 1 else ''} ago"
    return "不到 1 分钟前", "less than a minute ago"
