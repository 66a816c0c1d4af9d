"""发件箱: notices that wait, were sent or were given up, and sending one after all."""

import re
from typing import Any

from starlette.responses import Response

from api.web.asking import SIGNED_OUT, Refused
from api.web.ledger_asked import PLACE, LedgerAsked
from api.web.ledger_pages import narrowed
from api.web.routing import page
from api.web.sent import Sent, sent
from api.web.visit import Visit

CONTRACT, HERE = "/v1/notices", "/admin/notices"
STATES = {
    "dead": ("未能送达", "Given up"),
    "waiting": ("等待发送", "Waiting"),
    "sent": ("已发送", "Sent"),
}
CHANNELS = {
    "webhook": ("系统对接", "Webhook"),
    "email": ("电子邮件", "E-mail"),
    "phone": ("短信", "Text message"),
}
ANSWERED = re.compile(r"answered (\d{3})", re.ASCII)
WHY = {
    "not among GUIXUE_WEBHOOK_ORIGINS": ("地址不在允许的范围内", "this place is not allowed"),
    "no address any more": ("收件人已没有地址", "there is no address any more"),
}


async def notices(visit: Visit) -> Response:
    """Show the notices in a state, the newest first."""
    return await listed(visit)


async def listed(visit: Visit, unsent: Refused | None = None) -> Response:
    asked = LedgerAsked.of(visit, ("state",))
    found, refused = await narrowed(visit, CONTRACT, asked)
    refused, following = unsent or refused, found["next_cursor"]
    return visit.page(
        "notices.html",
        status=refused.status if refused else 200,
        notices=[told(visit, one) for one in found["items"]],
        following=following and asked.query(**{PLACE: following}),
        states=[(code, visit.t(*words)) for code, words in STATES.items()],
        wanted=asked.wanted["state"] or "dead",
        refused=refused,
        done=bool(visit.request.query_params.get("done")),
    )


def told(visit: Visit, one: dict[str, Any]) -> dict[str, Any]:
    """Give a notice with its channel, and what went wrong, in words."""
    channel = CHANNELS.get(one["channel"], (one["channel"], one["channel"]))
    return {**one, "channel": visit.t(*channel), "error": why(visit, one["error"] or "")}


def why(visit: Visit, error: str) -> str:
    """Say why an attempt failed."""
    if answered := ANSWERED.fullmatch(error):
        return visit.t(f"对方答复 {answered[1]}", f"it answered {answered[1]}")
    return visit.t(*WHY.get(error, (error, error)))


async def retry(visit: Visit) -> Response:
    """Send a notice that was given up after all."""
    if (await sent(visit.request)).get(Sent.RESUME):
        return visit.go(HERE)
    try:
        await visit.ask.post(f"{CONTRACT}/{visit.request.path_params['notice']}/retry")
    except Refused as refused:
        if refused.status == SIGNED_OUT:
            raise
        return await listed(visit, refused)
    return visit.go(f"{HERE}?state=waiting&done=yes")


routes = [
    page(HERE, notices),
    page(f"{HERE}/{{notice}}/retry", retry, methods=("POST",)),
]
