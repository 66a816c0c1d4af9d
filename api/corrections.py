"""What a correction's changes must look like: the fields of the entry it corrects."""

from functools import cache
from typing import Annotated, Any

from fastapi.exceptions import RequestValidationError
from pydantic import TypeAdapter, ValidationError

from api.schemas.entries import BODY_OF_KIND
from api.schemas.fields import Day, stored
from domain.entry import Entry, plain


@cache
def adapter(kind: str, field: str) -> TypeAdapter[Any] | None:
    """Give what validates one field of one kind of entry; ``None`` for a field it has not."""
    body = BODY_OF_KIND.get(kind)
    info = body.model_fields.get(field) if body else None
    if info is None or info.annotation is None:
        return TypeAdapter(Day) if field == "occurred_on" else None
    field_type: Any = Annotated[info.annotation, info]
    return TypeAdapter(field_type)


def checked_changes(wrong: Entry, changes: dict[str, Any]) -> dict[str, Any]:
    """
    Check each change against the field it changes and give it in stored form.

    A field the entry has not is left for the rules to refuse.

    :raises RequestValidationError: with the pointer of each malformed value, or of what the entry
        as a whole would lack
    """
    kind, errors, checked = wrong.entry_kind(), [], dict(changes)
    for field, value in changes.items():
        validator = adapter(kind, field)
        if validator is None:
            continue
        try:
            checked[field] = plain(stored(validator.validate_python(value)))
        except ValidationError as fault:
            errors += errors_at(fault, field)
    if not errors and changes.keys() <= wrong.CORRECTABLE and whole(wrong) is None:
        lacking = whole(wrong.amended(checked))
        errors = errors_at(lacking) if lacking else []
    if errors:
        raise RequestValidationError(errors)
    return checked


def whole(entry: Entry) -> ValidationError | None:
    """Say what an entry would be refused for, were it told anew."""
    body = BODY_OF_KIND[entry.entry_kind()]
    try:
        body.model_validate(
            {
                info.alias or name: plain(value)
                for name, info in body.model_fields.items()
                if (value := getattr(entry, name, None)) is not None
            }
        )
    except ValidationError as fault:
        return fault
    return None


def errors_at(fault: ValidationError, *field: str) -> list[Any]:
    """Give a fault's errors with their place among the changes."""
    found: list[Any] = []
    for error in fault.errors(include_url=False, include_input=False):
        context = dict(error.get("ctx") or {})
        place = [step for step in context.pop("pointer", "").split("/") if step]
        loc = ("body", "changes", *field, *error["loc"], *place)
        found.append({**error, "loc": loc, "ctx": context})
    return found
