"""What every subject beside the children has over HTTP: ids, answers to commands, what is read."""

import asyncio
import base64
import binascii
import json
from collections.abc import Callable, Sequence
from datetime import date
from typing import Annotated, Any, NamedTuple, TypeVar

from fastapi import Depends, Request
from pydantic import AfterValidator
from starlette.responses import Response

from api.checking import service_of
from api.deps import AsOf, MinLogPosition
from api.evidence import receipt
from api.openapi import RECORDED_HEADERS, answered
from api.problems import Problem
from api.schemas.fields import CONTROL, wrong
from api.service import Service
from api.showing import answer
from application.store.store import Appended
from projections.freshness import PATIENCE_SECONDS, ViewBehind

T = TypeVar("T")
NEXT = "`next_cursor` of the page before"
LONGEST_ID = 600
LOOK_SECONDS = 0.05


def id_of(*names: str | int) -> str:
    """Give the id that stands for some names, safe in a path."""
    told = json.dumps(names, ensure_ascii=False, separators=(",", ":")).encode()
    return base64.urlsafe_b64encode(told).decode().rstrip("=")


def _bare(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def names_in(text: str, *kinds: type) -> list[Any] | None:
    """Read an id or a cursor: the names it was made of, or ``None`` if it is none of ours."""
    try:
        if len(text) > LONGEST_ID or not text.isascii():
            return None
        names = json.loads(_bare(text))
    except (ValueError, binascii.Error, RecursionError):
        return None
    if not isinstance(names, list) or [type(one) for one in names] != [*kinds]:
        return None
    if any(isinstance(one, str) and CONTROL.search(one) for one in names):
        return None
    # As we would have written it: one thing has one id.
    return names if id_of(*names) == text else None


def cursor_names(text: str, *kinds: type) -> list[Any]:
    """
    Read a cursor.

    :raises PydanticCustomError: if it is none of ours
    """
    names = names_in(text, *kinds)
    if names is None:
        raise wrong(
            "cursor", "The cursor is not one we gave.", "cursor 不是本服务给出的,请从首页重新读取。"
        )
    return names


def cursor_of(*kinds: type) -> AfterValidator:
    """Mark a query's cursor as one of ours: the place after which a page begins."""
    return AfterValidator(
        lambda text: text if text is None else cursor_names(text, *kinds) and text
    )


def page_of(
    rows: Sequence[T], place: Callable[[T], tuple[Any, ...]], limit: int, cursor: str | None
) -> tuple[list[T], str | None]:
    """Give the page of rows, in the order of their places, that follows a cursor; and the next."""
    after = tuple(json.loads(_bare(cursor))) if cursor else None
    rest = [row for row in rows if after is None or place(row) > after]
    following = id_of(*place(rest[limit - 1])) if len(rest) > limit else None
    return rest[:limit], following


class Standing(NamedTuple):
    """Where in the log an answer stands, and the day it was then."""

    position: int
    today: date


async def standing(
    request: Request, as_of: AsOf = None, min_log_position: MinLogPosition = None
) -> Standing:
    """
    Say where the log stands, or stood at a moment; waits for ``Min-Log-Position``.

    :raises ViewBehind: if the log does not reach it in time
    """
    service = service_of(request)
    deadline = asyncio.get_running_loop().time() + PATIENCE_SECONDS
    head = await service.store.head()
    while min_log_position is not None and head < min_log_position:
        if asyncio.get_running_loop().time() >= deadline:
            raise ViewBehind
        await asyncio.sleep(LOOK_SECONDS)
        head = await service.store.head()
    if as_of is None:
        return Standing(head, service.tracking.today())
    return Standing(await service.store.position_at(as_of), service.tracking.day_of(as_of))


Stands = Annotated[Standing, Depends(standing)]


def subject_recorded(service: Service, done: Appended, subject_id: str, path: str) -> Response:
    """Answer a command: where its fact stands, and the log's receipt for it."""
    return answer(
        {"id": subject_id, **done.answer},
        status=201,
        position=done.position,
        headers={
            "Location": f"{path}/{subject_id}",
            "ETag": f'"{done.answer["version"]}"',
            **receipt(service, done),
        },
    )


def subject_recorded_as(name: str, description: str) -> dict[int | str, dict[str, Any]]:
    """Describe such an answer by its example."""
    return {201: {**answered(name, description, 201)[201], "headers": RECORDED_HEADERS}}


def unknown() -> Problem:
    """Make the refusal of what is not there, or not to be seen from here."""
    return Problem("not-found")
