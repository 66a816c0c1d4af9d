"""学生流动情况月报表 as printed, as a workbook or as CSV; a version in the same bytes always."""

import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from api.cells import without_unfit
from api.ledger_csv import BOM, csv_lines
from api.ledger_lines import Value
from api.ledger_workbook import PRINTED
from api.workbook import Sheet, StreamedWorkbook
from domain.return_figures import COLUMN

TITLE = {"zh": "学生流动情况月报表", "en": "Monthly return of student mobility"}
GRADE_WIDTH, COLUMN_WIDTH = 16, 9


@dataclass(frozen=True)
class Words:
    """The words around the figures, in one language."""

    grade: str
    total: str
    of_grade: str
    adjusted: str
    school: str
    covers: str
    draft: str
    submitted: str
    restated: str
    zero: str
    carried: str
    counted: str
    unchecked: str
    class_of: str
    note: str
    reason: str
    causes: str
    adds_up: str
    taken: str
    taken_at: str


WORDS = {
    "zh": Words(
        grade="年级",
        total="合计",
        of_grade="{}年级",
        adjusted="其中补记({})",
        school="学校:{school}({school_code})  所在乡镇:{township}",
        covers="期间:{first} 至 {last}  应报日期:{due_on}  日志位置:{position}",
        draft="草稿,尚未提交",
        submitted="第 {version} 版,{at:%Y-%m-%d %H:%M:%S} 由 {name}({role})提交",
        restated="第 {version} 版(更正),{at:%Y-%m-%d %H:%M:%S} 由 {name}({role})作出",
        zero="零报告",
        carried="期初承 {month} 第 {version} 版期末",
        counted="期初按学籍变动计得",
        unchecked="未核实班级:{}(原因:{})",
        class_of="{grade}年级{class_name}",
        note="备注:{}",
        reason="更正原因:{}",
        causes="依据的登记(日志位置):{}",
        adds_up="校验:期初 {opening} + 增加 {increases} - 减少 {decreases} = 期末 {closing}",
        taken="导出人:{}({})",
        taken_at="导出时间:{:%Y-%m-%d %H:%M:%S}",
    ),
    "en": Words(
        grade="Grade",
        total="Total",
        of_grade="Grade {}",
        adjusted="of these, recorded late ({})",
        school="School: {school} ({school_code})  Township: {township}",
        covers="Period: {first} to {last}  Due: {due_on}  Log position: {position}",
        draft="Draft, not submitted",
        submitted="Version {version}, submitted {at:%Y-%m-%d %H:%M:%S} by {name} ({role})",
        restated="Version {version}, restated {at:%Y-%m-%d %H:%M:%S} by {name} ({role})",
        zero="Zero return",
        carried="Opens with the closing figures of {month}, version {version}",
        counted="Opening counted from the roll's movements",
        unchecked="Classes not checked: {} (because: {})",
        class_of="grade {grade} {class_name}",
        note="Note: {}",
        reason="Restated because: {}",
        causes="Entries it rests on (log positions): {}",
        adds_up="Check: opening {opening} + {increases} - {decreases} = closing {closing}",
        taken="Taken by: {} ({})",
        taken_at="At: {:%Y-%m-%d %H:%M:%S}",
    ),
}


@dataclass(frozen=True)
class Taker:
    """Who takes a return away, and when: a draft says so, a version never does."""

    name: str
    username: str
    at: datetime


def as_workbook(told: Mapping[str, Any], taker: Taker, language: str) -> bytes:
    """Give a return, as answers tell it, as a workbook."""
    words, made_at = WORDS[language], told["recorded_at"] or taker.at
    mark = words.taken.format(taker.name, taker.username)
    if told["recorded_at"] is None:
        mark += f"  {words.taken_at.format(taker.at)}"
    title = f"{TITLE[language]} {told['month']}"
    sheet = Sheet(
        language=language,
        title=title,
        above=[*_above(told, words), mark],
        headings=[words.grade, *(COLUMN.label(name, language) for name in COLUMN)],
        widths=[GRADE_WIDTH, *(COLUMN_WIDTH for _ in COLUMN)],
        below=PRINTED[language].signatures.format(" " * 30),
        footer=f"&L{without_unfit(mark).replace('&', '&&')}&C{title}&R{PRINTED[language].pages}",
        paper="A4",
        author=without_unfit(f"{taker.name} ({taker.username})"),
        mark=without_unfit(mark),
        made_at=made_at,
        filtered=False,
    )
    file = io.BytesIO()
    with StreamedWorkbook(file, sheet) as book:
        book.add([name, *figures] for name, figures in _lines(told, words))
    return file.getvalue()


def as_csv(told: Mapping[str, Any]) -> bytes:
    """Give a return as CSV, in Chinese, each line with month, school, version and position."""
    words = WORDS["zh"]
    heading: list[Value] = ["月份", "学校标识码", "学校", "版本", "日志位置", words.grade]
    heading += [COLUMN.label(name, "zh") for name in COLUMN]
    whose: list[Value] = [told[name] for name in ("month", "school_code", "school", "version")]
    lines = [[*whose, told["position"], name, *figures] for name, figures in _lines(told, words)]
    return BOM.encode() + csv_lines([heading, *lines])


def _above(told: Mapping[str, Any], words: Words) -> Iterator[str]:
    yield words.school.format(**{**told, "township": told["township"] or ""})
    first, last = told["period"]["from"], told["period"]["to"]
    yield words.covers.format(first=first, last=last, **_only(told, "due_on", "position"))
    how = words.draft
    if told["by"]:
        spoken = {"draft": words.draft, "submitted": words.submitted, "restated": words.restated}
        how = spoken[told["kind"]].format(
            version=told["version"],
            at=told["recorded_at"],
            name=told["by"]["name"],
            role=told["by"]["role_label"],
        )
    begins = told["opening_from"]
    opens = words.carried.format(**begins) if begins else words.counted
    yield "  ".join([how, *([words.zero] if told["zero"] else []), opens])
    yield words.adds_up.format(**told["check"])
    if told["unchecked"]:
        named = "、".join(words.class_of.format(**one) for one in told["unchecked"])
        yield words.unchecked.format(named, told["unchecked_reason"])
    if told["note"]:
        yield words.note.format(told["note"])
    if told["reason"]:
        yield words.reason.format(told["reason"])
        yield words.causes.format(", ".join(map(str, told["causes"])) or "-")


def _lines(told: Mapping[str, Any], words: Words) -> Iterator[tuple[str, list[Value]]]:
    """Give the lines of the form: a grade's, what of it was recorded late, and the total."""
    adjusted: dict[int, dict[str, int]] = {}
    for one in told["adjustments"]:
        adjusted.setdefault(one["grade"], {})[one["column"]] = one["count"]
    for line in told["lines"]:
        grade = words.of_grade.format(line["grade"] or "-")
        yield grade, [line[name] for name in COLUMN]
        if late := adjusted.get(line["grade"]):
            yield words.adjusted.format(grade), [late.get(name) for name in COLUMN]
    yield words.total, [told["total"][name] for name in COLUMN]


def _only(told: Mapping[str, Any], *names: str) -> dict[str, Any]:
    return {name: told[name] for name in names}
