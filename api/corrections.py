"""What a correction's changes must look like: the fields of the entry it corrects."""

from functools import cache
from typing import Annotated, Any

from fastapi.exceptions import RequestValidationError
from pydantic import TypeAdapter, ValidationError

from api.schemas.entries import BODY_OF_KIND
from api.schemas.fields import stored
from domain.entry import plain


@cache
def adapter(kind: str, field: str) -> TypeAdapter[Any] | None:
    """Give what validates one field of one kind of entry; ``None`` for a field it has not."""
    body = BODY_OF_KIND.get(kind)
    info = body.model_fields.get(field) if body else None
    if info is None or info.annotation is None:
        return None
    field_type: Any = Annotated[info.annotation, info]
    return TypeAdapter(field_type)


def checked_changes(kind: str, changes: dict[str, Any]) -> dict[str, Any]:
    """
    Check each change against the field it changes and give it in stored form.

    A field the entry has not is left for the rules to refuse.

    :raises RequestValidationError: with the pointer of each malformed value
    """
    errors: list[Any] = []
    checked = dict(changes)
    for field, value in changes.items():
        validator = adapter(kind, field)
        if validator is None:
            continue
        try:
            checked[field] = plain(stored(validator.validate_python(value)))
        except ValidationError as fault:
            errors += [
                {**error, "loc": ("body", "changes", field, *error["loc"])}
                for error in fault.errors(include_url=False, include_input=False)
            ]
    if errors:
        raise RequestValidationError(errors)
    return checked
