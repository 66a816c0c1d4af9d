"""The kinds of field a body is made of: days, codes, texts, identifiers, papers, people."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    PlainSerializer,
    StrictBool,
    StringConstraints,
    WithJsonSchema,
)
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from domain import codes
from domain.code_list import CodeList
from domain.identifiers import (
    MalformedIdentifier,
    check_id_number,
    parse_school_code,
    parse_student_number,
)

DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)
CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
SEX_WORDS = {"男": "male", "女": "female", "m": "male", "f": "female", "1": "male", "2": "female"}


def wrong(kind: str, en: str, zh: str, **facts: Any) -> PydanticCustomError:
    """Make a validation error that speaks both languages."""
    return PydanticCustomError(kind, en, {"zh": zh, **facts})


def _day(value: object) -> date:
    if isinstance(value, date):
        return value
    if isinstance(value, str) and DAY.fullmatch(value):
        try:
            return date.fromisoformat(value)
        except ValueError:
            pass
    raise wrong("day", "A day is written YYYY-MM-DD.", "日期须为 YYYY-MM-DD,且确有其日。")


Day = Annotated[
    date,
    BeforeValidator(_day),
    WithJsonSchema({"type": "string", "format": "date", "examples": ["2026-09-14"]}),
]


def refuse_control(value: object) -> object:
    if isinstance(value, str) and CONTROL.search(value):
        raise wrong(
            "characters",
            "The text holds characters that cannot be stored.",
            "文字中含有无法保存的控制字符。",
        )
    return value


# Validators stand last: constraints that follow one run before the stripping, and no schema
# shows them.
Line = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=200),
    BeforeValidator(refuse_control),
]
Words = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=4000),
    BeforeValidator(refuse_control),
]


def _reasoned(value: str) -> str:
    if len(value) < SHORTEST_REASON:
        raise wrong(
            "reason",
            "Say in a few words why this cannot wait (8 characters or more).",
            "请用几句话写明紧急查看的理由(不少于 8 个字)。",
        )
    return value


SHORTEST_REASON = 8  # characters
UrgentReason = Annotated[
    str,
    StringConstraints(strip_whitespace=True, max_length=500),
    AfterValidator(_reasoned),
    BeforeValidator(refuse_control),
    WithJsonSchema({"type": "string", "minLength": SHORTEST_REASON, "maxLength": 500}),
]
Names = Annotated[list[Line], Field(min_length=1, max_length=50)]
Phone = Annotated[
    str,
    StringConstraints(
        strip_whitespace=True, min_length=1, max_length=40, pattern=r"^[0-9+()\- ]+$"
    ),
    BeforeValidator(refuse_control),
]


@dataclass(frozen=True)
class OneOf:
    """Marks a field that holds a code of a list, or one of ``only``."""

    codes: CodeList
    only: tuple[str, ...] | None = None

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        known = self.only or tuple(self.codes)

        def check(value: object) -> object:
            if isinstance(value, str) and value in known:
                return value
            raise wrong(
                "code",
                "The code is not one of: {known}.",
                f"代码不在“{self.codes.name}”之列,可用:{'、'.join(known)}。",
                known=", ".join(known),
            )

        return core_schema.no_info_before_validator_function(check, handler(source))

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        return {
            **handler(schema),
            "enum": list(self.only or self.codes),
            "description": f"{self.codes.name} ({self.codes.source})",
        }


@dataclass(frozen=True)
class Identifier:
    """Marks a field that holds an identifier of the field, checked and in normal form."""

    parse: Callable[[str], Any]
    example: str

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        def check(value: object) -> object:
            if not isinstance(value, str):
                raise wrong("identifier", "An identifier is a text.", "编号须为文本,不能是数字。")
            try:
                parsed = self.parse(value)
            except MalformedIdentifier as malformed:
                raise wrong(malformed.slug, malformed.en, malformed.zh) from None
            return getattr(parsed, "text", parsed)

        return core_schema.no_info_before_validator_function(check, handler(source))

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        return {**handler(schema), "examples": [self.example]}


def _sex(value: object) -> object:
    word = SEX_WORDS.get(value.lower(), value) if isinstance(value, str) else value
    if not isinstance(word, str) or word not in codes.SEX:
        raise wrong("code", "sex is male or female.", "性别须为男(male)或女(female)。")
    return word


Sex = Annotated[
    str,
    BeforeValidator(_sex),
    WithJsonSchema({"type": "string", "enum": ["male", "female"], "description": "GB/T 2261.1"}),
]
StudentNumber = Annotated[str, Identifier(parse_student_number, "G410399201409150019")]
IdNumber = Annotated[str, Identifier(check_id_number, "410399201409150019")]
SchoolCode = Annotated[str, Identifier(parse_school_code, "3141000058")]


def whole(value: object) -> object:
    if isinstance(value, bool) or not isinstance(value, int):
        raise wrong("whole_number", "A whole number is wanted.", "须为整数。")
    return value


Grade = Annotated[int, Field(ge=1, le=9), BeforeValidator(whole)]
Days = Annotated[int, Field(ge=0, le=400), BeforeValidator(whole)]
Minutes = Annotated[int, Field(ge=1, le=1440), BeforeValidator(whole)]
Hours = Annotated[int, Field(ge=1, le=744), BeforeValidator(whole)]
EntryNumber = Annotated[int, Field(ge=1, le=2**31), BeforeValidator(whole)]
YesNo = StrictBool


def _amount(value: object) -> object:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise wrong("amount", "An amount is a number of yuan.", "金额须为数字(元)。")
    return value


Amount = Annotated[
    float,
    Field(ge=0, le=10_000_000, allow_inf_nan=False),
    BeforeValidator(_amount),
    PlainSerializer(float),
]
Reasons = Annotated[
    list[Annotated[str, OneOf(codes.DROPOUT_REASON)]], Field(min_length=1, max_length=16)
]


def _met(value: list[str]) -> list[str]:
    if len(set(value)) < len(value):
        raise wrong("met_twice", "Name each of those met once.", "“见到”中同一项不能重复。")
    if "nobody" in value and len(value) > 1:
        raise wrong(
            "nobody_met", "“nobody” stands alone.", "“未见到”(nobody)不能与其他项同时填写。"
        )
    return value


Met = Annotated[
    list[Annotated[str, OneOf(codes.MET)]],
    Field(min_length=1, max_length=5),
    AfterValidator(_met),
]


class Body(BaseModel):
    """A body whose unknown fields are refused, so that nothing anyone typed is lost."""

    model_config = ConfigDict(extra="forbid", populate_by_name=False)

    def facts(self) -> dict[str, Any]:
        """Give the fields that were sent, nested ones in stored form."""
        return {
            name: stored(value)
            for name in type(self).model_fields
            if (value := getattr(self, name)) is not None
        }


def stored(value: Any) -> Any:
    """Give a validated value in stored form: nested models as plain JSON."""
    if isinstance(value, BaseModel):
        return value.model_dump(mode="json", exclude_none=True)
    if isinstance(value, list):
        return [stored(item) for item in value]
    return value


class PaperBody(Body):
    """A piece of proof (证明材料)."""

    kind: Annotated[str, OneOf(codes.PAPER_KIND)]
    title: Line | None = None
    number: Line | None = None
    issued_on: Day | None = None


Papers = Annotated[list[PaperBody], Field(max_length=50)]


class GuardianBody(Body):
    """A guardian (监护人)."""

    name: Line
    relation: Line
    phone: Phone | None = None


class PersuaderBody(Body):
    """A person who took part in a persuasion attempt (劝返人员)."""

    name: Line
    unit: Line
    level: Line


class DisabilityBody(Body):
    """A disability (GB/T 26341)."""

    type: Annotated[str, OneOf(codes.DISABILITY_TYPE)]
    level: Annotated[str, OneOf(codes.DISABILITY_LEVEL)]
    certificate: Line | None = None


class KeyGroupBody(Body):
    """A mark as a child of a key group (重点群体)."""

    code: Annotated[str, OneOf(codes.KEY_GROUP)]
    source: Line
    purpose: Line
    until: Day | None = None
