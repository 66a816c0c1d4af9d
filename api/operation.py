"""Running the service: health, readiness, metrics; none of them shows a child's data."""

from datetime import UTC, datetime
from typing import Any

from fastapi import APIRouter, Request
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from pydantic_core import to_json
from starlette.responses import PlainTextResponse, Response

from api.openapi import answered, problems
from api.problems import RETRY_AFTER
from api.service import Service
from application.store.store import StoreUnavailable
from application.store.tree_reading import NotYet

router = APIRouter(tags=["operation 运行"])
AWAY = 503


def _json(body: dict[str, Any], status: int = 200) -> Response:
    headers = {"Cache-Control": "no-store"}
    if status == AWAY:
        headers["Retry-After"] = RETRY_AFTER
    return Response(to_json(body), status, headers, "application/json")


@router.get(
    "/healthz",
    summary="The process is up",
    responses={**answered("health", "It is up."), **problems("token-in-url")},
)
async def health() -> Response:
    return _json({"status": "up"})


@router.get(
    "/readyz",
    summary="The service answers",
    responses={
        **answered(
            "readiness",
            "It answers; `lag` is how many entries the views are behind, but those that are"
            " `parked` before an entry they do not get past, and `outdated` ones, which are"
            " rebuilt; `damaged_at` are entries that do not open. `checkpoint` is how much of the"
            " log is signed; a witness is `late` when its last cosignature is older than a day.",
        ),
        503: {
            "description": "starting, a demo still loading, or without database",
            "content": {"application/json": {"example": {"status": "no database"}}},
        },
        **problems("token-in-url"),
    },
)
async def readiness(request: Request) -> Response:
    service: Service = request.app.state.service
    try:
        head = await service.store.head()
        standing = await service.freshness.standing()
        proof = await proven(service)
    except StoreUnavailable:
        return _json({"status": "no database"}, 503)
    told = {"views": standing.told(head), **proof}
    if standing.being_rebuilt:
        return _json({"status": "views are being rebuilt", **told}, 503)
    if not service.ready:
        return _json({"status": "loading", **told}, 503)
    return _json({"status": "ready", **told})


async def proven(service: Service) -> dict[str, Any]:
    """Tell up to where the log is signed, and how it stands with each witness."""
    try:
        size = (await service.tree.checkpoint()).size
    except NotYet:
        size = 0
    now = datetime.now(UTC)
    return {
        "checkpoint": size,
        "witnesses": [one.told(now) for one in await service.cosigning.standing()],
    }


@router.get(
    "/metrics",
    summary="Prometheus metrics",
    response_class=PlainTextResponse,
    responses={
        200: {
            "description": "In the text format of Prometheus.",
            "content": {"text/plain": {"example": "guixue_database_up 1.0\n"}},
        },
        **problems("token-in-url"),
    },
)
async def metrics(request: Request) -> Response:
    service: Service = request.app.state.service
    meters = request.app.state.meters
    try:
        head = await service.store.head()
        meters.head.set(head)
        meters.database.set(1)
        meters.show(head, await service.freshness.standing())
        proof = await proven(service)
        meters.show_proof(proof["checkpoint"], proof["witnesses"])
        meters.show_notices(await service.notices.outbox.standing(), service.tracking.now())
    except StoreUnavailable:
        meters.database.set(0)
    return Response(generate_latest(meters.registry), media_type=CONTENT_TYPE_LATEST)
