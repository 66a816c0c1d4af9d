"""Styles and scripts of the pages, each under an address that changes with its content."""

import hashlib
from functools import cache
from pathlib import Path

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from api.web.headers import HEADERS

FOLDER = Path(__file__).with_name("static")
TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".webmanifest": "application/manifest+json",
}
FOREVER = "public, max-age=31536000, immutable"
NOT_FOUND = 404


@cache
def content(name: str) -> bytes:
    """Read a file of ours."""
    return (FOLDER / name).read_bytes()


@cache
def names() -> frozenset[str]:
    return frozenset(path.name for path in FOLDER.iterdir())


def asset(name: str) -> str:
    """Give the address of a file; another whenever its content is."""
    return f"/static/{name}?{hashlib.sha256(content(name)).hexdigest()[:12]}"


async def serve(request: Request) -> Response:
    """Answer with a file of ours."""
    name = request.path_params["name"]
    if name not in names():
        return PlainTextResponse("not found", NOT_FOUND, HEADERS)
    return Response(
        content(name),
        media_type=TYPES[Path(name).suffix],
        headers={**HEADERS, "Cache-Control": FOREVER},
    )
