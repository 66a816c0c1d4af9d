"""Signing in: a name and a password for an opaque bearer token."""

from typing import Annotated

from fastapi import APIRouter, Form, Request
from starlette.responses import Response

from api.checking import Form as FormRoute
from api.checking import service_of
from api.openapi import problems
from api.problems import Problem
from api.showing import answer
from application.accounts import SESSION_LIFE

router = APIRouter(route_class=FormRoute, tags=["sign-in 登录"])


@router.post(
    "/v1/token",
    summary="登录 · Sign in",
    responses={
        200: {
            "description": "A token for `Authorization: Bearer …`.",
            "content": {
                "application/json": {
                    "example": {
                        "access_token": "k3…",
                        "token_type": "bearer",
                        "expires_in": 28800,
                    }
                }
            },
        },
        **problems("wrong-credentials", "malformed", "too-large", "database-away"),
    },
)
async def sign_in(
    request: Request,
    username: Annotated[str, Form(max_length=100)],
    password: Annotated[str, Form(max_length=200)],
    grant_type: Annotated[str | None, Form(max_length=20)] = None,  # noqa: ARG001  # OAuth2 sends it
    scope: Annotated[str | None, Form(max_length=200)] = None,  # noqa: ARG001
) -> Response:
    service = service_of(request)
    token = await service.accounts.sign_in(username, password, service.tracking.now())
    if token is None:
        raise Problem("wrong-credentials")
    return answer(
        {
            "access_token": token,
            "token_type": "bearer",
            "expires_in": int(SESSION_LIFE.total_seconds()),
        },
        headers={"Cache-Control": "no-store"},
    )
