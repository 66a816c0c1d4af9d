"""The fields of a form, read off the body it becomes: no form is written twice."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from typing import Annotated, Any, get_args

from pydantic import TypeAdapter
from pydantic.fields import FieldInfo

from api.schemas.bulletins import SummaryBody
from api.schemas.fields import (
    Body,
    DisabilityBody,
    GuardianBody,
    KeyGroupBody,
    OneOf,
    PaperBody,
    PersuaderBody,
)
from api.schemas.inspections import InspectorBody, OwnerBody
from api.schemas.supervision import CommitmentBody, RubricItemBody, TalkedWithBody
from api.web.field_words import form_label
from domain.code_list import Code

ROWS = 6  # of papers, or of people, in one form
FIRST = 6  # fields before "more"
FEW = 7  # codes shown side by side; more of them are a list to open
LONG = 200  # characters: a text that may be longer is written on several lines
GROUPS: dict[type[Body], str] = {
    PaperBody: "papers",
    PersuaderBody: "people",
    GuardianBody: "people",
    KeyGroupBody: "people",
    DisabilityBody: "group",
    InspectorBody: "people",
    OwnerBody: "group",
    RubricItemBody: "people",
    TalkedWithBody: "people",
    CommitmentBody: "people",
    SummaryBody: "people",
}


@dataclass(frozen=True)
class Field:
    """
    One field of a form: ``kind`` says how it is shown and read.

    ``options`` are the codes to pick from; ``parts`` the fields of each row of a group.
    """

    name: str
    kind: str
    required: bool
    options: tuple[Code, ...] = ()
    parts: tuple["Field", ...] = ()
    longest: int | None = None
    least: int | None = None
    most: int | None = None
    called: Code | None = None  # in place of what forms call a field of its name
    rows: int = ROWS  # of a group that has rows
    suggested: tuple[str, ...] = ()  # what is mostly typed, to choose from
    hint: str = ""

    def label(self, language: str) -> str:
        return self.called.label(language) if self.called else form_label(self.name, language)


@cache
def fields_of(body: type[Body]) -> tuple[Field, ...]:
    """Give the fields of a body in its order, required ones first."""
    found = [field_of(info.alias or name, info) for name, info in body.model_fields.items()]
    return tuple(sorted(found, key=lambda field: not field.required))


def shaped(
    fields: tuple[Field, ...], changes: Mapping[str, Mapping[str, Any]]
) -> tuple[Field, ...]:
    """Give fields, those of some names of another kind, of other codes, or called otherwise."""
    return tuple(replace(field, **changes.get(field.name, {})) for field in fields)


def called(zh: str, en: str) -> Code:
    """Name a field in place of what forms call one of its name."""
    return Code(zh, zh, en)


def field_of(name: str, info: FieldInfo) -> Field:
    """Read one field off its type."""
    schema = plain(TypeAdapter(annotated(info)).json_schema())
    marks = list(marks_of(info))
    group = next((mark for mark in marks if isinstance(mark, type) and of_group(mark)), None)
    codes = next((mark for mark in marks if isinstance(mark, OneOf)), None)
    options: tuple[Code, ...] = ()
    parts: tuple[Field, ...] = ()
    if group is not None:
        kind, parts = of_group(group), fields_of(group)
    elif codes is not None:
        options = tuple(codes.codes[code] for code in codes.only or codes.codes)
        several = schema.get("type") == "array"
        kind = "reasons" if name.endswith("reasons") else "picks" if several else "pick"
    elif schema.get("enum"):
        kind, options = "pick", SEXES
    else:
        kind = plain_kind(schema)
    return Field(
        *(name, kind, info.is_required(), options, parts),
        longest=schema.get("maxLength"),
        least=schema.get("minimum"),
        most=schema.get("maximum"),
    )


def of_group(body: type[Any]) -> str:
    """Say as which group the rows of a body are shown; empty if it is none."""
    return next((kind for base, kind in GROUPS.items() if issubclass(body, base)), "")


SEXES = (Code("male", "男", "male"), Code("female", "女", "female"))


def plain_kind(schema: dict[str, Any]) -> str:
    """Say how a field without codes is written."""
    match schema.get("type"):
        case "boolean":
            return "yes_no"
        case "integer" | "number":
            return "number"
        case "array":
            return "names"
        case _ if schema.get("format") == "date":
            return "day"
        case _:
            return "words" if schema.get("maxLength", 0) > LONG else "line"


def plain(schema: dict[str, Any]) -> dict[str, Any]:
    """Give what a schema says of a value that is there."""
    for choice in schema.get("anyOf", []):
        if choice.get("type") != "null":
            return {**schema, **choice}
    return schema


def annotated(info: FieldInfo) -> Any:
    """Give a field's type with all that was annotated on it."""
    return Annotated[(info.annotation, *info.metadata)] if info.metadata else info.annotation


def marks_of(info: FieldInfo) -> Iterator[Any]:
    """Give everything a type is made of, at any depth."""
    yield from info.metadata
    yield from _inside(info.annotation)


def _inside(annotation: Any) -> Iterator[Any]:
    yield annotation
    for inner in get_args(annotation):
        yield from _inside(inner)
