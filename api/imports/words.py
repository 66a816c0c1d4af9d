"""How a roll file writes things: days, months, grades, yes and no, as people write them."""

import re
from datetime import date

from domain import codes
from domain.classes import DIGITS
from domain.code_list import CodeList

YES, NO = frozenset({"是", "1", "y", "yes", "true"}), frozenset({"否", "0", "n", "no", "false"})
DAY = re.compile(r"(\d{4})[-/.年]?(\d{1,2})[-/.月]?(\d{1,2})日?", re.ASCII)
MONTH = re.compile(r"(\d{4})(?:[-/.年]?(\d{2})|[-/.年](\d))月?", re.ASCII)
AREA = re.compile(r"\d{6}|\d{12}", re.ASCII)
UNPUNCTUATED = 8


def day(text: str) -> str:
    """Give a day as ``YYYY-MM-DD``; what is none, as it stands."""
    found = DAY.fullmatch(re.split(r"[ T]", text, maxsplit=1)[0])
    if found is None or (text.isdigit() and len(text) != UNPUNCTUATED):
        return text
    year, month, number = map(int, found.groups())
    return f"{year:04d}-{month:02d}-{number:02d}"


def first_of_month(text: str) -> date | None:
    """Give the first day of a month (202309, 2023-9, 2023年9月, or a day in it); else ``None``."""
    found = MONTH.fullmatch(text)
    try:
        if found is not None:
            return date(int(found[1]), int(found[2] or found[3]), 1)
        return date.fromisoformat(day(text)).replace(day=1)
    except ValueError:
        return None


def grade(text: str) -> int | str:
    """Give a grade of 七年级, 初一, 7; what is none, as it stands."""
    word = text.removesuffix("年级").removeprefix("小学")
    if len(word) == 1 and word in DIGITS:
        return DIGITS.index(word)
    if len(word) == 2 and word[0] == "初" and word[1] in "一二三":  # noqa: PLR2004  # 初一
        return 6 + DIGITS.index(word[1])
    return int(word) if re.fullmatch(r"\d{1,2}", word, re.ASCII) else text


def yes(text: str) -> bool | None:
    """Give yes or no; ``None`` if it is neither."""
    word = text.lower()
    return word in YES if word in YES | NO else None


def code_of(known: CodeList, word: str) -> str:
    """Give the code of a word that may be the code, its label, or its label with 残疾 after it."""
    plain = word.removesuffix("残疾")
    return next((code for code in known if known.label(code, "zh") == plain), word)


def level(word: str) -> str:
    """Give a level of disability of 二级 or 2."""
    plain = word.removesuffix("级")
    return str(DIGITS.index(plain)) if len(plain) == 1 and plain in DIGITS else plain


def status(word: str) -> str | None:
    """Give the code of a roll status, of its code or its label; ``None`` if it is none."""
    code = code_of(codes.STUDENT_STATUS, word)
    return code if code in codes.STUDENT_STATUS else None


def long_number(text: str) -> str:
    """Give a number without spaces, and without the mark that kept it a text in Excel."""
    return re.sub(r"[\s'‘’]", "", text)
