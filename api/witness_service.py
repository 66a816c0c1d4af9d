"""The witness as a service (C2SP tlog-witness): takes checkpoints, shows what it knows."""

import asyncio
from collections.abc import Awaitable, Callable

import structlog
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from application.store.checkpoint import Checkpoint
from application.submission import LARGEST_SUBMISSION
from application.witness import Declines, Witness, name_of

PATIENCE_SECONDS = 10.0  # for a body to come
_log = structlog.get_logger("guixue.witness")
Endpoint = Callable[[Request], Awaitable[Response]]
Quick = Callable[[Request], Response]  # run beside the loop, since it reads files


def witness_app(witness: Witness) -> Starlette:
    """Put the service together."""
    return Starlette(
        routes=[
            Route("/add-checkpoint", add_checkpoint(witness), methods=["POST"]),
            Route("/", what_it_knows(witness)),
            Route("/healthz", health(witness)),
            Route("/{log}/checkpoint", last_checkpoint(witness)),
        ]
    )


def add_checkpoint(witness: Witness) -> Endpoint:
    async def answer(request: Request) -> Response:
        try:
            body = await whole(request)
            line = await run_in_threadpool(witness.add, body)
        except Declines as no:
            return Response(no.said, no.status, headers={"content-type": no.media})
        except ClientDisconnect:
            return PlainTextResponse("gone\n", 400)
        except OSError as fault:
            _log.critical("the witness cannot remember", fault=str(fault))
            return PlainTextResponse("the witness cannot remember, and does not cosign\n", 503)
        return PlainTextResponse(line)

    return answer


async def whole(request: Request) -> bytes:
    """
    Read a body, of no more than is taken.

    :raises Declines: if it is larger, or does not come
    """
    body = bytearray()
    try:
        async with asyncio.timeout(PATIENCE_SECONDS):
            async for piece in request.stream():
                body += piece
                if len(body) > LARGEST_SUBMISSION:
                    raise Declines(413, f"more than {LARGEST_SUBMISSION} bytes")
    except TimeoutError:
        raise Declines(408, "the body did not come") from None
    return bytes(body)


def what_it_knows(witness: Witness) -> Quick:
    def answer(_: Request) -> Response:
        logs = []
        for origin in witness.origins:
            note = witness.known(origin)
            size = Checkpoint.read(note.text).size if note is not None else 0
            told = note.told() if note is not None else None
            logs.append({"origin": origin, "size": size, "checkpoint": told})
        return JSONResponse({"key": witness.key.told(), "logs": logs, "alarms": told_of(witness)})

    return answer


def last_checkpoint(witness: Witness) -> Quick:
    def answer(request: Request) -> Response:
        wanted = request.path_params["log"]
        for origin in witness.origins:
            note = witness.known(origin)
            if note is not None and name_of(origin) == wanted:
                return PlainTextResponse(note.told())
        return PlainTextResponse("nothing is known of such a log\n", 404)

    return answer


def health(witness: Witness) -> Quick:
    def answer(_: Request) -> Response:
        alarms = told_of(witness)
        said = {"status": "alarm" if alarms else "ok", "alarms": alarms}
        return JSONResponse(said, 503 if alarms else 200)

    return answer


def told_of(witness: Witness) -> list[dict[str, str]]:
    """Say what did not fit; the checkpoints themselves stand in the files."""
    return [
        {"kind": one.kind, "origin": one.origin, "seen_at": one.seen_at, "file": one.file}
        for one in witness.alarms()
    ]
