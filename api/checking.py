"""The order in which a request is checked: signed in, readable, then what the route asks for."""

import json
import re
from collections.abc import Callable, Coroutine
from typing import Any
from urllib.parse import unquote_to_bytes

from fastapi import Request
from fastapi.routing import APIRoute
from starlette.requests import ClientDisconnect
from starlette.responses import Response

from api.problems import Problem
from api.service import Service
from application.access import Person

Handler = Callable[[Request], Coroutine[Any, Any, Response]]
DISCARD_LIMIT = 32_000_000
FORM_LIMIT = 10_000
TYPE = b"content-type"
JSON_TYPE = (TYPE, b"application/json")
# What kind of form it is and where its parts end, in the letters RFC 2046 has for that.
PARTS = re.compile(
    r"multipart/form-data\s*;(?:.*;)?\s*boundary=\"?([\w'()+,./:=?-]{1,70})",
    re.ASCII | re.IGNORECASE,
)


class Checked(APIRoute):
    """A route that answers 401 before it reads the body, and 400 or 413 before all else."""

    before_password_change = False

    def asks_who(self, request: Request) -> bool:  # noqa: ARG002
        """Say whether only those who sign in are answered."""
        return True

    def handler(self) -> Handler:
        """Give what takes the request once it is checked."""
        return super().get_route_handler()

    def get_route_handler(self) -> Handler:
        handle = self.handler()
        reads_json = self.body_field is not None

        async def checked(request: Request) -> Response:
            if self.asks_who(request):
                request.state.person = await signed_in(
                    request, before_password_change=self.before_password_change
                )
            check_query(request)
            if reads_json:
                await read_json(request)
            response = await handle(request)
            response.headers.setdefault("Cache-Control", "no-store")
            return response

        return checked


class Straight(Checked):
    """
    A route whose endpoint has the attribute ``straight``, which takes the request as it is.

    What the endpoint declares is for the description alone: working it out costs the framework
    more than everything a command does.
    """

    def handler(self) -> Handler:
        straight: Handler = self.endpoint.straight  # type: ignore[attr-defined]
        return straight


class CheckedBeforePasswordChange(Checked):
    """A route open to those, too, whose first password is still to be changed."""

    before_password_change = True


class Form(APIRoute):
    """A route open to everybody that takes a small form."""

    def get_route_handler(self) -> Handler:
        handle = super().get_route_handler()

        async def checked(request: Request) -> Response:
            check_query(request)
            request._body = await read_body(request, FORM_LIMIT)  # noqa: SLF001
            return await handle(request)

        return checked


def service_of(request: Request) -> Service:
    service: Service = request.app.state.service
    return service


async def signed_in(request: Request, *, before_password_change: bool = False) -> Person:
    """
    Return who sent the request; their session stands in ``request.state.session``.

    :raises Problem: ``not-signed-in`` without a living session; ``password-change-required`` with
        a first password, but where that is changed
    """
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    service = service_of(request)
    if scheme.lower() == "bearer" and token:
        now = service.tracking.now()
        today = service.tracking.day_of(now)
        session = await service.sessions.living(token.strip(), now, today)
        if session is not None:
            if session.must_change_password and not before_password_change:
                raise Problem("password-change-required")
            request.state.session = session
            return session.person
    raise Problem("not-signed-in")


def address_of(request: Request) -> str:
    """Give the client's address, by which failed tries to sign in are told apart."""
    return request.client.host if request.client else ""


def check_query(request: Request) -> None:
    """
    Refuse a query that is not UTF-8 or holds NUL.

    :raises Problem: ``unreadable-query``
    """
    query = unquote_to_bytes(request.scope["query_string"])
    try:
        query.decode("utf-8")
    except UnicodeDecodeError:
        raise Problem("unreadable-query") from None
    if b"\0" in query:
        raise Problem("unreadable-query")


async def read_body(request: Request, limit: int) -> bytes:
    """
    Read a body of at most ``limit`` bytes.

    A longer one is read and thrown away first, so that the answer arrives.

    :raises Problem: ``too-large``; ``unreadable-body``, which nobody reads, for who left meanwhile
    """
    body, size = bytearray(), 0
    try:
        async for chunk in request.stream():
            size += len(chunk)
            if size <= limit:
                body += chunk
            elif size > DISCARD_LIMIT:
                break
    except ClientDisconnect:
        raise Problem("unreadable-body") from None
    if size > limit:
        raise Problem("too-large")
    return bytes(body)


async def read_json(request: Request) -> None:
    """
    Read the body as JSON, for the route to validate; an empty one counts as ``{}``.

    :raises Problem: ``too-large`` or ``not-json``
    """
    raw = await read_body(request, service_of(request).settings.max_body_bytes) or b"{}"
    try:
        value = json.loads(raw.decode("utf-8"), parse_constant=_refuse_constant)
    except (ValueError, RecursionError):
        raise Problem("not-json") from None
    request._body = raw  # noqa: SLF001  # where Starlette keeps a body already read
    request._json = value  # noqa: SLF001
    _typed(request, JSON_TYPE)


async def read_upload(request: Request, limit: int) -> None:
    """
    Read a form with files of at most ``limit`` bytes, for Starlette to take apart.

    Its texts are UTF-8, as browsers send them, whatever charset it names: some of those Python
    has decode to what nothing can be written in, or fail.

    :raises Problem: ``too-large``
    """
    request._body = await read_body(request, limit)  # noqa: SLF001  # as Starlette does
    if found := PARTS.match(request.headers.get("content-type", "")):
        _typed(request, (TYPE, f'multipart/form-data; boundary="{found[1]}"'.encode()))


def _typed(request: Request, kind: tuple[bytes, bytes]) -> None:
    """Have a body taken for what it is, whatever its header said."""
    headers = [pair for pair in request.scope["headers"] if pair[0] != TYPE]
    request.scope["headers"] = [*headers, kind]
    del request._headers  # noqa: SLF001  # read again from the scope


def _refuse_constant(name: str) -> None:
    raise ValueError(name)
