"""Forms of who answers for a child: 疑似辍学学生书面报告 and 责任书."""

from api.forms.care_forms import level_of
from api.forms.sheet import (
    Sheet,
    Table,
    choices,
    closing,
    day_or_blank,
    fill,
    heading,
    listing,
    prose,
    signatures,
    written_day,
)
from api.forms.subject import Subject
from domain import codes
from domain.care import PersuasionAttempted
from projections.episodes import CaseFile, case_file

LINES = 3  # for attempts on a blank form


def written_report(about: Subject) -> Sheet:
    """Set 疑似辍学学生书面报告 (未成年人保护法 art. 28: in writing and in time)."""
    upward = ("township", "bureau")
    levels = [[codes.ESCALATION_LEVEL.label(one, "zh"), one == about.data.get("to_level")]
              for one in upward]  # fmt: skip
    case = reported_case(about)
    absent = written_day(case.episode.first_absent_on) if case else None
    attempts = attempts_before(about, case)
    table = (
        about.heading_rows()
        .row(("学籍号", about.roll("student_number")), ("首次缺勤日", absent))
        .row(("呈报", {"choices": levels}), ("报告日期", about.text("occurred_on")))
        .row(("辍学原因", choices(codes.DROPOUT_REASON, case.reasons if case else ())))
    )
    told = listing(
        ("劝返时间", "劝返人员", "劝返情况"),
        (3, 5, 4),
        [attempt_line(one) for one in attempts] or [("\n ", None, None)] * LINES,
    )
    rest = Table().tall("情况报告", about.text("summary"), 40).tall("上级意见", None, 22)
    return Sheet(
        "疑似辍学学生书面报告",
        (
            *(table.block(), heading("劝返经过"), told, heading("报告"), rest.block()),
            signatures("校长", "学校（盖章）", "日期"),
        ),
        unit=about.school or "",
        number=about.text("report_number") or "",
        code=about.code,
        about=about.name or "",
    )


def reported_case(about: Subject) -> CaseFile | None:
    """Give the case a report is of."""
    if about.child is None or not about.number:
        return None
    episode = about.child.student.standings[about.number - 1].episode
    return case_file(about.child, episode) if episode else None


def attempts_before(about: Subject, case: CaseFile | None) -> list[PersuasionAttempted]:
    """Give the attempts of the reported case up to the day of the report, by day."""
    if case is None or about.entry is None:
        return []
    return [one for one in case.attempts if one.occurred_on <= about.entry.occurred_on]


def attempt_line(attempt: PersuasionAttempted) -> tuple[str | None, str, str]:
    who = "、".join(f"{one['name']}({level_of(one)})" for one in attempt.persuaders)
    outcome = codes.PERSUASION_OUTCOME.label(attempt.outcome, "zh")
    return written_day(attempt.occurred_on), who, outcome


def responsibility_pledge(about: Subject) -> Sheet:
    """Set 责任书 for the child's directly responsible person (直接责任人)."""
    person = about.roll("responsible_person")
    return Sheet(
        "控辍保学责任书",
        (
            prose(
                (
                    *("为保证每个孩子读完义务教育，由 ", fill(person), " 担任 "),
                    *(
                        fill(about.name),
                        "（",
                        fill(about.place, 14),
                        "）的直接责任人，承担以下责任：",
                    ),
                ),
                ("一、每日了解该生到校情况，无故缺勤当天与监护人联系，并如实登记。",),
                ("二、按规定上门家访，了解家庭情况，学习或生活有困难的及时提出帮扶办法。",),
                ("三、发现疑似辍学立即报告，参加劝返，直到学生回到课堂。",),
                ("四、学生返校后做好观察和辅导，防止再次辍学。",),
                ("五、保护学生和家庭的个人信息，不向无关人员透露。",),
                ("本责任书一式两份，学校和责任人各存一份，自签字之日起生效。",),
            ),
            closing(
                ("学校（盖章）：", fill(about.school, 12)),
                ("校长签字：", fill(None, 10)),
                ("责任人签字：", fill(None, 10)),
                day_or_blank(None),
            ),
        ),
        unit=None,
        number=None,
        code=about.code,
        about=about.name or "",
    )
