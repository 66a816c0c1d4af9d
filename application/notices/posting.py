"""Posting JSON to machines, signed; of what they answer, the status alone is read."""

import asyncio
import json
from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

import httpx

from application.notices.failing import Refused, Unreachable
from application.notices.signing import signed
from application.trust import Trust, why_not

PATIENCE_SECONDS = 5.0
AT_ONCE = 100  # connections, to all receivers together
LIMITS = httpx.Limits(max_connections=AT_ONCE, max_keepalive_connections=AT_ONCE // 5)
LONGEST_ANSWER = 65_536  # bytes; one that says more has its connection closed
TAKEN = range(200, 300)
GONE = 410


class Posting:
    """
    Posts to whoever receives; follows no redirect, asks no proxy, keeps no cookie.

    ``patience`` is in seconds. Whether a receiver may be told anything is asked before.
    """

    def __init__(self, trust: Trust, patience: float = PATIENCE_SECONDS) -> None:
        self._trust = trust
        self.patience = patience
        self._client: httpx.AsyncClient | None = None

    async def post(
        self,
        url: str,
        secret: str,
        message: UUID,
        body: Mapping[str, Any],
        now: datetime,
        *,
        media: str = "application/json",
        refusing: Collection[int] = (GONE,),
    ) -> None:
        """
        Post a message under its id.

        :raises Refused: if the answer's status is one of ``refusing``
        :raises Unreachable: if there is no answer in time, or it is no success
        """
        content = json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()
        headers = {"Content-Type": media, **signed(secret, message, content, now)}
        try:
            async with asyncio.timeout(self.patience):
                request = self._http().stream("POST", url, content=content, headers=headers)
                async with request as answer:
                    status = answer.status_code
                    await read_out(answer)
        except (httpx.HTTPError, httpx.InvalidURL, TimeoutError, OSError, ValueError) as fault:
            raise Unreachable(why_not(fault)) from None
        if status in TAKEN:
            return
        if status in refusing:
            raise Refused(f"answered {status}")
        raise Unreachable(f"answered {status}")

    async def close(self) -> None:
        """Hang up."""
        client, self._client = self._client, None
        if client is not None:
            await client.aclose()

    def _http(self) -> httpx.AsyncClient:
        if self._client is None:
            self._client = httpx.AsyncClient(
                trust_env=False,
                follow_redirects=False,
                timeout=self.patience,
                limits=httpx.Limits(
                    max_connections=AT_ONCE, max_keepalive_connections=AT_ONCE // 5
                ),
                verify=self._trust.context(),
                headers={"User-Agent": "Guixue"},
            )
        self._client.cookies.clear()
        return self._client


async def read_out(answer: httpx.Response) -> None:
    """Read what nobody asked for and throw it away, so that the connection serves again."""
    size = 0
    async for piece in answer.aiter_raw():
        size += len(piece)
        if size > LONGEST_ANSWER:
            return
