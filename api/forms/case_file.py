"""一人一案: a child's whole history as a paper, every entry with both clocks, and its receipt."""

from collections.abc import Iterator
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from api.forms.sheet import (
    HOUSE_SIGNATURES,
    Block,
    Sheet,
    Table,
    heading,
    listing,
    receipt,
    written_day,
)
from api.forms.subject import Subject, in_words
from api.showing import shown
from domain import codes
from domain.care import ResponsiblePersonNamed
from domain.corrections import Corrected
from domain.entry import Entry
from domain.record_fields import ENTRY_FIELD, RECORD_FIELD
from projections.episodes import case_file as case_of
from projections.sentences import kind_label, sentence

CHECKED_BY = "核验：审计取得该生的证据文件后，运行以下命令，可核对本档案之后有无改动。"
COMMAND = "guixue verify 证据文件 --key 日志公钥 --receipt 回执码"
HIDDEN = "（不打印）"
NOT_PRINTED = frozenset({"notes"})  # of counselling: existence only (domain.md section 8, 5)


def case_file(about: Subject, zone: ZoneInfo) -> Sheet:
    """Set 一人一案: who, how it stands, every case, every entry, and who answers for the child."""
    child = about.child
    assert child is not None
    assert about.receipt is not None
    return Sheet(
        "一人一案",
        (
            Table()
            .row(("学生姓名", about.name), ("学籍号", about.roll("student_number")))
            .row(("学校", about.school), ("年级班级", about.grade_and_class))
            .row(("个案状态", about.roll("status")), ("记录条数", str(child.version)))
            .block(),
            receipt(
                about.receipt,
                f"本档案记至日志位置 {child.positions[-1]}，该生记录第 {child.version} 版。",
                CHECKED_BY,
                COMMAND,
                "回执码：",
            ),
            heading("一、学籍信息"),
            roll(about).block(),
            *key_groups(about),
            heading("二、责任人"),
            responsible(about),
            heading("三、个案"),
            *episodes(about),
            heading("四、全部记录"),
            entries(about, zone),
            HOUSE_SIGNATURES,
        ),
        unit=about.school or "",
        number=about.reference,
        about=about.name or "",
    )


def roll(about: Subject) -> Table:
    told = about.roll
    disability = about.record.get("disability") or {}
    kind, level = disability.get("type"), disability.get("level")
    words = (
        codes.DISABILITY_TYPE.label(str(kind), "zh"),
        codes.DISABILITY_LEVEL.label(str(level), "zh"),
        disability.get("certificate") or "",
    )
    disabled = " ".join(words) if kind else None
    return (
        about.heading_rows()
        .row(("身份证号", told("id_number")), ("学生状态", told("student_status")))
        .row(("户籍所在地", told("registered_residence")), ("乡镇（街道）", told("township")))
        .row(("中心校", told("township_office")), ("安置方式", told("placement") or "无"))
        .row(("残疾", disabled or "无"))
    )


def key_groups(about: Subject) -> Iterator[Block]:
    """Give the marks in force, with source, purpose and expiry (domain.md section 8, 9)."""
    marks = about.record.get("key_groups") or []
    yield heading("重点群体标记")
    yield listing(
        ("类别", "来源", "用途", "到期日"),
        (3, 4, 4, 3),
        [
            (
                codes.KEY_GROUP.label(mark["code"], "zh"),
                mark.get("source"),
                mark.get("purpose"),
                written_day(mark.get("until")) or "无",
            )
            for mark in marks
        ]
        or [("无", None, None, None)],
    )


def responsible(about: Subject) -> Block:
    assert about.child is not None
    named = [one for one in about.child.student.entries if isinstance(one, ResponsiblePersonNamed)]
    return listing(
        ("起始日期", "身份", "姓名"),
        (3, 3, 4),
        [
            (
                written_day(one.occurred_on),
                codes.RESPONSIBILITY_ROLE.label(one.role, "zh"),
                one.name,
            )
            for one in named
        ]
        or [("未指定", None, None)],
    )


def episodes(about: Subject) -> Iterator[Block]:
    assert about.child is not None
    found = about.child.student.state.episodes
    for episode in found:
        case = case_of(about.child, episode.number)
        told = {
            "status": episode.status,
            "level": codes.ESCALATION_LEVEL.label(episode.level, "zh"),
            "reasons": case.reasons,
            "close_reason": episode.close_reason,
        }
        words = shown(told, "zh", masks={})
        status = codes.RELAPSED.zh if episode.relapsed else in_words(words, "status")
        yield (
            Table()
            .row(("个案", f"第 {episode.number} 次"), ("状态", status))
            .row(
                ("首次缺勤日", written_day(episode.first_absent_on)),
                ("核实日期", written_day(episode.suspected_on)),
            )
            .row(("原因", in_words(words, "reasons")), ("上报层级", told["level"]))
            .row(
                ("家访次数", str(len(case.visits))),
                ("劝返次数", str(len(case.attempts))),
            )
            .row(
                ("返校日期", written_day(episode.seen_on)),
                ("观察截止", written_day(episode.observed_until)),
            )
            .row(
                ("销号日期", written_day(episode.closed_on)),
                ("销号原因", in_words(words, "close_reason")),
            )
            .block()
        )
        yield {"kind": "gap"}
    if not found:
        yield Table().row(("个案", "无")).block()


def entries(about: Subject, zone: ZoneInfo) -> Block:
    """Give every entry as a sentence; one that was corrected as it is now, and as it was."""
    child = about.child
    assert child is not None
    return listing(
        ("序号", "发生日期", "登记时间", "登记人", "类别", "内容"),
        (2, 4, 4, 6, 4, 12),
        [
            (
                str(number),
                now.occurred_on.isoformat(),
                moment(child.moments[number - 1], zone),
                f"{now.by['name']}\n{now.by['unit']}",
                kind_label(now.entry_kind(), "zh"),
                told(about, number, now, child.recorded[number - 1]),
            )
            for number, now in enumerate(child.student.entries, start=1)
        ],
    )


def told(about: Subject, number: int, now: Entry, recorded: Entry) -> str:
    """Tell an entry in words, with what a correction replaced beside what replaced it."""
    assert about.child is not None
    lines = [sentence(now, "zh")]
    if isinstance(now, Corrected):
        changed = recorded_before(about, number, now)
        lines = [f"更正第 {now.entry} 条：{now.reason}", *changed]
    by = about.child.student.corrected_by.get(number)
    if by:
        was = sentence(recorded, "zh")
        before = f"；原登记：{was}" if was != lines[0] else ""
        lines.append(f"〔经第 {'、'.join(map(str, by))} 条更正{before}〕")
        if recorded.occurred_on != now.occurred_on:
            lines.append(f"〔原登记发生日期：{recorded.occurred_on.isoformat()}〕")
    return "\n".join(lines)


def recorded_before(about: Subject, number: int, correction: Corrected) -> Iterator[str]:
    """Give each corrected field as it stood before, and as it stands by this correction."""
    assert about.child is not None
    corrected = about.child.recorded[correction.entry - 1]
    before = dict(vars(corrected))
    for earlier in about.child.recorded[correction.entry : number - 1]:
        if isinstance(earlier, Corrected) and earlier.entry == correction.entry:
            before |= earlier.changes
    for name, value in correction.changes.items():
        if name in NOT_PRINTED:
            yield f"{field_label(name)}：{HIDDEN}"
            continue
        old, new = (in_text(about, name, one) for one in (before.get(name), value))
        yield f"{field_label(name)}：{old} → {new}"


def in_text(about: Subject, name: str, value: Any) -> str:
    """Give any value of a field in words, masked as lists mask it."""
    if value is None or value == []:
        return "空"
    plain = value.isoformat() if isinstance(value, date) else value
    told = shown({name: plain}, "zh", masks=about.masks)
    if f"{name}_label" in told:
        return in_words(told, name) or "空"
    return flat(told[name])


def flat(value: Any) -> str:
    """Write what nests as words in a row."""
    if isinstance(value, dict):
        labelled = {name for name in value if f"{name}_label" in value}
        return " ".join(flat(inner) for name, inner in value.items() if name not in labelled)
    if isinstance(value, list):
        return "、".join(flat(item) for item in value)
    return "" if value is None else str(value)


def field_label(name: str) -> str:
    """Name a field in Chinese."""
    return RECORD_FIELD[name].zh if name in RECORD_FIELD else ENTRY_FIELD.label(name, "zh")


def moment(when: datetime, zone: ZoneInfo) -> str:
    return f"{when.astimezone(zone):%Y-%m-%d %H:%M}"
