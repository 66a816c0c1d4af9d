"""Every kind of entry as a sentence, in Chinese and English, without numbers or addresses."""

from functools import cache
from string import Formatter
from typing import Any

from domain.code_list import CodeList
from domain.coded_fields import CODED_FIELDS, KINDS_BY_EVENT
from domain.codes import PAPER_KIND
from domain.entry import Entry
from domain.record_fields import field_label

# kind: label zh, label en, sentence zh, sentence en
WORDS: dict[str, tuple[str, str, str, str]] = {
    "enrolled": (
        "建档入册",
        "Enrolled",
        "{name}建档入册。",
        "{name} was put on the roll.",
    ),
    "roll_changed": (
        "学籍异动",
        "Roll change",
        "学籍异动:{kind}。",
        "Roll change: {kind}.",
    ),
    "admitted": (
        "新生报到",
        "Admitted",
        "到学校 {school_code} 报到,编入{grade}年级{class_name}。",
        "Reported at school {school_code}, grade {grade}, {class_name}.",
    ),
    "promoted": ("升级", "Promoted", "升入{to_grade}年级。", "Moved up to grade {to_grade}."),
    "graduated": (
        "毕业",
        "Graduated",
        "{from_grade}年级毕业。",
        "Graduated from grade {from_grade}.",
    ),
    "transfer_requested": (
        "申请转学",
        "Transfer requested",
        "申请转入学校 {to_school}:{reason}",
        "Transfer to school {to_school} requested: {reason}",
    ),
    "transfer_accepted": (
        "接收转学",
        "Transfer accepted",
        "学校 {school_code} 接收,编入{grade}年级{class_name}。",
        "School {school_code} took the child in, grade {grade}, {class_name}.",
    ),
    "transfer_rejected": (
        "退回转学",
        "Transfer rejected",
        "接收学校未接收。{note}",
        "The receiving school did not take the child. {note}",
    ),
    "roll_change_papers_received": (
        "补交异动材料",
        "Papers of a roll change received",
        "补交第 {change} 条异动的材料:{papers}。",
        "Papers for the change of entry {change}: {papers}.",
    ),
    "enrolment_notice_issued": (
        "发放入学通知书",
        "Enrolment notice issued",
        "发放入学通知书,请于 {report_by} 前到学校 {school_code} {grade}年级报到。",
        "Enrolment notice: to report at school {school_code}, grade {grade}, by {report_by}.",
    ),
    "key_group_assigned": (
        "标记重点群体",
        "Key group assigned",
        "标记为{code},来源:{source}。",
        "Marked as {code}, source: {source}.",
    ),
    "key_group_ended": (
        "结束重点群体标记",
        "Key group ended",
        "结束标记:{code}。{reason}",
        "Mark ended: {code}. {reason}",
    ),
    "absence_flagged": (
        "缺勤预警",
        "Absence flagged",
        "自 {first_absent_on} 起{absence_kind},由{found_by}发现。",
        "{absence_kind} from {first_absent_on}, found by {found_by}.",
    ),
    "dropout_suspected": (
        "核实疑似辍学",
        "Dropout suspected",
        "缺勤 {days_absent} 天,核实为疑似辍学;原因:{reported_reasons}。",
        "Absent {days_absent} days, verified as suspected; reasons: {reported_reasons}.",
    ),
    "contact_lost": (
        "失联",
        "Contact lost",
        "{statement_by}证明去向不明。",
        "Whereabouts unknown, by statement of {statement_by}.",
    ),
    "dropout_marked": (
        "标记辍学",
        "Dropout marked",
        "学校标记辍学:{summary}",
        "The school marked a dropout: {summary}",
    ),
    "dropout_confirmed": (
        "确认辍学",
        "Dropout confirmed",
        "区教体局确认辍学:{summary}",
        "The bureau confirmed the dropout: {summary}",
    ),
    "returned_to_school": (
        "返校",
        "Returned to school",
        "{seen_on} 在{class_name}见到学生到校,{confirmed_by}确认;观察至 {observed_until}。",
        "Seen in {class_name} on {seen_on}, confirmed by {confirmed_by}; "
        "observation to {observed_until}.",
    ),
    "attendance_observed": (
        "返校观察",
        "Attendance observed",
        "返校观察,在校:{attending}。{note}",
        "Observation, attending: {attending}. {note}",
    ),
    "responsible_person_named": (
        "确定责任人",
        "Responsible person named",
        "{role}:{name}。",
        "{role}: {name}.",
    ),
    "home_visited": (
        "家访",
        "Home visit",
        "{visitors}家访({mode}),见到:{met}。{next_step}",
        "{visitors} visited ({mode}), met: {met}. {next_step}",
    ),
    "counselling_given": (
        "心理疏导与学业辅导",
        "Counselling",
        "{counsellor}进行{kind}。",
        "{counsellor} gave a session: {kind}.",
    ),
    "persuasion_attempted": (
        "劝返",
        "Persuasion attempt",
        "{persuaders}劝返,见到:{met},结果:{outcome}。",
        "{persuaders} persuaded, met: {met}, outcome: {outcome}.",
    ),
    "support_given": ("帮扶", "Support given", "落实{kind}。{note}", "{kind} given. {note}"),
    "written_report_filed": (
        "书面报告",
        "Written report",
        "向{to_level}书面报告({report_number}):{summary}",
        "Reported in writing to the {to_level} level ({report_number}): {summary}",
    ),
    "order_issued": (
        "责令限期改正",
        "Order to correct",
        "{issued_by}责令限期改正({document_number}),期限 {due_on}。",
        "{issued_by} ordered correction ({document_number}), due {due_on}.",
    ),
    "order_served": (
        "文书送达",
        "Order served",
        "文书于 {served_on} 送达{served_to}。",
        "The order was served on {served_to} on {served_on}.",
    ),
    "legal_action_taken": (
        "依法处置",
        "Legal action",
        "{kind}({document_number}),依据:{legal_basis}。{result}",
        "{kind} ({document_number}), on the basis of {legal_basis}. {result}",
    ),
    "referral_made": (
        "转介",
        "Referral",
        "转介{to_unit}:{question}",
        "Referred to {to_unit}: {question}",
    ),
    "referral_answered": ("转介答复", "Referral answered", "答复:{answer}", "Answer: {answer}"),
    "home_teaching_assigned": (
        "送教上门",
        "Home teaching assigned",
        "自 {from_day} 起由{teachers}送教上门,每月 {planned_hours_per_month} 课时。",
        "Home teaching by {teachers} from {from_day}, {planned_hours_per_month} hours a month.",
    ),
    "home_teaching_given": (
        "送教记录",
        "Home teaching session",
        "{teachers}送教 {minutes} 分钟:{topic}。",
        "{teachers} taught {minutes} minutes: {topic}.",
    ),
    "placement_arranged": ("安置", "Placement", "安置方式:{kind}。{where}", "{kind}. {where}"),
    "close_out_requested": (
        "申请销号",
        "Close-out requested",
        "申请销号,原因:{reason}。{note}",
        "Close-out requested: {reason}. {note}",
    ),
    "close_out_approved": (
        "批准销号",
        "Close-out approved",
        "批准销号:{reason}。{note}",
        "Close-out approved: {reason}. {note}",
    ),
    "close_out_rejected": (
        "退回销号",
        "Close-out rejected",
        "退回销号申请:{reason}。{note}",
        "Close-out rejected: {reason}. {note}",
    ),
    "corrected": (
        "更正",
        "Correction",
        "更正第 {entry} 条({changes}):{reason}",
        "Entry {entry} corrected ({changes}): {reason}",
    ),
    "restricted": (
        "封存",
        "Restricted",
        "档案封存,依据:{legal_basis}。{reason}",
        "The record was restricted, on the basis of {legal_basis}. {reason}",
    ),
    "restriction_lifted": (
        "解除封存",
        "Restriction lifted",
        "解除封存。{reason}",
        "The restriction was lifted. {reason}",
    ),
    "erasure_requested": (
        "申请销毁",
        "Erasure requested",
        "保存期已于 {retention_ended_on} 届满,申请销毁,依据:{legal_basis}。{reason}",
        "Kept to {retention_ended_on}; erasure requested, on the basis of {legal_basis}. {reason}",
    ),
    "erasure_approved": (
        "批准销毁",
        "Erasure approved",
        "批准销毁。{note}",
        "Erasure approved. {note}",
    ),
    "erasure_rejected": (
        "退回销毁",
        "Erasure rejected",
        "退回销毁申请。{note}",
        "Erasure rejected. {note}",
    ),
}
SAID_AS = {**CODED_FIELDS, "papers": PAPER_KIND}
YES_NO = {"zh": ("否", "是"), "en": ("no", "yes")}


def kind_label(kind: str, language: str) -> str:
    """Name a kind of entry for people."""
    return WORDS[kind][1 if language == "en" else 0]


def sentence(entry: Entry, language: str) -> str:
    """Tell an entry in one sentence, in ``"zh"`` or ``"en"``."""
    template, named = _template(type(entry), language)
    facts = {field: _words(getattr(entry, field), codes, language) for field, codes in named}
    return template.format_map(facts).strip()


@cache
def _template(
    event: type[Entry], language: str
) -> tuple[str, tuple[tuple[str, CodeList | None], ...]]:
    """Give a kind's sentence and the fields it names, each with its codes if it has some."""
    kind = event.entry_kind()
    template = WORDS[kind][3 if language == "en" else 2]
    return template, tuple(
        (field, KINDS_BY_EVENT.get((kind, field)) or SAID_AS.get(field))
        for _, field, _, _ in Formatter().parse(template)
        if field
    )


def _words(value: Any, codes: CodeList | None, language: str) -> str:
    if isinstance(value, str):
        return value if codes is None else codes.label(value, language)
    if value is None:
        return ""
    if isinstance(value, bool):
        return YES_NO[language][value]
    separator = "、" if language == "zh" else ", "
    if isinstance(value, dict):
        return separator.join([field_label(field, language) for field in value])
    if isinstance(value, list):
        return separator.join([_words(item, codes, language) for item in _named(value)])
    return str(value)


def _named(values: list[Any]) -> list[Any]:
    """Give people by name and papers by kind."""
    return [
        value.get("name", value.get("kind")) if isinstance(value, dict) else value
        for value in values
    ]
