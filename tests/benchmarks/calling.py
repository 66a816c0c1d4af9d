"""The client of every HTTP contestant: keep-alive connections of one process of its own."""

import asyncio
import json
import multiprocessing
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

import uvloop

HEAD_END = b"\r\n\r\n"


@dataclass(frozen=True)
class Request:
    """One request as bytes, but for its child's id and a new idempotency key."""

    path: str
    body: bytes
    token: str

    def for_child(self, child: str) -> bytes:
        return (
            f"POST /v1/students/{child}/{self.path} HTTP/1.1\r\nHost: guixue\r\n"
            f"Authorization: Bearer {self.token}\r\nIdempotency-Key: {uuid4()}\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(self.body)}\r\n\r\n"
        ).encode() + self.body


class Connection:
    """One keep-alive connection; answers say how long they are."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer

    async def ask(self, request: bytes) -> tuple[int, bytes]:
        """Send a request; return the status and the body."""
        self._writer.write(request)
        head = (await self._reader.readuntil(HEAD_END)).lower()
        length = int(head.partition(b"content-length:")[2].partition(b"\r\n")[0])
        body = await self._reader.readexactly(length) if length else b""
        return int(head[9:12]), body

    def close(self) -> None:
        self._writer.close()


async def connect(port: int) -> Connection:
    return Connection(*await asyncio.open_connection("127.0.0.1", port))


async def signed_in(port: int, username: str, password: str) -> str:
    form = urlencode({"username": username, "password": password}).encode()
    connection = await connect(port)
    status, body = await connection.ask(
        b"POST /v1/token HTTP/1.1\r\nHost: guixue\r\n"
        b"Content-Type: application/x-www-form-urlencoded\r\n"
        b"Content-Length: " + str(len(form)).encode() + b"\r\n\r\n" + form
    )
    connection.close()
    assert status == 200, body
    return str(json.loads(body)["access_token"])


async def _cases(port: int, requests: list[Request], children: list[list[str]]) -> float:
    connections = [await connect(port) for _ in children]

    async def caller(connection: Connection, own: list[str]) -> None:
        for child in own:
            for request in requests:
                status, body = await connection.ask(request.for_child(child))
                assert status in {200, 201}, (status, request.path, body.decode())

    started = time.perf_counter()
    await asyncio.gather(*map(caller, connections, children))
    seconds = time.perf_counter() - started
    for connection in connections:
        connection.close()
    return seconds


def play(
    port: int, who: tuple[str, str], steps: dict[str, Any], children: list[list[str]]
) -> float:
    """Play a case for each child, a caller for each list; return requests a second."""
    token = uvloop.run(signed_in(port, *who))
    requests = [Request(path, json.dumps(body).encode(), token) for path, body in steps.items()]
    seconds = uvloop.run(_cases(port, requests, children))
    return len(requests) * sum(map(len, children)) / seconds


def client_process() -> ProcessPoolExecutor:
    """Give the process that calls, so that it shares no interpreter with what it measures."""
    return ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn"))
