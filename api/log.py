"""The log over HTTP: its signed checkpoint, proofs, and tiles for monitors (C2SP tlog-tiles)."""

import re
from base64 import b64encode
from collections.abc import Iterable
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query, Request
from starlette.responses import PlainTextResponse, Response

from api.checking import Checked
from api.deps import Limit, Serving, malformed, permitted_posts
from api.looking import Looking
from api.openapi import READ, answered, problems
from api.problems import Problem
from api.proof_examples import NOTE
from api.service import Service
from api.showing import answer
from application.store.heads import BUCKETS
from application.store.merkle_tree import TILE
from application.store.tree_reading import NotYet, Signed

LARGEST = 2**62
LEVELS = 8  # of tiles: 256 ^ 8 leaves are more than there will be
PLACE = re.compile(r"(?:x[0-9]{3}/){0,5}[0-9]{3}")
LAST_PART = re.compile(r"(.*)\.p/([1-9][0-9]{0,2})")
FOR_EVER = {"Cache-Control": "private, max-age=31536000, immutable"}
OCTETS = "application/octet-stream"
Size = Annotated[int, Query(ge=1, le=LARGEST, description="of the tree; the last checkpoint's")]


class OfTheLog(Checked):
    """A route that names nobody: open to all where the district says so, else to who signs in."""

    def asks_who(self, request: Request) -> bool:
        service: Service = request.app.state.service
        return not service.settings.log_is_public


router = APIRouter(tags=["log 日志"])


async def signed(service: Service, size: int | None = None) -> Signed:
    """
    Give the last checkpoint.

    :raises Problem: ``beyond-checkpoint`` if there is none, or it has not the size yet
    """
    try:
        last = await service.tree.checkpoint()
    except NotYet:
        raise Problem("beyond-checkpoint", size=0) from None
    if size is not None and size > last.size:
        raise Problem("beyond-checkpoint", size=last.size)
    return last


async def watching(request: Request) -> None:
    await permitted_posts(request, "watch_log")


def told(hashes: Iterable[bytes]) -> list[str]:
    return [b64encode(one).decode() for one in hashes]


def octets(what: str) -> dict[int | str, dict[str, Any]]:
    """Describe an answer of bytes."""
    return {200: {"description": what, "content": {OCTETS: {"example": "(bytes)"}}}}


async def checkpoint(service: Serving) -> Response:
    """Answers a signed note (C2SP): origin, size, root; the log's signatures, then witnesses'."""
    last = await signed(service)
    return PlainTextResponse(last.note, headers={"Cache-Control": "no-store"})


async def inclusion(
    service: Serving,
    index: Annotated[int, Query(ge=0, le=LARGEST, description="of the leaf: its position less 1")],
    size: Size | None = None,
) -> Response:
    """Answers the proof of RFC 9162 section 2.1.3, from the leaf up, with leaf and root."""
    size = size or (await signed(service)).size
    await signed(service, max(size, index + 1))
    if index >= size:
        raise malformed("query", "index", "The index lies below the size.", "index 须小于 size。")
    (leaf,) = await service.tree.tile(0, index, 1)
    proof = await service.tree.inclusion(index, size)
    root = await service.tree.root(size)
    return answer(
        {
            "index": index,
            "size": size,
            "leaf": b64encode(leaf).decode(),
            "root": b64encode(root).decode(),
            "proof": told(proof),
        }
    )


async def consistency(
    service: Serving,
    from_: Annotated[int, Query(alias="from", ge=1, le=LARGEST, description="the earlier size")],
    to: Size | None = None,
) -> Response:
    """Answers the proof of RFC 9162 section 2.1.4, with both roots."""
    to = to or (await signed(service)).size
    await signed(service, to)
    if from_ > to:
        raise malformed(
            "query", "from", "The earlier size is not above the later.", "from 不得大于 to。"
        )
    tree = service.tree
    return answer(
        {
            "from": from_,
            "to": to,
            "from_root": b64encode(await tree.root(from_)).decode(),
            "to_root": b64encode(await tree.root(to)).decode(),
            "proof": told(await tree.consistency(from_, to)),
        }
    )


async def heads(
    service: Serving,
    bucket: Annotated[int, Query(ge=0, lt=BUCKETS, description="the pseudonym's first two bytes")],
) -> Response:
    """Answers a bucket of the heads the last checkpoint commits, and the path to their root."""
    await signed(service)
    proof = await service.tree.heads(bucket)
    return answer(
        {
            "size": proof.signed.size,
            "bucket": bucket,
            "held": b64encode(proof.held).decode(),
            "path": told(proof.path),
            "checkpoint": proof.signed.note,
        }
    )


async def entries(
    service: Serving,
    looking: Looking,
    start: Annotated[int, Query(ge=0, le=LARGEST, description="index of the first leaf")],
    count: Limit = 50,
) -> Response:
    """Answers what the tree says of each entry: pseudonym, version, the leaf before, a digest."""
    last = await signed(service, start + 1)
    leaves = await service.tree.leaves(start, min(count, last.size - start))
    items = [
        {
            "index": index,
            "leaf": b64encode(leaf.hash).decode(),
            "data": b64encode(leaf.data).decode(),
            "pseudonym": b64encode(leaf.pseudonym).decode(),
            "version": leaf.version,
            "previous": b64encode(leaf.previous).decode(),
            "content": b64encode(leaf.content).decode(),
        }
        for index, leaf in enumerate(leaves, start)
    ]
    return await looking.answer("log entries", {"size": last.size, "items": items}, start=start)


async def tile(
    service: Serving,
    level: Annotated[int, Path(ge=0, lt=LEVELS, description="of tiles, 0 for the leaves'")],
    place: Annotated[str, Path(description="as tlog-tiles has it, such as `x001/x234/067.p/8`")],
) -> Response:
    """Answers hashes of 32 bytes one after the other: 256, or as many as `.p/` says."""
    number, width = tile_place(place)
    first = number * TILE
    end = first + width
    last = await signed(service)
    if end > last.size // TILE**level:
        raise Problem("beyond-checkpoint", size=last.size)
    hashes = await service.tree.tile(level, first, width)
    return Response(b"".join(hashes), headers=FOR_EVER, media_type=OCTETS)


async def entries_tile(
    service: Serving,
    looking: Looking,
    place: Annotated[str, Path(description="as tlog-tiles has it, such as `000.p/8`")],
) -> Response:
    """Answers the data of leaves, each led by its length (2 bytes, big-endian)."""
    number, width = tile_place(place)
    await signed(service, number * TILE + width)
    leaves = await service.tree.leaves(number * TILE, width)
    content = b"".join(len(leaf.data).to_bytes(2, "big") + leaf.data for leaf in leaves)
    await looking.log("view log entries", "shown", start=number * TILE)
    return Response(content, headers=FOR_EVER, media_type=OCTETS)


def tile_place(told: str) -> tuple[int, int]:
    """
    Read where a tile stands and how many hashes of it are asked for.

    :raises Problem: ``not-found``
    """
    place, width = told, TILE
    if part := LAST_PART.fullmatch(told):
        place, width = part[1], int(part[2])
    if not PLACE.fullmatch(place) or width > TILE or (part and width == TILE):
        raise Problem("not-found")
    number = int(place.replace("x", "").replace("/", ""))
    if tile_path(number) != place:
        raise Problem("not-found")
    return number, width


def tile_path(number: int) -> str:
    """Write where a tile stands: thousands, each but the last led by ``x``."""
    parts = [f"{number % 1000:03d}"]
    while number := number // 1000:
        parts.append(f"x{number % 1000:03d}")
    return "/".join(reversed(parts))


BEYOND = ("beyond-checkpoint", "log-damaged")
HASHED: list[tuple[str, Any, str, dict[int | str, dict[str, Any]]]] = [
    (
        "checkpoint",
        checkpoint,
        "检查点 · The last signed checkpoint",
        {200: {"description": "A signed note.", "content": {"text/plain": {"example": NOTE}}}},
    ),
    (
        "proofs/inclusion",
        inclusion,
        "包含证明 · That an entry stands in the log",
        answered("inclusion", "The proof."),
    ),
    (
        "proofs/consistency",
        consistency,
        "一致性证明 · That the log was only added to",
        answered("consistency", "The proof."),
    ),
    ("tile/{level}/{place:path}", tile, "哈希块 · Hashes of the tree", octets("The hashes.")),
]
WATCHED: list[tuple[str, Any, str, dict[int | str, dict[str, Any]]]] = [
    ("proofs/heads", heads, "末条证明 · Where histories end", answered("heads", "The bucket.")),
    ("entries", entries, "叶数据 · What the tree says of entries", answered("leaves", "Leaves.")),
    (
        "tile/entries/{place:path}",
        entries_tile,
        "叶数据块 · What the tree says of entries, as tiles",
        octets("The leaves' data."),
    ),
]
for path, endpoint, summary, responses in WATCHED:
    router.add_api_route(
        f"/v1/log/{path}",
        endpoint,
        route_class_override=Checked,
        response_class=Response,
        summary=summary,
        dependencies=[Depends(watching)],
        responses={**responses, **problems(*READ, *BEYOND)},
    )
for path, endpoint, summary, responses in HASHED:
    router.add_api_route(
        f"/v1/log/{path}",
        endpoint,
        route_class_override=OfTheLog,
        response_class=Response,
        summary=summary,
        responses={**responses, **problems(*READ, *BEYOND)},
    )
