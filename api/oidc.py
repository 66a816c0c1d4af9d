"""Signing in through an OpenID provider (统一身份认证), in the browser that began."""

from typing import Annotated
from urllib.parse import urlsplit

from fastapi import APIRouter, Cookie, Query, Request
from starlette.responses import RedirectResponse, Response

from api.checking import Form as FormRoute
from api.checking import service_of
from api.openapi import answered, problems
from api.problems import Problem
from api.service import Service
from api.token import token_answer
from api.web.visit import SEE_OTHER, SESSION
from application.openid_provider import NotVouchedFor, OpenIdProvider
from application.provider_sign_ins import LIFE
from application.sign_in import WrongCredentials

COOKIE = "guixue_sign_in"
OPEN = ("not-found", "token-in-url", "unreadable-query", "provider-away", "database-away")
router = APIRouter(route_class=FormRoute, tags=["sign-in 登录"])
Returned = Annotated[
    str | None, Query(max_length=4000, description="as the provider sends it back")
]


def provider_of(service: Service) -> OpenIdProvider:
    """
    Give the provider of the settings.

    :raises Problem: ``not-found`` if they name none
    """
    if service.provider is None:
        raise Problem("not-found")
    return service.provider


@router.get(
    "/v1/oidc/start",
    status_code=302,
    response_class=RedirectResponse,
    summary="统一身份认证登录 · Begin to sign in at the provider",
    responses={
        302: {
            "description": "To the provider, with a cookie for the way back.",
            "headers": {
                "Location": {"schema": {"type": "string", "format": "uri"}},
                "Set-Cookie": {"schema": {"type": "string"}},
            },
        },
        **problems(*OPEN),
    },
)
async def start(request: Request) -> Response:
    """Send the browser to the provider; it has ten minutes to come back to `/v1/oidc/callback`."""
    service = service_of(request)
    provider = provider_of(service)
    begun = await service.provider_sign_ins.begin(service.tracking.now())
    answer = RedirectResponse(await provider.sign_in_url(begun), 302)
    answer.headers["Cache-Control"] = "no-store"
    answer.set_cookie(
        COOKIE,
        begun.browser,
        max_age=int(LIFE.total_seconds()),
        httponly=True,
        samesite="lax",
        secure=_secure(service),
    )
    return answer


@router.get(
    "/v1/oidc/callback",
    summary="统一身份认证返回 · Finish signing in at the provider",
    responses={
        **answered("token", "A token for `Authorization: Bearer …`."),
        303: {
            "description": "To the pages, signed in, or to try again: for a browser.",
            "headers": {"Location": {"schema": {"type": "string"}}},
        },
        **problems(*OPEN, "provider-sign-in-failed", "second-factor-required", "malformed"),
    },
)
async def callback(
    request: Request,
    state: Returned = None,
    code: Returned = None,
    browser: Annotated[str | None, Cookie(alias=COOKIE, max_length=200)] = None,
) -> Response:
    """
    Open a session for whom the provider has signed in, in the browser that began.

    A browser (`Accept: text/html`) goes on to the pages, signed in; others are given the token.

    Accounts are found by issuer and subject alone; nobody is made an account. A post that needs a
    second factor is let in if the ID token's `amr` names one (`mfa`, `otp`, `hwk`, `sc`).
    """
    service = service_of(request)
    provider = provider_of(service)
    in_browser = "text/html" in request.headers.get("accept", "")
    try:
        token = await vouched_for(service, provider, state, code, browser)
    except NotVouchedFor:
        if not in_browser:
            raise
        answer: Response = RedirectResponse("/sign-in?provider=failed", SEE_OTHER)
    else:
        answer = to_pages(token, secure=_secure(service)) if in_browser else token_answer(token)
    answer.headers["Cache-Control"] = "no-store"
    answer.delete_cookie(COOKIE, httponly=True, samesite="lax", secure=_secure(service))
    return answer


async def vouched_for(
    service: Service,
    provider: OpenIdProvider,
    state: str | None,
    code: str | None,
    browser: str | None,
) -> str:
    """
    Open a session for whom the provider vouches.

    :raises NotVouchedFor: if it does not, or for nobody we know
    """
    now = service.tracking.now()
    begun = await service.provider_sign_ins.finish(browser or "", state or "", now)
    if begun is None or code is None:
        raise NotVouchedFor
    known = await provider.signed_in(begun, code, now)
    try:
        return await service.sign_in.through_provider(
            *(known.issuer, known.subject, now, service.tracking.day_of(now)),
            second_factor=known.second_factor,
        )
    except WrongCredentials:
        raise NotVouchedFor from None


def to_pages(token: str, *, secure: bool) -> Response:
    """Bring a browser that has come back to the pages, signed in."""
    answer = RedirectResponse("/", SEE_OTHER)
    answer.set_cookie(SESSION, token, httponly=True, samesite="lax", secure=secure)
    return answer


def _secure(service: Service) -> bool:
    return urlsplit(service.settings.oidc_redirect_url or "").scheme == "https"
