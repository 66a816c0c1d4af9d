"""How answers show what is recorded: codes with their labels, sensitive fields masked."""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from pydantic_core import to_json
from starlette.responses import Response

from application.roles import ROLES
from domain.code_list import CodeList
from domain.coded_fields import CODED_FIELDS, KINDS_BY_EVENT
from domain.codes import KEY_GROUP, PAPER_KIND
from domain.identifiers import (
    masked_address,
    masked_birth_date,
    masked_certificate,
    masked_id_number,
    masked_phone,
    masked_student_number,
)

Masks = Mapping[str, Callable[[str], str]]
MASKS: Masks = {
    "id_number": masked_id_number,
    "student_number": masked_student_number,
    "phone": masked_phone,
    "guardian_phone": masked_phone,
    "home_address": masked_address,
    "registered_residence": masked_address,
    "certificate": masked_certificate,
    "disability_certificate": masked_certificate,
}
# For those who may see no ID number at all: with its birth date it could be told.
STRICT_MASKS: Masks = {**MASKS, "birth_date": masked_birth_date}
POSITION_HEADER = "Log-Position"


def shown(
    value: Any, language: str, *, masks: Masks, kinds: Mapping[str, CodeList] | None = None
) -> Any:
    """
    Give a record as answers show it, whatever it nests.

    Every coded field ``x`` gains ``x_label`` in the language; ``kinds`` says what list a field
    like ``kind`` is of here. ``masks`` say what hides the fields of some names.
    """
    if isinstance(value, Mapping):
        answer: dict[str, Any] = {}
        for name, inner in value.items():
            nested = {"kind": PAPER_KIND} if name == "papers" else None
            if name == "key_groups" and isinstance(inner, list):
                nested = {"code": KEY_GROUP}
            answer[name] = (
                masks[name](str(inner))
                if name in masks and isinstance(inner, str | date)
                else shown(inner, language, masks=masks, kinds=nested)
            )
            codes = (kinds or {}).get(name) or CODED_FIELDS.get(name)
            if codes is not None and _coded(codes, inner):
                answer[f"{name}_label"] = _label(codes, inner, language)
            if name == "papers_missing" and inner:
                either = " or " if language == "en" else "或"
                answer["papers_missing_label"] = [
                    either.join(_label(PAPER_KIND, group, language)) for group in inner
                ]
        return answer
    if isinstance(value, list):
        return [shown(item, language, masks=masks, kinds=kinds) for item in value]
    return value


def kinds_of(event: str) -> dict[str, CodeList]:
    """Give the code lists of the fields of one kind of entry whose names tell too little."""
    return {field: codes for (kind, field), codes in KINDS_BY_EVENT.items() if kind == event}


def _coded(codes: CodeList, value: Any) -> bool:
    """Say whether a value is of the list; a text that shares a coded field's name is not."""
    if isinstance(value, list):
        return bool(value) and all(isinstance(code, str) and code in codes for code in value)
    return isinstance(value, str) and value in codes


def _label(codes: CodeList, value: str | list[str], language: str) -> str | list[str]:
    if isinstance(value, str):
        return codes.label(value, language)
    return [codes.label(code, language) for code in value]


def role_label(role: str | None, language: str) -> str | None:
    """Name a role in a language."""
    return ROLES[role][language == "en"] if role in ROLES else role


def local(moment: datetime, zone: ZoneInfo) -> datetime:
    """Give a moment with the district's offset."""
    return moment.astimezone(zone)


def answer(
    body: Any,
    *,
    status: int = 200,
    position: int | None = None,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """Answer JSON; ``position`` is where in the log the answer stands."""
    all_headers = dict(headers or {})
    if position is not None:
        all_headers[POSITION_HEADER] = str(position)
    return Response(to_json(body), status, all_headers, "application/json")
