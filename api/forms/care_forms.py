"""Forms of the work with child and family: 家访登记表, 劝返工作记录, 送教上门记录."""

from collections.abc import Mapping
from typing import Any

from api.forms.sheet import (
    HOUSE_SIGNATURES,
    WRITTEN_BY_HAND,
    Sheet,
    Table,
    choices,
    listing,
    yes_no,
)
from api.forms.subject import Subject
from domain import codes
from domain.care import PersuasionAttempted

PERSUADERS = 4  # lines for their names on a blank form


def home_visit(about: Subject) -> Sheet:
    """Set 家访登记表 (domain.md section 4)."""
    table = (
        about.heading_rows()
        .row(("家访日期", about.text("occurred_on")), ("家访教师", about.text("visitors")))
        .row(("方式", choices(codes.VISIT_MODE, about.data.get("mode"))))
        .row(("见到", choices(codes.MET, about.data.get("met"))))
        .tall("家访目的", about.text("purpose"), 16)
        .tall("家庭情况", about.text("family_situation"))
        .tall("在校表现", about.text("school_situation"))
        .tall("家长意见", about.text("guardian_view"))
        .row(
            ("核实原因", choices(codes.DROPOUT_REASON, about.data.get("verified_reasons"))),
            least=WRITTEN_BY_HAND,
        )
        .tall("后续跟进", about.text("next_step"), 18)
        .row(("家访人签名", None), ("监护人签名", None), least=14)
    )
    return sheet_of("家访登记表", about, table.block())


def persuasion(about: Subject) -> Sheet:
    """Set 劝返工作记录 (domain.md section 4)."""
    people = about.data.get("persuaders") or [{}] * PERSUADERS
    attempt = f"第 {attempt_number(about)} 次" if not about.blank else None
    first = (
        about.heading_rows()
        .row(("劝返次数", attempt), ("劝返时间", about.text("occurred_on")))
        .row(("见到", choices(codes.MET, about.data.get("met"))))
    )
    who = listing(
        ("劝返人员", "单位", "层级"),
        (3, 6, 3),
        [
            (one.get("name"), one.get("unit"), level_of(one) if one else "\n ")  # room to write
            for one in people
        ],
    )
    rest = (
        Table()
        .row(("劝返情况", choices(codes.PERSUASION_OUTCOME, about.data.get("outcome"))))
        .row(
            ("辍学原因", choices(codes.DROPOUT_REASON, about.data.get("reasons"))),
            least=WRITTEN_BY_HAND,
        )
        .tall("帮扶措施", about.text("support_offered"))
        .tall("备注", about.text("note"), 24)
        .row(("劝返人签名", None), ("监护人签名", None), least=14)
    )
    return sheet_of("劝返工作记录", about, first.block(), who, rest.block())


def level_of(persuader: Mapping[str, Any]) -> str:
    return codes.ESCALATION_LEVEL.label(persuader["level"], "zh")


def attempt_number(about: Subject) -> int:
    """Count the attempts of the case up to this one, by day, as the register does."""
    assert about.child is not None
    student = about.child.student
    episode = student.standings[about.number - 1].episode
    days = sorted(
        (entry.occurred_on, version)
        for version, entry in enumerate(student.entries, start=1)
        if isinstance(entry, PersuasionAttempted)
        and student.standings[version - 1].episode == episode
    )
    return days.index((student.entries[about.number - 1].occurred_on, about.number)) + 1


def home_teaching_session(about: Subject) -> Sheet:
    """Set 送教上门记录 (domain.md section 4)."""
    minutes = about.data.get("minutes")
    table = (
        about.heading_rows()
        .row(
            ("送教日期", about.text("occurred_on")),
            ("送教教师", about.text("teachers")),
            ("时长（分钟）", minutes and str(minutes)),
        )
        .tall("送教内容", about.text("topic"), 60)
        .tall("学生反应", about.text("response"), 40)
        .row(("家长在场", yes_no(about.data.get("guardian_present"))))
        .row(("送教教师签名", None), ("监护人签名", None), least=14)
    )
    return sheet_of("送教上门记录", about, table.block())


def sheet_of(title: str, about: Subject, *blocks: dict[str, object]) -> Sheet:
    """Make a form of some blocks, with the lines to sign on below."""
    return Sheet(
        title,
        (*blocks, HOUSE_SIGNATURES),
        unit=about.school or "",
        number=about.reference,
        code=about.code,
        about=about.name or "",
    )
