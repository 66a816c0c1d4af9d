"""Files to take away: each piece is sent only once its line stands in the access log."""

from collections.abc import AsyncIterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from urllib.parse import quote
from uuid import UUID

from starlette.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

from api.looking import Look
from application.store.store import StoreUnavailable


@dataclass(frozen=True, slots=True)
class Piece:
    """
    Some bytes of a file, how many rows they hold, and of which children, with their schools.

    Rows of a piece without bytes are held by the bytes that come next.
    """

    content: bytes
    rows: int = 0
    children: Mapping[UUID, str | None] = field(default_factory=dict)


class Export(StreamingResponse):
    """
    A file sent piece by piece, between two lines of the access log.

    The line at ``begun`` stands before the first byte. Each piece with rows has a line of its own
    that names its children, and the closing line tells how many rows were sent: ``taken`` before
    the last byte, or ``broken_off``.
    """

    def __init__(
        self,
        look: Look,
        action: str,
        begun: int,
        pieces: AsyncIterator[Piece],
        *,
        media_type: str,
        headers: Mapping[str, str],
    ) -> None:
        self._look = look
        self._action = action
        self._begun = begun
        self._rows = 0
        self._taken = False
        super().__init__(self._sent(pieces), media_type=media_type, headers=headers)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await super().__call__(scope, receive, send)
        finally:
            if not self._taken:
                # Without a database the export stands open: begun, and never taken.
                with suppress(StoreUnavailable):
                    await self._log("broken_off", self._rows)

    async def _sent(self, pieces: AsyncIterator[Piece]) -> AsyncIterator[bytes]:
        held = 0
        async for piece in pieces:
            if piece.rows:
                await self._log("shown", piece.rows, piece.children)
            held += piece.rows
            if piece.content:
                self._rows += held
                held = 0
                yield piece.content
        await self._log("taken", self._rows)
        self._taken = True

    async def _log(
        self, outcome: str, rows: int, children: Mapping[UUID, str | None] | None = None
    ) -> None:
        await self._look.log(self._action, outcome, children or {}, export=self._begun, rows=rows)


def file_named(plain: str, named: str) -> str:
    """Name a file to take away, in Chinese for all but the oldest browsers (RFC 6266, RFC 8187)."""
    bare = "".join(c if c.isascii() and c not in '"\\%' else "_" for c in plain)
    return f"attachment; filename=\"{bare}\"; filename*=UTF-8''{quote(named, safe='')}"
