"""Signing in: a name, a password and where needed a code, for an opaque bearer token."""

from typing import Annotated

from fastapi import APIRouter, Form, Request
from starlette.responses import Response

from api.checking import Form as FormRoute
from api.checking import address_of, service_of
from api.openapi import answered, problems
from api.showing import answer
from application.sessions import SESSION_LIFE

router = APIRouter(route_class=FormRoute, tags=["sign-in 登录"])


@router.post(
    "/v1/token",
    summary="登录 · Sign in",
    responses={
        **answered("token", "A token for `Authorization: Bearer …`."),
        **problems(
            *("wrong-credentials", "totp-required", "too-many-tries", "token-in-url"),
            *("unreadable-query", "unreadable-body", "malformed", "too-large", "database-away"),
        ),
    },
)
async def sign_in(
    request: Request,
    username: Annotated[str, Form(max_length=100)],
    password: Annotated[str, Form(max_length=200)],
    otp: Annotated[
        str | None, Form(max_length=20, description="six digits, where the account needs a code")
    ] = None,
    grant_type: Annotated[str | None, Form(max_length=20)] = None,  # noqa: ARG001  # OAuth2 sends it
    scope: Annotated[str | None, Form(max_length=200)] = None,  # noqa: ARG001
) -> Response:
    """
    Open a session of eight hours.

    Ten failed tries in fifteen minutes, per name and client address, are answered 429 until
    `Retry-After` is over, even with the right password. A code is taken once.
    """
    service = service_of(request)
    now = service.tracking.now()
    token = await service.sign_in.with_password(
        *(username, password, now, service.tracking.day_of(now)),
        otp=otp,
        address=address_of(request),
    )
    return token_answer(token)


def token_answer(token: str) -> Response:
    """Answer a fresh token, whichever way its owner signed in."""
    return answer(
        {
            "access_token": token,
            "token_type": "bearer",
            "expires_in": int(SESSION_LIFE.total_seconds()),
        },
        headers={"Cache-Control": "no-store"},
    )
