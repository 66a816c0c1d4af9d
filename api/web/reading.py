"""From what was typed into a form to the body it becomes, and back; what is empty is not sent."""

import re
from collections.abc import Callable
from math import isfinite
from typing import Any

from api.web.fields import Field
from api.web.sent import Sent

BETWEEN = re.compile(r"[、,,;;\n]+")
DIGITS = 19  # of the largest number JSON takes from a form
YES, NO = "yes", "no"
Pairs = list[tuple[str, str]]


def body_of(fields: tuple[Field, ...], sent: Sent, before: str = "") -> dict[str, Any]:
    """Give the body; a value that cannot be one is given as typed, for the contract to refuse."""
    read = {field.name: READ[field.kind](field, sent, before + field.name) for field in fields}
    return {name: value for name, value in read.items() if value is not None}


def whole(text: str) -> int | str:
    """Give a whole number; what is none, or too long to be one, as typed."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= DIGITS else text


def typed(fields: tuple[Field, ...], body: dict[str, Any], before: str = "") -> Sent:
    """Give the fields of a form as they would be typed for a body: what forms begin with."""
    return Sent(
        [
            pair
            for field in fields
            if (value := body.get(field.name)) is not None
            for pair in WRITTEN.get(field.kind, _one)(field, value, before + field.name)
        ]
    )


def _text(_: Field, sent: Sent, name: str) -> Any:
    return sent.get(name).strip() or None


def _names(_: Field, sent: Sent, name: str) -> Any:
    return [part.strip() for part in BETWEEN.split(sent.get(name)) if part.strip()] or None


def _lines(_: Field, sent: Sent, name: str) -> Any:
    return [line.strip() for line in sent.get(name).splitlines() if line.strip()] or None


def _number(_: Field, sent: Sent, name: str) -> Any:
    text = sent.get(name).strip()
    try:
        if "." in text and text.isascii() and isfinite(part := float(text)):
            return part
    except ValueError:
        pass
    return whole(text) if text else None


def _yes_no(_: Field, sent: Sent, name: str) -> Any:
    return {YES: True, NO: False, "": None}.get(sent.get(name), sent.get(name))


def _picks(_: Field, sent: Sent, name: str) -> Any:
    return sent.all(name) or None


def _reasons(_: Field, sent: Sent, name: str) -> Any:
    first, rest = sent.get(name), sent.all(f"{name}-more")
    return [*([first] if first else []), *(code for code in rest if code != first)] or None


def _group(field: Field, sent: Sent, name: str) -> Any:
    return body_of(field.parts, sent, f"{name}-") or None


def _rows(field: Field, sent: Sent, name: str) -> Any:
    rows = [body_of(field.parts, sent, f"{name}-{n}-") for n in range(field.rows)]
    return [row for row in rows if row] or ([] if field.required else None)


READ: dict[str, Callable[[Field, Sent, str], Any]] = {
    **dict.fromkeys(("line", "words", "day", "pick"), _text),
    **dict.fromkeys(("papers", "people"), _rows),
    "names": _names,
    "lines": _lines,
    "number": _number,
    "yes_no": _yes_no,
    "picks": _picks,
    "reasons": _reasons,
    "group": _group,
}


def _one(_: Field, value: Any, name: str) -> Pairs:
    return [(name, f"{value:g}" if isinstance(value, float) else str(value))]


def _rows_written(field: Field, rows: Any, name: str) -> Pairs:
    return [
        pair for n, row in enumerate(rows) for pair in typed(field.parts, row, f"{name}-{n}-").pairs
    ]


WRITTEN: dict[str, Callable[[Field, Any, str], Pairs]] = {
    **dict.fromkeys(("papers", "people"), _rows_written),
    "names": lambda _, value, name: [(name, "、".join(value))],
    "lines": lambda _, value, name: [(name, "\n".join(value))],
    "yes_no": lambda _, value, name: [(name, YES if value else NO)],
    "picks": lambda _, value, name: [(name, code) for code in value],
    "reasons": lambda _, value, name: [
        *((name, code) for code in value[:1]),
        *((f"{name}-more", code) for code in value[1:]),
    ],
    "group": lambda field, value, name: typed(field.parts, value, f"{name}-").pairs,
}
