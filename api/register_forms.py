"""The registers as printed: columns, headings and titles in Chinese and English."""

from collections.abc import Mapping
from dataclasses import dataclass

from api.ledger_forms import Form
from domain.registers import REGISTER_KIND

WORDS: Mapping[str, str] = {
    "序号": "No.",
    "单位": "Unit",
    "日期": "Held on",
    "发文日期": "Issued on",
    "名称": "Title",
    "证明材料": "Papers",
    "有效期至": "In force until",
    "现行有效": "In force",
    "备注": "Remark",
    "登记人": "Entered by",
    "撤销": "Withdrawn",
    "更正": "Corrections",
}


@dataclass(frozen=True)
class RegisterForm(Form):
    """A register as printed, with English words of its own."""

    def titled(self, language: str) -> str:
        return REGISTER_KIND.label(self.view, language)

    def headings(self, language: str) -> list[str]:
        headings = ["序号", *(heading for heading, _ in self.columns)]
        return [WORDS[heading] for heading in headings] if language == "en" else headings


def register_form(kind: str) -> RegisterForm:
    """Give the printed form of a kind of register; documents say whether they are in force."""
    documents = kind == "documents"
    force = (("有效期至", "until"), ("现行有效", "in_force")) if documents else ()
    columns = (
        ("单位", "unit_name"),
        ("发文日期" if documents else "日期", "held_on"),
        ("名称", "title"),
        *force,
        ("证明材料", "papers_told"),
        ("备注", "note"),
        ("登记人", "recorded_by_name"),
        ("撤销", "withdrawn"),
        ("更正", "corrections_told"),
    )
    return RegisterForm(kind, REGISTER_KIND[kind].zh, columns)
