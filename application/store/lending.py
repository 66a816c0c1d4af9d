"""Lending connections of a pool: on one that has not answered after some seconds we hang up."""

import asyncio
import os
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

import psycopg
from psycopg_pool import AsyncConnectionPool

CLOSING_SECONDS = 1.0


@asynccontextmanager
async def opened(pool: AsyncConnectionPool[Any]) -> AsyncIterator[None]:
    """Open a pool, until left; what it does for a database that stands still is given up then."""
    await pool.open()
    try:
        yield
    finally:
        await pool.close(CLOSING_SECONDS)


@asynccontextmanager
async def lent(
    pool: AsyncConnectionPool[Any], seconds: float
) -> AsyncIterator[psycopg.AsyncConnection[Any]]:
    """
    Give a connection for one transaction.

    :raises PoolTimeout: if none is free in time
    :raises OperationalError: if the database is away, or has not answered after ``seconds``
    """
    async with pool.connection() as connection:
        late = asyncio.get_running_loop().call_later(seconds, hang_up, connection)
        try:
            yield connection
        finally:
            late.cancel()


def hang_up(connection: psycopg.AsyncConnection[Any]) -> None:
    """End a connection from our side: whoever waits for an answer on it hears at once."""
    with (
        suppress(OSError, psycopg.Error),
        socket.socket(fileno=os.dup(connection.fileno())) as line,
    ):
        line.shutdown(socket.SHUT_RDWR)
