"""The year's holiday notice (放假通知), read: which days are off, and which weekends are worked."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from unicodedata import normalize

from domain.calendar import SATURDAY, Calendar

ONE_DAY = timedelta(days=1)
LONGEST = 20  # days of one holiday: no notice has had more than ten
LONGEST_TEXT = 10_000  # characters
DECEMBER = 12
WEEKDAYS = "一二三四五六日"
FESTIVALS = ("元旦", "春节", "清明", "劳动", "端午", "中秋", "国庆")
DAY = r"(?:(\d{4})年)?(?:(\d{1,2})月)?(\d{1,2})日(?:\(([^()]{0,40})\))?"
TOKEN = re.compile(
    rf"(?P<stretch>{DAY}(?:(?:至|到|-|—|–|~){DAY})?)"
    r"|(?P<off>放假(?:调休)?(?:(?P<off_days>\d{1,2})天)?)|(?P<on>上班)"
    r"|共(?P<days>\d{1,2})天|(?P<end>[。;\n])"
)
WEEKDAY = re.compile(r"(?:周|星期)([一二三四五六日天])")
PUNCTUATION = str.maketrans({"﹔": ";", "〜": "~", "～": "~"})


class WrongNotice(Exception):
    """The text cannot be a year's notice; says in Chinese and English what does not hold."""

    def __init__(self, zh: str, en: str) -> None:
        self.zh = zh
        self.en = en
        super().__init__(f"{zh} {en}")


@dataclass(frozen=True, slots=True)
class Holiday:
    """Days off in one stretch, both included."""

    first: date
    last: date

    @property
    def days(self) -> int:
        return (self.last - self.first).days + 1


@dataclass(frozen=True, slots=True)
class HolidayNotice:
    """
    What a notice says of a year: days off in order, and weekend days that are worked.

    ``missing`` names the festivals the text says nothing of: a year's calendar is put in force as
    a whole, so that they would have no day off.
    """

    year: int
    holidays: tuple[Holiday, ...]
    made_up: tuple[date, ...]
    missing: tuple[str, ...]

    @property
    def off(self) -> list[list[str]]:
        """Its holidays as a calendar holds them: the first and the last day of each."""
        return [[one.first.isoformat(), one.last.isoformat()] for one in self.holidays]

    @property
    def worked(self) -> list[str]:
        """Its weekend days worked, as a calendar holds them."""
        return [day.isoformat() for day in self.made_up]

    def upon(self, calendar: Calendar, *, after: date) -> Calendar:
        """Give a calendar as the notice makes it, for the days after one."""
        return calendar.with_holidays(self.year, self.off, self.worked, after=after)


def read_notice(text: str, year: int) -> HolidayNotice:
    """
    Read the text of a notice for a year, as the State Council's words it.

    A weekday beside a day, and the number of days of a holiday, are checked against the calendar:
    a slip of the pen is found before it is in force.

    :raises WrongNotice: naming the first thing that cannot be
    """
    if len(text) > LONGEST_TEXT:
        raise WrongNotice(
            f"通知不超过 {LONGEST_TEXT} 字。", f"A notice has at most {LONGEST_TEXT} characters."
        )
    plain = re.sub(r"[^\S\n]+", "", normalize("NFKC", text).translate(PUNCTUATION))
    reading = _Reading(year)
    for token in TOKEN.finditer(plain):
        reading.take(token)
    holidays = tuple(sorted(reading.holidays, key=lambda one: one.first))
    made_up = tuple(sorted(reading.made_up))
    if not holidays:
        raise WrongNotice(
            "没有读到放假的日子。请粘贴通知原文,例如“10月1日(周四)至7日(周三)放假”。",
            "No days off were found. Paste the notice's own words.",
        )
    _check(holidays, made_up)
    missing = tuple(one for one in FESTIVALS if one not in plain)
    return HolidayNotice(year, holidays, made_up, missing)


def _check(holidays: tuple[Holiday, ...], made_up: tuple[date, ...]) -> None:
    for one, following in pairwise(holidays):
        if following.first <= one.last:
            raise WrongNotice(
                f"{following.first} 起的假期与前一段重叠。",
                f"The holiday from {following.first} overlaps the one before it.",
            )
    for day, following_day in pairwise(made_up):
        if day == following_day:
            raise WrongNotice(f"上班日 {day} 写了两次。", f"{day} is worked twice.")
    for day in made_up:
        if day.weekday() < SATURDAY:
            raise WrongNotice(
                f"{day} 是{_weekday(day)},不是周末,不必写明上班。",
                f"{day} is no weekend day, and worked anyhow.",
            )
        if any(one.first <= day <= one.last for one in holidays):
            raise WrongNotice(f"{day} 既放假又上班。", f"{day} is both off and worked.")


class _Reading:
    """Reads a notice word by word: days wait until the word that says what they are."""

    def __init__(self, year: int) -> None:
        self._year = year
        self._waiting: list[Holiday] = []
        self._counted: list[Holiday] = []
        self._month: int | None = None
        self.holidays: list[Holiday] = []
        self.made_up: list[date] = []

    def take(self, token: re.Match[str]) -> None:
        if token["stretch"]:
            self._waiting.append(self._stretch(token.groups()[1:9]))
        elif token["off"]:
            self._off(token["off_days"])
        elif token["on"]:
            self.made_up += [day for one in self._waiting for day in _days(one)]
            self._waiting = []
        elif token["days"]:
            self._count(int(token["days"]))
        else:
            self._waiting, self._counted, self._month = [], [], None

    def _off(self, days: str | None) -> None:
        self.holidays += self._waiting
        self._counted, self._waiting = self._waiting, []
        if days:
            self._count(int(days))

    def _count(self, said: int) -> None:
        """Check the number of days a notice says a holiday has."""
        counted = sum(one.days for one in self._counted)
        if self._counted and counted != said:
            first = self._counted[0].first
            raise WrongNotice(
                f"{first} 起的假期写明共 {said} 天,按起止日期是 {counted} 天。",
                f"The holiday from {first} is said to have {said} days, and has {counted}.",
            )

    def _stretch(self, said: tuple[str | None, ...]) -> Holiday:
        """Read a day, or a first and a last one."""
        last = None if said[6] is None else self._day(said[4:], self._month_of(said))
        first = self._day(said[:4], self._month, before=last)
        self._month = (last or first).month
        stretch = Holiday(first, last or first)
        if not 1 <= stretch.days <= LONGEST:
            raise WrongNotice(
                f"{stretch.first} 至 {stretch.last} 不像一个假期。",
                f"{stretch.first} to {stretch.last} is no holiday.",
            )
        return stretch

    def _month_of(self, said: tuple[str | None, ...]) -> int | None:
        return int(said[1]) if said[1] else self._month

    def _day(
        self, said: tuple[str | None, ...], month: int | None, *, before: date | None = None
    ) -> date:
        """
        Read one day; without a year, of the notice's, or of the December before it.

        ``before`` is the last day of a stretch that this one begins: 12月30日至1月1日.
        """
        told_year, told_month, told_day, aside = said
        month = int(told_month) if told_month else month
        if month is None:
            raise WrongNotice(f"“{told_day}日”没有写明月份。", f"Day {told_day} has no month.")
        years = [int(told_year)] if told_year else [self._year]
        if not told_year and month == DECEMBER:
            years = (
                [self._year - 1] if before and before.month < month else [*years, self._year - 1]
            )
        weekday = WEEKDAY.search(aside or "")
        wanted = weekday and WEEKDAYS.index(weekday[1].replace("天", "日"))
        found = list(_possible(years, month, int(told_day or 0)))
        fitting = [day for day in found if wanted is None or day.weekday() == wanted]
        if not found:
            raise WrongNotice(
                f"没有{month}月{told_day}日这一天。",
                f"There is no day {told_day} in month {month}.",
            )
        if not fitting:
            raise WrongNotice(
                f"{found[0]} 是{_weekday(found[0])},通知写的是{weekday and weekday[0]}。"
                "请核对年份与日期。",
                f"{found[0]} is another day of the week than the notice says. Check the year.",
            )
        if abs(fitting[0].year - self._year) > 1:
            raise WrongNotice(
                f"{fitting[0]} 不属于 {self._year} 年的通知。",
                f"{fitting[0]} does not belong to a notice for {self._year}.",
            )
        return fitting[0]


def _possible(years: list[int], month: int, day: int) -> Iterator[date]:
    for year in years:
        try:
            yield date(year, month, day)
        except ValueError:
            continue


def _days(stretch: Holiday) -> list[date]:
    return [stretch.first + ONE_DAY * n for n in range(stretch.days)]


def _weekday(day: date) -> str:
    return f"周{WEEKDAYS[day.weekday()]}"
