"""E-mail, posting, witnesses and an OpenID provider over TLS: nothing is told to the wrong one."""

import asyncio
import json
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from uuid import UUID

import pytest
from structlog.testing import capture_logs

from application.notices.channels import Email, HttpGateway, Letter
from application.notices.failing import Unreachable
from application.notices.posting import Posting
from application.notices.signing import drawn_secret
from application.openid_provider import Client, OpenIdProvider, ProviderAway
from application.provider_sign_ins import Begun
from application.trust import SYSTEM, Trust
from tests.api.receiving import mail_server, receiver
from tests.certificates import BAD

LETTER = Letter(UUID(int=7), "归学待办", "一二三\n")
SECRET = drawn_secret()
USER, PASSWORD = "guixue", "geheim-9"


@pytest.fixture(autouse=True)
def system(certificates, monkeypatch):
    """A system that trusts one authority nobody here is vouched for by: it is quickly read."""
    monkeypatch.setenv("SSL_CERT_FILE", str(certificates.under))
    monkeypatch.setenv("SSL_CERT_DIR", str(certificates.folder / "none"))


@pytest.fixture
def trust(certificates):
    return Trust.read(certificates.root)


@pytest.fixture
def wrong(certificates):
    """What a server may show and whom we may believe so that nothing is to be told, and why."""
    unknown = ("good", SYSTEM, BAD["stranger"])
    trust = Trust.read(certificates.root)
    return [*((shown, trust, why) for shown, why in BAD.items()), unknown]


def mailing(port, security, trust, host="localhost"):
    sender = "guixue@district.example"
    return Email(host, port, sender, security, USER, PASSWORD, trust.context())


def over(security, tls):
    if security == "tls":  # the server does not know it as TLS
        return {"ssl_context": tls, "auth_require_tls": False}
    return {"tls_context": tls}


# E-mail -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("security", ["starttls", "tls"])
async def test_mail_goes_over_tls_to_a_server_the_district_vouches_for(
    certificates, trust, security
):
    with mail_server(**over(security, certificates.server("good"))) as box:
        for host in ("localhost", "127.0.0.1"):
            await mailing(box.port, security, trust, host).send("ceshi@school.example", LETTER)

    assert [to for to, _ in box.mail] == ["ceshi@school.example"] * 2
    assert box.signed_in == [(USER, PASSWORD)] * 2


@pytest.mark.parametrize("security", ["starttls", "tls"])
async def test_no_mail_and_no_password_goes_to_a_server_nobody_vouches_for(
    certificates, wrong, security
):
    for shown, trust, why in wrong:
        shows = over(security, certificates.server(shown))
        with mail_server(**shows) as box, pytest.raises(Unreachable, match=why):
            await mailing(box.port, security, trust).send("ceshi@school.example", LETTER)

        assert (box.mail, box.signed_in) == ([], []), shown


@asynccontextmanager
async def without_tls(answer):
    """An SMTP server that takes passwords in the clear; keeps the lines it is told."""
    lines = []

    async def serve(reader, writer):
        writer.write(b"220 mail.example\r\n")
        while line := (await reader.readline()).decode().rstrip():
            lines.append(line)
            verb = line.partition(" ")[0].upper()
            told = answer.get(verb, "250-mail.example\r\n250 AUTH PLAIN LOGIN")
            writer.write(f"{told}\r\n".encode())
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    yield server.sockets[0].getsockname()[1], lines
    server.close()
    await server.wait_closed()


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        ({}, "STARTTLS extension not supported by server"),
        ({"EHLO": "250-mail.example\r\n250 STARTTLS", "STARTTLS": "454 later"}, "SMTP 454"),
        ({"EHLO": "502 what", "HELO": "250 mail.example"}, "STARTTLS extension not supported"),
    ],
)
async def test_where_starttls_is_not_to_be_had_nothing_is_told_in_the_clear(trust, answer, why):
    async with without_tls(answer) as (port, lines):
        with pytest.raises(Unreachable, match=why):
            await mailing(port, "starttls", trust).send("ceshi@school.example", LETTER)

    assert {line.partition(" ")[0].upper() for line in lines} <= {"EHLO", "HELO", "STARTTLS"}


async def test_a_server_that_speaks_no_tls_where_it_should_is_said_plainly(trust):
    async with without_tls({}) as (port, lines):
        with pytest.raises(Unreachable, match="no TLS "):
            await mailing(port, "tls", trust).send("ceshi@school.example", LETTER)

    assert not any(PASSWORD in line or "AUTH" in line for line in lines)


# Posting ------------------------------------------------------------------------------------------


@pytest.fixture
async def post():
    """Post once; beside it, say an SMS by the gateway there."""

    async def posting(url, trust):
        line = Posting(trust)
        gateway = HttpGateway(line, url, SECRET, lambda: datetime.now(UTC))
        try:
            await line.post(url, SECRET, UUID(int=7), {"a": "一"}, datetime.now(UTC))
            await gateway.send("19000000001", LETTER)
        finally:
            await line.close()

    return posting


async def test_posts_go_over_tls_to_a_machine_the_district_vouches_for(certificates, trust, post):
    with receiver(certificates.server("good")) as machine:
        await post(machine.url, trust)
        await post(machine.url.replace("127.0.0.1", "localhost"), trust)

    bodies = [json.loads(body) for _, body in machine.requests]
    assert bodies == [{"a": "一"}, {"to": "19000000001", "text": "归学待办"}] * 2


async def test_nothing_is_posted_to_a_machine_nobody_vouches_for(certificates, wrong, post):
    """As one is that answers where a name was made to lead elsewhere."""
    for shown, trust, why in wrong:
        tls = certificates.server(shown)
        with receiver(tls) as machine, pytest.raises(Unreachable, match=why):
            await post(machine.url, trust)

        assert machine.requests == [], shown


async def test_no_redirect_is_followed_not_even_among_the_vouched_for(certificates, trust, post):
    with receiver(certificates.server("good")) as first, receiver() as second:
        first.leads_to = second.url
        for status in (301, 302, 303, 307, 308):
            first.answer = lambda _, status=status: status
            with pytest.raises(Unreachable, match=f"answered {status}"):
                await post(first.url, trust)

    assert (len(first.requests), second.requests) == (5, [])


async def test_a_machine_that_speaks_no_tls_is_told_nothing(trust, post):
    with receiver() as machine, pytest.raises(Unreachable, match="no TLS "):
        await post(machine.url.replace("http:", "https:"), trust)

    assert machine.requests == []


# An OpenID provider -------------------------------------------------------------------------------


@pytest.fixture
def provider():
    """Serve what a provider says of itself; its places are at another address if asked for."""
    serving = []

    def started(tls, places=None):
        class Saying(BaseHTTPRequestHandler):
            timeout = 5

            def do_GET(self):
                at = places or issuer
                said = {"issuer": issuer, "authorization_endpoint": f"{at}/authorize"}
                body = json.dumps(said).encode()
                self.send_response(200)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                """Tests say nothing."""

        class Server(ThreadingHTTPServer):
            def handle_error(self, *_):
                """Who hung up heard no answer, as is meant."""

        server = Server(("127.0.0.1", 0), Saying)
        server.socket = tls.wrap_socket(
            server.socket, server_side=True, do_handshake_on_connect=False
        )
        issuer = f"https://localhost:{server.server_port}"
        thread = Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        serving.append((server, thread))
        return issuer

    yield started
    for server, thread in serving:
        server.shutdown()
        thread.join()
        server.server_close()


def asked(issuer, trust):
    client = Client(issuer, "guixue", "https://guixue.example/v1/oidc/callback", "geheim")
    begun = Begun("browser", "state")
    return OpenIdProvider(client, trust).sign_in_url(begun)


async def test_a_provider_is_asked_over_tls_if_it_is_vouched_for(
    certificates, trust, wrong, provider
):
    issuer = provider(certificates.server("good"))
    assert (await asked(issuer, trust)).startswith(f"{issuer}/authorize?")
    for shown, believed, why in wrong:
        with capture_logs() as logs, pytest.raises(ProviderAway):
            await asked(provider(certificates.server(shown)), believed)
        assert [one["why"].startswith(why) for one in logs] == [True], shown


async def test_a_provider_that_is_asked_over_tls_sends_nobody_on_without(
    certificates, trust, provider
):
    with pytest.raises(ProviderAway):
        await asked(provider(certificates.server("good"), "http://localhost:1"), trust)
