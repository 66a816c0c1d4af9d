"""Papers that go to a family: 责令限期改正通知书, 劝学通知书, 入学通知书, each with its proof."""

from api.forms.sheet import (
    Block,
    Sheet,
    Table,
    closing,
    day_or_blank,
    fill,
    prose,
    second_title,
    signatures,
    written_day,
)
from api.forms.subject import Subject
from domain.escalation import OrderServed

PROOF = "送达回证"
DUTY = (
    "依照《中华人民共和国义务教育法》第五条，父母或者其他法定监护人应当保证孩子按时入学，"
    "并读完九年义务教育"
)


def order(about: Subject) -> Sheet:
    """Set 责令限期改正通知书, with its 送达回证, filled in once it is served."""
    number, due = about.text("document_number"), about.data.get("due_on")
    served = service_of(about)
    return letter(
        "责令限期改正通知书",
        about,
        number,
        prose(
            (
                *("经核查，你监护的 ", fill(about.name), "（", fill(about.place, 14), "）"),
                "未按规定到校接受义务教育。",
            ),
            (
                DUTY,
                "；第五十八条规定，监护人无正当理由未送孩子入学接受义务教育的，由当地乡镇人民政府"
                "或者县级教育行政部门给予批评教育，责令限期改正。",
            ),
            ("现责令你于 ", *day_or_blank(due), " 前改正，送其到校学习，并将结果告知本机关。"),
        ),
        closing(
            (fill(about.text("issued_by"), 14), "（盖章）"),
            day_or_blank(about.data.get("occurred_on")),
        ),
        served=served,
    )


def service_of(about: Subject) -> OrderServed | None:
    """Find when and to whom an order was served, if it was."""
    entries = about.child.student.entries if about.child and about.number else []
    found = (one for one in entries if isinstance(one, OrderServed) and one.order == about.number)
    return next(found, None)


def persuasion_notice(about: Subject) -> Sheet:
    """Set 劝学通知书, with its 送达回证; date and number are written in by hand."""
    absent = about.record.get("first_absent_on")
    return letter(
        "劝学通知书",
        about,
        None,
        prose(
            (
                *("你监护的 ", fill(about.name), "（", fill(about.place, 14), "）自 "),
                *(*day_or_blank(absent), " 起未到校上课。"),
            ),
            (DUTY, "；孩子有权读书，任何人不得让其中途辍学。"),
            (
                *("请你于 ", *day_or_blank(None), " 前送其返校。家庭确有困难的，请与学校联系，"),
                "我们会帮助办理资助、学业辅导或者适合孩子的其他安排。",
            ),
        ),
        closing((fill(about.school, 14), "（盖章）"), day_or_blank(None)),
    )


def enrolment_notice(about: Subject) -> Sheet:
    """
    Set 入学通知书, with the legal notice (义务教育法 art. 5 and 11) and its 送达回证.

    It tells what a notice on record says; of a child without one, the school it is at.
    """
    noted = about.data.get("grade")
    school = about.data.get("school") or about.school
    grade = f"{noted}年级" if noted else about.grade
    return letter(
        "入学通知书",
        about,
        about.text("document_number"),
        prose(
            (
                *("你监护的 ", fill(about.name), " 已到接受义务教育的年龄，请于 "),
                *(*day_or_blank(about.data.get("report_by")), " 前，到 "),
                *(fill(school, 12), " ", fill(grade, 4), " 报到入学。"),
            ),
            (
                *(
                    DUTY,
                    "；依照第十一条，年满六周岁的孩子应当入学，条件不具备的地方可以推迟到七周岁。",
                ),
                "孩子因身体状况需要延缓入学或者休学的，由监护人提出申请，报当地乡镇人民政府或者"
                "县级教育行政部门批准。",
            ),
            ("义务教育不收学费、杂费。逾期未报到的，学校会上门了解情况，并依法上报。",),
        ),
        closing(
            (fill(school, 14), "（盖章）"),
            day_or_blank(about.data.get("occurred_on")),
        ),
    )


def letter(
    title: str,
    about: Subject,
    number: str | None,
    *blocks: Block,
    served: OrderServed | None = None,
) -> Sheet:
    """Make a letter to the guardian, and below it the proof that it arrived."""
    salutation = {"kind": "salutation", "parts": [fill(about.guardian), " （监护人）："]}
    named = f"《{title}》" + (f"({number})" if number else "")
    proof = (
        Table()
        .row(("受送达人", about.guardian), ("被监护人", about.name))
        .row(("送达文书", named))
        .row(
            ("送达日期", written_day(served.served_on) if served else None),
            ("送达地点", served.place if served else None),
        )
        .row(("收件人", served.served_to if served else None), ("收件人签名", None), least=14)
        .row(("备注", None), least=12)
    )
    return Sheet(
        title,
        (salutation, *blocks, second_title(PROOF), proof.block(), signatures("送达人", "见证人")),
        unit=None,
        number=number or "",
        code=about.code,
        about=about.name or "",
    )
