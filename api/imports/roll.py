"""A roll file's rows as children to enrol: headings of the national template, words as codes."""

import re
from collections.abc import Callable, Mapping
from typing import Any

from pydantic import ValidationError

from api.imports.columns import Columns
from api.imports.sheet import Cell
from api.schemas.entries import NewStudent
from api.schemas.roll import NOT_OFFERED_EN, NOT_OFFERED_ZH, never_offered
from api.validation import error_of
from domain import codes
from domain.code_list import CodeList

HEADINGS: Mapping[str, tuple[str, ...]] = {
    "school_code": ("学校标识码",),
    "name": ("姓名", "学生姓名"),
    "sex": ("性别",),
    "birth_date": ("出生日期",),
    "student_number": ("学籍号", "全国学籍号", "学籍号码"),
    "id_number": ("身份证件号", "身份证号", "身份证件号码", "身份证号码"),
    "grade": ("年级", "年级名称"),
    "class_name": ("班级", "班级名称", "班号"),
    "township": ("乡镇(街道)", "乡镇", "镇街"),
    "home_address": ("现住址", "家庭住址", "家庭地址"),
    "registered_residence": ("户口所在地", "户籍所在地"),
    "guardian_1": ("成员1姓名", "监护人姓名", "监护人", "家长姓名"),
    "relation_1": ("成员1关系", "监护人关系", "与学生关系"),
    "phone_1": ("成员1联系电话", "监护人电话", "联系电话", "监护人联系电话"),
    "guardian_2": ("成员2姓名",),
    "relation_2": ("成员2关系",),
    "phone_2": ("成员2联系电话",),
    "left_behind": ("是否留守儿童", "留守儿童"),
    "migrant": ("是否进城务工人员随迁子女", "是否随迁子女", "随迁子女"),
    "orphan": ("是否孤儿", "孤儿"),
    "poverty_relieved": ("是否脱贫户", "是否建档立卡", "脱贫户"),
    "disability_type": ("残疾类型", "残疾类别", "残疾人类型"),
    "disability_level": ("残疾等级",),
    "disability_certificate": ("残疾证号",),
    "roll_status": ("学籍状态", "学生当前状态", "异动类别", "学籍异动类别", "就读状态"),
}
READ_ONLY = ("roll_status",)  # nobody is enrolled as expelled or withdrawn
REQUIRED = ("school_code", "name", "sex", "birth_date", "student_number", "grade", "class_name")
GROUPS = ("left_behind", "migrant", "orphan", "poverty_relieved")
GROUP_SOURCE = "学籍导入"
GROUP_PURPOSE = "控辍保学重点关注"
YES, NO = frozenset({"是", "1", "y", "yes", "true"}), frozenset({"否", "0", "n", "no", "false"})
NONE = frozenset({"无", "非残疾", "无残疾"})
LONG_NUMBERS = frozenset({"student_number", "id_number", "disability_certificate"})
DIGITS = "零一二三四五六七八九"
DAY = re.compile(r"(\d{4})[-/.年]?(\d{1,2})[-/.月]?(\d{1,2})日?", re.ASCII)
UNPUNCTUATED = 8


def _day(text: str) -> str:
    found = DAY.fullmatch(text.partition(" ")[0])
    if found is None or (text.isdigit() and len(text) != UNPUNCTUATED):
        return text
    year, month, day = map(int, found.groups())
    return f"{year:04d}-{month:02d}-{day:02d}"


def _grade(text: str) -> int | str:
    word = text.removesuffix("年级").removeprefix("小学")
    if len(word) == 1 and word in DIGITS:
        return DIGITS.index(word)
    if len(word) == 2 and word[0] == "初" and word[1] in "一二三":  # noqa: PLR2004  # 初一
        return 6 + DIGITS.index(word[1])
    return int(word) if re.fullmatch(r"\d{1,2}", word, re.ASCII) else text


class WrongRow(Exception):
    """A row that cannot be taken: ``errors`` are ``{column, detail}``."""

    def __init__(self, errors: Mapping[str, str]) -> None:
        self.errors = [{"column": column, "detail": said} for column, said in errors.items()]
        super().__init__(errors)


def _yes(text: str) -> bool | str:
    word = text.lower()
    return word in YES if word in YES | NO else text


READ: Mapping[str, Callable[[str], Any]] = {
    "birth_date": _day,
    "grade": _grade,
    **dict.fromkeys(GROUPS, _yes),
}


def child_of(cells: Mapping[str, Cell], columns: Columns, language: str) -> dict[str, Any]:
    """
    Give what a row enrols a child with.

    :raises WrongRow: with what is wrong under each heading
    """
    errors = {HEADINGS[field][0]: MISSING[language] for field in REQUIRED if field not in cells}
    read: dict[str, Any] = {}
    for field, cell in cells.items():
        if field in LONG_NUMBERS and not isinstance(cell, str):
            errors[columns.headings[field]] = AS_NUMBER[language]
            continue
        read[field] = READ.get(field, str)(str(cell).strip())
        if field == "roll_status" and never_offered(str(cell)[:200]):
            errors[columns.headings[field]] = NOT_OFFERED[language]
        if field in GROUPS and not isinstance(read[field], bool):
            errors[columns.headings[field]] = YES_OR_NO[language]
    try:
        child = NewStudent.model_validate(_body(read))
    except ValidationError as fault:
        for error in fault.errors(include_url=False, include_input=False):
            if error["loc"]:
                said = error_of({**error, "loc": ("body", *error["loc"])}, language)["detail"]
                errors.setdefault(_column(error["loc"], columns), said)
        raise WrongRow(errors) from None
    if errors:
        raise WrongRow(errors)
    return child.facts()


NOT_OFFERED = {"zh": NOT_OFFERED_ZH, "en": NOT_OFFERED_EN}
YES_OR_NO = {"zh": "须填“是”或“否”。", "en": "It must be 是 (yes) or 否 (no)."}
AS_NUMBER = {
    "zh": "该号码以数字保存,末几位可能已丢失。请将此列设为“文本”格式,重新填写后再导入。",
    "en": "This number was saved as a number and may have lost its last digits."
    " Make the column text, fill it in anew, and import again.",
}
MISSING = {"zh": "缺少此项。", "en": "This is missing."}
PLAIN = (
    *("name", "sex", "birth_date", "student_number", "school_code", "grade", "class_name"),
    *("id_number", "township", "home_address", "registered_residence"),
)


def _body(read: Mapping[str, Any]) -> dict[str, Any]:
    body: dict[str, Any] = {field: read[field] for field in PLAIN if field in read}
    guardians = [
        {
            "name": read[f"guardian_{n}"],
            "relation": read.get(f"relation_{n}", "监护人"),
            **({"phone": read[f"phone_{n}"]} if f"phone_{n}" in read else {}),
        }
        for n in (1, 2)
        if f"guardian_{n}" in read
    ]
    if guardians:
        body["guardians"] = guardians
    groups = [code for code in GROUPS if read.get(code)]
    kind = read.get("disability_type")
    if kind is not None and kind not in NONE:
        groups.append("disabled")
        body["disability"] = {
            "type": _code(codes.DISABILITY_TYPE, kind),
            "level": _level(read.get("disability_level", "")),
            **(
                {"certificate": read["disability_certificate"]}
                if "disability_certificate" in read
                else {}
            ),
        }
    if groups:
        body["key_groups"] = [
            {"code": code, "source": GROUP_SOURCE, "purpose": GROUP_PURPOSE} for code in groups
        ]
    return body


def _code(known: CodeList, word: str) -> str:
    """Give the code of a word that may be the code, its label, or its label with 残疾 after it."""
    plain = word.removesuffix("残疾")
    return next((code for code in known if known.label(code, "zh") == plain), word)


def _level(word: str) -> str:
    plain = word.removesuffix("级")
    return str(DIGITS.index(plain)) if len(plain) == 1 and plain in DIGITS else plain


def _column(loc: tuple[int | str, ...], columns: Columns) -> str:
    """Name the heading a field of the body came from."""
    first, last = str(loc[0]) if loc else "", str(loc[-1]) if loc else ""
    field = first
    if first == "guardians" and len(loc) > 1:
        part = {"name": "guardian", "relation": "relation", "phone": "phone"}.get(last, "guardian")
        field = f"{part}_{int(loc[1]) + 1}"
    elif first == "disability":
        field = f"disability_{last}"
    return columns.headings.get(field) or HEADINGS.get(field, (field,))[0]
