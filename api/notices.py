"""Notices over HTTP (通知): one's own choice, and how the outbox stands for who looks after it."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Path, Query, Request
from starlette.responses import Response

from api.checking import Checked
from api.deps import Limit, Serving, SignedIn, access_line, permitted_posts
from api.listing import Cursor, cursor_of
from api.openapi import READ, answered, body_example, problems
from api.problems import Problem
from api.schemas.notices import ChoiceBody
from api.service import Service
from api.showing import answer, local
from application.notices.choices import Choice

router = APIRouter(route_class=Checked, tags=["notices 通知"])
OWN = (
    *("not-signed-in", "password-change-required", "token-in-url", "unreadable-query"),
    *("malformed", "database-away"),
)
NEWEST = 2**62
MOMENTS = ("made_at", "next_at", "done_at")


@router.get(
    "/v1/my/notices",
    summary="我的通知 · Where I am told, and whether",
    responses={**answered("choice", "At first, nothing is sent."), **problems(*OWN)},
)
async def own_choice(person: SignedIn, service: Serving) -> Response:
    """Give one's own choice; nobody else reads it."""
    return told(await service.notices.choices.of(UUID(person.account)))


@router.put(
    "/v1/my/notices",
    summary="设置我的通知 · Choose where to be told, and whether",
    responses={
        **answered("choice", "Chosen; what is left out is empty now."),
        **problems(*OWN, "not-json", "too-large"),
    },
    openapi_extra=body_example(ChoiceBody),
)
async def choose(person: SignedIn, service: Serving, body: ChoiceBody) -> Response:
    """
    With `digest`, one message each school day says how much is due, overdue and awaits one's
    decision: counts alone, no child. It goes to `email`, or to `phone` where there is none.
    """
    choice = Choice(body.email, body.phone, body.digest)
    await service.notices.choices.set(UUID(person.account), choice)
    return told(choice)


def told(choice: Choice) -> Response:
    return answer({"email": choice.email, "phone": choice.phone, "digest": choice.digest})


@router.get(
    "/v1/notices",
    summary="发件箱 · Notices that wait, were sent, or were given up",
    responses={
        **answered("notices", "A page, the newest first; never what a notice says."),
        **problems(*READ),
    },
)
async def list_notices(
    request: Request,
    service: Serving,
    limit: Limit = 50,
    cursor: Cursor = None,
    state: Annotated[Literal["waiting", "sent", "dead"], Query()] = "dead",
) -> Response:
    """`dead` are those given up; `error` says why an attempt failed, in our words."""
    posts = await permitted_posts(request, "watch_notices")
    rows = await service.notices.outbox.page(state, limit + 1, cursor or NEWEST)
    names_people = any(post.role == "admin" for post in posts)
    following = cursor_of(rows[limit - 1]["place"]) if len(rows) > limit else None
    items = [shown(row, service, names_people=names_people) for row in rows[:limit]]
    return answer({"items": items, "next_cursor": following})


@router.post(
    "/v1/notices/{notice_id}/retry",
    status_code=201,
    summary="重发通知 · Send a dead letter after all",
    responses={
        **answered("notice_retried", "It waits again, and is tried as often as a new one.", 201),
        **problems(*READ, "unknown-notice", "notice-not-dead"),
    },
)
async def retry_notice(
    request: Request,
    service: Serving,
    notice_id: Annotated[str, Path(description="the notice's id, a UUID")],
) -> Response:
    """Later changes of the same child may have been sent meanwhile; its position says so."""
    await permitted_posts(request, "retry_notice")
    outbox = service.notices.outbox
    try:
        notice = UUID(notice_id)
    except ValueError:
        raise Problem("unknown-notice") from None
    if await outbox.state_of(notice) is None:
        raise Problem("unknown-notice")
    if not await outbox.retry(notice, service.tracking.now()):
        raise Problem("notice-not-dead")
    await service.access_log.write(access_line(request, f"retry notice {notice}", "done"))
    return answer({"id": notice, "state": "waiting"}, status=201)


def shown(row: dict[str, Any], service: Service, *, names_people: bool) -> dict[str, Any]:
    """Give a notice as answers show it; whom a message goes to is told to administrators alone."""
    zone = service.settings.zone
    moments: dict[str, datetime | None] = {name: row[name] for name in MOMENTS}
    return {
        **{name: value for name, value in row.items() if name != "place"},
        "account_id": row["account_id"] if names_people else None,
        **{name: at and local(at, zone) for name, at in moments.items()},
    }
