"""The values of a record in words: codes by their labels, days as they are, nothing as 无."""

from collections.abc import Mapping
from typing import Any

from api.web.field_words import form_label

NOTHING: tuple[Any, ...] = (None, "", [], {})


def in_words(value: Any, label: Any, language: str) -> str:
    """Give a value as people read it; ``label`` is what its codes are called, if it has any."""
    if label not in NOTHING:
        return _joined(label, language) if isinstance(label, list) else str(label)
    if value in NOTHING and value is not False:
        return "none" if language == "en" else "无"
    if isinstance(value, bool):
        return {True: ("是", "yes"), False: ("否", "no")}[value][language == "en"]
    if isinstance(value, Mapping):
        return "; ".join(_fields(value, language))
    if isinstance(value, list):
        return _joined([in_words(one, None, language) for one in value], language)
    return str(value)


def _fields(value: Mapping[str, Any], language: str) -> list[str]:
    between = ": " if language == "en" else ":"
    return [
        form_label(name, language) + between + in_words(one, value.get(f"{name}_label"), language)
        for name, one in value.items()
        if one not in NOTHING and not name.endswith("_label")
    ]


def _joined(values: list[Any], language: str) -> str:
    return (", " if language == "en" else "、").join(str(one) for one in values)
