"""How long the server waits for a request, and how much of one it takes before anybody reads it."""

import asyncio
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

LONGEST_HEAD = 65_536  # bytes of address and headers; browsers send some hundreds
LONGEST = 64_000_000  # bytes of a whole request; the largest that is taken has 31 million


class Patient(HttpToolsProtocol):
    """
    A connection that ends where a request is endless: too slow, or too large to be one.

    A head comes within half a minute; a whole request within ten minutes, in which 31 MB come
    over half a megabit a second.
    """

    head_seconds = 30.0
    whole_seconds = 600.0
    longest = LONGEST

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self._taken = 0
        self._in_head = True
        self._end: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._await(self.head_seconds)

    def connection_lost(self, exc: Exception | None) -> None:
        self._await(None)
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        self._taken += len(data)
        super().data_received(data)
        if self._in_head and self._taken > LONGEST_HEAD:
            self.send_400_response("The head of this request is too long.")
        elif self._taken > self.longest:
            self.transport.abort()

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._await(self.head_seconds)

    def on_headers_complete(self) -> None:
        self._in_head, self._taken = False, 0
        self._await(self.whole_seconds)
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        self._in_head, self._taken = True, 0
        self._await(None)
        super().on_message_complete()

    def _await(self, seconds: float | None) -> None:
        """End the connection unless what is waited for comes in some seconds."""
        if self._end is not None:
            self._end.cancel()
        self._end = None
        if seconds is not None:
            self._end = self.loop.call_later(seconds, self.transport.abort)
