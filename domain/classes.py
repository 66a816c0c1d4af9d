"""Classes (班级) by name and number: which two are the same, and in what grade one is today."""

import re
from datetime import date

FIRST_GRADE = {"21": 1, "31": 7, "51": 1}  # by school type, the first two digits of its code
LAST_GRADE = {"21": 6, "31": 9, "51": 9}
SEPTEMBER = 9
DIGITS = "零一二三四五六七八九"
NATIONAL = re.compile(r"(20\d{2})(\d{2})", re.ASCII)  # 入学年份 and 班序
NAME = re.compile(r"[((]?(\d{1,2}|[一二三四五六七八九十]{1,3})[))]?班?", re.ASCII)


def grade_of_intake(school_code: str, year: int, today: date) -> int | None:
    """
    Give the grade of those who came to a school in the autumn of a year; ``None`` if they left.

    A school year begins on 1 September, whenever the promotion is recorded.
    """
    kind = school_code[:2]
    if kind not in FIRST_GRADE:
        return None
    begun = today.year if today.month >= SEPTEMBER else today.year - 1
    grade = FIRST_GRADE[kind] + begun - year
    return grade if FIRST_GRADE[kind] <= grade <= LAST_GRADE[kind] else None


def intake_of(class_number: str) -> int | None:
    """Give the year in a national 班号 such as 202301; ``None`` if it is written otherwise."""
    found = NATIONAL.fullmatch(class_number)
    return int(found[1]) if found else None


def order_of(class_name: str) -> int | None:
    """Give the number of a class, of 202301, 1班, (1)班 and 一班 alike; ``None`` if it has none."""
    if found := NATIONAL.fullmatch(class_name):
        return int(found[2])
    if (found := NAME.fullmatch(class_name)) is None:
        return None
    if found[1].isdigit():
        return int(found[1])
    tens, ten, ones = found[1].rpartition("十")
    return (10 * (DIGITS.find(tens) if tens else 1) if ten else 0) + DIGITS.find(ones or "零")


def same_class(one: str | None, other: str | None) -> bool:
    """Say whether two names are of one class, of the same grade of the same school."""
    if one is None or other is None:
        return one == other
    order = order_of(one)
    return one == other or (order is not None and order == order_of(other))
