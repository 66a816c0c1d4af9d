"""核验: what the evidence of one child proves, told by the verifier auditors run themselves."""

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from starlette.responses import Response

from api.verify_cli import WORDS
from api.web.asking import Asking, Params, Refused
from api.web.files import relay
from api.web.routing import page
from api.web.sent import Sent, sent
from api.web.visit import Visit
from application.store.checkpoint import Checkpoint
from application.store.checkpoint_checks import Asked
from application.store.evidence import Bundle, InvalidBundle
from application.store.signed_note import InvalidNote, Note
from application.store.verdict import Report, Verdict
from application.store.verifying import check

# What the service cannot prove by itself any more: the page says so, and does not stay away.
UNPROVEN = frozenset({"record-damaged", "log-damaged"})


@dataclass(frozen=True)
class Proof:
    """What was found: the verdict, why, and of which checkpoint; ``report`` names every step."""

    verdict: Verdict
    why: str = ""
    report: Report | None = None
    size: int | None = None
    at: datetime | None = None


async def proof_page(visit: Visit) -> Response:
    """Fetch the evidence, verify it, and say what was checked."""
    return await shown(visit, Sent([]))


async def proof_again(visit: Visit) -> Response:
    """Verify with what an auditor brings: an earlier checkpoint, a reason to open the content."""
    return await shown(visit, await sent(visit.request))


async def shown(visit: Visit, typed: Sent) -> Response:
    student_id = visit.request.path_params["student_id"]
    said, since = "", None
    try:
        since = earlier(typed.get("since"))
    except InvalidNote:
        said = visit.t(
            "您粘贴的不是检查点,未予比对。请粘贴上次保存的全文。",
            "What you pasted is no checkpoint and was not compared. Paste the whole text you kept.",
        )
    record, proof = await asyncio.gather(
        known(visit.ask, student_id), proven(visit, student_id, typed.get("reason").strip(), since)
    )
    return visit.page(
        "proof.html",
        student_id=student_id,
        record=record,
        proof=proof,
        verdict=WORDS[visit.language][proof.verdict],
        standings=WORDS[visit.language],
        keys=[key.signer.key.told() for key in visit.service.log_keys.current()],
        witnesses=[one.witness.key.told() for one in await visit.service.cosigning.standing()],
        typed=typed,
        said=said,
    )


async def known(ask: Asking, student_id: str) -> dict[str, Any]:
    """Give the record; of one that does not open, only that it is there."""
    try:
        record: dict[str, Any] = (await ask.get(f"/v1/students/{student_id}")).body
    except Refused as refused:
        if refused.kind not in UNPROVEN:
            raise
        return {"student_id": student_id}
    return record


def earlier(told: str) -> Note | None:
    """
    Read a checkpoint as it was kept; browsers end lines as they like.

    :raises InvalidNote: if it is none
    """
    text = told.replace("\r\n", "\n").strip("\n \t")
    if not text:
        return None
    note = Note.read(text + "\n")
    if Checkpoint.read(note.text).size == 0:
        raise InvalidNote("a checkpoint of nothing")
    return note


async def proven(visit: Visit, student_id: str, reason: str, since: Note | None) -> Proof:
    """Fetch the evidence and judge it; what cannot be fetched because it is damaged is judged."""
    size = Checkpoint.read(since.text).size if since else None
    try:
        evidence = await visit.ask.get(
            f"/v1/students/{student_id}/evidence",
            {"reveal": bool(reason) or None, "reason": reason, "since": size},
        )
        bundle = Bundle.read(evidence.content.decode())
    except Refused as refused:
        if refused.kind not in UNPROVEN:
            raise
        return Proof(Verdict.FAILED, refused.detail)
    except InvalidBundle as fault:
        return Proof(Verdict.UNREADABLE, str(fault))
    service = visit.service
    asked = Asked(
        tuple(key.signer.key for key in service.log_keys.current()),
        datetime.now(UTC),
        tuple(one.witness.key for one in await service.cosigning.standing()),
        0,  # a checkpoint is cosigned some seconds after it is made: told, not demanded
        since,
    )
    report = check(bundle, asked)
    zone = service.settings.zone
    return Proof(
        report.verdict,
        report=report,
        size=Checkpoint.read(Note.read(bundle.checkpoint).text).size,
        at=bundle.heads.recorded_at.astimezone(zone),
    )


async def take(visit: Visit) -> Response:
    """Give the evidence as a file to take away."""
    student_id = visit.request.path_params["student_id"]
    return relay(visit, await visit.ask.get(f"/v1/students/{student_id}/evidence"))


async def take_opened(visit: Visit) -> Response:
    """Give the evidence with the child's key in it, for a reason that is kept."""
    student_id = visit.request.path_params["student_id"]
    reason = (await sent(visit.request)).get("reason")
    asked: Params = {"reveal": True, "reason": reason}
    return relay(visit, await visit.ask.get(f"/v1/students/{student_id}/evidence", asked))


routes = [
    page("/children/{student_id}/audit", proof_page),
    page("/children/{student_id}/audit", proof_again, methods=("POST",)),
    page("/children/{student_id}/evidence", take),
    page("/children/{student_id}/evidence", take_opened, methods=("POST",)),
]
