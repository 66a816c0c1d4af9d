"""A connection ends where a request does not: endless, too slow, or left in the middle."""

import asyncio
from contextlib import asynccontextmanager

import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from api.checking import read_body
from api.imports.routes import FILE_LIMIT
from api.patience import LONGEST, LONGEST_HEAD, Patient
from api.problems import Problem

HEAD = b"POST / HTTP/1.1\r\nHost: guixue\r\n"
FORM = HEAD + b"Content-Length: 5\r\n\r\n"
CHUNKED = HEAD + b"Transfer-Encoding: chunked\r\n\r\n"
SOON = 10.0  # seconds; nothing here takes one


class Hasty(Patient):
    head_seconds = 0.2
    whole_seconds = 0.4


class Small(Patient):
    longest = 500_000


async def length(request):
    return PlainTextResponse(str(len(await read_body(request, 10))))


@asynccontextmanager
async def served(protocol):
    """Serve what says how long a body is; give its port."""
    app = Starlette(
        routes=[Route("/", length, methods=["GET", "POST"])],
        exception_handlers={Problem: lambda *_: PlainTextResponse("no", 400)},
    )
    config = uvicorn.Config(app, "127.0.0.1", 0, http=protocol, log_level="error", lifespan="off")
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server.serve())
    while not server.started:
        await asyncio.sleep(0.01)
    yield server.servers[0].sockets[0].getsockname()[1]
    server.should_exit = server.force_exit = True
    await serving


async def sent(port, *parts):
    """Send some bytes again and again until the connection ends; what was answered."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    answered = asyncio.create_task(reader.read())
    first, *others = parts
    try:
        writer.write(first)
        while not answered.done():
            for part in others:
                writer.write(part)
                await writer.drain()
            await asyncio.sleep(0.001)
    except ConnectionError:
        pass
    try:
        return await answered
    except ConnectionError:
        return b""
    finally:
        writer.close()


@pytest.mark.parametrize(
    ("head", "more"),
    [
        (b"GET / HTTP/1.1\r\nX: ", b"x" * 10_000),
        (b"GET / HTTP/1.1\r\n", b"a: b\r\n" * 1_000),
        (b"GET /", b"x" * 10_000),
        (FORM + b"12345" + b"GET / HTTP/1.1\r\nX: ", b"x" * 10_000),
    ],
)
async def test_a_head_without_end_is_refused(head, more):
    async with served(Patient) as port, asyncio.timeout(SOON):
        answer = await sent(port, head, more)
    assert answer.split(b"\r\n\r\n")[-1] in {b"", b"The head of this request is too long."}


@pytest.mark.parametrize(
    ("head", "more"),
    [
        (CHUNKED + b"0\r\n", b"a: b\r\n" * 100_000),
        (CHUNKED, b"10000\r\n" + b"x" * 65_536 + b"\r\n"),
    ],
)
async def test_a_body_without_end_ends_the_connection(head, more):
    async with served(Small) as port, asyncio.timeout(SOON):
        await sent(port, head, more)


@pytest.mark.parametrize(
    ("head", "more"),
    [(b"", b""), (HEAD, b"a: b\r\n"), (FORM, b""), (CHUNKED, b"1\r\nx\r\n"), (CHUNKED, b"")],
)
async def test_what_is_too_slow_ends(head, more):
    async with served(Hasty) as port, asyncio.timeout(SOON):
        assert await sent(port, head, more) == b""


async def test_many_requests_one_after_another_each_have_their_time_and_size():
    asked = HEAD + b"Content-Length: 10\r\n\r\n"
    async with served(Hasty) as port, asyncio.timeout(SOON):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        for _ in range(5):
            writer.write(asked)
            await asyncio.sleep(0.1)
            writer.write(b"0123456789")
            answer = await reader.readuntil(b"\r\n\r\n") + await reader.readexactly(2)
            assert answer.endswith(b"10")
        writer.write((asked + b"0123456789") * (LONGEST_HEAD // 40))
        writer.close()


def test_the_largest_file_is_within_the_largest_request():
    assert FILE_LIMIT < LONGEST
