"""No token in a URL: a request that carries one is refused, on every route."""

from urllib.parse import parse_qsl

from fastapi import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from api.problems import Problem, problem

NAMES = frozenset({"access_token", "token"})


class TokensInUrls:
    """Stands before every route, since a URL is kept where a header is not."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and _names(scope["query_string"]) & NAMES:
            refusal = problem(Request(scope), Problem("token-in-url"))
            await refusal(scope, receive, send)
            return
        await self._app(scope, receive, send)


def _names(query: bytes) -> set[str]:
    """Give the names of a query; what no parser reads names nothing."""
    try:
        pairs = parse_qsl(query.decode("latin-1"), keep_blank_values=True)
    except ValueError:
        return set()
    return {name.strip().lower() for name, _ in pairs}
