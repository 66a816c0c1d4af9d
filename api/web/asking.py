"""Asking the service over its own contract: a page knows and does nothing the contract does not."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import httpx
from starlette.requests import Request

BASE = "http://guixue"
ANYWHERE = ("127.0.0.1", 0)
SIGNED_OUT = 401
CHANGES = "changes"  # of a correction: its errors are those of the fields it changes
GOOD = range(200, 300)
Params = Mapping[str, str | int | bool | None]


def address(path: str) -> str:
    """Give the address of a path, part of which a page's own may have given: none has a query."""
    return BASE + quote(path, safe="/%")  # what is quoted already stays so


def keyed(key: str | None) -> dict[bytes, bytes]:
    """Name the key of what is sent, whatever it is: one that is none is refused in words."""
    return {b"Idempotency-Key": key.encode()} if key else {}


@dataclass(frozen=True)
class Answered:
    """An answer: its JSON, or the bytes of a file; ``position`` is where its view stands."""

    status: int
    body: Any
    headers: httpx.Headers
    content: bytes

    @property
    def position(self) -> int | None:
        told = self.headers.get("Log-Position")
        return int(told) if told else None


ASIDE = re.compile(r" ?[((][a-z][a-z_]*[))]", re.ASCII)


class Refused(Exception):
    """The service said no; ``problem`` is its problem+json, in the reader's language."""

    def __init__(self, status: int, problem: dict[str, Any], headers: httpx.Headers) -> None:
        super().__init__(problem.get("type"))
        self.status = status
        self.problem = problem
        self.headers = headers

    @property
    def kind(self) -> str:
        """The stable slug of the refusal."""
        return str(self.problem.get("type", ""))

    @property
    def detail(self) -> str:
        """What is wrong, in words: the names that programs send are left out."""
        return ASIDE.sub("", str(self.problem.get("detail", "")))

    @property
    def errors(self) -> dict[str, str]:
        """What is wrong with each field of the body, by the name it has there."""
        found: dict[str, str] = {}
        for error in self.problem.get("errors", []):
            steps = str(error.get("pointer", "")).strip("/").split("/")
            name = steps[1] if steps[0] == CHANGES and steps[1:] else steps[0]
            found.setdefault(name, ASIDE.sub("", str(error.get("detail", ""))))
        return found


class Asking:
    """
    The contract, called inside the process as one person, in one language.

    Who may see what, masks, limits and the access log are thereby those of the contract.
    ``at`` makes each answer from a view wait until it has reached that position.
    """

    def __init__(
        self, request: Request, *, token: str | None, language: str, at: int | None = None
    ) -> None:
        client = (request.client.host, request.client.port) if request.client else ANYWHERE
        self._transport = httpx.ASGITransport(
            request.app, raise_app_exceptions=False, client=client
        )
        self._headers = {"Accept-Language": "en" if language == "en" else "zh-CN"}
        if token is not None:
            self._headers["Authorization"] = f"Bearer {token}"
        if at is not None:
            self._headers["Min-Log-Position"] = str(at)

    async def get(self, path: str, params: Params | None = None) -> Answered:
        """
        Read.

        :raises Refused: if the service says no
        """
        asked = {
            name: str(value).lower() if isinstance(value, bool) else str(value)
            for name, value in (params or {}).items()
            if value is not None and value != ""
        }
        return await self._send(httpx.Request("GET", address(path), params=asked or None))

    async def post(
        self, path: str, body: Any = None, *, key: str | None = None, method: str = "POST"
    ) -> Answered:
        """
        Record, once per ``key``.

        :raises Refused: if the service says no
        """
        headers = keyed(key)
        sent = {} if body is None else body
        return await self._send(httpx.Request(method, address(path), json=sent, headers=headers))

    async def send_form(
        self,
        path: str,
        fields: Mapping[str, str],
        files: Mapping[str, tuple[str, bytes]] | None = None,
        params: Params | None = None,
        *,
        key: str | None = None,
    ) -> Answered:
        """
        Send a form, with files or without; once per ``key`` if there is one.

        :raises Refused: if the service says no
        """
        asked = {name: str(value) for name, value in (params or {}).items() if value is not None}
        return await self._send(
            httpx.Request(
                "POST",
                address(path),
                data=fields,
                files=files,
                params=asked or None,
                headers=keyed(key),
            )
        )

    async def _send(self, request: httpx.Request) -> Answered:
        request.headers.update(self._headers)
        response = await self._transport.handle_async_request(request)
        content = await response.aread()
        kind = response.headers.get("Content-Type", "")
        body = response.json() if "json" in kind and content else None
        if response.status_code not in GOOD:
            raise Refused(response.status_code, body or {}, response.headers)
        return Answered(response.status_code, body, response.headers, content)
