"""Showing masked fields in full: to those who may, for a reason that the access log keeps."""

from collections.abc import Awaitable, Callable
from typing import Annotated

from fastapi import Depends, Request

from api.deps import Reason, Reveal, malformed, permitted_posts, signed_in_person
from api.looking import Look
from api.showing import MASKS, STRICT_MASKS, Masks
from application.roles import MAY


class Revealing(Look):
    """A look that shows fields in full where a reason is given."""

    def __init__(self, request: Request, reason: str | None) -> None:
        super().__init__(request)
        self.reason = reason
        self.verb = "view" if reason is None else "reveal"

    @property
    def masked(self) -> bool:
        return self.reason is None

    @property
    def masks(self) -> Masks:
        """Say what hides the sensitive fields of this answer."""
        if not self.masked:
            return {}
        may = any(post.role in MAY["reveal"] for post in signed_in_person(self._request).posts)
        return MASKS if may else STRICT_MASKS


def revealing(step: str) -> Callable[..., Awaitable[Revealing]]:
    """Give what reads ``reveal`` and ``reason``, for a step of those who may see all."""

    async def read(request: Request, reveal: Reveal = False, reason: Reason = None) -> Revealing:
        if not reveal:
            return Revealing(request, None)
        await permitted_posts(request, step)
        text = (reason or "").strip()
        if not text or "\0" in text:
            raise malformed(
                "query",
                "reason",
                "Say why you need to see this in full.",
                "请填写查看完整信息的理由。",
            )
        return Revealing(request, text)

    return read


Showing = Annotated[Revealing, Depends(revealing("reveal"))]
