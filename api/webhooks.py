"""Webhooks over HTTP (系统对接): administrators subscribe machines of the district to changes."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Path, Request
from starlette.responses import Response

from api.checking import Checked, service_of
from api.deps import Serving, SignedIn, access_line, malformed, permitted_posts
from api.openapi import READ, answered, body_example, problems
from api.problems import Problem
from api.schemas.notices import WebhookBody
from api.service import Service
from api.showing import answer, local
from domain.refusals import SchoolUnknown

MOMENTS = ("made_at", "ended_at", "resting_until")


async def keeper(request: Request) -> None:
    """
    Check that an administrator asks; another's attempt leaves a line in the access log.

    :raises NotAllowed: for anybody else
    """
    await permitted_posts(request, "keep_webhooks")


router = APIRouter(route_class=Checked, tags=["notices 通知"], dependencies=[Depends(keeper)])


@router.get(
    "/v1/webhooks",
    summary="系统对接 · Every subscription there ever was",
    responses={
        **answered("webhooks", "In the order in which they were made, ended ones too."),
        **problems(*READ, "keys-away"),
    },
)
async def list_webhooks(service: Serving) -> Response:
    """`taken` is the place in the log up to which changes are in the outbox; no secret is told."""
    items = [shown(one, service) for one in await service.notices.webhooks.all()]
    return answer({"items": items, "next_cursor": None})


@router.post(
    "/v1/webhooks",
    status_code=201,
    summary="订阅变更 · Subscribe a machine of the district to changes",
    responses={
        **answered("webhook_made", "Subscribed; the secret is shown this once.", 201),
        **problems(*READ, "not-json", "too-large", "keys-away", rules=[SchoolUnknown]),
    },
    openapi_extra=body_example(WebhookBody),
)
async def subscribe(
    request: Request, person: SignedIn, service: Serving, body: WebhookBody
) -> Response:
    """
    Changes recorded from now on are posted to `url` as CloudEvents (`application/cloudevents+json`)
    that hold position, kind, child's id, school and township alone, signed after the Standard
    Webhooks specification. What answers no 2xx in five seconds is tried again, so that the same
    `webhook-id` may come twice; of one child, changes come in order. `township` is told of cases
    reported to it.
    """
    webhooks = service.notices.webhooks
    if not webhooks.allows(body.url):
        raise malformed(
            *("body", "url"),
            "This place is not among those the district allows (GUIXUE_WEBHOOK_ORIGINS).",
            "该地址不在允许的范围内(GUIXUE_WEBHOOK_ORIGINS)。",
        )
    if body.school_code is not None and service.directory.school(body.school_code) is None:
        raise SchoolUnknown(school_code=body.school_code)
    if body.township is not None and not service.directory.schools_in(body.township):
        raise malformed(
            *("body", "township"),
            "There is no school in such a township.",
            "学校名录中没有这个镇(街道)。",
        )
    subscription, secret = await webhooks.subscribe(
        *(body.url, person, service.tracking.now()),
        school_code=body.school_code,
        township=body.township,
        kinds=body.kinds,
    )
    line = access_line(request, f"subscribe webhook {subscription}", "done")
    await service.access_log.write(line)
    (row,) = await webhooks.all(subscription)
    return answer({**shown(row, service), "secret": secret}, status=201)


async def known_webhook(
    request: Request, webhook_id: Annotated[str, Path(description="the subscription's id, a UUID")]
) -> UUID:
    """
    Read the subscription that the path names.

    :raises Problem: ``unknown-webhook``
    """
    try:
        subscription = UUID(webhook_id)
    except ValueError:
        raise Problem("unknown-webhook") from None
    if not await service_of(request).notices.webhooks.all(subscription):
        raise Problem("unknown-webhook")
    return subscription


@router.post(
    "/v1/webhooks/{webhook_id}/end",
    status_code=201,
    summary="终止订阅 · Tell a machine nothing more",
    responses={
        **answered("webhook", "Ended, for good; what waited for it is not sent.", 201),
        **problems(*READ, "unknown-webhook"),
    },
)
async def end_webhook(
    request: Request,
    person: SignedIn,
    service: Serving,
    subscription: Annotated[UUID, Depends(known_webhook)],
) -> Response:
    """End a subscription, which stays on record. Another one gets another secret."""
    webhooks = service.notices.webhooks
    await webhooks.end(subscription, person, service.tracking.now())
    await service.access_log.write(access_line(request, f"end webhook {subscription}", "done"))
    (row,) = await webhooks.all(subscription)
    return answer(shown(row, service), status=201)


def shown(row: dict[str, Any], service: Service) -> dict[str, Any]:
    """Give a subscription as answers show it: moments with the district's offset."""
    zone = service.settings.zone
    moments: dict[str, datetime | None] = {name: row[name] for name in MOMENTS}
    return {**row, **{name: at and local(at, zone) for name, at in moments.items()}}
