"""The roll as lists show it (学生名册): one row per child, found by name, pinyin or number."""

from collections.abc import Iterable
from functools import lru_cache
from itertools import islice, pairwise, product

from pypinyin import Style, pinyin

from domain.care import HomeTeachingAssigned
from domain.enrolment_notices import EnrolmentNoticeIssued
from domain.entry import Entry
from domain.roll import Enrolled
from domain.student import Student
from domain.transfers import TransferRequested
from projections.replay import Child
from projections.view import OWN_SCHOOLS_ROW, PLACE_COLUMNS, Row, View, place, scoped, stored_json

MOST_READINGS = 16  # of one name; a name of rare characters would multiply without end


class Students(View):
    """Who is where, and how their case stands."""

    name = "students"
    keeps_past = False
    columns = (
        *PLACE_COLUMNS,
        ("sex", "text"),
        ("birth_date", "date"),
        ("student_number", "text"),
        ("id_number", "text"),
        ("student_status", "text"),
        ("episode", "integer"),
        ("escalation_level", "text"),
        ("reported", "boolean"),
        ("referred", "boolean"),
        ("rows_elsewhere", "boolean"),
        ("responsible_person", "text"),
        ("key_groups_until", "jsonb"),
        ("version", "bigint"),
        ("search", "tsvector"),
        ("scope_path", "text"),
    )
    indexes = (
        "school_code",
        "township",
        "status",
        "responsible_person",
        "class (school_code, grade, class_name, opened) INCLUDE (student_status)",
        "groups USING gin (key_groups)",
        "words USING gin (search)",
        "referred (opened) WHERE referred",
        "scope_path",
        "elsewhere (school_code) WHERE rows_elsewhere",
    )

    not_told = frozenset({"search", "scope_path", "rows_elsewhere"})
    within_scope = (
        f"{OWN_SCHOOLS_ROW} OR scope_path = ANY ({scoped('classes', 'text')})"
        f" OR (reported AND township = ANY ({scoped('townships', 'text')}))"
        " OR (referred AND (SELECT current_setting('guixue.referred', true) = 'yes'))"
        f" OR student_id = ANY ({scoped('children', 'uuid')})"
    )

    def all_keys(self, child: Child) -> Iterable[int]:  # noqa: ARG002
        return (1,)

    def keys(self, child: Child, entry: Entry) -> Iterable[int]:  # noqa: ARG002
        return (1,)

    def row(self, child: Child, key: int) -> Row:  # noqa: ARG002
        student, enrolment = child.student, child.enrolment
        state = student.state
        return (
            *place(child, len(student.entries) - 1, 0, enrolment.birth_date),
            enrolment.sex,
            enrolment.birth_date,
            state.student_number,
            state.id_number,
            state.student_status,
            state.episode.number if state.episode else None,
            state.episode.level if state.episode else None,
            student.is_reported or state.school_code is None,
            student.is_referred,
            has_rows_elsewhere(student),
            state.responsible.get("responsible"),
            stored_json(
                {
                    code: mark["until"]
                    for code, mark in state.key_groups.items()
                    if mark.get("until")
                }
            ),
            student.version,
            search_words(enrolment),
            f"{state.school_code}/{state.grade}/{state.class_name}",
        )


def has_rows_elsewhere(student: Student) -> bool:
    """Say whether ledgers may hold rows of the child under another school than its own."""
    schools = {standing.school_code for standing in student.standings}
    schools |= {e.school_code for e in student.entries if isinstance(e, HomeTeachingAssigned)}
    schools |= {e.school_code for e in student.entries if isinstance(e, EnrolmentNoticeIssued)}
    schools |= {e.to_school for e in student.entries if isinstance(e, TransferRequested)}
    return len(schools) > 1


def search_words(enrolment: Enrolled) -> str:
    """Give the words a child is found by, as a tsvector literal."""
    name = enrolment.name
    words = {*name, *("".join(pair) for pair in pairwise(name))}
    words |= {f"i:{initials}" for initials in name_initials(name)}
    words |= {
        f"n:{number.lower()}"
        for number in (enrolment.student_number, enrolment.id_number)
        if number
    }
    return " ".join(lexeme(word) for word in sorted(words) if word.strip())


def name_initials(name: str) -> set[str]:
    """Give every way the pinyin initials of a name may be read (单 is s, d and c)."""
    readings = [letters for char in name if (letters := first_letters(char))]
    return {"".join(way) for way in islice(product(*readings), MOST_READINGS)}


@lru_cache(maxsize=20_000)
def first_letters(char: str) -> tuple[str, ...]:
    """Give the first letters of every reading of a character; none for punctuation."""
    if char.isascii():
        return (char.lower(),) if char.isalnum() else ()
    readings = pinyin(char, style=Style.FIRST_LETTER, heteronym=True, errors="ignore")
    return tuple(sorted(set(readings[0]))) if readings else ()


def lexeme(word: str) -> str:
    """Quote a word for a tsvector or tsquery literal."""
    return "'" + word.replace("\\", "\\\\").replace("'", "''") + "'"


def search_query(text: str) -> str | None:
    """
    Turn what a person typed into a tsquery literal, ``None`` for nothing to look for.

    Chinese finds names that contain it; letters are pinyin initials or the start of a 学籍号;
    digits are the start of an ID number.
    """
    text = "".join(text.split())
    if not text:
        return None
    if not text.isascii():
        pairs = ["".join(pair) for pair in pairwise(text)] or [text]
        return " & ".join(lexeme(pair) for pair in pairs)
    word = text.lower()
    return f"{lexeme('i:' + word)}:* | {lexeme('n:' + word)}:*"
