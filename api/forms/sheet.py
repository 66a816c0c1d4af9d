"""What a form is made of before it is set: a title, and blocks of tables, prose and signatures."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from domain.code_list import CodeList

COLUMNS = 12  # of a table; a label takes two of them
LABEL = 2
LINE, WRITTEN_BY_HAND = 9, 11  # mm
Block = dict[str, Any]
Value = Any  # a text, choices, or None for a place to write in


@dataclass(frozen=True, slots=True)
class Sheet:
    """
    One form of one or more pages.

    ``unit`` stands left above the form and ``number`` right; ``code`` is printed as text and QR;
    ``about`` names what later pages are of.
    """

    title: str
    blocks: Sequence[Block]
    unit: str | None = None
    number: str | None = None
    code: str | None = None
    about: str = ""


@dataclass(slots=True)
class Table:
    """A table of labels and values, row by row."""

    cells: list[Block] = field(default_factory=list)

    def row(
        self, *pairs: tuple[str, Value], least: int = LINE, spans: Sequence[int] = ()
    ) -> "Table":
        """Add one row of up to three pairs, at least ``least`` mm high; ``spans`` fill it."""
        widths = spans or (LABEL, COLUMNS // len(pairs) - LABEL) * len(pairs)
        for n, (label, value) in enumerate(pairs):
            self._cell(label, widths[2 * n], least, label=True)
            self._cell(value, widths[2 * n + 1], least)
        return self

    def tall(self, label: str, value: Value, least: int = 20) -> "Table":
        """Add a row with room to write."""
        return self.row((label, value), least=least)

    def _cell(self, value: Value, span: int, least: int, *, label: bool = False) -> None:
        self.cells.append({"value": value, "span": span, "least": least, "label": label})

    def block(self) -> Block:
        return {"kind": "table", "columns": COLUMNS, "cells": self.cells}


def listing(
    headings: Sequence[str], widths: Sequence[int], rows: Iterable[Sequence[Value]]
) -> Block:
    """Make a table of lines under headings, which are repeated on every page."""
    lines = [list(row) for row in rows]
    return {"kind": "listing", "headings": headings, "widths": widths, "rows": lines}


def choices(codes: CodeList, chosen: object = ()) -> Block:
    """Give every code of a list with a box to tick, the chosen ones ticked."""
    ticked = [chosen] if isinstance(chosen, str) else list(chosen or [])  # type: ignore[call-overload]
    return {"choices": [[code.zh, code.code in ticked] for code in codes.values()]}


def yes_no(value: bool | None) -> Block:
    return {"choices": [["是", value is True], ["否", value is False]]}


def fill(value: object, width: int = 8) -> Block:
    """Give a value on a line, or the line alone, so many characters wide."""
    return {"fill": None if value in (None, "") else str(value), "width": width}


def prose(*paragraphs: Sequence[str | Block]) -> Block:
    return {"kind": "prose", "paragraphs": paragraphs}


def heading(text: str) -> Block:
    return {"kind": "heading", "text": text}


def second_title(text: str) -> Block:
    """Begin the second part of a form under a line to cut along."""
    return {"kind": "second", "text": text}


def signatures(*labels: str) -> Block:
    """Give lines to sign on, side by side."""
    return {"kind": "signatures", "labels": labels}


def closing(*lines: Sequence[str | Block]) -> Block:
    """Give the lines at the right under a letter: who it is from, and when."""
    return {"kind": "closing", "lines": lines}


def receipt(text: str, *lines: str) -> Block:
    """Give a code as text and QR, with lines beside it."""
    return {"kind": "receipt", "code": text, "lines": lines}


def written_day(day: date | str | None) -> str | None:
    """Write a day as papers do: 2026年9月14日."""
    if not day:
        return None
    value = day if isinstance(day, date) else date.fromisoformat(day)
    return f"{value.year}年{value.month}月{value.day}日"


def day_or_blank(day: date | str | None) -> list[str | Block]:
    """Write a day in prose, or leave room for year, month and day."""
    if written := written_day(day):
        return [fill(written)]
    return [fill(None, 4), "年", fill(None, 2), "月", fill(None, 2), "日"]


HOUSE_SIGNATURES = signatures("填表人", "审核人", "单位（盖章）", "日期")
