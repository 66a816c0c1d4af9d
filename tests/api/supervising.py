"""How the tests of supervision act: example bodies changed as given, and the ids they give."""

from typing import Any

from api.bulletin_examples import BULLETIN_BODIES
from api.supervision_examples import SUPERVISION_BODIES
from tests.people import Caller

RUBRICS, SCORES = "/v1/rubrics", "/v1/scores"
VETOES, TALKS, BULLETINS = "/v1/vetoes", "/v1/talks", "/v1/bulletins"


def body(name: str, **changes: Any) -> dict[str, Any]:
    """The example body of a step, changed as given; ``None`` leaves a field out."""
    whole = {**SUPERVISION_BODIES[name], **changes}
    return {field: value for field, value in whole.items() if value is not None}


def bulletin_body(name: str, **changes: Any) -> dict[str, Any]:
    """The example body of a bulletin's step, changed as given; ``None`` leaves a field out."""
    whole = {**BULLETIN_BODIES[name], **changes}
    return {field: value for field, value in whole.items() if value is not None}


async def made(caller: Caller, path: str, sent: dict[str, Any]) -> dict[str, Any]:
    """Record something; it must succeed."""
    answer = await caller.post(path, sent)
    assert answer.status_code == 201, answer.text
    recorded: dict[str, Any] = answer.json()
    return recorded


async def rubric(caller: Caller, **changes: Any) -> str:
    """Issue a rubric; its number."""
    return str((await made(caller, RUBRICS, body("RubricBody", **changes)))["id"])


HOSTILE = ({"a": 1}, [[]], "\0", "\ud800", 2**63, -1, "2026-13-01", "x" * 5_000)


async def score(caller: Caller, **changes: Any) -> str:
    """Score a school; the path of the score."""
    return f"{SCORES}/{(await made(caller, SCORES, body('ScoreBody', **changes)))['id']}"
