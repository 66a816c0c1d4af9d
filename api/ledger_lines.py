"""The lines of a ledger as printed: one for each row, or for each item a row repeats, as values."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Any

from api.ledger_forms import Form

Value = str | int | float | date | None  # and never a bool: it has a word of its own
Reader = Callable[[Mapping[str, Any]], Value]
PLAIN = frozenset({str, int, float, date, type(None)})


@dataclass(frozen=True)
class Words:
    """How a language says yes and no, joins names, and calls a class of a grade."""

    yes: str
    no: str
    between: str
    class_of: str


WORDS = {"zh": Words("是", "否", "、", "{}年级{}"), "en": Words("Yes", "No", ", ", "Grade {}, {}")}


def printed_lines(
    form: Form, items: Iterable[Mapping[str, Any]], seq: int, language: str
) -> Iterator[list[Value]]:
    """Give the lines of some rows, numbered on from ``seq``; a row's further lines begin blank."""
    words, repeated = WORDS[language], form.repeated
    columns = [_column(field, words) for _, field in form.columns]
    if repeated is None:
        readers = [read for _, read in columns]
        for number, item in enumerate(items, start=seq + 1):
            yield [number, *[read(item) for read in readers]]
        return
    for number, item in enumerate(items, start=seq + 1):
        for line, inner in enumerate(item.get(repeated) or [{}]):
            yield [
                number if line == 0 else None,
                *(
                    read(inner) if inside else read(item) if line == 0 else None
                    for inside, read in columns
                ),
            ]


def _column(field: str, words: Words) -> tuple[bool, Reader]:
    """Say whether a column is read from what repeats, and how it is read."""
    _, _, inner = field.partition(".")
    if inner:
        return True, partial(_inner, inner, words)
    if " " in field:
        return False, partial(_place, "school" in field, words)
    return False, partial(_field, field, words)


def _field(name: str, words: Words, item: Mapping[str, Any]) -> Value:
    value = item.get(name)
    return value if type(value) in PLAIN else _spelt(value, words)


def _inner(name: str, words: Words, item: Mapping[str, Any]) -> Value:
    """Read a field of what was kept as JSON, where days are texts."""
    value = item.get(name)
    if name.endswith("_on") and isinstance(value, str):
        return date.fromisoformat(value)
    return value if type(value) in PLAIN else _spelt(value, words)


def _spelt(value: Any, words: Words) -> str | None:
    if isinstance(value, bool):
        return words.yes if value else words.no
    if isinstance(value, list):
        named = [_named(v) if isinstance(v, Mapping) else str(v) for v in value]
        return words.between.join(named) or None
    return str(value)


def _named(value: Mapping[str, Any]) -> str:
    """Name a person, or a paper by its kind and number."""
    if "name" in value:
        return str(value["name"])
    return " ".join(filter(None, (value["kind_label"], value.get("title"), value.get("number"))))


def _place(with_school: bool, words: Words, item: Mapping[str, Any]) -> Value:
    """Give several fields in one cell: 晴川中学 7年级1班."""
    school, grade, group = (item.get(name) for name in ("school", "grade", "class"))
    place = words.class_of.format(grade, group) if grade and group else ""
    return f"{school or ''} {place}".strip() if with_school else place
