"""A roll file's rows as children of the roll: words as codes, what is wrong under its heading."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from pydantic import ValidationError

from api.imports import words
from api.imports.columns import Columns
from api.imports.headings import HEADINGS, REQUIRED
from api.imports.sheet import Cell
from api.schemas.entries import NewStudent
from api.schemas.roll import NOT_OFFERED_EN, NOT_OFFERED_ZH, never_offered
from api.validation import error_of
from application.roll_matching import GROUP_SOURCE, Told
from domain import codes
from domain.classes import grade_of_intake, intake_of

GROUPS = ("left_behind", "migrant", "orphan", "poverty_relieved")
GROUP_PURPOSE = "控辍保学重点关注"
NONE = frozenset({"无", "非残疾", "无残疾"})
ID_CARD = frozenset({"居民身份证", "身份证", "1", "01"})
LONG_NUMBERS = frozenset({"student_number", "id_number", "disability_certificate"})
YES_OR_NO = {"zh": "须填“是”或“否”。", "en": "It must be 是 (yes) or 否 (no)."}
AS_NUMBER = {
    "zh": "该号码以数字保存,末几位可能已丢失。请将此列设为“文本”格式,重新填写后再导入。",
    "en": "This number was saved as a number and may have lost its last digits."
    " Make the column text, fill it in anew, and import again.",
}
MISSING = {"zh": "缺少此项。", "en": "This is missing."}
NO_MONTH = {
    "zh": "须为年月,如 202309 或 2023-09。",
    "en": "It must be a year and month, such as 202309 or 2023-09.",
}
NO_AREA = {
    "zh": "须为 6 位或 12 位行政区划代码。",
    "en": "It must be an area code of 6 or 12 digits.",
}
NO_STATUS = {
    "zh": f"须为:{'、'.join(codes.STUDENT_STATUS.label(c, 'zh') for c in codes.STUDENT_STATUS)}。",
    "en": f"It must be one of: {', '.join(codes.STUDENT_STATUS)}.",
}
NO_GRADE = {
    "zh": "由班号推不出今天的年级,请填写“年级”列。",
    "en": "No grade of today follows from this class number; fill in the column 年级.",
}
PLAIN = (
    *("name", "sex", "birth_date", "student_number", "school_code", "grade", "class_name"),
    *("id_number", "township", "home_address", "registered_residence"),
)


class WrongRow(Exception):
    """A row that cannot be taken: ``errors`` are ``{column, detail}``."""

    def __init__(self, errors: Mapping[str, str]) -> None:
        self.errors = [{"column": column, "detail": said} for column, said in errors.items()]
        super().__init__(errors)


NOT_OFFERED = {"zh": NOT_OFFERED_ZH, "en": NOT_OFFERED_EN}
READ: Mapping[str, tuple[Callable[[str], Any], Mapping[str, str]]] = {
    "enrolled_in": (words.first_of_month, NO_MONTH),
    "student_status": (words.status, NO_STATUS),
    "residence_code": (lambda text: text if words.AREA.fullmatch(text) else None, NO_AREA),
    **dict.fromkeys((*GROUPS, "is_guardian_1", "is_guardian_2"), (words.yes, YES_OR_NO)),
}
SHAPED: Mapping[str, Callable[[str], Any]] = {
    "birth_date": words.day,
    "grade": words.grade,
    **dict.fromkeys(LONG_NUMBERS, words.long_number),
}


def told_by(cells: Mapping[str, Cell], columns: Columns, language: str, today: date) -> Told:
    """
    Give what a row says of a child.

    Where 年级 is empty and 班号 is a national one (202301: came in 2023, first class), the grade is
    today's of that year's intake, by the kind of school.

    :raises WrongRow: with what is wrong under each heading
    """
    errors = {
        HEADINGS[group[0]][0]: MISSING[language]
        for group in REQUIRED
        if not cells.keys() & set(group)
    }
    read: dict[str, Any] = {}
    for field, cell in cells.items():
        text = str(cell).strip()
        if field in LONG_NUMBERS and not isinstance(cell, str):
            errors[columns.headings[field]] = AS_NUMBER[language]
        elif field in READ:
            parse, otherwise = READ[field]
            read[field] = parse(text)
            if read[field] is None:
                said = NOT_OFFERED if never_offered(text[:200]) else otherwise
                errors[columns.headings[field]] = said[language]
        else:
            read[field] = SHAPED[field](text) if field in SHAPED else text
    unused = _settle(read, today)
    if "grade" not in read and "class_number" in read:
        errors[columns.headings["class_number"]] = NO_GRADE[language]
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
    return Told(
        facts=child.facts(),
        enrolled_on=read.get("enrolled_in"),
        student_status=read.get("student_status"),
        groups={code: read[code] for code in GROUPS if code in read},
        unused=frozenset(columns.headings[field] for field in unused),
    )


def _settle(read: dict[str, Any], today: date) -> set[str]:
    """Settle which of several fields says a thing; name those that now say nothing at all."""
    if "class_number" in read:
        read.setdefault("class_name", read["class_number"])
        year = intake_of(read["class_number"])
        if "grade" not in read and year is not None:
            grade = grade_of_intake(read.get("school_code", ""), year, today)
            read.update({"grade": grade} if grade else {})
    unused = _unfit_guardians(read) | _unfit_disability(read)
    if read.get("id_type", "居民身份证") not in ID_CARD:
        unused |= {"id_type", "id_number"} if read.pop("id_number", None) else {"id_type"}
    if "residence_code" in read:
        code = read["residence_code"]
        if read.setdefault("registered_residence", code) != code:
            unused.add("residence_code")
    return unused


def _unfit_guardians(read: dict[str, Any]) -> set[str]:
    """Leave out who is no guardian, and a phone of nobody's; 联系电话 is the first guardian's."""
    unused = set()
    for n in (1, 2):
        if read.get(f"is_guardian_{n}") is False:
            unused |= {f"{part}_{n}" for part in ("guardian", "relation", "phone")} & read.keys()
            read.pop(f"guardian_{n}", None)
    if "phone" in read and (
        "guardian_1" not in read or read.setdefault("phone_1", read["phone"]) != read["phone"]
    ):
        unused.add("phone")
    return unused


def _unfit_disability(read: dict[str, Any]) -> set[str]:
    """Find the level in the certificate's number; without one, only the key group is marked."""
    if read.get("disability_type", "无") in NONE or "disability_level" in read:
        return set()
    level = read.get("disability_certificate", "")[-1:]
    if level in codes.DISABILITY_LEVEL:
        read["disability_level"] = level
        return set()
    return {"disability_type", "disability_certificate"} & read.keys()


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
        if "disability_level" in read:
            body["disability"] = {
                "type": words.code_of(codes.DISABILITY_TYPE, kind),
                "level": words.level(read["disability_level"]),
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


def _column(loc: tuple[int | str, ...], columns: Columns) -> str:
    """Name the heading a field of the body came from."""
    first, last = str(loc[0]) if loc else "", str(loc[-1]) if loc else ""
    field = first
    if first == "guardians" and len(loc) > 1:
        part = {"name": "guardian", "relation": "relation", "phone": "phone"}.get(last, "guardian")
        field = f"{part}_{int(loc[1]) + 1}"
    elif first == "disability":
        field = f"disability_{last}"
    elif first == "class_name" and "class_name" not in columns.headings:
        field = "class_number"
    elif first == "registered_residence" and first not in columns.headings:
        field = "residence_code"
    if field == "phone_1" and field not in columns.headings:
        field = "phone"
    return columns.headings.get(field) or HEADINGS.get(field, (field,))[0]
