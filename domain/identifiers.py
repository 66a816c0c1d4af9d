"""Identifiers (学籍号, 身份证号, 学校标识码): parsed, checked, and masked."""

import re
import unicodedata
from dataclasses import dataclass
from datetime import date
from operator import mul

ID_NUMBER = re.compile(r"[0-9]{17}[0-9X]", re.ASCII)
WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
CHECK_CHARACTERS = "10X98765432"
SCHOOL_TYPES = ("21", "31", "51")
LONGEST = 64
# Somebody's number inside a text: 18 characters in a row, with blanks or hyphens between or not.
IN_TEXT = re.compile(r"(?<![0-9])(?:[0-9][ \t\-]?){17}[0-9Xx](?![0-9])", re.ASCII)
NUMBERED = re.compile(r"(?<![A-Za-z])[GJLgjl][ \t\-]?$", re.ASCII)  # before it: a 学籍号
FIRST_BORN, LAST_BORN = 1900, 2100


class MalformedIdentifier(ValueError):
    """An identifier is not what it claims to be; says what is wrong and what to do."""

    def __init__(self, slug: str, zh: str, en: str) -> None:
        self.slug = slug
        self.zh = zh
        self.en = en
        super().__init__(en)


@dataclass(frozen=True, slots=True)
class StudentNumber:
    """A 学籍号: kind ``G`` (with the ID number), ``J`` or ``L``."""

    kind: str
    text: str
    id_number: str | None


@dataclass(frozen=True, slots=True)
class SchoolCode:
    """A 学校标识码: school type and province, the first four digits."""

    text: str
    type: str
    province: str


def id_check_character(first17: str) -> str:
    """Work out the check character of an ID number (GB 11643)."""
    # A roll asks this of every row three times: map takes a third of a generator's time.
    return CHECK_CHARACTERS[sum(map(mul, map(int, first17), WEIGHTS)) % 11]


def check_id_number(text: str) -> str:
    """
    Return an ID number in normal form.

    :raises MalformedIdentifier: if its form, birth date or check character is wrong
    """
    number = text.upper() if len(text) <= LONGEST else ""
    if not ID_NUMBER.fullmatch(number) or _day(number[6:14]) is None:
        raise MalformedIdentifier(
            "id-number-form",
            "身份证号须为 18 位,含有效的出生日期。请对照户口本核对。",
            "An ID number has 18 characters with a valid birth date. Check it against the papers.",
        )
    if id_check_character(number[:17]) != number[17]:
        raise MalformedIdentifier(
            "id-number-check",
            "身份证号校验码不对,可能有一位录错。请逐位核对。",
            "The ID number's check character is wrong; a digit may be mistyped.",
        )
    return number


def birth_date_of(id_number: str) -> date:
    """Return the birth date inside a checked ID number."""
    day = _day(check_id_number(id_number)[6:14])
    assert day is not None
    return day


def parse_student_number(text: str) -> StudentNumber:
    """
    Read a 学籍号 of 19 characters: ``G`` + ID number, ``J`` + 18, ``L`` + area, birth date, 4.

    :raises MalformedIdentifier: if it is none of these
    """
    number = text.upper() if len(text) <= LONGEST else ""
    kind, rest = number[:1], number[1:]
    if kind == "G" and len(rest) == len("410399201409150019"):
        return StudentNumber("G", number, check_id_number(rest))
    if kind == "J" and ID_NUMBER.fullmatch(rest):
        return StudentNumber("J", number, None)
    if (
        kind == "L"
        and ID_NUMBER.fullmatch(rest)
        and rest[-1] != "X"
        and _day(rest[6:14]) is not None
    ):
        return StudentNumber("L", number, None)
    raise MalformedIdentifier(
        "student-number-form",
        "学籍号须为 19 位:G+身份证号,或 J+18 位,或 L+地区 6 位+出生日期 8 位+4 位。请核对。",
        "A student number has 19 characters: G + ID number, J + 18, or L + area 6 + birth date 8 "
        "+ 4. Check it.",
    )


def parse_school_code(text: str) -> SchoolCode:
    """
    Read a 学校标识码: type 21, 31 or 51, province, serial of six digits.

    :raises MalformedIdentifier: if it is not one
    """
    if not re.fullmatch(r"[0-9]{10}", text[:LONGEST], re.ASCII) or text[:2] not in SCHOOL_TYPES:
        raise MalformedIdentifier(
            "school-code-form",
            "学校标识码须为 10 位数字,以 21(小学)、31(初中)或 51(特教)开头。请核对。",
            "A school code has 10 digits and starts with 21, 31 or 51. Check it.",
        )
    return SchoolCode(text, text[:2], text[2:4])


def check_disability_certificate(text: str) -> str:
    """
    Return a disability certificate number: ID number, type 1-7, level 1-4 (GB/T 26341).

    :raises MalformedIdentifier: if it is not one
    """
    if not re.fullmatch(r".{18}[1-7][1-4]", text[:LONGEST], re.ASCII):
        raise MalformedIdentifier(
            "certificate-form",
            "残疾证号须为身份证号加类别(1-7)和等级(1-4)共 20 位。请核对。",
            "A certificate number is the ID number, the type 1-7 and the level 1-4. Check it.",
        )
    return check_id_number(text[:18]) + text[18:]


def names_a_person(text: str) -> bool:
    """
    Say whether a text holds a 学籍号, or 18 digits that may be an ID number.

    Full-width digits count, and so do wrong check characters: a mistyped number is one, too.
    """
    said = unicodedata.normalize("NFKC", text)
    for found in IN_TEXT.finditer(said):
        number = re.sub(r"[ \t\-]", "", found[0])
        born = _day(number[6:14])
        if born is not None and FIRST_BORN <= born.year < LAST_BORN:
            return True
        if NUMBERED.search(said[: found.start()][-2:]):
            return True
    return False


def masked_id_number(text: str) -> str:
    """Show the first six and the last four characters."""
    return _masked(text, 6, 4)


def masked_student_number(text: str) -> str:
    """Mask a number that contains an ID number; others hold none and are shown."""
    return text[0] + masked_id_number(text[1:]) if text[:1] in {"G", "g"} else text


def masked_phone(text: str) -> str:
    """Show the first three and the last four digits; of a short number the last two."""
    return _masked(text, 3, 4) if len(text) > 9 else _masked(text, 0, 2)  # noqa: PLR2004


def masked_address(text: str) -> str:
    """Show the first six characters, or fewer of a short address."""
    return text[: min(6, len(text) // 2)] + "***"


def masked_birth_date(text: str) -> str:
    """Show the year of a ``YYYY-MM-DD``."""
    return text[:4] + "-**-**"


def masked_certificate(text: str) -> str:
    """Mask the ID number in a disability certificate number."""
    return _masked(text, 6, 6)


def _masked(text: str, first: int, last: int) -> str:
    hidden = len(text) - first - last
    if hidden <= 0:
        return "*" * len(text)
    return text[:first] + "*" * hidden + text[len(text) - last :]


def _day(digits: str) -> date | None:
    try:
        return date(int(digits[:4]), int(digits[4:6]), int(digits[6:8]))
    except ValueError:
        return None
