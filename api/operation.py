"""Running the service: health, readiness, metrics; none of them shows a child's data."""

from contextlib import suppress
from typing import Any

from fastapi import APIRouter, Request
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from pydantic_core import to_json
from starlette.responses import PlainTextResponse, Response

from api.openapi import answered, problems
from api.problems import RETRY_AFTER
from api.service import Service
from application.store.store import StoreUnavailable
from projections.freshness import ViewBehind

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
        **answered("readiness", "It answers; `lag` is how many entries the views are behind."),
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
        position = await service.freshness.position()
    except StoreUnavailable:
        return _json({"status": "no database"}, 503)
    except ViewBehind:
        return _json({"status": "views are being rebuilt", "views": {"head": head}}, 503)
    views = {"position": position, "head": head, "lag": head - position}
    if not service.ready:
        return _json({"status": "loading", "views": views}, 503)
    return _json({"status": "ready", "views": views})


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
        meters.lag.set(head)  # all, while views are rebuilt
        with suppress(ViewBehind):
            meters.lag.set(head - await service.freshness.position())
    except StoreUnavailable:
        meters.database.set(0)
    return Response(generate_latest(meters.registry), media_type=CONTENT_TYPE_LATEST)
