"""Asking a witness to cosign a checkpoint, over HTTP; its answer is checked, never believed."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

import httpx

from application.store.checkpoint import whole_number
from application.store.signed_note import LINE, InvalidNote, Note, NoteKey, Signature
from application.submission import SIZE_MEDIA, Submission
from application.trust import why_not

PATIENCE_SECONDS = 10.0
LONGEST_ANSWER = 65_536  # bytes
COSIGNED, CONFLICT = 200, 409


@dataclass(frozen=True, slots=True)
class WitnessAt:
    """A witness: where it answers, the key it must sign with, and for how long it is waited for."""

    url: str
    key: NoteKey
    patience: float = PATIENCE_SECONDS


@dataclass(frozen=True, slots=True)
class Declined:
    """
    No cosignature, and why; ``status`` is 0 where none was answered.

    ``known`` is the size of the last checkpoint the witness cosigned, if that is why: prove
    consistency from there and ask again. Larger than the checkpoint's own, the log went back.
    """

    status: int
    why: str
    known: int | None = None


async def ask_witness(
    http: httpx.AsyncClient, witness: WitnessAt, told: str, old: int, proof: Sequence[bytes]
) -> Signature | Declined:
    """
    Ask for the cosignature of a checkpoint (C2SP tlog-witness).

    ``told`` is the signed note, ``old`` the size the witness last cosigned (0 if none), ``proof``
    the consistency proof from there. Raises nothing but :class:`asyncio.CancelledError`.
    """
    try:
        note = Note.read(told)
        async with asyncio.timeout(witness.patience):
            status, media, body = await _posted(
                http, witness.url, Submission(old, tuple(proof), note)
            )
    except (httpx.HTTPError, httpx.InvalidURL, TimeoutError, OSError, ValueError) as fault:
        return Declined(0, f"the witness does not answer ({why_not(fault)})")
    except InvalidNote as why:
        return Declined(0, str(why))
    if status == COSIGNED:
        return _cosignature(note, witness.key, body)
    if status == CONFLICT and media == SIZE_MEDIA and body.endswith(b"\n"):
        try:
            known = whole_number(body[:-1].decode("ascii", "replace"))
        except InvalidNote:
            return Declined(status, "the witness answers no size")
        return Declined(status, f"the witness knows {known} entries", known)
    return Declined(status, _plain(body))


async def _posted(
    http: httpx.AsyncClient, url: str, submission: Submission
) -> tuple[int, str, bytes]:
    body = bytearray()
    async with http.stream(
        "POST",
        f"{url.rstrip('/')}/add-checkpoint",
        content=submission.told(),
        headers={"Content-Type": "text/plain; charset=utf-8"},
        follow_redirects=False,
    ) as answer:
        async for piece in answer.aiter_bytes():
            body += piece
            if len(body) > LONGEST_ANSWER:
                raise ValueError("the answer is too long")
    media = answer.headers.get("Content-Type", "").partition(";")[0].strip()
    return answer.status_code, media, bytes(body)


def _cosignature(note: Note, key: NoteKey, body: bytes) -> Signature | Declined:
    """Give the cosignature by this key; an answer without one, or with a wrong one, declines."""
    for line in body.decode("utf-8", "replace").split("\n"):
        try:
            read = Note.read(f"{note.text}\n{line}\n").signatures if LINE.fullmatch(line) else ()
            if read and Note(note.text, read).signed_by([key]):
                return read[0]
        except InvalidNote as why:
            return Declined(COSIGNED, str(why))
    return Declined(COSIGNED, f"the answer bears no cosignature by {key.name}")


def _plain(body: bytes) -> str:
    """Give an answer's text, shortened, without what is not for reading."""
    text = body[:200].decode("utf-8", "replace").strip()
    return "".join(one if one.isprintable() else "�" for one in text)
