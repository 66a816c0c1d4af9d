"""Witnesses as a log finds them: one that answers on a port of its own, one that never does."""

import asyncio
from contextlib import asynccontextmanager, suppress

import uvicorn

from api.witness_service import witness_app
from application.asking_witnesses import WitnessAt


@asynccontextmanager
async def answering(witness, **tls):
    """Serve a witness on a port of its own, over TLS if its files are given."""
    app, quiet = witness_app(witness), {"log_level": "critical", "lifespan": "off"}
    config = uvicorn.Config(app, port=0, **quiet, **tls)
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server.serve())
    while not server.started:
        await asyncio.sleep(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    yield WitnessAt(f"http{'s' if tls else ''}://127.0.0.1:{port}/", witness.key)
    server.should_exit = True
    await serving


@asynccontextmanager
async def hanging(key):
    """Take whatever is sent, and answer nothing."""

    async def never(reader, writer):
        with suppress(ConnectionError):
            while await reader.read(1000):
                pass
        writer.close()

    server = await asyncio.start_server(never, "127.0.0.1", 0)
    yield WitnessAt(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", key)
    server.close()
