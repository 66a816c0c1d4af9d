"""Receipts: the log's signed promise, given with every command, that its entry stands in the tree.

As text, one line that fits a QR code; as bytes, leaf (32) ‖ promised moment ‖ key id (4) ‖
Ed25519 signature (64), the moment in microseconds since 1970 (8, big-endian).
"""

import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Self

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from application.store.leaves import EPOCH
from application.store.signed_note import ID_BYTES, SIGNATURE, InvalidNote, NoteKey, Signer
from application.store.transparency import HASH_BYTES

RECEIPT = re.compile(r"GXR1\.([A-Za-z0-9_-]{144})")
MOMENT_BYTES = 8
PROMISED = HASH_BYTES + MOMENT_BYTES
SAID_BY = PROMISED + ID_BYTES


@dataclass(frozen=True, slots=True)
class Receipt:
    """A leaf stands in every checkpoint made after the promised moment, says the log's key."""

    leaf: bytes
    promised: datetime
    key_id: bytes
    signature: bytes

    @classmethod
    def made(cls, leaf: bytes, promised: datetime, signer: Signer) -> Self:
        """Promise a leaf, as the log named as its signer is."""
        said = _promise(signer.name, leaf, promised)
        return cls(leaf, promised, signer.key.key_id, signer.private.sign(said))

    def told(self) -> str:
        """Write it as one line of 149 characters."""
        held = self.leaf + _moment(self.promised) + self.key_id + self.signature
        return "GXR1." + urlsafe_b64encode(held).decode()

    @classmethod
    def read(cls, text: str) -> Self:
        """
        Read a receipt; its signature is not checked.

        :raises InvalidNote: if it is none
        """
        found = RECEIPT.fullmatch(text.strip())
        if found is None:
            raise InvalidNote("this is no receipt")
        held = urlsafe_b64decode(found[1])
        microseconds = int.from_bytes(held[HASH_BYTES:PROMISED], "big")
        try:
            promised = EPOCH + timedelta(microseconds=microseconds)
        except OverflowError:
            raise InvalidNote("the receipt promises no moment there is") from None
        return cls(held[:HASH_BYTES], promised, held[PROMISED:SAID_BY], held[SAID_BY:])

    def check(self, keys: Iterable[NoteKey]) -> NoteKey:
        """
        Give that of some keys which signed it.

        :raises InvalidNote: if none of them did
        """
        for key in keys:
            if key.algorithm == SIGNATURE and key.key_id == self.key_id:
                said = _promise(key.name, self.leaf, self.promised)
                try:
                    Ed25519PublicKey.from_public_bytes(key.public).verify(self.signature, said)
                except (InvalidSignature, ValueError):
                    continue
                return key
        raise InvalidNote("the receipt is signed by none of the log's keys")


def _promise(origin: str, leaf: bytes, promised: datetime) -> bytes:
    return b"guixue receipt\n" + origin.encode() + b"\n" + leaf + _moment(promised)


def _moment(when: datetime) -> bytes:
    return ((when - EPOCH) // timedelta(microseconds=1)).to_bytes(MOMENT_BYTES, "big")
