"""The routes put together once in a process, and before each test another service behind them."""

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager

from fastapi import FastAPI

from api.app import create_app
from api.service import Service

Running = AbstractAsyncContextManager[Service]


class Routes:
    """What does not change between tests, and takes long to make: FastAPI reads every body's type.

    What is kept of a service is in ``app.state.service``, which each lifespan makes anew.
    """

    def __init__(self) -> None:
        self._next: list[Running] = []
        self._app = create_app(self._next.pop)

    @asynccontextmanager
    async def before(self, service: Running) -> AsyncIterator[FastAPI]:
        """Give the application with that service, for one test."""
        self._next.append(service)
        async with self._app.router.lifespan_context(self._app):
            yield self._app
        del self._app.state.service
