"""A small reader of JSON Schema for the OpenAPI tests; a keyword it cannot check is an error."""

import re
from collections.abc import Callable, Iterator
from datetime import date
from typing import Any
from uuid import UUID

Faults = Iterator[str]
TYPES: dict[str, Any] = {
    "object": dict,
    "array": list,
    "string": str,
    "boolean": bool,
    "null": type(None),
    "integer": int,
    "number": (int, float),
}
SAID_ONLY = {"title", "description", "examples", "example", "default", "contentMediaType"}


class Schemas:
    """The schemas of a description, by which values are judged."""

    def __init__(self, components: dict[str, Any]) -> None:
        self._components = components

    def of(self, reference: str) -> dict[str, Any]:
        schema: dict[str, Any] = self._components[reference.rpartition("/")[2]]
        return schema

    def faults(self, value: Any, schema: dict[str, Any], at: str = "") -> Faults:
        """Say what of a value its schema does not allow."""
        if "type" in schema and not is_of(value, schema["type"]):
            yield f"{at}: not of type {schema['type']}"
            return
        for keyword, said in schema.items():
            if keyword in BOUNDS:
                if not BOUNDS[keyword](value, said):
                    yield f"{at}: against {keyword}"
            elif keyword in NESTED:
                yield from NESTED[keyword](self, value, schema, at)
            else:
                assert keyword in SAID_ONLY, f"{at}: {keyword} is no keyword we know"

    def referred(self, value: Any, schema: dict[str, Any], at: str) -> Faults:
        return self.faults(value, self.of(schema["$ref"]), at)

    def any_of(self, value: Any, schema: dict[str, Any], at: str) -> Faults:
        if all(list(self.faults(value, one, at)) for one in schema["anyOf"]):
            yield f"{at}: fits none"

    def required(self, value: Any, schema: dict[str, Any], at: str) -> Faults:
        return (f"{at}/{name}: missing" for name in schema["required"] if name not in value)

    def properties(self, value: Any, schema: dict[str, Any], at: str) -> Faults:
        for name, inner in schema["properties"].items():
            if name in value:
                yield from self.faults(value[name], inner, f"{at}/{name}")

    def others(self, value: Any, schema: dict[str, Any], at: str) -> Faults:
        if schema["additionalProperties"] is False:
            extra = value.keys() - schema.get("properties", {}).keys()
            yield from (f"{at}/{name}: unknown" for name in extra)

    def items(self, value: Any, schema: dict[str, Any], at: str) -> Faults:
        for place, item in enumerate(value):
            yield from self.faults(item, schema["items"], f"{at}/{place}")


def is_of(value: Any, name: str) -> bool:
    return isinstance(value, TYPES[name]) and (name == "boolean" or not isinstance(value, bool))


FORMATS: dict[str, Callable[[str], object]] = {"date": date.fromisoformat, "uuid": UUID}


def in_format(value: str, name: str) -> bool:
    return bool(FORMATS[name](value))


BOUNDS: dict[str, Callable[[Any, Any], bool]] = {
    "type": is_of,
    "enum": lambda value, said: value in said,
    "minItems": lambda value, said: len(value) >= said,
    "maxItems": lambda value, said: len(value) <= said,
    "minLength": lambda value, said: len(value) >= said,
    "maxLength": lambda value, said: len(value) <= said,
    "minProperties": lambda value, said: len(value) >= said,
    "maxProperties": lambda value, said: len(value) <= said,
    "minimum": lambda value, said: value >= said,
    "maximum": lambda value, said: value <= said,
    "pattern": lambda value, said: re.search(said, value) is not None,
    "format": in_format,
}
NESTED: dict[str, Callable[[Schemas, Any, dict[str, Any], str], Faults]] = {
    "$ref": Schemas.referred,
    "anyOf": Schemas.any_of,
    "required": Schemas.required,
    "properties": Schemas.properties,
    "additionalProperties": Schemas.others,
    "items": Schemas.items,
}
