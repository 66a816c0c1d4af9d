"""Running the server and the demo for the command line, each until it is done."""

import asyncio
import gc
import socket
from collections.abc import Callable
from contextlib import (
    AbstractAsyncContextManager,
    nullcontext,
    suppress,
)
from functools import partial
from ipaddress import ip_address

import psycopg
import uvicorn
from fastapi import FastAPI
from rich.console import Console
from starlette.applications import Starlette

from api.app import create_app
from api.demo.run import Demo
from api.patience import Patient
from api.reaching import Refused, opened
from api.service import Service, ready_to_run, running_on
from api.settings import Settings
from application.accounts import has_demo_accounts

GARBAGE = 20_000  # objects made, and not freed, between two collections
# When told to stop: for the database to answer, and for requests under way.
ANSWER_SECONDS, GRACE_SECONDS = 3.0, 5
DEMO_MARK = "demo"  # a file in the data folder; what it says is how far the demo came


def starting(url: str, settings: Settings) -> Callable[[], AbstractAsyncContextManager[Service]]:
    """Lay out the database, and give how the service starts; what is wrong is said before."""
    return partial(running_on, ready_to_run(settings, url), settings)


class Server(uvicorn.Server):
    """
    Uvicorn, which says when it answers and when it ends.

    It does not begin if it was told to stop before.
    """

    answering: Callable[[], None] = staticmethod(lambda: None)
    ending: Callable[[], None] = staticmethod(lambda: None)

    def __init__(self, told_to_stop: Callable[[], bool], config: uvicorn.Config) -> None:
        super().__init__(config)
        self._told_to_stop = told_to_stop

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        try:
            await super().startup(sockets)
        except SystemExit:
            where = f"{self.config.host}:{self.config.port}"
            raise Refused(
                f"Guixue cannot serve on {where}; why is said above. 无法在 {where} 提供服务。"
            ) from None
        if self._told_to_stop():
            self.should_exit = True
        else:
            # What the start made stays for good; what a request makes is gone with it.
            gc.collect()
            gc.freeze()
            gc.set_threshold(GARBAGE)
            self.answering()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self.ending()
        await super().shutdown(sockets)


def server(app: Starlette, host: str, port: int, told_to_stop: Callable[[], bool]) -> Server:
    """Make the server; it writes no access log, since queries may name children."""
    return Server(
        told_to_stop,
        uvicorn.Config(
            app,
            host=host,
            port=port,
            http=Patient,
            log_level="warning",
            access_log=False,
            server_header=False,
            timeout_graceful_shutdown=GRACE_SECONDS,
        ),
    )


def served(
    url: str, settings: Settings, host: str, port: int, told_to_stop: Callable[[], bool]
) -> tuple[FastAPI, Server]:
    """Make the service's application and its server; whoever waits for news is let go first."""
    app = create_app(starting(url, settings))
    serving = server(app, host, port, told_to_stop)

    def ending() -> None:
        service: Service = app.state.service
        service.ending.set()
        asyncio.get_running_loop().call_later(ANSWER_SECONDS, service.store.hang_up)

    serving.ending = ending
    return app, serving


def serve(settings: Settings, host: str, port: int, console: Console) -> None:
    """Serve until stopped."""
    if (settings.data / DEMO_MARK).exists():
        require_loopback(host)
    with opened(settings) as (url, told_to_stop):
        with psycopg.connect(url) as connection:
            if has_demo_accounts(connection):
                require_loopback(host)
        _, serving = served(url, settings, host, port, told_to_stop)
        serving.answering = partial(
            console.print, f"Guixue 归学 serves on http://{host}:{port}  (API: /docs)"
        )
        with suppress(KeyboardInterrupt):  # Ctrl-C is how one ends it
            serving.run()


def demo(
    settings: Settings, host: str, port: int, console: Console, *, once: bool, reset: bool
) -> None:
    """Load the invented district if it is not there, play its cases, print, serve."""
    require_loopback(host)
    with opened(settings) as (url, told_to_stop):
        playing = Demo(url, settings.data / DEMO_MARK, console)
        playing.prepare(reset=reset)
        app, serving = served(url, settings, host, port, told_to_stop)
        with nullcontext() if once else suppress(KeyboardInterrupt):
            asyncio.run(playing.run(app, serving, once=once))


def require_loopback(host: str) -> None:
    """
    Refuse to show a demo's accounts, whose password everybody knows, to a network.

    :raises Refused: for an address that is not this machine's own
    """
    try:
        loopback = host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        loopback = False
    if not loopback:
        raise Refused(
            f"This is a demo's data: it is served on loopback only, not on {host}. "
            "演示数据只能在本机查看。"
        )
