"""A ledger as it is printed: title, unit and period above its columns, the signatures below."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from api.cells import without_unfit
from api.ledger_forms import Form
from api.workbook import Sheet
from domain import codes

# Widths in characters; a Chinese one takes two.
WIDTHS: Mapping[str, int] = {
    "school": 18,
    "grade class": 12,
    "school grade class": 24,
    "township_office": 16,
    "grade": 6,
    "class": 8,
    "sex_label": 6,
    "student_number": 22,
    "id_number": 21,
    "disability_certificate": 23,
    "guardian_phone": 14,
    "home_address": 26,
    "registered_residence": 22,
    "visit_count": 8,
    "persuasion_count": 8,
    "attempts.attempt_no": 8,
    "attempt_no": 8,
    "relapsed": 8,
    "planned_hours": 9,
    "delivered_hours": 9,
    "minutes": 9,
    "disability_level_label": 7,
    "guardian_present": 9,
    "guardian_confirmed": 9,
    "support_taken": 24,
    "support_offered": 24,
    "remark": 24,
    "note": 24,
    "student_status_label": 8,
    "numerator": 9,
    "denominator": 9,
    "percent": 9,
    "position": 10,
    "source": 8,
    "place": 20,
    "label": 20,
    "why": 20,
    "definition": 60,
    "purpose": 20,
    "topic": 20,
    "response": 20,
    "family_situation": 28,
    "school_situation": 28,
    "guardian_view": 28,
    "next_step": 24,
    "unit_name": 18,
    "title": 40,
    "papers_told": 30,
    "corrections_told": 28,
}
USUAL = 12
NUMBER_WIDTH = 6  # of the running number
WIDE = 200  # characters; from here on A3
LONGEST_IN_FOOTER = 30  # characters of a name: a footer holds 255


@dataclass(frozen=True)
class Taking:
    """
    Who takes a ledger away, when, of what unit, and at which position it stood.

    ``masked`` is ``None`` where there is nothing of a child's to mask.
    """

    name: str
    username: str
    at: datetime  # with the district's offset
    unit: str
    position: int
    as_of: datetime | None
    masked: bool | None
    filters: Mapping[str, Any]


@dataclass(frozen=True)
class Printing:
    """What stands around a ledger's rows, in one language."""

    unit: str
    period: str
    whole: str
    any_day: str
    as_of: str
    filtered: str
    taken: str
    masked: str
    in_full: str
    signatures: str
    pages: str


PRINTED = {
    "zh": Printing(
        unit="学校(乡镇):{}",
        period="期间:{} 至 {}",
        whole="期间:全部",
        any_day="不限",
        as_of="截至:{:%Y-%m-%d %H:%M:%S}",
        filtered="筛选:{}",
        taken="导出人:{}({})  导出时间:{:%Y-%m-%d %H:%M:%S}  日志位置:{}",
        masked="证件号码、电话、住址已部分遮盖",
        in_full="含未遮盖的个人信息,请妥善保管",
        signatures="填表人:{0}审核人:{0}盖章:{0}填表日期:",
        pages="第 &P 页,共 &N 页",
    ),
    "en": Printing(
        unit="School (township): {}",
        period="Period: {} to {}",
        whole="Period: all",
        any_day="any day",
        as_of="As of: {:%Y-%m-%d %H:%M:%S}",
        filtered="Only: {}",
        taken="Taken by: {} ({})  At: {:%Y-%m-%d %H:%M:%S}  Log position: {}",
        masked="Numbers, phones and addresses are masked in part",
        in_full="Holds personal data in full: keep it safe",
        signatures="Filled in by:{0}Reviewed by:{0}Seal:{0}Date:",
        pages="Page &P of &N",
    ),
}


def printed(form: Form, taking: Taking, language: str) -> Sheet:
    """Give what stands around the rows of a ledger that somebody takes away."""
    words = PRINTED[language]
    widths = [NUMBER_WIDTH, *(width_of(field) for _, field in form.columns)]
    mark = words.taken.format(taking.name, taking.username, taking.at, taking.position)
    title = form.titled(language)
    hidden = {None: "", True: words.masked, False: words.in_full}[taking.masked]
    above = (
        _line(words.unit.format(taking.unit), _period(words, taking)),
        _line(*_filtered(words, taking, language)),
        _line(mark, hidden),
    )
    return Sheet(
        language=language,
        title=title,
        above=[line for line in above if line],
        headings=form.headings(language),
        widths=widths,
        below=words.signatures.format(" " * 30),
        footer=f"&L{_in_footer(words, taking)}&C{title}&R{words.pages}",
        paper="A3" if sum(widths) > WIDE else "A4",
        author=without_unfit(f"{taking.name} ({taking.username})"),
        mark=without_unfit(mark),
        made_at=taking.at,
    )


def width_of(field: str) -> int:
    return WIDTHS.get(field, USUAL)


def _line(*parts: str) -> str:
    return "    ".join(part for part in parts if part)


def _period(words: Printing, taking: Taking) -> str:
    first, last = (_day(taking.filters.get(end), words) for end in ("from", "to"))
    limited = {taking.filters.get("from"), taking.filters.get("to")} != {None}
    return _line(
        words.period.format(first, last) if limited else words.whole,
        words.as_of.format(taking.as_of) if taking.as_of else "",
    )


def _day(day: date | None, words: Printing) -> str:
    return words.any_day if day is None else day.isoformat()


def _filtered(words: Printing, taking: Taking, language: str) -> list[str]:
    """Name what the rows were chosen by besides place and day."""
    lists = {"status": codes.STATUS, "key_group": codes.KEY_GROUP}
    chosen = [
        code_list.label(taking.filters[name], language)
        for name, code_list in lists.items()
        if taking.filters.get(name)
    ]
    return [words.filtered.format(" · ".join(chosen))] if chosen else []


def _in_footer(words: Printing, taking: Taking) -> str:
    """Give the mark as every page has it; ``&`` begins a code there."""
    names = (name[:LONGEST_IN_FOOTER] for name in (taking.name, taking.username))
    mark = words.taken.format(*names, taking.at, taking.position)
    return without_unfit(mark).replace("&", "&&")
