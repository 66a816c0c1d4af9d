"""What the OpenAPI description says of every route: bodies with examples, every refusal listed."""

import re
from collections.abc import Callable, Iterator
from inspect import isfunction
from types import CodeType, FunctionType
from typing import Any

from pydantic import BaseModel

from api.examples import ANSWERS, EXAMPLES
from api.problems import KNOWN, RULE_TITLE, status_of
from api.schemas.fields import Body
from domain import refusals
from domain.episode import Episode
from domain.refusals import Refusal
from domain.student import Student

PROBLEM_SCHEMA = {
    "type": "object",
    "required": ["type", "title", "status", "detail"],
    "properties": {
        "type": {"type": "string", "description": "stable slug of the refusal"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string", "description": "in the caller's language"},
        "student_id": {"type": "string", "description": "who holds a number already taken"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {
                    "row": {"type": "integer", "description": "of an imported file"},
                    "pointer": {"type": "string"},
                    "parameter": {"type": "string"},
                    "detail": {"type": "string"},
                },
            },
        },
    },
}
FACT = re.compile(r"\{\w+\}")
PROBLEM_FACTS: dict[str, dict[str, Any]] = {
    "already-on-roll": {"student_id": ANSWERS["recorded"]["student_id"]},
    "malformed": {
        "errors": [{"pointer": "/occurred_on", "detail": "A day is written YYYY-MM-DD."}]
    },
    "rows-refused": {"errors": [{"row": 3, "detail": "An ID number has 18 characters."}]},
}
READ = (
    *("not-signed-in", "password-change-required", "not-allowed"),
    *("token-in-url", "unreadable-query", "malformed", "database-away"),
)
NAMED = ("unknown-child", "out-of-reach", "record-damaged", "keys-away")
FRESH = ("view-behind",)
WRITE = (
    "not-json",
    "too-large",
    "idempotency-key-reused",
    "busy",
)


RECORDED_HEADERS = {
    name: {"description": said, "schema": {"type": "string"}}
    for name, said in {
        "Location": "where the entry is told",
        "ETag": 'the child\'s version afterwards, as `"7"`',
        "Log-Position": "the entry's place in the log, for `Min-Log-Position`",
        "Log-Receipt": "the log's signed promise that the entry stands in every checkpoint made a"
        " minute later; fits a QR code, and is the same again for a repeated key",
    }.items()
}


class Recorded(BaseModel):
    """Where an entry stands."""

    student_id: str
    entry: int
    version: int
    position: int


def refusals_of(command: Callable[..., Any]) -> list[type[Refusal]]:
    """Give the rules a command of the domain may meet: those its code raises, however deep."""
    assert isfunction(command)
    return list(dict.fromkeys(_raised_by(command, set())))


def _raised_by(function: FunctionType, seen: set[object]) -> Iterator[type[Refusal]]:
    """Give what a function raises, and the one it stands before, if it does."""
    yield from _raised(function.__code__, function.__globals__, seen)
    if isfunction(wrapped := getattr(function, "__wrapped__", None)):
        yield from _raised_by(wrapped, seen)


def _raised(code: CodeType, scope: dict[str, Any], seen: set[object]) -> Iterator[type[Refusal]]:
    for name in code.co_names:
        meant = scope.get(name) or getattr(Student, name, None) or getattr(Episode, name, None)
        if isinstance(meant, type) and issubclass(meant, Refusal):
            yield meant
        elif isfunction(meant) and meant.__module__.startswith("domain.") and meant not in seen:
            seen.add(meant)
            yield from _raised_by(meant, seen)
    for inner in code.co_consts:
        if isinstance(inner, CodeType):
            yield from _raised(inner, scope, seen)


def problems(*slugs: str, rules: list[type[Refusal]] = []) -> dict[int | str, dict[str, Any]]:  # noqa: B006  # never changed
    """Describe refusals by status, each slug with what it says."""
    said: dict[int, dict[str, tuple[str, str]]] = {}
    for slug in slugs:
        status, _, title, _, detail = KNOWN[slug]
        said.setdefault(status, {})[slug] = title, detail
    for rule in rules:
        said.setdefault(_status(rule), {})[rule.slug] = RULE_TITLE["en"], rule.en
    return {
        status: {
            "description": "\n\n".join(f"`{slug}` {detail}" for slug, (_, detail) in told.items()),
            "content": {
                "application/problem+json": {
                    "schema": PROBLEM_SCHEMA,
                    "examples": {
                        slug: {"value": _problem(slug, title, status, detail)}
                        for slug, (title, detail) in told.items()
                    },
                }
            },
        }
        for status, told in sorted(said.items())
    }


def _problem(slug: str, title: str, status: int, detail: str) -> dict[str, Any]:
    body = {"type": slug, "title": title, "status": status, "detail": FACT.sub("…", detail)}
    return {**body, **PROBLEM_FACTS.get(slug, {})}


def answered(name: str, description: str, status: int = 200) -> dict[int | str, dict[str, Any]]:
    """Describe an answer by its example."""
    content = {"application/json": {"example": ANSWERS[name]}}
    return {status: {"description": description, "content": content}}


def recorded_as(description: str) -> dict[int | str, dict[str, Any]]:
    """Describe the answer of a command."""
    described = answered("recorded", description, 201)
    return {201: {**described[201], "model": Recorded, "headers": RECORDED_HEADERS}}


def _status(rule: type[Refusal]) -> int:
    return status_of(rule.__new__(rule))


def documented(
    name: str, title: str, body: type[Body], command: Callable[..., Any]
) -> dict[str, Any]:
    """Give the description of a command's route."""
    summary = (command.__doc__ or "").strip().partition("\n")[0].replace("``", "`")
    rules = refusals_of(command)
    if {"to_school", "school_code"} & body.model_fields.keys() or name == "correct":
        rules.append(refusals.SchoolUnknown)
    if name == "correct":
        rules.append(refusals.AlreadyOnRoll)
    return {
        "name": name,
        "operation_id": name,
        "summary": f"{title} · {summary}",
        "responses": {
            **recorded_as("Recorded, as one entry."),
            **problems(*READ, *NAMED, *WRITE, "version-moved", rules=rules),
        },
        "openapi_extra": body_example(body),
    }


def body_example(body: type[Body]) -> dict[str, Any]:
    """Give the example of a body, as a route's extra description."""
    return {"requestBody": {"content": {"application/json": {"example": EXAMPLES[body.__name__]}}}}
