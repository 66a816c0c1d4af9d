"""The list of all ledgers and registers: what each holds, and who may read it."""

from typing import NamedTuple

from api.ledger_forms import FORMS
from api.web.visit import Visit
from domain.registers import REGISTER_KIND


class Kept(NamedTuple):
    """A ledger or register of the list: where it is, its name and what a line of it is."""

    path: str
    title: tuple[str, str]
    holds: tuple[str, str]
    step: str = "read"


def _ledger(name: str, zh: str, en: str) -> Kept:
    form = FORMS[name]
    return Kept(f"/ledgers/{name}", (form.titled("zh"), form.titled("en")), (zh, en))


def _register(kind: str, zh: str, en: str) -> Kept:
    title = REGISTER_KIND[kind]
    return Kept(f"/registers/{kind}", (title.zh, title.en), (zh, en), "read_register")


Group = tuple[str, str, tuple[Kept, ...]]
RESPONSIBILITY: Group = (
    "责任与督查",
    "Responsibility and inspection",
    (
        Kept(
            "/pledges",
            ("责任书", "Pledges"),
            ("已签订和待签的责任书", "Signed, and still to be signed"),
            "read_pledge",
        ),
        Kept(
            "/inspections",
            ("督查台账", "Inspections"),
            ("督查、点人数、发现的问题", "Checks, head counts and findings"),
            "read_inspections",
        ),
        Kept(
            "/inspections/rectifications",
            ("整改清单", "Findings to put right"),
            ("还没有销号的问题", "Findings not closed yet"),
            "read_inspections",
        ),
    ),
)
GROUPS: tuple[Group, ...] = (
    (
        "个案台账",
        "Ledgers of cases",
        (
            _ledger("dropout-control", "每次个案一行,含缺勤预警", "One line a case, warnings too"),
            _ledger("return-to-school", "每次劝返一行,销号后保留", "Every attempt, kept for good"),
            _ledger("suspected-dropout", "经核实的疑似辍学", "Cases verified as suspected"),
            _ledger("dropout", "经区教体局确认的辍学", "Dropouts the bureau confirmed"),
            _ledger("school-age", "每名适龄儿童一行", "One line a child of school age"),
        ),
    ),
    (
        "工作记录",
        "Records of work",
        (
            _ledger("home-visits", "每次家访一行", "One line a visit"),
            _ledger("persuasion", "每次劝返一行", "One line an attempt"),
            _ledger("home-teaching", "送教学生、教师和课时", "Children, teachers and hours"),
            _ledger("home-teaching-sessions", "每次送教一行", "One line a session"),
            _ledger("counselling", "每次辅导一行,内容封存", "One line a session, notes sealed"),
            Kept(
                "/referrals",
                ("转介登记表", "Register of referrals"),
                ("请成员单位办理的事项与答复", "What units were asked, and their answers"),
                "read_referral",
            ),
        ),
    ),
    (
        "学籍",
        "The roll",
        (
            _ledger("roll-changes", "每次异动一行,缺材料的标明", "Changes, and papers missing"),
            _ledger("mobility", "转入、转出及其他增减", "Who came and who left"),
            _ledger("enrolment-notices", "入学通知书的发放与签收", "Issued, served, reported"),
        ),
    ),
    (
        "登记簿",
        "Registers",
        (
            _register("meetings", "各单位召开的会议", "Meetings each unit held"),
            _register("documents", "印发的文件及是否有效", "Issued, and whether in force"),
            _register("publicity", "宣传活动", "What was done to inform people"),
            _register("appraisals", "考核与表彰", "Appraisals and commendations"),
        ),
    ),
    RESPONSIBILITY,
)


def index_for(
    visit: Visit, listed: tuple[Group, ...] = GROUPS
) -> list[tuple[str, list[dict[str, str]]]]:
    """Give the list for who visits, group by group; what they may not read is left out."""
    groups = [
        (
            visit.t(zh, en),
            [
                {"path": one.path, "title": visit.t(*one.title), "holds": visit.t(*one.holds)}
                for one in kept
                if visit.may(one.step)
            ],
        )
        for zh, en, kept in listed
    ]
    return [(words, kept) for words, kept in groups if kept]
