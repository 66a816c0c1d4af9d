"""Showing masked fields in full: to those who may, for a reason, with a line in the access log."""

from typing import Annotated
from uuid import UUID

from fastapi import Depends, Request

from api.checking import service_of
from api.deps import Reason, Reveal, malformed, permitted_posts, signed_in_person
from api.showing import MASKS, STRICT_MASKS, Masks
from application.access import MAY


class Revealing:
    """Whether this answer shows fields in full, and why."""

    def __init__(self, request: Request, reason: str | None) -> None:
        self._request = request
        self.reason = reason

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

    async def log(self, what: str, student_id: UUID | None = None) -> None:
        """Write the access log, if anything is shown in full, and for an auditor's every look."""
        person = signed_in_person(self._request)
        if self.masked and not any(post.role == "auditor" for post in person.posts):
            return
        await service_of(self._request).access_log.write(
            person,
            f"{'view' if self.masked else 'reveal'} {what}",
            outcome="shown",
            student_id=student_id,
            reason=self.reason,
        )


async def revealing(request: Request, reveal: Reveal = False, reason: Reason = None) -> Revealing:
    """
    Read ``reveal`` and ``reason``.

    :raises NotAllowed: if the person may not see fields in full
    """
    if not reveal:
        return Revealing(request, None)
    await permitted_posts(request, "reveal")
    text = (reason or "").strip()
    if not text or "\0" in text:
        raise malformed(
            "query", "reason", "Say why you need to see this in full.", "请填写查看完整信息的理由。"
        )
    return Revealing(request, text)


Showing = Annotated[Revealing, Depends(revealing)]
