"""The evidence of a child's history, to take away and check offline; and receipts of commands."""

import asyncio
from datetime import datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from pydantic import Field
from starlette.responses import Response

from api.checking import Checked
from api.deps import Serving
from api.openapi import NAMED, READ, answered, problems
from api.problems import Problem
from api.reach import Reached, StudentId, reached_child
from api.revealing import Revealing, revealing
from api.service import Service
from application.access import NotAllowed
from application.store.receipts import Receipt
from application.store.store import Appended
from application.store.tree_reading import NotYet

RECEIPT_HEADER = "Log-Receipt"
PROMISED = timedelta(seconds=60)  # from the recorded moment to the checkpoint that holds the entry
WAIT_SECONDS, LOOK_SECONDS = 5.0, 0.05
EARLIER = 20  # checkpoints from which consistency is proven at once
router = APIRouter(route_class=Checked, tags=["audit 审计"])


Size = Annotated[int, Field(ge=1, le=2**62)]


async def evidenced_child(request: Request, student_id: StudentId) -> Reached:
    return await reached_child(request, student_id, "take_evidence")


@router.get(
    "/v1/students/{student_id}/evidence",
    summary="证据文件 · What proves the whole history, offline",
    responses={
        **answered("evidence", "The bundle, as `guixue verify` reads it."),
        **problems(*READ, *NAMED, "checkpoint-behind", "log-damaged"),
    },
)
async def take_evidence(
    found: Annotated[Reached, Depends(evidenced_child)],
    service: Serving,
    showing: Annotated[Revealing, Depends(revealing("open_evidence"))],
    since: Annotated[
        list[Size] | None,
        Query(max_length=EARLIER, description="sizes of checkpoints you hold"),
    ] = None,
) -> Response:
    """Holds every entry up to the last checkpoint; with `reveal`, the child's key as well."""
    await checkpointed(service, found.stored[-1].position)
    if not showing.masked and found.post.role != "auditor":
        raise NotAllowed
    bundle = await service.tree.evidence(found.child.id, since or (), with_key=not showing.masked)
    await showing.log(f"{showing.verb} evidence", "shown")
    return Response(
        bundle.told().encode(),
        media_type="application/json",
        headers={"Content-Disposition": f'attachment; filename="evidence-{found.child.id}.json"'},
    )


async def checkpointed(service: Service, position: int) -> None:
    """
    Wait until a checkpoint holds a position.

    :raises Problem: ``checkpoint-behind`` if none does in time
    """
    for _ in range(int(WAIT_SECONDS / LOOK_SECONDS)):
        try:
            if (await service.tree.checkpoint()).size >= position:
                return
        except NotYet:
            pass
        await asyncio.sleep(LOOK_SECONDS)
    raise Problem("checkpoint-behind")


def receipt(service: Service, done: Appended) -> dict[str, str]:
    """Promise, signed, that an entry will stand in every checkpoint from a moment on."""
    return {RECEIPT_HEADER: promised(service, done.leaf, done.recorded_at)}


def promised(service: Service, leaf: bytes, recorded_at: datetime) -> str:
    """Give the receipt of an entry by its leaf and the moment it was recorded."""
    signer = service.log_keys.at(recorded_at)
    return Receipt.made(leaf, recorded_at + PROMISED, signer).told()
