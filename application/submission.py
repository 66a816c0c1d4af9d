"""What a log sends its witness (C2SP tlog-witness): written by the one side, read by the other."""

from base64 import b64encode
from dataclasses import dataclass
from typing import Self

from application.store.checkpoint import Checkpoint, whole_number
from application.store.signed_note import InvalidNote, Note, decoded
from application.store.transparency import HASH_BYTES

LARGEST_SUBMISSION = 65_536  # bytes
MOST_HASHES = 63
SIZE_MEDIA = "text/x.tlog.size"  # of the answer that tells the size known


class Malformed(Exception):
    """A body is no submission; says in what."""


@dataclass(frozen=True, slots=True)
class Submission:
    """
    A checkpoint offered to a witness.

    ``old`` is the size the log thinks the witness knows, ``proof`` the one from there to here.
    """

    old: int
    proof: tuple[bytes, ...]
    note: Note

    @property
    def checkpoint(self) -> Checkpoint:
        return Checkpoint.read(self.note.text)

    def told(self) -> bytes:
        """Write it as the body of ``POST /add-checkpoint``."""
        proof = "".join(f"{b64encode(one).decode()}\n" for one in self.proof)
        return f"old {self.old}\n{proof}\n{self.note.told()}".encode()

    @classmethod
    def read(cls, body: bytes) -> Self:
        """
        Read a body; neither signature nor proof is checked.

        :raises Malformed: if it is none
        """
        try:
            head, gap, told = body.decode("utf-8").partition("\n\n")
            first, *lines = head.split("\n")
            if not gap or not first.startswith("old ") or "\0" in told:
                raise Malformed("the body does not begin with the old size, proof, and a gap")
            old = whole_number(first.removeprefix("old "))
            proof = tuple(map(decoded, lines))
            if len(proof) > MOST_HASHES or any(len(one) != HASH_BYTES for one in proof):
                raise Malformed("the proof is no hashes in base64, one a line")
            read = cls(old, proof, Note.read(told))
            if read.checkpoint.size < old:
                raise Malformed("the old size is larger than the checkpoint's")
        except (UnicodeDecodeError, InvalidNote) as why:
            raise Malformed(f"the body is no submission: {why}") from None
        return read
