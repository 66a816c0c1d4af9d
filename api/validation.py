"""What is wrong with a malformed request, place by place, in the caller's language."""

from collections.abc import Mapping, Sequence
from typing import Any

from fastapi.exceptions import RequestValidationError

MOST_ERRORS = 100  # are named; a caller who sends more is told so by their count
LONGEST_STEP = 200  # characters of a field's name

# pydantic's error types, in Chinese; anything else says only that the form is wrong.
WORDS = {
    "missing": "缺少此项。",
    "extra_forbidden": "没有这一项,请检查字段名。",
    "string_type": "须为文本。",
    "string_too_short": "不能为空。",
    "string_too_long": "太长,最多 {max_length} 个字符。",
    "string_pattern_mismatch": "格式不正确。",
    "string_unicode": "文字中含有无法保存的字符。",
    "int_parsing": "须为整数。",
    "int_parsing_size": "数字太大。",
    "int_type": "须为整数。",
    "int_from_float": "须为整数。",
    "greater_than_equal": "不能小于 {ge}。",
    "less_than_equal": "不能大于 {le}。",
    "bool_type": "须为 true 或 false。",
    "bool_parsing": "须为 true 或 false。",
    "list_type": "须为列表。",
    "too_short": "至少 {min_length} 项。",
    "too_long": "最多 {max_length} 项。",
    "dict_type": "须为对象。",
    "model_attributes_type": "须为对象。",
    "model_type": "须为对象。",
    "finite_number": "须为有限的数。",
    "uuid_parsing": "须为 UUID。",
    "literal_error": "须为其中之一:{expected}。",
}


def errors_of(fault: RequestValidationError, language: str) -> list[dict[str, Any]]:
    """Give each error as ``{"pointer" or "parameter", "detail"}``."""
    return [error_of(error, language) for error in fault.errors()[:MOST_ERRORS]]


def error_of(error: Mapping[str, Any], language: str) -> dict[str, Any]:
    """
    Give one error; a body's place as JSON pointer, anything else by its name.

    A rule over several fields of one object names its field as ``below``.
    """
    context = error.get("ctx") or {}
    where, *above = error["loc"]
    path = [*above, *context.get("below", ())]
    if where == "body":
        place = {"pointer": context.get("pointer") or pointer(path)}
    else:
        place = {"parameter": str(path[0]) if path else str(where)}
    return {**place, "detail": detail(error, context, language)}


def detail(error: Mapping[str, Any], context: Mapping[str, Any], language: str) -> str:
    if language == "en":
        return str(error["msg"])
    if "zh" in context:
        return str(context["zh"])
    return WORDS.get(error["type"], "格式不正确。").format_map(context)


def pointer(path: Sequence[Any]) -> str:
    """Give a path as JSON pointer (RFC 6901)."""
    steps = (str(step)[:LONGEST_STEP].replace("~", "~0").replace("/", "~1") for step in path)
    return "".join(f"/{step}" for step in steps)
