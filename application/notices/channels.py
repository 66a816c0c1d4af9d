"""Channels (渠道) to people: e-mail, and a gateway for SMS or office messengers."""

import asyncio
import smtplib
import ssl
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from email.message import EmailMessage
from functools import partial
from typing import Literal, Protocol
from uuid import UUID

from application.notices.beside import beside
from application.notices.failing import Refused, Unreachable
from application.notices.posting import Posting
from application.trust import SYSTEM, why_not

PATIENCE_SECONDS, WHOLE_SECONDS = 10.0, 60.0  # for an answer; for all that is said
FOR_EVER = 500  # SMTP replies from here on say that it will never be taken
WRONG_ADDRESS = frozenset({400, 404, 410, 422})  # what a gateway answers then
Security = Literal["none", "starttls", "tls"]


@dataclass(frozen=True, slots=True)
class Letter:
    """A message to a person; ``subject`` alone is what fits an SMS. ``id`` is its notice's."""

    id: UUID
    subject: str
    text: str


class Channel(Protocol):
    """A way to people, under the name of the address it goes to: ``email`` or ``phone``."""

    @property
    def name(self) -> str: ...

    async def send(self, to: str, letter: Letter) -> None:
        """
        Send a letter to an address.

        :raises Refused: if it will never be taken
        :raises Unreachable: if it was not taken now
        """


@dataclass(frozen=True, slots=True)
class Email:
    """E-mail through one SMTP server (RFC 5321), which relays it; ``tls`` is its own alone."""

    host: str
    port: int
    sender: str
    security: Security = "starttls"
    user: str | None = None
    password: str | None = None
    tls: ssl.SSLContext = field(default_factory=SYSTEM.context)
    name: str = "email"

    async def send(self, to: str, letter: Letter) -> None:
        try:
            async with asyncio.timeout(WHOLE_SECONDS):
                await beside(partial(self._send, to, letter))
        except TimeoutError:
            raise Unreachable("TimeoutError") from None

    def _send(self, to: str, letter: Letter) -> None:
        try:
            with self._connected() as server:
                server.send_message(self._written(to, letter), self.sender, [to])
        except smtplib.SMTPRecipientsRefused as refused:
            ((code, _),) = refused.recipients.values()
            if code >= FOR_EVER:
                raise Refused(f"SMTP {code}: the address is refused") from None
            raise Unreachable(f"SMTP {code}") from None
        except smtplib.SMTPResponseException as answered:
            raise Unreachable(f"SMTP {answered.smtp_code}") from None
        except smtplib.SMTPNotSupportedError as missing:
            raise Unreachable(str(missing)) from None  # what the server lacks, and no more
        except (smtplib.SMTPException, OSError, ValueError) as fault:
            raise Unreachable(why_not(fault)) from None

    def _connected(self) -> smtplib.SMTP:
        """Connect; where TLS is asked for, nothing is told before it stands."""
        if self.security == "tls":
            server: smtplib.SMTP = smtplib.SMTP_SSL(
                self.host, self.port, timeout=PATIENCE_SECONDS, context=self.tls
            )
        else:
            server = smtplib.SMTP(self.host, self.port, timeout=PATIENCE_SECONDS)
        try:
            if self.security == "starttls":
                server.starttls(context=self.tls)
            if self.user is not None:
                server.login(self.user, self.password or "")
        except BaseException:
            server.close()
            raise
        return server

    def _written(self, to: str, letter: Letter) -> EmailMessage:
        message = EmailMessage()
        message["From"], message["To"] = self.sender, to
        message["Subject"] = letter.subject
        message["Message-ID"] = f"<{letter.id}@{self.sender.rpartition('@')[2]}>"
        message["Auto-Submitted"] = "auto-generated"  # RFC 3834: no automatic answer, please
        message.set_content(letter.text, cte="base64")
        return message


@dataclass(frozen=True, slots=True)
class HttpGateway:
    """
    A district's own gateway to SMS or an office messenger: it is posted ``{"to", "text"}``, signed.

    What the provider behind it wants otherwise, a small adapter of the district's turns it into.
    """

    posting: Posting
    url: str
    secret: str
    now: Callable[[], datetime]
    name: str = "phone"

    async def send(self, to: str, letter: Letter) -> None:
        body = {"to": to, "text": letter.subject}
        await self.posting.post(
            self.url, self.secret, letter.id, body, self.now(), refusing=WRONG_ADDRESS
        )
