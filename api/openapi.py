"""What the OpenAPI description says of every route: bodies with examples, every refusal listed."""

import re
from collections.abc import Callable
from typing import Any

from pydantic import BaseModel

from api.examples import EXAMPLES
from api.problems import KNOWN, status_of
from api.schemas.fields import Body
from domain import refusals
from domain.refusals import Refusal

RAISES = re.compile(r":raises (\w+):")
DAYS = ("FutureDay", "BeforeBirth")
PROBLEM_SCHEMA = {
    "type": "object",
    "required": ["type", "title", "status", "detail"],
    "properties": {
        "type": {"type": "string", "description": "stable slug of the refusal"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string", "description": "in the caller's language"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {
                    "pointer": {"type": "string"},
                    "parameter": {"type": "string"},
                    "detail": {"type": "string"},
                },
            },
        },
    },
}
READ = ("not-signed-in", "not-allowed", "unreadable-query", "malformed", "database-away")
NAMED = ("unknown-child", "out-of-reach")
FRESH = ("view-behind",)
WRITE = (
    "not-json",
    "too-large",
    "version-moved",
    "idempotency-key-reused",
    "busy",
)


class Recorded(BaseModel):
    """Where an entry stands."""

    student_id: str
    entry: int
    version: int
    position: int


def refusals_of(command: Callable[..., Any]) -> list[type[Refusal]]:
    """Give the rules a command of the domain may meet, as its docstring names them."""
    names = [*DAYS, *RAISES.findall(command.__doc__ or "")]
    return [getattr(refusals, name) for name in dict.fromkeys(names)]


def problems(*slugs: str, rules: list[type[Refusal]] = []) -> dict[int | str, dict[str, Any]]:  # noqa: B006  # never changed
    """Describe refusals by status, each slug with what it says."""
    said: dict[int, list[str]] = {}
    for slug in slugs:
        said.setdefault(KNOWN[slug][0], []).append(f"`{slug}` {KNOWN[slug][4]}")
    for rule in rules:
        said.setdefault(_status(rule), []).append(f"`{rule.slug}` {rule.en}")
    return {
        status: {
            "description": "\n\n".join(lines),
            "content": {"application/problem+json": {"schema": PROBLEM_SCHEMA}},
        }
        for status, lines in sorted(said.items())
    }


def _status(rule: type[Refusal]) -> int:
    return status_of(rule.__new__(rule))


def documented(
    name: str, title: str, body: type[Body], command: Callable[..., Any]
) -> dict[str, Any]:
    """Give the description of a command's route."""
    summary = (command.__doc__ or "").strip().partition("\n")[0]
    return {
        "name": name,
        "operation_id": name,
        "summary": f"{title} · {summary}",
        "responses": {
            201: {"description": "Recorded, as one entry.", "model": Recorded},
            **problems(*READ, *NAMED, *WRITE, rules=refusals_of(command)),
        },
        "openapi_extra": body_example(body),
    }


def body_example(body: type[Body]) -> dict[str, Any]:
    """Give the example of a body, as a route's extra description."""
    return {"requestBody": {"content": {"application/json": {"example": EXAMPLES[body.__name__]}}}}
