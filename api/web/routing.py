"""How a page is taken: cross-site posts refused, sign-in asked for, every refusal a page too."""

import re
from collections.abc import Awaitable, Callable
from typing import Any

from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from api.checking import check_query
from api.problems import Problem, problem_told
from api.reach import LOADED
from api.web.asking import SIGNED_OUT, Refused
from api.web.visit import Visit, is_cross_site, visit

# A part of an address that stands for something; nothing of ours has other letters.
PART = re.compile(r"[0-9A-Za-z_-]{1,100}", re.ASCII)
Handler = Callable[[Visit], Awaitable[Response]]
SQUEEZED = [Middleware(GZipMiddleware, minimum_size=1000)]


def page(path: str, handler: Handler, *, methods: tuple[str, ...] = ("GET",)) -> Route:
    """Make the route of a page for those who are signed in."""
    return _route(path, handler, methods, for_all=False)


def open_page(path: str, handler: Handler, *, methods: tuple[str, ...] = ("GET",)) -> Route:
    """Make the route of a page for everybody."""
    return _route(path, handler, methods, for_all=True)


def _route(path: str, handler: Handler, methods: tuple[str, ...], *, for_all: bool) -> Route:
    async def taken(request: Request) -> Response:
        LOADED.set({})
        visiting = await visit(request)
        try:
            check_query(request)
            return await answered(visiting)
        except Refused as refused:
            if refused.status == SIGNED_OUT:
                return await signed_out(visiting)
            if refused.kind == "password-change-required":
                return visiting.go("/password?first=yes")
            return told(visiting, refused.status, refused.problem)
        except Problem as problem:
            return told(visiting, *problem_told(problem, visiting.language))

    async def answered(visiting: Visit) -> Response:
        request = visiting.request
        if not is_ours(request):
            raise Problem("not-found")
        if request.method == "POST" and is_cross_site(request):
            raise Problem("cross-site")
        if not for_all and (visiting.person is None or is_anothers(visiting)):
            return await signed_out(visiting)
        return await handler(visiting)

    return Route(path, taken, methods=list(methods), include_in_schema=False, middleware=SQUEEZED)


def is_ours(request: Request) -> bool:
    """
    Say whether what stands in an address can name anything: ids, codes, days, and no more.

    Whatever else it held would name another address of the contract. A whole ``path`` is looked
    up in a list of ours by its page.
    """
    named = request.path_params.items()
    return all(name == "path" or PART.fullmatch(str(value)) for name, value in named)


def is_anothers(visiting: Visit) -> bool:
    """Say whether what is sent was written by another account than is signed in now."""
    writer = visiting.request.headers.get("x-guixue-account")
    return writer is not None and writer != str(visiting.person and visiting.person.account)


async def signed_out(visiting: Visit) -> Response:
    """Ask to sign in; whatever was typed into a form goes with it and comes back."""
    from api.web.sign_in import ask_to_sign_in  # noqa: PLC0415  # it takes pages itself

    return await ask_to_sign_in(visiting)


def told(visiting: Visit, status: int, problem: dict[str, Any]) -> Response:
    """Answer with a page that says why not."""
    if visiting.wants_json:
        return visiting.json(problem, status)
    return visiting.page("said.html", status=status, problem=problem)
