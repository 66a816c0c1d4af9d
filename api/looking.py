"""Every look at children leaves its line in the access log before the answer goes out."""

from collections.abc import Mapping
from typing import Annotated, Any
from uuid import UUID

from fastapi import Request
from starlette.responses import Response

from api.at_once import at_once
from api.checking import service_of
from api.deps import access_line
from api.showing import answer


class Look:
    """A person's look at children: what is shown goes out through :meth:`answer`."""

    verb = "view"
    reason: str | None = None

    def __init__(self, request: Request) -> None:
        self._request = request

    async def answer(
        self,
        what: str,
        body: Any,
        children: Mapping[UUID, str | None] | None = None,
        *,
        position: int | None = None,
        headers: Mapping[str, str] | None = None,
        **details: Any,
    ) -> Response:
        """
        Render an answer, and give it once its line stands; one that fails leaves none.

        ``children`` are those it shows, each with its school; by default the one the path names.
        """
        rendered = answer(body, position=position, headers=headers)
        await self.log(f"{self.verb} {what}", "shown", children, **details)
        return rendered

    async def log(
        self,
        action: str,
        outcome: str,
        children: Mapping[UUID, str | None] | None = None,
        **details: Any,
    ) -> int:
        """Write a line about this look, and return its place."""
        line = access_line(self._request, action, outcome, children, self.reason, **details)
        return await service_of(self._request).access_log.write(line)


Looking = Annotated[Look, at_once(Look)]
