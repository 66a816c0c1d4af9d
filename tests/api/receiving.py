"""Who is told in tests: a real HTTP receiver and a real SMTP server, both on loopback."""

import json
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult

from tests.reliability.processes import free_port

Answering = Callable[[bytes], int]


@dataclass
class Received:
    """What came in, and what is answered to it."""

    url: str
    answer: Answering = lambda _: 204
    leads_to: str | None = None  # where an answer that redirects sends on; else back here
    requests: list[tuple[dict[str, str], bytes]] = field(default_factory=list)


@contextmanager
def receiver(tls: ssl.SSLContext | None = None) -> Iterator[Received]:
    """A machine that takes whatever is posted to it, over TLS if given, and answers as told."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        timeout = 5

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            received.requests.append(({k.lower(): v for k, v in self.headers.items()}, body))
            self.send_response(received.answer(body))
            self.send_header("Location", received.leads_to or received.url)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            """Tests say nothing."""

    class Server(ThreadingHTTPServer):
        request_queue_size = 64

        def handle_error(self, *_: Any) -> None:
            """Who hung up heard no answer, as is meant."""

    server = Server(("127.0.0.1", 0), Handler)
    if tls:  # each connection begins it in its own thread
        server.socket = tls.wrap_socket(
            server.socket, server_side=True, do_handshake_on_connect=False
        )
    received = Received(f"http{'s' if tls else ''}://127.0.0.1:{server.server_port}/in")
    serving = threading.Thread(target=server.serve_forever, args=(0.01,))
    serving.start()
    try:
        yield received
    finally:
        server.shutdown()
        serving.join()
        server.server_close()


@dataclass
class Mailbox:
    """
    The mail an SMTP server took, and who signed in; ``refuses`` is what it answers to an address.

    ``protocols`` is what TLS was told that it carries (ALPN), for each.
    """

    port: int = 0
    refuses: dict[str, str] = field(default_factory=dict)
    mail: list[tuple[str, EmailMessage]] = field(default_factory=list)
    signed_in: list[tuple[str, str]] = field(default_factory=list)
    protocols: list[str | None] = field(default_factory=list)

    async def to(self, _server, _session, envelope, address, _options) -> str:
        if address in self.refuses:
            return self.refuses[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def data(self, server, _session, envelope) -> str:
        if tls := server.transport.get_extra_info("ssl_object"):
            self.protocols.append(tls.selected_alpn_protocol())
        message = message_from_bytes(envelope.content, policy=policy.default)
        self.mail += [(to, message) for to in envelope.rcpt_tos]
        return "250 OK"

    handle_RCPT, handle_DATA = to, data  # noqa: N815  # as the server calls them

    def sign_in(self, _server, _session, _envelope, _mechanism, given) -> AuthResult:
        self.signed_in.append((given.login.decode(), given.password.decode()))
        return AuthResult(success=True)


@contextmanager
def mail_server(**tls: Any) -> Iterator[Mailbox]:
    """
    An SMTP server that keeps what it takes.

    With ``ssl_context`` it speaks TLS from the first byte, with ``tls_context`` after STARTTLS.
    """
    box = Mailbox()
    tls = {"authenticator": box.sign_in, **tls} if tls else {}
    controller = Controller(box, hostname="127.0.0.1", port=free_port(), **tls)
    controller.start()
    try:
        box.port = controller.port
        yield box
    finally:
        controller.stop()


async def subscribe(admin, machine, **changes):
    answer = await admin.post("/v1/webhooks", {"url": machine.url, **changes})
    assert answer.status_code == 201, answer.text
    return answer.json()


def events(machine):
    return [json.loads(body) for _, body in machine.requests]


def kinds(machine):
    return [event["data"]["kind"] for event in events(machine)]


async def standing(admin, state):
    return (await admin.get(f"/v1/notices?state={state}")).json()["items"]
